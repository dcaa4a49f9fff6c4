import { expect, test } from 'vitest'
import { fullReport } from '../../test/fixtures/fullReport.js'
import { runReport } from '../../test/fixtures/runReport.js'
import { diffReports } from '../report/diff.js'
import type { RunReport } from '../report/runReport.js'
import { renderDiff } from './diff.js'

/** The report of the fixture, its netting mode changed for the better and for the worse. */
function changed(from: RunReport = runReport()): RunReport {
  const report = structuredClone(from)
  const { netting } = report.modes
  if (netting === undefined) throw new Error('The fixture has netting.')
  netting.gas.perOrder = 58_000
  netting.poolTouches = 2
  report.run.id = 'second'
  return report
}

/** The row of a figure, as texts. */
function rowOf(page: string, label: string): string[] {
  const rows = [...page.matchAll(/<tr><th scope="row">(.*)<\/tr>/g)].map(([row]) => row)
  const row = rows.find((found) => found.includes(`>${label}<`)) ?? ''
  return [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell = '']) => cell)
}

test('has both figures, the change, and what it means by a word as well as by its colour', () => {
  const page = renderDiff(diffReports(runReport(), changed()))
  expect(rowOf(page, 'gas / order')).toEqual([
    ...['gas / order', '<span class="badge good">✓ better</span>'],
    ...['72,500', '58,000', '−20.0 %'],
  ])
  expect(rowOf(page, 'pool touches')).toEqual([
    ...['pool touches', '<span class="badge bad">✗ worse</span>'],
    ...['1', '2', '+100.0 %'],
  ])
  expect(rowOf(page, 'settled')[1]).toBe('<span class="note">same</span>')
})

test('says first how much got better and worse, with a section for each mode', () => {
  const page = renderDiff(diffReports(runReport(), changed()))
  expect(page).toMatch(/<h1>B against A: 1 better, 1 worse, \d+ the same<\/h1>/)
  expect([...page.matchAll(/<h2 id="(\w+)"/g)].map(([, id]) => id)).toEqual(['netting', 'direct'])
  expect(page).toContain('<b>pool touches</b></dt><dd>Swap events of the pools</dd>')
})

test('names both runs, and what else was different', () => {
  const b = changed()
  b.verification.ok = false
  b.workload.orders = 50
  b.environment.cpus = 8
  const page = renderDiff(diffReports(runReport(), b))
  expect(rowOf(page, 'A')[1]).toBe(
    'mix-hand-20250102-030405 · commit <code>abc1234</code> · 2025-01-02 03:04 UTC <span class="badge good">✓ verified</span>',
  )
  expect(rowOf(page, 'B')[1]).toContain('<span class="badge bad">✗ not verified</span>')
  expect(page).toContain('The workloads differ (orders 5 → 50)')
  expect(page).toContain('The machines differ (CPUs 2 → 8)')
})

test('marks what is modelled, and draws a dash for what one run lacks', () => {
  const page = renderDiff(diffReports(runReport(), changed(fullReport())))
  expect(page).toContain('gas / order, Arcology <span class="badge model">modelled</span>')
  expect(page).toMatch(/<td class="num">–<\/td><td class="num">134,501<\/td>/)
  expect(page).not.toMatch(/NaN|Infinity|undefined|\[object/)
})

test('whatever a run is called is text, and the page is one file', () => {
  const b = changed()
  const evil = '</script><img src=x>'
  Object.assign(b.run, { id: evil, commit: evil, startedAt: evil })
  Object.assign(b.workload, { scenario: evil })
  const page = renderDiff(diffReports(runReport(), b))
  expect(page).not.toMatch(/<img|<script|https?:|url\(/)
  expect(page).toContain('&lt;img src=x&gt;')
})
