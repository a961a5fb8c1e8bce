import type { Page } from '@playwright/test'
import { expect, faults, pick, test } from './window'

const folder = 'test-results/screens'

interface Screen {
  scene?: string
  width?: number
  do?: (page: Page) => Promise<void>
}

const changes = (page: Page) => page.getByTitle('Changes').click()

const settings = async (page: Page, name: string) => {
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('navigation', { name: 'Pages of the settings' }).getByRole('button', { name }).click()
}

const screens: Record<string, Screen> = {
  busy: { do: (p) => pick(p, 'Keep sessions alive') },
  review: {
    width: 1440,
    do: async (p) => {
      await pick(p, 'Fix the flaky login test')
      await changes(p)
      await p.getByText('timeout.ts', { exact: true }).click()
      await expect(p.locator('.line .tok-keyword').first()).toBeVisible()
    },
  },
  split: {
    width: 1440,
    do: async (p) => {
      await pick(p, 'Fix the flaky login test')
      await changes(p)
      await p.getByLabel('Give it the whole room').click()
      await p.getByLabel('Side by side').click()
      await p.getByText('login.go', { exact: true }).click()
    },
  },
  push: {
    do: async (p) => {
      await pick(p, 'Fix the flaky login test')
      await changes(p)
      await p.getByRole('button', { name: 'Push…' }).click()
      await expect(p.getByText('This runs:')).toBeVisible()
    },
  },
  merge: {
    do: async (p) => {
      await pick(p, 'Fix the flaky login test')
      await changes(p)
      await p.getByRole('button', { name: 'Merge…' }).click()
      await p.getByLabel('As one commit').check()
      await expect(p.getByRole('textbox', { name: 'Message' })).toHaveValue(/Fix the flaky/)
    },
  },
  rebase: {
    do: async (p) => {
      await pick(p, 'Fix the flaky login test')
      await changes(p)
      await p.getByRole('button', { name: 'Rebase…' }).click()
      await expect(p.getByText('Conflict at')).toBeVisible()
    },
  },
  'pull-request': {
    do: async (p) => {
      await pick(p, 'Remove dead feature flags')
      await changes(p)
      await p.getByRole('button', { name: 'Pull request…' }).click()
      await expect(p.getByLabel('Title')).toHaveValue('Remove dead feature flags')
    },
  },
  proposal: {
    do: async (p) => {
      await pick(p, 'Fix the flaky login test')
      await expect(p.getByText('The agent asks for a pull request')).toBeVisible()
    },
  },
  'pull-request-login': {
    do: async (p) => {
      await p.getByRole('button', { name: 'Settings' }).click()
      await p.getByRole('button', { name: 'Pull requests' }).click()
      await p.getByLabel('Token', { exact: true }).fill('wrong')
      await p.getByRole('button', { name: 'Keep', exact: true }).click()
      await expect(p.getByText('does not accept the login')).toBeVisible()
    },
  },
  details: {
    do: async (p) => {
      await pick(p, 'Fix the flaky login test')
      await p.getByLabel('Details', { exact: true }).click()
    },
  },
  network: {
    do: async (p) => {
      await pick(p, 'Fix the flaky login test')
      await p.getByLabel('Network', { exact: true }).click()
      await p.getByRole('button', { name: 'Block telemetry.example.com' }).click()
      await p.getByText('that you decided about').click()
      await expect(p.getByRole('button', { name: 'Forget telemetry.example.com' })).toBeVisible()
    },
  },
  permission: {
    do: async (p) => {
      await pick(p, 'Upgrade the payment')
      await expect(p.getByText('Allow once')).toBeVisible()
    },
  },
  mounted: { do: (p) => pick(p, 'How does the cache key work') },
  failed: { do: (p) => pick(p, 'nightly import') },
  interrupted: { do: (p) => pick(p, 'Split the router') },
  opened: {
    do: async (p) => {
      await pick(p, 'Fix the flaky login test')
      await p.getByRole('button', { name: 'Worked for' }).click()
      await p.getByRole('log').evaluate((n) => n.scrollTo(0, 0))
    },
  },
  new: {},
  'long-names': {
    scene: 'hostile',
    do: async (p) => {
      const page = p.getByRole('region', { name: 'New session' })
      await expect(page.getByRole('button', { name: 'Base branch' })).toContainText('main')
      expect(await page.evaluate((n) => n.scrollWidth - n.clientWidth)).toBe(0)
    },
  },
  picker: {
    do: async (p) => {
      await p.getByRole('button', { name: 'Model: Default model' }).click()
    },
  },
  empty: { scene: 'empty' },
  nodocker: { scene: 'nodocker' },
  refused: { scene: 'refused' },
  hook: { scene: 'hook', do: (p) => pick(p, 'Show the components in a storybook') },
  settings: { do: (p) => settings(p, 'Sessions and limits') },
  secrets: {
    do: async (p) => {
      await settings(p, 'Secrets')
      await p.getByLabel('Replace NPM_TOKEN').click()
    },
  },
  'secrets-locked': { scene: 'nodocker', do: (p) => settings(p, 'Secrets') },
  'secrets-session': {
    do: async (p) => {
      await pick(p, 'Fix the flaky login test')
      await p.getByLabel('Details', { exact: true }).click()
      await p.getByRole('button', { name: 'Change', exact: true }).click()
      await p.getByLabel('Name of the secret').fill('NPM_TOKEN')
      await p.getByLabel('Value of the secret').fill('another token')
      await p.getByRole('button', { name: 'Add', exact: true }).click()
      await expect(p.getByText('another of this name counts here')).toBeVisible()
    },
  },
  'secrets-paste': {
    do: async (p) => {
      await settings(p, 'Secrets')
      await p.getByRole('button', { name: 'Paste a .env' }).click()
      await p.getByLabel('Text of the .env file').fill('API_TOKEN=abcdefgh\nPORT=80\nPATH=/x\nno name')
      await p.getByRole('button', { name: 'Set them' }).click()
      await expect(p.getByText('Skipped')).toBeVisible()
    },
  },
  'settings-models': { do: (p) => settings(p, 'Models') },
  'settings-key': {
    do: async (p) => {
      await settings(p, 'Models')
      await p.getByRole('button', { name: 'Enter key for OpenAI' }).click()
    },
  },
  'settings-add': {
    do: async (p) => {
      await settings(p, 'Models')
      await p.getByRole('button', { name: 'Add a provider' }).click()
    },
  },
  'settings-project': { do: (p) => settings(p, 'orchard') },
  'settings-mounts': {
    do: async (p) => {
      await settings(p, 'orchard')
      await p.getByLabel('Mount SSH keys').scrollIntoViewIfNeeded()
    },
  },
  'settings-agents': { do: (p) => settings(p, 'Agents') },
  'add-agent': {
    do: async (p) => {
      await settings(p, 'Agents')
      await p.getByRole('button', { name: 'Add an agent' }).click()
    },
  },
  'change-agent': {
    do: async (p) => {
      await settings(p, 'Agents')
      await p.getByRole('button', { name: 'Add an agent' }).click()
      await p.getByRole('dialog').getByLabel('Name').fill('Qwen Code')
      await p.getByRole('dialog').getByLabel('Package').fill('@qwen-code/qwen-code')
      await p.getByRole('dialog').getByLabel('Starts with').fill('qwen --acp --auth-type openai')
      await p.getByRole('button', { name: 'Add', exact: true }).click()
      await p.getByRole('button', { name: 'Change Qwen Code' }).click()
      await p.getByRole('dialog').getByLabel('Version').fill('0.24.4')
      await expect(p.getByText('rebuilt')).toBeVisible()
    },
  },
  'add-server': {
    do: async (p) => {
      await settings(p, 'orchard')
      await p.getByRole('button', { name: 'Add a server' }).click()
      await p.getByRole('dialog').getByLabel('Name').fill('shop')
      await p.getByRole('dialog').getByLabel('Starts with').fill('npx -y shop-server')
      await p.getByRole('dialog').getByLabel('Environment').fill('SHOP_TOKEN=canary-0123456789abcdef')
      await expect(p.getByText('looks like a key')).toBeVisible()
    },
  },
  palette: { do: (p) => p.keyboard.press('Control+k') },
  keys: { do: (p) => p.getByLabel('Shortcuts (?)').click() },
  delete: {
    do: async (p) => {
      await pick(p, 'Fix the flaky login test')
      await p.getByLabel('More for this session').click()
      await p.getByRole('menuitem', { name: 'Delete …' }).click()
      await expect(p.getByText('Saved nowhere else')).toBeVisible()
    },
  },
  edits: { do: (p) => pick(p, 'Describe the release process') },
  live: {
    do: async (p) => {
      await pick(p, 'Keep sessions alive')
      await changes(p)
    },
  },
  held: { scene: 'calm', do: (p) => pick(p, 'Move the jobs to the new queue') },
  'first-prompt': { scene: 'calm', do: (p) => pick(p, 'Sort the list of orders') },
  'failed-start': { scene: 'calm', do: (p) => pick(p, 'Show the invoices') },
  'narrow-held': { width: 700, scene: 'calm', do: (p) => pick(p, 'Move the jobs to the new queue') },
  narrow: { width: 700, do: (p) => pick(p, 'Keep sessions alive') },
  'narrow-changes': {
    width: 700,
    do: async (p) => {
      await pick(p, 'Fix the flaky login test')
      await changes(p)
    },
  },
  'narrow-push': {
    width: 700,
    do: async (p) => {
      await pick(p, 'Fix the flaky login test')
      await changes(p)
      await p.getByRole('button', { name: 'Push…' }).click()
      await expect(p.getByText('This runs:')).toBeVisible()
    },
  },
  'narrow-sidebar': { width: 700, do: (p) => p.getByLabel('Show the sidebar').click() },
  'narrow-settings': {
    width: 700,
    do: async (p) => {
      await p.keyboard.press('Control+,')
      await p.getByRole('button', { name: 'orchard', exact: true }).click()
    },
  },
  'narrow-secrets': {
    width: 700,
    do: async (p) => {
      await p.keyboard.press('Control+,')
      await p.getByRole('button', { name: 'Secrets', exact: true }).click()
    },
  },
  'narrow-models': {
    width: 700,
    do: async (p) => {
      await p.keyboard.press('Control+,')
      await p.getByRole('button', { name: 'Models', exact: true }).click()
    },
  },
  'missing-tools': { scene: 'missing', do: (p) => pick(p, 'Test the importer') },
  'narrow-missing-tools': { width: 700, scene: 'missing', do: (p) => pick(p, 'Test the importer') },
  'narrow-start': { width: 700, scene: 'empty' },
}

// Each screen is drawn light or dark, the next one the other way; with BGA_SLOW, as `make check-all` has it, both ways.
const schemes = ['light', 'dark'] as const
for (const scheme of schemes) {
  test.describe(scheme, () => {
    test.use({ colorScheme: scheme, reducedMotion: 'reduce' } as never)
    for (const [n, [name, s]] of Object.entries(screens).entries()) {
      if (!process.env['BGA_SLOW'] && schemes[n % 2] !== scheme) continue
      test(`${name} is drawn and reads well`, async ({ open, page }) => {
        await page.setViewportSize({ width: s.width ?? 1280, height: 820 })
        await open({ scene: s.scene ?? 'busy' })
        await s.do?.(page)
        await page.waitForTimeout(350)
        await page.screenshot({ path: `${folder}/${name}-${scheme}.png` })
        expect(await faults(page)).toEqual([])
        expect(
          await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
        ).toBeLessThanOrEqual(0)
      })
    }
  })
}
