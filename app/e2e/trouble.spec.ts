import * as fs from 'node:fs'
import * as path from 'node:path'
import { addProject, expect, startSession, test } from './installation'

// What can be wrong with a computer, and what its user is told: a sentence and a hint, in a window that can be used.

test('without Docker the window says so and everything else works', async ({ app, open }) => {
  await app.start({ DOCKER_HOST: 'unix:///nonexistent/docker.sock' })
  const page = await open()
  await expect(page.getByText(/Docker/).first()).toBeVisible()
  await addProject(page, app.repository('shop'))
  await startSession(page, 'Try')
  await expect(page.getByRole('button', { name: 'Check this computer' }).first()).toBeVisible()
  await page.screenshot({ path: app.shot('no-docker') })
})

test('a database of a newer version is left alone', async ({ app, open }) => {
  await app.bga('list')
  const file = path.join(app.data, 'background-agents.db')
  const version = Buffer.alloc(4)
  version.writeUInt32BE(9999)
  const written = fs.readFileSync(file)
  const before = Buffer.from(written)
  version.copy(before, 60) // the user version, https://www.sqlite.org/fileformat.html#the_database_header
  fs.writeFileSync(file, before)
  await app.start()
  const page = await open()
  await expect(page.getByText(/newer version/i).first()).toBeVisible()
  expect(fs.readFileSync(file).equals(before)).toBe(true)
  await app.end('SIGKILL')
  fs.writeFileSync(file, written)
})

test('a second program on the same data joins the first', async ({ app, open }) => {
  const repository = app.repository('shop')
  const served = app.serve()
  await app.start()
  const page = await open()
  await addProject(page, repository)
  expect(await app.bga('project', 'list')).toContain('shop')
  // When the first ends the second opens the data itself, and goes on.
  await served.end()
  await app.bga('project', 'add', app.repository('second'))
  await page.getByRole('button', { name: /^Project:/ }).first().click()
  await expect(page.getByRole('option', { name: /second/ })).toBeVisible()
})

test('an empty repository is offered its first commit', async ({ app, open }) => {
  await app.start()
  const page = await open()
  await page.getByLabel('Path of a git repository').fill(app.repository('empty', {}))
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('button', { name: 'Make the first commit and add it' }).click()
  await expect(page.getByPlaceholder('Describe the change')).toBeVisible()
})
