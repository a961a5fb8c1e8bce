import type { Page } from '@playwright/test'
import { expect, faults, pick, test } from './window'

const folder = 'test-results/dialogs'

/** Pictures of what is open, light and dark, and in a narrow window. */
async function pictures(page: Page, name: string): Promise<void> {
  const shot = (as: string) =>
    page.screenshot({ path: `${folder}/${name}-${as}.png`, animations: 'disabled' })
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await shot(scheme)
    expect(await faults(page), scheme).toEqual([])
  }
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
  await expect(card).toContainText('Anthropic refused the key from the keychain.')
  await expect(card.getByText('authentication_error')).toBeHidden()
  await card.getByText('Details').click()
  await expect(card.getByText('authentication_error')).toBeVisible()
  await pictures(page, 'refused-key')
  await card.getByRole('button', { name: 'Open model settings' }).click()
  await expect(page.getByRole('heading', { level: 2, name: 'Models' })).toBeVisible()
})

test('no model is set up: a card with what to do', async ({ open }) => {
  const page = await open({ scene: 'nomodel' })
  const card = page.getByRole('alert')
  await expect(card).toContainText('No model is set up for OpenCode.')
  await pictures(page, 'no-model')
  await card.getByRole('button', { name: 'Use the demo model' }).click()
  await expect(card).toBeHidden()
  await expect(page.getByRole('button', { name: /^Model: Scripted/ })).toBeVisible()
})

test('the key goes to a server that the environment names only when the user says so', async ({ open }) => {
  const page = await open({ scene: 'calm' })
  await page.keyboard.press('Control+,')
  await page.getByRole('button', { name: 'Models', exact: true }).click()
  const send = page.getByRole('button', {
    name: 'Send my key to https://gateway.example.com/v1',
    exact: true,
  })
  await send.scrollIntoViewIfNeeded()
  await pictures(page, 'send-key')
  await send.click()
  await expect(send).toBeHidden()
  await page.getByRole('button', { name: 'Stop sending my key to https://gateway.example.com/v1' }).click()
  await expect(send).toBeVisible()
})

test('what the sandbox alone has is listed, and a branch is brought out', async ({ open }) => {
  const page = await open({ scene: 'calm' })
  await pick(page, 'Try two ways to group the invoices')
  await page.getByLabel('Details', { exact: true }).click()
  const pane = page.getByRole('complementary', { name: 'Details' })
  await expect(pane).toContainText('experiment/group-by-customer-and-month')
  await pane.getByText('Only in the sandbox').scrollIntoViewIfNeeded()
  await pictures(page, 'branches')
  await pane.getByRole('button', { name: 'Bring out experiment/group-by-customer-and-month' }).click()
  await expect(page.getByText('It is the branch agents/experiment')).toBeVisible()
})

test('archive asks where the sandbox alone has work', async ({ open }) => {
  const page = await open({ scene: 'calm' })
  await pick(page, 'Try two ways to group the invoices')
  await page.getByLabel('More for this session').click()
  await page.getByRole('menuitem', { name: 'Archive', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Archive “Try two ways to group the invoices”?' })
  await expect(dialog).toContainText('branch feature/login')
  await pictures(page, 'archive')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByText('This session is archived')).toBeHidden()
})

test('restore asks where it drops commits', async ({ open }) => {
  const page = await open()
  await pick(page, 'Fix the flaky login test')
  await page.getByRole('log').getByLabel('Prompt actions').first().click()
  await page.getByRole('menuitem', { name: /^Restore/ }).click()
  await expect(page.getByRole('dialog')).toContainText('take 1 commit')
  await pictures(page, 'restore')
})

for (const [what, button] of Object.entries({
  push: 'Push…',
  merge: 'Merge…',
  'pull-request': 'Pull request…',
}))
  test(`${what} of a session that works says that it takes what is committed so far`, async ({ open }) => {
    const page = await open()
    await pick(page, 'Keep sessions alive while the user is active')
    await page.getByTitle('Changes').click()
    await page.getByRole('button', { name: button }).click()
    await expect(page.getByRole('note')).toHaveText(/only what it has committed so far is included/)
    await pictures(page, `${what}-working`)
  })

test('rebase onto another base', async ({ open }) => {
  const page = await open()
  await pick(page, 'Fix the flaky login test')
  await page.getByTitle('Changes').click()
  await page.getByRole('button', { name: 'Rebase…' }).click()
  await expect(page.getByRole('dialog')).toContainText('Conflict at')
  await pictures(page, 'rebase')
})

test('a value that is not a secret is marked so, and hidden again', async ({ open }) => {
  const page = await open()
  await page.keyboard.press('Control+,')
  await page.getByRole('button', { name: 'Secrets', exact: true }).click()
  await page.getByRole('button', { name: 'Not a secret' }).first().click()
  await expect(page.getByText('not a secret: shown in transcripts')).toBeVisible()
  await pictures(page, 'secret-plain')
  await page.getByRole('button', { name: 'Hide in transcripts' }).first().click()
  await expect(page.getByText('not a secret: shown in transcripts')).toBeHidden()
})
