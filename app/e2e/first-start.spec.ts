import * as fs from 'node:fs'
import * as path from 'node:path'
import { addProject, expect, test } from './installation'

test('a project is added and listed, and is there after a restart', async ({ app, open }) => {
  const repository = app.repository('shop ünïcode')
  await app.start()
  let page = await open()
  await expect(page.getByRole('heading', { name: 'Welcome to Background Agents' })).toBeVisible()
  await addProject(page, path.join(repository, '.'))
  expect(JSON.parse(await app.bga('project', 'list', '--json'))).toMatchObject([{ name: 'shop ünïcode', path: fs.realpathSync(repository) }])
  await app.end()
  await app.start()
  page = await open()
  await expect(page.getByRole('button', { name: /shop ünïcode/ }).first()).toBeVisible()
})
