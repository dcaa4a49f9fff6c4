import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runReport } from '../../test/fixtures/runReport.js'
import { createSweepReport } from '../report/sweep.js'
import { storeReport, storeSweep, writeSweepPage } from './pages.js'

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
