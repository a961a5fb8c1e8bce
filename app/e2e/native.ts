import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, type Installation, root } from './installation'

/** The production program in its own window, driven through WebKitWebDriver. */
export class NativeWindow {
  #driver: ChildProcess | undefined
  #base = ''
  #session = ''

  /** env is what differs from the installation's own environment. */
  constructor(
    private app: Installation,
    private env: NodeJS.ProcessEnv = {},
  ) {}

  async open(): Promise<void> {
    const port = await freePort()
    this.#base = `http://127.0.0.1:${port}`
    const program = path.join(this.app.folder, 'program.sh')
    fs.writeFileSync(
      program,
      `#!/bin/sh\necho $$ > '${this.app.folder}/pid'\nLD_PRELOAD='${root}/build/bin/webdriver.so' exec '${root}/build/bin/background-agents' 2> '${this.app.folder}/program.log'\n`,
      { mode: 0o755 },
    )
    this.#driver = spawn('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], { env: { ...this.app.env, ...this.env }, stdio: 'ignore' })
    for (let i = 0; i < 100; i++) {
      if (await fetch(`${this.#base}/status`).then((r) => r.ok, () => false)) break
      await sleep(100)
    }
    const made = (await this.#ask('POST', '/session', {
      capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': { binary: program, args: [] } } },
    })) as { sessionId: string }
    this.#session = `/session/${made.sessionId}`
  }

  get pid(): number {
    return Number(fs.readFileSync(path.join(this.app.folder, 'pid'), 'utf8'))
  }

  /** Runs JavaScript in the page and returns what it returns; a promise is waited for. */
  async run<T>(script: string): Promise<T> {
    const body = `const done = arguments[arguments.length - 1];
      Promise.resolve((async () => { ${script} })()).then((value) => done({ value }), (e) => done({ error: e && e.message || String(e) }))`
    const answer = (await this.#ask('POST', `${this.#session}/execute/async`, { script: body, args: [] })) as { value: T; error?: string }
    if (answer.error) throw new Error(answer.error)
    return answer.value
  }

  /** Waits until the page shows a text. */
  async shows(text: string): Promise<void> {
    let seen = ''
    for (let i = 0; i < 600; i++) {
      seen = await this.run<string>('return document.body.innerText').catch(() => '')
      if (seen.includes(text)) return
      await sleep(100)
    }
    throw new Error(`the window never shows “${text}” but:\n${seen}`)
  }

  /** Waits for the program's end; where it does not end, the error says what its goroutines wait for. */
  async ended(): Promise<void> {
    for (let i = 0; i < 300; i++) {
      if (!fs.existsSync(`/proc/${this.pid}`) || fs.readFileSync(`/proc/${this.pid}/stat`, 'utf8').includes(') Z ')) return
      await sleep(100)
    }
    process.kill(this.pid, 'SIGQUIT')
    await sleep(2_000)
    throw new Error(`the program does not end:\n${fs.readFileSync(path.join(this.app.folder, 'program.log'), 'utf8')}`)
  }

  async close(): Promise<void> {
    try {
      process.kill(this.pid, 'SIGKILL')
    } catch {
      // it has ended
    }
    const driver = this.#driver
    if (driver && driver.exitCode === null) {
      const ended = once(driver, 'exit')
      driver.kill('SIGKILL')
      await ended
    }
  }

  async #ask(method: string, at: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.#base + at, {
      method,
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(60_000),
    })
    const { value } = (await response.json()) as { value: { error?: string; message?: string } }
    if (!response.ok) throw new Error(`${at}: ${value.error}: ${value.message}`)
    return value
  }
}
