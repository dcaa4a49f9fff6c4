import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runReport } from '../../test/fixtures/runReport.js'
import { diffReports } from '../report/diff.js'
import { createSweepReport } from '../report/sweep.js'
import { storeIndex, storeReport, storeSweep, writeDiffPage, writeSweepPage } from './pages.js'

let reports = ''
beforeEach(() => {
  reports = mkdtempSync(join(tmpdir(), 'pages-'))
})
afterEach(() => rmSync(reports, { recursive: true }))

test('a stored report has its page beside it', async () => {
  const folder = await storeReport(reports, runReport())
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(['report.html', 'report.json']))
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain(runReport().run.id)
})

test('the list of runs is written when asked for, with links to the pages that are there', async () => {
  await storeReport(reports, runReport())
  expect(readdirSync(reports).sort()).toEqual(['latest', runReport().run.id])
  await storeIndex(reports)
  expect(existsSync(join(reports, 'README.md'))).toBe(true)
  expect(readFileSync(join(reports, 'index.html'), 'utf8')).toContain(
    `${runReport().run.id}/report.html`,
  )
})

test('two runs against each other are a page wherever it is wanted', async () => {
  const path = join(reports, 'new', 'diff.html')
  expect(await writeDiffPage(path, diffReports(runReport(), runReport()))).toBe(path)
  expect(readFileSync(path, 'utf8')).toContain('0 better, 0 worse')
})

test('a stored sweep has its page beside it, and several another one', async () => {
  const sweep = createSweepReport({
    sweep: { id: 'sweep-1', commit: 'c', command: 'x', words: [], startedAt: '2025-01-02' },
    ...{ modes: ['netting'], variables: [], size: 0, points: [] },
  })
  const folder = await storeSweep(reports, sweep)
  expect(readdirSync(folder)).toContain('sweep.html')
  const path = await writeSweepPage(reports, [
    sweep,
    { ...sweep, sweep: { ...sweep.sweep, id: 'b' } },
  ])
  expect(path).toBe(join(folder, 'sweeps.html'))
  expect(readFileSync(path, 'utf8')).toContain('<b>B</b>: b')
})
