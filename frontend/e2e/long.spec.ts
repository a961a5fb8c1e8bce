import { expect, pick, test } from './window'

// Times are printed, not judged: other work on the machine would fail them. Nodes and places are judged.
test('50,000 items: few nodes, no jumps, every page reached', async ({ open }) => {
  test.setTimeout(120_000)
  const page = await open({ scene: 'big' })
  await pick(page, 'A very long session')
  const log = page.getByRole('log')
  await expect(log).toContainText('starts again with every request')
  const seen = await log.evaluate(async (node) => {
    const frame = () => new Promise((done) => requestAnimationFrame(done))
    let most = 0
    let worst = 0
    const times: number[] = []
    for (let i = 0; i < 250; i++) {
      const at = performance.now()
      node.scrollTop -= 2000
      await frame()
      times.push(performance.now() - at)
      worst = Math.max(worst, performance.now() - at)
      if (i % 10 === 0) most = Math.max(most, document.querySelectorAll('#app *').length)
    }
    times.sort((a, b) => a - b)
    return { most, worst, median: times[times.length / 2]!, height: node.scrollHeight }
  })
  console.log(`scrolled: ${JSON.stringify(seen)}`)
  expect(seen.most).toBeLessThan(1500)
  expect(seen.height).toBeGreaterThan(50_000)

  // What is in view stays where it is while a page comes in above it.
  const still = await log.evaluate(async (node) => {
    const frame = () => new Promise((done) => requestAnimationFrame(done))
    const middle = () => {
      const box = node.getBoundingClientRect()
      return document.elementFromPoint(box.left + box.width / 2, box.top + 300)?.textContent ?? ''
    }
    node.scrollTop = 500
    await frame()
    await frame()
    const before = middle()
    const height = node.scrollHeight
    for (let i = 0; i < 300 && node.scrollHeight - height < 3000; i++) await frame()
    return { same: before === middle(), grew: node.scrollHeight - height }
  })
  expect(still.same).toBe(true)

  await page.getByRole('button', { name: 'Go to the end' }).click()
  await expect(log).toContainText('starts again with every request')
})

test('it stays at the end only while the view is there', async ({ open }) => {
  const page = await open({ pace: 1 })
  await pick(page, 'Keep sessions alive')
  const log = page.getByRole('log')
  const left = () => log.evaluate((n) => n.scrollHeight - n.scrollTop - n.clientHeight)
  await expect.poll(left).toBeLessThan(4)
  await log.evaluate((n) => n.scrollTo(0, n.scrollHeight - n.clientHeight - 400))
  await page.waitForTimeout(200)
  const was = await log.evaluate((n) => n.scrollTop)
  await page.setViewportSize({ width: 1280, height: 780 })
  await page.waitForTimeout(200)
  expect(Math.abs((await log.evaluate((n) => n.scrollTop)) - was)).toBeLessThan(4)
  await page.getByRole('button', { name: 'Go to the end' }).click()
  await expect.poll(left).toBeLessThan(4)
})

test('5,000 changed files stay usable', async ({ open }) => {
  const page = await open({ scene: 'big' })
  await pick(page, 'A very long session')
  await page.getByTitle('Changes').click()
  const pane = page.getByRole('complementary')
  await expect(pane).toContainText('5,000 files')
  await expect(pane.locator('.line').first()).toBeVisible()
  expect(await pane.locator('.file').count()).toBeLessThan(120)
  await pane.locator('.file').first().focus()
  for (let i = 0; i < 30; i++) await page.keyboard.press('j')
  await expect(pane.locator('.file[aria-pressed=true]')).toBeVisible()
})

test('1,000 sessions stay usable', async ({ open }) => {
  const page = await open({ scene: 'many' })
  expect(await page.locator('[data-row]').count()).toBeLessThan(120)
  await page.getByRole('searchbox').fill('Session 777')
  await expect(page.getByRole('navigation').getByText('Session 777')).toBeVisible()
})
