import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { renderReport } from '../../src/html/report.js'
import { formatJson } from '../../src/report/json.js'
import { parseRunReport } from '../../src/report/runReport.js'
import { millionOrders } from '../fixtures/millionOrders.js'
import { describeInBrowser, overflowOf } from '../support/browser.js'
import { temporaryFolder } from '../support/cli.js'

const folder = temporaryFolder()
const MEGABYTE = 1_000_000

describeInBrowser('a report of 1,000,000 orders', ({ open }) => {
  test('weighs less than two megabytes and opens', async () => {
    const data = formatJson(millionOrders())
    const path = join(folder, 'report.html')
    writeFileSync(path, renderReport(parseRunReport(data, 'report.json')))
    expect(statSync(path).size).toBeLessThan(2 * MEGABYTE)

    const { page, faults } = await open(pathToFileURL(path).href)
    expect(await page.locator('.lede').first().textContent()).toContain('1,000,000 orders')
    expect(await page.locator('figure').count()).toBeGreaterThan(10)
    expect(await overflowOf(page)).toEqual([])
    expect(faults).toEqual([])
  })
})
