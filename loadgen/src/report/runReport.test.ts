import { describe, expect, test } from 'vitest'
import { modeRecord, tx } from '../../test/fixtures/modeRecord.js'
import { runReport } from '../../test/fixtures/runReport.js'
import { parseThreshold } from '../metrics/thresholds.js'
import { formatJson } from './json.js'
import { createRunReport, parseRunReport } from './runReport.js'

describe('createRunReport', () => {
  test('default: workload, modes, comparison, verification', () => {
    const report = runReport()
    expect(report.workload).toEqual({
      scenario: 'mix',
      traders: 3,
      orders: 5,
      markets: 1,
      batches: 2,
      transfers: 2,
    })
    expect(Object.keys(report.modes)).toEqual(['netting', 'direct'])
    expect(report.comparison.poolTouchReduction).toBe(0.75)
    expect(report.verification.ok).toBe(true)
    expect(report.verification.checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['netting: base is conserved', 'direct: base is conserved']),
    )
  })
  test('behavior: one failed check of one mode fails the run', () => {
    const direct = modeRecord('direct')
    const receipts = direct.receipts.filter(({ hash }) => hash !== tx(6))
    const records = [modeRecord('netting'), { ...direct, receipts }]
    const { run, environment } = runReport()
    const { verification } = createRunReport({ run, environment, records })
    expect(verification.ok).toBe(false)
    expect(verification.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual([
      'direct: no transaction is lost',
    ])
  })
  test('args: thresholds are held against the figures, and stay in the report', () => {
    const { run, environment } = runReport()
    const report = createRunReport({
      ...{ run, environment, records: [modeRecord('netting'), modeRecord('direct')] },
      thresholds: [parseThreshold('touches < 4'), parseThreshold('direct.orders.lost == 0')],
    })
    expect(report.thresholds).toEqual([
      { threshold: 'touches < 4', mode: 'netting', actual: 1, ok: true },
      { threshold: 'touches < 4', mode: 'direct', actual: 4, ok: false },
      { threshold: 'direct.orders.lost == 0', mode: 'direct', actual: 0, ok: true },
    ])
    expect(report.verification.ok).toBe(true)
    expect(parseRunReport(formatJson(report), 'report.json')).toEqual(report)
  })
  test.each([
    [[], 'A report needs the record of at least one mode.'],
    [
      [modeRecord('netting'), modeRecord('netting')],
      'A report takes one record of each mode; netting has two.',
    ],
  ])('error: records', (records, message) => {
    const { run, environment } = runReport()
    expect(() => createRunReport({ run, environment, records })).toThrow(
      expect.objectContaining({ name: 'UsageError', message }),
    )
  })
})

describe('parseRunReport', () => {
  test('default: reads what was written', () => {
    const report = runReport()
    expect(parseRunReport(formatJson(report), 'report.json')).toEqual(report)
  })
  test('behavior: a missing mode and undefined figures are fine', () => {
    const report = runReport(['netting'])
    expect(report.comparison.throughputRatio).toBe(null)
    expect(parseRunReport(formatJson(report), 'report.json')).toEqual(report)
  })

  /** Every leaf of the report with its path: without it, or with something else in its place, there is no report. */
  const OPTIONAL =
    /^(modes\.(netting|direct)|.*\.(rejectedBy|failedBy)\.\w+|.*\.(conflicts|parallel|mev|risk|shortfalls|perOrderArcologyModel|arcologyModel|dropped|unsent|sending))$/
  const paths = leaves(runReport(), '').filter((path) => !OPTIONAL.test(path))
  test('error: any key missing or of another type', () => {
    expect(paths.length).toBeGreaterThan(100)
    for (const path of paths) {
      // JSON writes null for an item of a list that is left out, which some lists take.
      for (const value of /\.\d+$/.test(path) ? [{}] : [undefined, {}]) {
        const broken = structuredClone(runReport())
        const keys = path.split('.')
        const last = keys.pop() as string
        const parent = keys.reduce<Record<string, unknown>>(
          (at, key) => at[key] as Record<string, unknown>,
          broken as unknown as Record<string, unknown>,
        )
        parent[last] = value
        const named = path.replace(/\.(\d+)(?=\.|$)/g, '[$1]')
        expect(() => parseRunReport(JSON.stringify(broken), 'r.json'), path).toThrow(
          `"r.json" is no report: ${named} must be `,
        )
      }
    }
  })
  test.each([
    ['{', '"r.json" is no report: it is not valid JSON.'],
    ['[]', '"r.json" is no report: it must be an object.'],
    ['{}', '"r.json" is no report: schemaVersion must be 1.'],
    ['null', '"r.json" is no report: it must be an object.'],
    [
      '{"schemaVersion":2}',
      '"r.json" has schemaVersion 2, of a newer version of this tool; this one reads 1.',
    ],
  ])('error: %s', (json, message) => {
    expect(() => parseRunReport(json, 'r.json')).toThrow(
      expect.objectContaining({ name: 'UsageError', exitCode: 2, message }),
    )
  })
})

/** Of a list, those of the first item. */
function leaves(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [path]
  const entries = Object.entries(value)
  return (Array.isArray(value) ? entries.slice(0, 1) : entries).flatMap(([key, item]) =>
    leaves(item, path === '' ? key : `${path}.${key}`),
  )
}

test('formatJson: the same bytes whatever the order of keys, schemaVersion first', () => {
  const report = runReport()
  const turned = Object.fromEntries(Object.entries(report).reverse())
  expect(formatJson(turned)).toBe(formatJson(report))
  expect(formatJson(report)).toMatch(/^\{\n {2}"schemaVersion": 1,\n {2}"comparison": \{/)
})
