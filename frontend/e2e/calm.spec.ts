import { expect, pick, test } from './window'

/** The rows as "group: title", from top to bottom. */
const rows = (page: import('@playwright/test').Page) =>
  page.locator('[data-row]').evaluateAll((all) => {
    let group = ''
    return all.flatMap((row) => {
      if (!row.classList.contains('group'))
        return [`${group}: ${row.querySelector('.title')?.textContent ?? ''}`]
      group = row.textContent?.replace(/[\d\s]+$/, '').trim() ?? ''
      return []
    })
  })

test('rows stay where they are while sessions work, and when one is opened', async ({ open }) => {
  const page = await open({ pace: 1 })
  await expect(page.locator('[data-row]').first()).toBeVisible()
  const before = await rows(page)
  await pick(page, 'Fix the flaky login test') // unread
  await page.waitForTimeout(1500)
  // A session whose turn ends goes to another group; all others are where they were.
  const after = await rows(page)
  const stayed = before.filter((row) => after.includes(row))
  expect(after.filter((row) => before.includes(row))).toEqual(stayed)
  expect(stayed.length).toBeGreaterThan(before.length / 2)
})

test('a working row tells its project, since when, and what it does', async ({ open }) => {
  const page = await open()
  const row = page.locator('[data-row]', { hasText: 'Dark mode for the print view' })
  await expect(row).toContainText('website')
  await expect(row).toContainText('npx playwright test')
  await expect(row.locator('.age')).toHaveText(/^4m \d+s$/)
  const first = await row.locator('.age').textContent()
  await expect(row.locator('.age')).not.toHaveText(first!)
})

test('a held queue looks held: row, header, queue, and it goes on', async ({ open }) => {
  const page = await open({ scene: 'calm' })
  const row = page.locator('[data-row]', { hasText: 'Move the jobs' })
  await expect(row.getByRole('img', { name: 'Queue held' })).toBeVisible()
  await expect(row).toContainText('2 prompts held')
  await pick(page, 'Move the jobs to the new queue')
  await expect(page.locator('header .status')).toContainText('Queue held')
  await expect(page.getByRole('region', { name: 'Queued prompts' })).toContainText('2 held')
  await page.getByRole('button', { name: 'Continue the queue' }).click()
  await expect(page.getByRole('log')).toContainText('Then write a line for the changelog')
  await expect(row.getByRole('img', { name: 'Queue held' })).toBeHidden()
})

test('the first prompt is shown as such, and can be taken back', async ({ open }) => {
  const page = await open({ scene: 'calm' })
  await pick(page, 'Sort the list of orders')
  await expect(page.getByRole('article', { name: 'Your prompt' })).toContainText('the newest first')
  await expect(page.getByRole('region', { name: 'Queued prompts' })).toBeHidden()
  const step = page.getByRole('log').getByText('Copying the project history')
  await expect(step).toHaveCount(1) // the row of the start says it, and the foot while that is closed
  await page.getByRole('button', { name: 'Starting the sandbox' }).click()
  await expect(page.locator('.phase')).toBeHidden()
  await expect(step).toHaveCount(1)
  await page.getByRole('button', { name: 'Cancel and edit this prompt' }).click()
  await expect(page.locator('[data-composer]')).toHaveValue(/the newest first/)
  await expect(page.getByRole('article', { name: 'Your prompt' })).toBeHidden()
})

test('the time of a phase runs from the first second', async ({ open }) => {
  const page = await open({ pace: 20 })
  await page.locator('[data-composer]').fill('Make the tests quicker')
  await page.keyboard.press('Enter')
  const time = page.locator('.phase.running .time')
  await expect(time).toBeVisible()
  await expect(time).not.toHaveText('0.0 s', { timeout: 2500 })
})

test('a start that failed twice is told once, the attempt before is folded', async ({ open }) => {
  const page = await open({ scene: 'calm' })
  await pick(page, 'Show the invoices')
  const log = page.getByRole('log')
  await expect(log.getByText('The sandbox did not start')).toHaveCount(2)
  await expect(log.getByText('Running the setup hook')).toHaveCount(1)
  await expect(log.getByText('ended with code 1')).toHaveCount(1)
  await expect(log.getByText('npm error code E404')).toHaveCount(1)
})

test('the title of the window counts the sessions that need the user', async ({ open }) => {
  const page = await open({ scene: 'calm' })
  await expect(page.locator('html')).toHaveAttribute('data-native-title', '(2) Background Agents')
  await pick(page, 'How does the cache key work?')
  await expect(page.locator('html')).toHaveAttribute('data-native-title', '(2) How does the cache key work?')
})

test('the sandbox image is not called ready while Docker is away', async ({ open }) => {
  const page = await open({ scene: 'nodocker' })
  const image = page
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name: /Sandbox image/ }) })
  await expect(image.getByRole('img', { name: 'Not known now' })).toBeVisible()
  await expect(image).toContainText('It can be checked when Docker is running.')
})

test('shortcuts and commands of a session have one name everywhere', async ({ open }) => {
  const page = await open()
  await expect(page.getByTitle('New session (N)')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Hide the sidebar (Ctrl B)' })).toBeVisible()
  await page.getByRole('button', { name: /^Archived/ }).click()
  await pick(page, 'Old experiment')
  await page.getByRole('button', { name: 'More for this session' }).click()
  await expect(page.getByRole('menuitem', { name: 'Unarchive', exact: true })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Unarchive', exact: true }).click()
  await page.getByRole('button', { name: 'More for this session' }).click()
  await expect(page.getByRole('menuitem', { name: 'Archive', exact: true })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('archive')
  await expect(page.getByRole('option', { name: 'Archive', exact: true })).toBeVisible()
})

test('edits in the worktree: badge, card, undone or sent to the agent', async ({ open }) => {
  const page = await open()
  const row = page.locator('[data-row]', { hasText: 'Describe the release process' })
  await expect(row.getByTitle('You changed files in the worktree')).toBeVisible()
  await pick(page, 'Describe the release process')
  const card = page.getByRole('region', { name: 'Your edits in the worktree' })
  await expect(card).toContainText('You changed 2 files')
  await expect(card).toContainText('src/session/timeout.ts')
  await card.getByRole('button', { name: 'Undo …' }).click()
  await card.getByRole('button', { name: 'Keep' }).click()
  await card.getByRole('button', { name: 'Undo …' }).click()
  await card.getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(card).toBeHidden()
  await expect(row.getByTitle('You changed files in the worktree')).toBeHidden()
  await page.reload()
  await pick(page, 'Describe the release process')
  await card.getByRole('button', { name: 'Send to the agent' }).click()
  await expect(card).toBeHidden()
})

test('changes of a running turn are live, and the finished turn has its files', async ({ open }) => {
  const page = await open({ pace: 2 })
  await pick(page, 'How does the cache key work?')
  await page.locator('[data-composer]').fill('Fix the timeout')
  await page.keyboard.press('Enter')
  await page.getByTitle('Changes').click()
  const pane = page.getByRole('complementary', { name: 'Changes' })
  await expect(pane.getByText(/^(Live|Updating …)$/)).toBeVisible()
  await expect(pane.locator('.file').first()).toBeVisible({ timeout: 20_000 })
  await expect(page.getByRole('button', { name: 'Stop', exact: true })).toBeVisible()
  await expect(page.getByRole('button', { name: /3 files changed/ })).toBeVisible({ timeout: 30_000 })
  await expect(pane.getByText(/^(Live|Updating …)$/)).toBeHidden()
})
