import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, root, test } from './installation'
import { NativeWindow } from './native'

// A few things that only the real program in its real window can show.

test('the window opens, works, and reaches nothing but the application', async ({ app }) => {
  const repository = app.repository('shop')
  const w = new NativeWindow(app)
  try {
    await w.open()
    await w.shows('Welcome to Background Agents')
    expect(await w.run<string>('return location.href')).toBe('wails://wails/')
    expect(await w.run<string>(`return fetch('https://example.com/').then(() => 'reached', () => 'refused')`)).toBe('refused')
    expect(await w.run<string>(`return window.go.app.API.OpenURL('file:///etc/passwd').then(() => 'opened', (e) => JSON.parse(e.message).code)`)).toBe('invalid')
    await w.run(`return window.go.app.API.AddProject(${JSON.stringify(repository)})`)
    await w.shows('shop')
    expect(await app.bga('project', 'list')).toContain('shop')
    const picture = app.shot('window')
    fs.mkdirSync(path.dirname(picture), { recursive: true })
    execFileSync('import', ['-window', 'root', picture])
    expect(fs.statSync(picture).size).toBeGreaterThan(10_000)
  } finally {
    await w.close()
  }
})

test('what WebKit keeps is in the data folder, and two data folders share nothing', async ({ app }) => {
  const first = new NativeWindow(app)
  try {
    await first.open()
    await first.shows('Welcome to Background Agents')
    await first.run(`localStorage.setItem('note', 'of the first')`)
    process.kill(first.pid, 'SIGTERM')
    await first.ended()
  } finally {
    await first.close()
  }
  expect(fs.readdirSync(path.join(app.data, 'webkit')).sort()).toEqual(['cache', 'data'])
  for (const folder of ['.local/share/background-agents', '.cache/background-agents']) {
    expect(fs.existsSync(path.join(app.home, folder)), folder).toBe(false)
  }
  const other = path.join(app.folder, 'other')
  const second = new NativeWindow(app, { BGA_HOME: other })
  try {
    await second.open()
    await second.shows('Welcome to Background Agents')
    expect(await second.run<string | null>(`return localStorage.getItem('note')`)).toBe(null)
  } finally {
    await second.close()
  }
  const again = new NativeWindow(app)
  try {
    await again.open()
    await again.shows('Welcome to Background Agents')
    expect(await again.run<string | null>(`return localStorage.getItem('note')`)).toBe('of the first')
  } finally {
    await again.close()
  }
})

test('without a display it says so, and what works without one', async ({ app }) => {
  const start = (args: string[], env: NodeJS.ProcessEnv) =>
    spawnSync(path.join(root, 'build/bin/background-agents'), args, { env: { ...app.env, ...env }, encoding: 'utf8', timeout: 30_000 })
  const none = start([], { DISPLAY: ':77', WAYLAND_DISPLAY: '' })
  expect(none.status).toBe(1)
  expect(none.stderr).toMatch(/^error: No display can be opened \(DISPLAY=:77\)\.\nhint: .*bga/m)
  expect(none.stderr).not.toContain('goroutine')
  expect(start(['--version'], { DISPLAY: '' })).toMatchObject({ status: 0, stderr: '' })
  expect(start(['--nonsense'], {})).toMatchObject({ status: 2, stdout: '' })
})

test('the page comes back when its process ends', async ({ app }) => {
  app.repository('shop')
  const w = new NativeWindow(app)
  try {
    await w.open()
    await w.shows('Welcome to Background Agents')
    await app.bga('project', 'add', path.join(app.code, 'shop'))
    const before = await w.run<number>('return performance.timeOrigin')
    for (const pid of webProcesses(w.pid)) process.kill(pid, 'SIGKILL')
    await expect.poll(() => webProcesses(w.pid).length, { timeout: 30_000 }).toBe(1)
    // The old session of the driver ended with the page; what the program says now is asked of bga, and seen.
    expect(before).toBeGreaterThan(0)
    expect(await app.bga('project', 'list')).toContain('shop')
  } finally {
    await w.close()
  }
})

test('SIGTERM ends it, and a second start brings the first to the front', async ({ app }) => {
  const w = new NativeWindow(app)
  try {
    await w.open()
    await w.shows('Welcome to Background Agents')
    const second = spawn(path.join(root, 'build/bin/background-agents'), [], { env: app.env, stdio: 'ignore' })
    await once(second, 'exit')
    expect(fs.existsSync(`/proc/${w.pid}`)).toBe(true)
    await w.shows('Welcome to Background Agents')
    process.kill(w.pid, 'SIGTERM')
    await w.ended()
    expect(fs.existsSync(path.join(app.data, 'control', 'bga.sock'))).toBe(false)
  } finally {
    await w.close()
  }
})

test('SIGTERM ends it within a moment, whether it is starting or has nothing to do', async ({ app }) => {
  for (const after of [200, 350, 500, 650, 800, 1_000, 4_000]) {
    const program = spawn(path.join(root, 'build/bin/background-agents'), ['--hidden'], { env: app.env, stdio: 'ignore' })
    const ended = once(program, 'exit')
    try {
      await sleep(after)
      const asked = Date.now()
      program.kill('SIGTERM')
      await Promise.race([ended, sleep(10_000)])
      expect(Date.now() - asked, `asked ${after} ms after its start`).toBeLessThan(5_000)
    } finally {
      program.kill('SIGKILL')
    }
  }
})

/** The processes below pid that draw pages. */
function webProcesses(pid: number): number[] {
  const all = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' }).split('\n').map((l) => l.trim().split(/\s+/))
  const below = new Set([String(pid)])
  for (let grown = true; grown; ) {
    grown = false
    for (const [p, parent] of all) if (p && parent && below.has(parent) && !below.has(p)) grown = !!below.add(p)
  }
  return all.filter(([p, , stat, command]) => p && below.has(p) && !stat?.startsWith('Z') && command?.includes('WebKitWebProcess')).map(([p]) => Number(p))
}
