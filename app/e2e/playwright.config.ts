import { defineConfig } from '@playwright/test'

// Each story has an installation of its own. They share Docker and the image that sandboxes are made from, which the
// first of them builds.
export default defineConfig({
  testDir: '.',
  outputDir: '../../frontend/test-results/stories',
  workers: 1,
  timeout: 600_000,
  expect: { timeout: 60_000 },
  reporter: [['list']],
  ...(process.env['SKIP_IMAGE'] ? {} : { globalSetup: './image.ts' }),
  use: {
    viewport: { width: 1280, height: 800 },
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    },
  },
})
