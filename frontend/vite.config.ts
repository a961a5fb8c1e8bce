import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

export default defineConfig(({ command }) => ({
  plugins: [
    svelte(),
    {
      // The window's policy allows no connection but to itself; the dev server's reload needs its own socket.
      name: 'csp-for-dev',
      transformIndexHtml: (html) =>
        command === 'serve' ? html.replace("connect-src 'self'", "connect-src 'self' ws:") : html,
    },
  ],
  // Svelte's server build has no effects: tests of state need the one for browsers.
  resolve: process.env['VITEST'] ? { conditions: ['browser'] } : {},
  build: {
    target: 'safari16',
    sourcemap: false,
    rolldownOptions: { input: ['index.html', 'quick.html'], checks: { bundlerTimings: false } },
    assetsInlineLimit: 0,
    modulePreload: false,
  },
  server: { port: 5173, strictPort: false },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
}))
