import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runReport } from '../../test/fixtures/runReport.js'
import { storeReport } from '../run/pages.js'
import { type GridPoint, runGrid } from './gridRun.js'

let reports = ''
beforeEach(() => {
  reports = mkdtempSync(join(tmpdir(), 'grid-'))
})
afterEach(() => rmSync(reports, { recursive: true }))

test('the list of runs, which reads all of them, is written once: after the last point', async () => {
  const index = join(reports, 'index.html')
  const seen: boolean[] = []
  const grid = ['10', '20'].map(
    (orders): GridPoint => ({
      ...{ values: { orders }, expected: null },
      async run() {
        seen.push(existsSync(index))
        const report = runReport()
        report.run.id = `run-${orders}`
        await storeReport(reports, report)
        return report
      },
    }),
  )
  const { points } = await runGrid(grid, {
    head: {
      sweep: { id: 's', commit: 'c', command: 'x', words: [], startedAt: '2025-01-02' },
      ...{ modes: ['netting'], variables: [{ name: 'orders', values: ['10', '20'] }], size: 2 },
    },
    ...{ done: [], reports, thresholds: [], log: { info: () => undefined } },
  })
  expect(points.map(({ run }) => run)).toEqual(['run-10', 'run-20'])
  expect(seen).toEqual([false, false])
  const list = readFileSync(index, 'utf8')
  for (const { run } of points) expect(list).toContain(`${run}/report.html`)
})
