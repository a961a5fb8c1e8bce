import { defineConfig } from '@playwright/test'

// A port of this folder's own, so that the tests of two checkouts never see each other's page; below those that a system
// gives out by itself.
const own = [...import.meta.dirname].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 4000, 0)
const port = Number(process.env['E2E_PORT'] ?? 24000 + own)

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results/run',
  fullyParallel: true,
  workers: 2,
  timeout: 60_000,
  reporter: [['list']],
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    viewport: { width: 1280, height: 800 },
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    },
  },
  webServer: {
    command: `npm run build:fake && npx vite preview --outDir test-results/page --host 127.0.0.1 --port ${port} --strictPort`,
    port,
    reuseExistingServer: !process.env['CI'],
    timeout: 120_000,
  },
})
