import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import * as path from 'node:path'
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
