import { test as base, expect, type Locator, type Page } from '@playwright/test'
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import * as net from 'node:net'
import * as os from 'node:os'
import * as path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

export const root = path.resolve(__dirname, '../..')
const run = promisify(execFile)

/** How long a sandbox may take to start on a machine that is busy with other things, in milliseconds. */
export const starting = 240_000

/** What `bga list --json` says of a session, as far as stories look. */
export interface Session {
  id: string
  status: string
  branch: string
  worktree: string
  interrupted: boolean
  turns: number
  diff: { files: number; added: number; removed: number }
}

/** Asks the system for a port that is free now. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** A data folder, a home folder with repositories, and the program that runs on them. */
export class Installation {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bga-e2e-'))
  readonly home = path.join(this.folder, 'home')
  readonly data = path.join(this.folder, 'data')
  readonly code = path.join(this.home, 'code')
  readonly env: NodeJS.ProcessEnv
  url = ''
  log = ''
  #program: ChildProcess | undefined

  constructor() {
    fs.mkdirSync(this.code, { recursive: true })
    this.env = { ...process.env, HOME: this.home, BGA_HOME: this.data, REPOS_DIR: this.code }
    for (const name of ['XDG_DATA_HOME', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'ANTHROPIC_API_KEY', 'OPENAI_API_KEY']) delete this.env[name]
    fs.writeFileSync(path.join(this.home, '.gitconfig'), '[user]\n\tname = Ada\n\temail = ada@example.com\n')
  }

  git(repository: string, ...args: string[]): string {
    return execFileSync('git', args, { cwd: repository, env: this.env, encoding: 'utf8' })
  }

  /** Makes a small repository and returns its path. */
  repository(name: string, files: Record<string, string> = { 'README.md': '# Shop\n', 'main.go': 'package main\n\nfunc main() {}\n' }): string {
    const at = path.join(this.code, name)
    for (const [file, text] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(at, file)), { recursive: true })
      fs.writeFileSync(path.join(at, file), text)
    }
    fs.mkdirSync(at, { recursive: true })
    this.git(at, 'init', '-q', '-b', 'main')
    if (Object.keys(files).length) {
      this.git(at, 'add', '-A')
      this.git(at, 'commit', '-qm', 'Begin')
    }
    return at
  }

  /** Starts the program and waits until it serves its page. */
  async start(extra: NodeJS.ProcessEnv = {}): Promise<void> {
    const port = this.url ? Number(new URL(this.url).port) : await freePort()
    this.url = `http://localhost:${port}/`
    const program = spawn(path.join(root, 'build/bin/background-agents-dev'), [], {
      cwd: root,
      env: { ...this.env, ...extra, devserver: `localhost:${port}`, assetdir: 'frontend/dist', loglevel: 'error' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#program = program
    program.stdout.on('data', (b: Buffer) => (this.log += b.toString()))
    program.stderr.on('data', (b: Buffer) => (this.log += b.toString()))
    for (let i = 0; i < 300; i++) {
      if (program.exitCode !== null) throw new Error(`the program ended with ${program.exitCode}:\n${this.log}`)
      if (await fetch(this.url).then((r) => r.ok, () => false)) return
      await sleep(100)
    }
    throw new Error(`the program serves nothing:\n${this.log}`)
  }

  /** Ends the program: SIGTERM as a shutdown does, SIGKILL as a crash. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const program = this.#program
    if (!program || program.exitCode !== null || program.signalCode !== null) return
    const ended = once(program, 'exit')
    program.kill(signal)
    await ended
  }

  /** Runs bga and returns what it prints. */
  async bga(...args: string[]): Promise<string> {
    const { stdout } = await run(path.join(root, 'build/bin/bga'), args, { env: this.env, timeout: 240_000, maxBuffer: 64 << 20 })
    return stdout
  }

  async sessions(): Promise<Session[]> {
    return JSON.parse(await this.bga('list', '--all', '--json')) as Session[]
  }

  /** Runs `bga serve` and returns how to end it. */
  serve(): { end: () => Promise<void> } {
    const program = spawn(path.join(root, 'build/bin/bga'), ['serve'], { env: this.env, stdio: 'ignore' })
    return {
      end: async () => {
        const ended = once(program, 'exit')
        program.kill('SIGTERM')
        await ended
      },
    }
  }

  /** Where a picture of this name goes. */
  shot(name: string): string {
    return path.join(root, 'frontend/test-results/shots', `${name}.png`)
  }

  /** Ends everything and removes the sandboxes that the story made. */
  async remove(): Promise<void> {
    await this.end('SIGKILL')
    // The sandboxes belong to this installation by its own id: its sessions are deleted as a user would.
    try {
      for (const s of await this.sessions()) await this.bga('delete', '--yes', s.id)
      const projects = JSON.parse(await this.bga('project', 'list', '--json')) as { id: string }[]
      for (const p of projects) await this.bga('project', 'remove', p.id)
    } catch (e) {
      console.log('clean up:', e)
    }
    fs.rmSync(this.folder, { recursive: true, force: true })
  }
}

/** What the development server itself logs to every page: none of ours. */
const notOurs = [/reading '(nodes|send)'/, /favicon/, /runtime:ready/, /WebSocket/]

export const test = base.extend<{ app: Installation; open: () => Promise<Page> }>({
  // eslint-disable-next-line no-empty-pattern
  app: async ({}, use) => {
    const app = new Installation()
    await use(app)
    await app.remove()
  },
  open: async ({ app, page }, use) => {
    const errors: string[] = []
    page.on('pageerror', (e) => errors.push(`${e.name}: ${e.message}`))
    page.on('console', (m) => m.type() === 'error' && errors.push(m.text()))
    await use(async () => {
      await page.goto(app.url)
      return page
    })
    expect(errors.filter((e) => !notOurs.some((n) => n.test(e)))).toEqual([])
  },
})

/** Adds a project in the window. */
export async function addProject(page: Page, at: string): Promise<void> {
  await page.getByLabel('Path of a git repository').fill(at)
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(page.getByPlaceholder('Describe the change')).toBeVisible()
}

/** Starts a session with the demo model; lines that begin with "demo:" script it. */
export async function startSession(page: Page, prompt: string): Promise<void> {
  await page.getByRole('button', { name: /^Model:/ }).click()
  await page.getByRole('combobox', { name: 'Search Model' }).fill('demo/scripted')
  await page.keyboard.press('Enter')
  const composer = page.getByPlaceholder('Describe the change')
  await composer.fill(prompt)
  await composer.press('Enter')
  await expect(composer).toBeHidden()
}

/** The transcript of the session that is shown. */
export const transcript = (page: Page): Locator => page.getByRole('log').or(page.getByRole('main'))

/** A session's row in the sidebar. */
export const row = (page: Page, title: string): Locator =>
  page.getByRole('navigation', { name: 'Sessions' }).getByRole('button', { name: new RegExp(title) })

/** The one session that there is. */
export async function session(app: Installation): Promise<Session> {
  const all = await app.sessions()
  expect(all).toHaveLength(1)
  return all[0]!
}

/** Waits until that session has nothing to do, and its worktree is up to date. */
export async function idle(app: Installation): Promise<void> {
  await expect.poll(async () => (await session(app)).status).toBe('idle')
}

export { expect }
