import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { expect, type Installation, root, test } from './installation'
import { NativeWindow } from './native'

// The quick prompt is a window of its own: ten times in a row it appears centred, takes every key from its first focus on,
// leaves with Esc or Cancel, and the window that was active before is active again and where it was.

const program = path.join(root, 'build/bin/background-agents')
const xdotool = (...args: string[]) => execFileSync('xdotool', args, { encoding: 'utf8' }).trim()
/** What xdotool says of a window, '' while there is none: between two windows no window is active. */
function asked(...args: string[]): string {
  try {
    return execFileSync('xdotool', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return ''
  }
}
const active = () => asked('getactivewindow')
const name = (id: string) => (id ? asked('getwindowname', id) : '')
const visible = (title: string) =>
  execFileSync('sh', ['-c', `xdotool search --onlyvisible --name '${title}' || true`], { encoding: 'utf8' }).trim()

interface Place {
  x: number
  y: number
  width: number
  height: number
}

function place(id: string): Place {
  const read = (key: string) => Number(new RegExp(`${key}=(-?\\d+)`).exec(text)![1])
  const text = xdotool('getwindowgeometry', '--shell', id)
  return { x: read('X'), y: read('Y'), width: read('WIDTH'), height: read('HEIGHT') }
}

/** Opens the quick prompt as a key of the desktop would, waits for its focus, and types at once. */
async function open(app: Installation, type: string): Promise<string> {
  const second = spawn(program, ['--quick-prompt'], { env: app.env, stdio: 'ignore' })
  await expect.poll(() => name(active()), { timeout: 30_000, intervals: [10] }).toBe('Quick prompt')
  xdotool('type', '--delay', '1', type)
  if (second.exitCode === null) await once(second, 'exit')
  let id = ''
  await expect.poll(() => name((id = active()))).toBe('Quick prompt')
  const screen = xdotool('getdisplaygeometry').split(' ').map(Number) as [number, number]
  const at = place(id)
  expect(Math.abs(at.x + at.width / 2 - screen[0] / 2)).toBeLessThanOrEqual(2)
  // The height follows the content; the middle moves by half of what comes after it was shown, at most the card of no model.
  expect(Math.abs(at.y + at.height / 2 - screen[1] / 2)).toBeLessThanOrEqual(100)
  expect(at.width).toBe(640)
  return id
}

async function closed(before: string, at: Place): Promise<void> {
  await expect.poll(() => visible('^Quick prompt$'), { intervals: [20] }).toBe('')
  await expect.poll(active, { intervals: [20] }).toBe(before)
  expect(place(before)).toEqual(at)
}

function shoot(app: Installation, title: string): void {
  const picture = app.shot(title)
  fs.mkdirSync(path.dirname(picture), { recursive: true })
  execFileSync('import', ['-window', 'root', picture])
}

/** Moves the pointer into the quick prompt and presses Cancel, at its upper right corner. */
function cancel(id: string): void {
  const at = place(id)
  xdotool('mousemove', String(at.x + at.width - 40), String(at.y + 20), 'click', '1')
}

test('the quick prompt leaves window and focus as they were', async ({ app }) => {
  app.env['ANTHROPIC_API_KEY'] = 'sk-ant-no-real-key'
  app.repository('shop')
  const w = new NativeWindow(app)
  try {
    await w.open()
    await w.shows('Welcome to Background Agents')
    await app.bga('project', 'add', path.join(app.code, 'shop'))
    const main = visible('Background Agents').split('\n')[0]!
    xdotool('windowactivate', '--sync', main)
    const at = place(main)
    let typed = ''
    for (let i = 0; i < 6; i++) {
      if (i === 3) {
        const id = (await app.bga('new', '--project', 'shop', '--model', 'demo/scripted', '--json', 'demo: text hello')).match(/"id": *"([^"]+)"/)![1]!
        await w.run(`window.go.app.API.Focus('', ${JSON.stringify(id)})`)
        await expect.poll(() => w.run<boolean>(`const row = [...document.querySelectorAll('nav button')].find((b) => b.innerText.includes('hello')); row?.click(); return !!row`)).toBe(true)
        await w.shows('hello')
      }
      const id = await open(app, `k${i} `)
      typed += `k${i} `
      if (i === 0) await expect.poll(() => place(id).height).toBeGreaterThan(180)
      if (i < 2 || i === 4) shoot(app, `quick-${i}`)
      if (i % 2) cancel(id)
      else xdotool('key', 'Escape')
      await closed(main, at)
    }
    expect(await w.run<string>('return document.body.innerText')).not.toContain('k0 k1')
    await open(app, 'last')
    typed += 'last'
    xdotool('key', 'Return')
    await closed(main, at)
    await expect.poll(() => app.bga('list', '--all', '--json')).toContain(typed)
  } finally {
    await w.close()
  }
})

test('the quick prompt of a hidden window leaves it hidden', async ({ app }) => {
  app.repository('shop')
  let hidden: ChildProcess | undefined
  const other = spawn('xev', [], { stdio: 'ignore' })
  try {
    hidden = spawn(program, ['--hidden'], { env: app.env, stdio: 'ignore' })
    await app.bga('project', 'add', path.join(app.code, 'shop'))
    let before = '' // a search fails while any window is just going away
    await expect.poll(() => (before = visible('^Event Tester$'))).not.toBe('')
    xdotool('windowactivate', '--sync', before)
    const at = place(before)
    for (let i = 0; i < 4; i++) {
      const id = await open(app, `h${i} `)
      if (i % 2) cancel(id)
      else xdotool('key', 'Escape')
      await closed(before, at)
      expect(visible('^Background Agents$')).toBe('')
    }
  } finally {
    other.kill('SIGKILL')
    hidden?.kill('SIGTERM')
    if (hidden && hidden.exitCode === null) await once(hidden, 'exit')
  }
})
