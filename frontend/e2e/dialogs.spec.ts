import type { Page } from '@playwright/test'
import { expect, pick, test } from './window'

const folder = 'test-results/dialogs'

/** Pictures of what is open, light and dark, and in a narrow window. */
async function pictures(page: Page, name: string): Promise<void> {
  const shot = (as: string) =>
    page.screenshot({ path: `${folder}/${name}-${as}.png`, animations: 'disabled' })
  await page.emulateMedia({ colorScheme: 'light' })
  await shot('light')
  await page.emulateMedia({ colorScheme: 'dark' })
  await shot('dark')
  await page.setViewportSize({ width: 640, height: 720 })
  await shot('narrow')
  // Nothing that is open is wider than the window.
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  expect(wide, 'the page scrolls sideways').toBeLessThanOrEqual(0)
}

test('a key that a provider refuses: a sentence, the settings, and the raw text under Details', async ({
  open,
}) => {
  const page = await open()
  await pick(page, 'Make the nightly import faster')
  const card = page.getByRole('alert')
  await expect(card).toContainText('Anthropic refused the key (the keychain).')
  await expect(card.getByText('authentication_error')).toBeHidden()
  await card.getByText('Details').click()
  await expect(card.getByText('authentication_error')).toBeVisible()
  await pictures(page, 'refused-key')
  await card.getByRole('button', { name: 'Open model settings' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Models' })).toBeVisible()
})
