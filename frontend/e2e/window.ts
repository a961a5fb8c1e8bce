import { expect, test as base, type Page } from '@playwright/test'
import axe from 'axe-core'

interface Options {
  /** What the fake knows: see src/backend/fake/scenes.ts. */
  scene?: string
  /** How slow the fake agent works; 1 is as a person would watch it. */
  pace?: number
}

/** The real window on the fake backend. A test fails when the page logs an error or breaks its policy. */
export const test = base.extend<{ open: (o?: Options) => Promise<Page> }>({
  open: async ({ page }, use) => {
    const errors: string[] = []
    page.on('pageerror', (e) => errors.push(e.stack ?? e.message))
    page.on('console', (m) => m.type() === 'error' && errors.push(m.text()))
    await use(async ({ scene = 'busy', pace = 0.05 } = {}) => {
      await page.goto(`/?fake=${scene}&pace=${pace}`)
      await expect(page.locator('.window, .wait')).toBeVisible()
      return page
    })
    expect(errors).toEqual([])
  },
})

/** Opens a session by its title. */
export async function pick(page: Page, title: string): Promise<void> {
  const show = page.getByRole('button', { name: 'Show the sidebar' })
  if (await show.isVisible()) await show.click()
  await page.getByRole('navigation').getByText(title).first().click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText(title)
  await expect(page.getByRole('log')).toBeVisible()
}

export const composer = (page: Page) => page.locator('[data-composer]')

/** What axe finds, short enough to read. */
export async function faults(page: Page): Promise<string[]> {
  // Evaluated, not added as a script: the page's policy forbids that.
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const axe = (
      window as unknown as {
        axe: {
          run: (
            o: object,
          ) => Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }>
        }
      }
    ).axe
    const { violations } = await axe.run({
      resultTypes: ['violations'],
      rules: { region: { enabled: false } },
    })
    return violations.map(
      (v) =>
        `${v.id}: ${v.nodes
          .slice(0, 3)
          .map((n) => `${n.html.slice(0, 160)} ${n.failureSummary?.slice(0, 200)}`)
          .join(' | ')}`,
    )
  })
}

export { expect } from '@playwright/test'
