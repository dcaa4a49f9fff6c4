import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { describeInBrowser, overflowOf, violationsOf } from '../support/browser.js'
import { PAID, type RunningCli, serveDevnet, startCli, temporaryFolder } from '../support/cli.js'
import { readReport } from '../support/runs.js'

const folder = temporaryFolder()
const PHONE = { width: 375, height: 812 }
/** Long enough to be looked at: a batch of 50 a block, ten blocks a second. */
const WORKLOAD = [
  '--traders',
  '50',
  '--orders',
  '2000',
  '--per-block',
  '50',
  '--mix',
  'open=1,close=1',
]

describeInBrowser('run --watch', ({ open }) => {
  let devnet: Awaited<ReturnType<typeof serveDevnet>>
  beforeAll(async () => {
    devnet = await serveDevnet('--block-time', '100')
  })
  afterAll(async () => {
    devnet.cli.interrupt('process')
    await devnet.cli.ended
  })

  async function start(
    name: string,
    more: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<{ cli: RunningCli; url: string }> {
    const reports = ['--reports', join(folder, name), ...more]
    const cli = startCli(
      ['run', '--mode', 'netting', ...WORKLOAD, '--rpc-url', devnet.url, '--watch', ...reports],
      { env: { ...PAID.env, ...env } },
    )
    await cli.says('"msg":"watch"')
    const url = /"url":"(http:\/\/127\.0\.0\.1:\d+\/)","msg":"watch"/.exec(cli.stderr())?.[1]
    if (url === undefined) throw new Error(`It named no page: ${cli.stderr()}`)
    return { cli, url }
  }

  test('shows the run as it goes, survives a reload, and ends as the report', async () => {
    const { cli, url } = await start('whole')
    const { page, faults } = await open(url)
    const sent = () => figure(page, 'sent')

    // A figure changes in the page that was loaded once.
    await page.evaluate('window.loadedOnce = true')
    await vi.waitUntil(async () => (await sent()) > 0, WAIT)
    const before = await sent()
    await vi.waitUntil(async () => (await sent()) > before, WAIT)
    expect(await page.evaluate('window.loadedOnce')).toBe(true)
    await page.locator('figure h3', { hasText: 'Rates, netting' }).waitFor()
    expect(await page.locator('[role="status"]').last().textContent()).toContain('sending')

    // What the reader opened and focused stays so while figures change.
    const data = page.locator('[data-part="throughput"] details').first()
    await data.locator('summary').focus()
    await page.keyboard.press('Enter')
    const version = () => page.locator('[data-part="throughput"]').getAttribute('data-version')
    const drawn = await version()
    await vi.waitUntil(async () => (await version()) !== drawn, WAIT)
    expect(await data.getAttribute('open')).not.toBeNull()
    expect(await page.evaluate('document.activeElement.localName')).toBe('summary')

    await page.reload()
    expect(await page.evaluate('window.loadedOnce')).toBeUndefined()
    expect(await sent()).toBeGreaterThan(before)
    expect(await overflowOf(page)).toEqual([])

    await page.locator('h2#netting').waitFor({ timeout: 60_000 })
    const { code, complaint } = await cli.ended
    expect({ code, complaint }).toEqual({ code: 0, complaint: '' })

    // The process is gone; its report is here.
    const { run, modes } = await readReport(join(folder, 'whole'))
    expect(await page.title()).toContain(`${modes.netting?.orders.settled.toLocaleString('en-US')}`)
    expect(await page.locator('footer').textContent()).toContain(run.id)
    const card = page.locator('.card details').first()
    await card.locator('summary').click()
    expect(await card.locator('p').isVisible()).toBe(true)
    expect(faults).toEqual([])
  })

  test('is for everybody: axe finds nothing wrong, and it fits into a phone, while the run goes on', async () => {
    const { cli, url } = await start('phone')
    const { page, faults } = await open(url, { viewport: PHONE, colorScheme: 'dark' })
    await page.locator('figure h3', { hasText: 'Over time' }).first().waitFor()
    expect(await overflowOf(page)).toEqual([])
    expect(await violationsOf(page)).toEqual([])
    expect(faults).toEqual([])
    cli.interrupt('process')
    await cli.ended
  })

  test('--open opens it in the browser', async () => {
    const programs = join(folder, 'programs')
    const opened = join(folder, 'opened')
    await mkdir(programs)
    const name = process.platform === 'darwin' ? 'open' : 'xdg-open'
    const script = `#!/bin/sh\nprintf %s "$1" > '${opened}.part' && mv '${opened}.part' '${opened}'\n`
    await writeFile(join(programs, name), script, { mode: 0o755 })
    const { cli, url } = await start('opened-run', ['--open'], {
      PATH: `${programs}:${process.env.PATH}`,
    })
    await vi.waitUntil(() => existsSync(opened), WAIT)
    expect(await readFile(opened, 'utf8')).toBe(url)
    cli.interrupt('process')
    await cli.ended
  })

  test('says so when the run is interrupted', async () => {
    const { cli, url } = await start('interrupted')
    const { page, faults } = await open(url)
    await vi.waitUntil(async () => (await figure(page, 'included')) > 0, WAIT)
    cli.interrupt('process')
    await page.getByText('It was interrupted.').waitFor()
    // What was known stays.
    expect(await figure(page, 'included')).toBeGreaterThan(0)
    expect((await cli.ended).code).toBe(130)
    expect(faults).toEqual([])
  })
})

const WAIT = { timeout: 60_000, interval: 20 }

/** A figure of the table "So far"; 0 before there is one. */
async function figure(page: Page, name: string): Promise<number> {
  const text = await page.evaluate<string | undefined>(
    `[...document.querySelectorAll('th[scope="row"]')].find((head) => head.textContent === '${name}')?.nextElementSibling.textContent`,
  )
  return Number((text ?? '0').replaceAll(',', ''))
}
