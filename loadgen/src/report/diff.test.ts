import { describe, expect, test } from 'vitest'
import { runReport } from '../../test/fixtures/runReport.js'
import type { ModeMetrics } from '../metrics/modeMetrics.js'
import { diffReports, type FigureDiff } from './diff.js'
import { renderDiff } from './diffText.js'
import type { RunReport } from './runReport.js'

/** The report of the fixture, its netting mode changed. */
function changed(change: (metrics: ModeMetrics) => void): RunReport {
  const report = structuredClone(runReport())
  change(report.modes.netting as ModeMetrics)
  return report
}

const figure = (a: RunReport, b: RunReport, label: string): FigureDiff | undefined =>
  diffReports(a, b).modes[0]?.figures.find((found) => found.label === label)

describe('diffReports', () => {
  test('default: a run against itself: every figure is the same', () => {
    const { modes, workload, machine, onlyA, onlyB } = diffReports(runReport(), runReport())
    expect(modes.map(({ mode }) => mode)).toEqual(['netting', 'direct'])
    for (const { figures } of modes) {
      expect(figures.length).toBeGreaterThan(15)
      for (const { a, b, change, verdict } of figures)
        expect([b, change === null || change === 0, verdict]).toEqual([a, true, 'same'])
    }
    expect({ workload, machine, onlyA, onlyB }).toEqual({
      ...{ workload: [], machine: [], onlyA: [], onlyB: [] },
    })
  })
  test('default: both figures, the change as a part of A, and what it means', () => {
    const b = changed((m) => {
      m.gas.perOrder = 58_000
    })
    expect(figure(runReport(), b, 'gas / order')).toEqual({
      ...{ label: 'gas / order', source: 'gas', a: 72_500, b: 58_000, verdict: 'better' },
      ...{ aText: '72,500', bText: '58,000', change: -0.2 },
      definition: 'gas of all order transactions and settlements ÷ settled orders',
    })
  })
  test.each<[label: string, set: (m: ModeMetrics, value: number) => void, more: string]>([
    [
      'netting ratio (volume)',
      (m, v) => {
        m.netting.ratioVolume = v
      },
      'better',
    ],
    [
      'optimum',
      (m, v) => {
        m.netting.optimum = v
      },
      'changed',
    ],
    [
      'efficiency',
      (m, v) => {
        m.netting.efficiency = v
      },
      'better',
    ],
    [
      'pool touches',
      (m, v) => {
        m.poolTouches = v
      },
      'worse',
    ],
    [
      'slippage mean (bps)',
      (m, v) => {
        m.slippageBps.mean = v
      },
      'worse',
    ],
    [
      'price impact (bps)',
      (m, v) => {
        m.priceImpactBps = v
      },
      'worse',
    ],
    [
      'settled / s',
      (m, v) => {
        m.throughput.settledPerSecond = v
      },
      'better',
    ],
    [
      'settlement p99 (ms)',
      (m, v) => {
        m.latencyMs.settlement.p99 = v
      },
      'worse',
    ],
    [
      'settled',
      (m, v) => {
        m.orders.settled = v
      },
      'better',
    ],
    [
      'failed',
      (m, v) => {
        m.orders.failed = v
      },
      'worse',
    ],
    [
      'aborted',
      (m, v) => {
        m.conflicts = { aborted: v, pairs: [] }
      },
      'worse',
    ],
  ])('behavior: which way is better: %s', (label, set, more) => {
    const [less, much] = [0.25, 0.5].map((value) => changed((m) => set(m, value * 1e4))) as [
      RunReport,
      RunReport,
    ]
    const opposite = { better: 'worse', worse: 'better' }[more] ?? more
    expect(figure(less, much, label)).toMatchObject({ change: 1, verdict: more })
    expect(figure(much, less, label)).toMatchObject({ change: -0.5, verdict: opposite })
  })
  test('behavior: times that differ by less than one run does from the next are the same; facts are not', () => {
    const rate = (value: number) =>
      changed((m) => {
        m.throughput.settledPerSecond = value
      })
    expect(figure(rate(100), rate(104.9), 'settled / s')?.verdict).toBe('same')
    expect(figure(rate(100), rate(105), 'settled / s')?.verdict).toBe('better')
    const touches = (value: number) =>
      changed((m) => {
        m.poolTouches = value
      })
    expect(figure(touches(100), touches(101), 'pool touches')?.verdict).toBe('worse')
  })
  test('behavior: what reads the same is the same', () => {
    const gas = (value: number) =>
      changed((m) => {
        m.gas.perOrder = value
      })
    expect(figure(gas(274_965.1), gas(274_965.2), 'gas / order')?.verdict).toBe('same')
  })
  test('behavior: from nothing, from less than nothing, and to nothing', () => {
    const touches = (value: number) =>
      changed((m) => {
        m.poolTouches = value
      })
    expect(figure(touches(0), touches(3), 'pool touches')).toMatchObject({
      change: null,
      verdict: 'worse',
    })
    const slippage = (value: number | null) =>
      changed((m) => {
        m.slippageBps.mean = value
      })
    expect(figure(slippage(2), slippage(null), 'slippage mean (bps)')).toMatchObject({
      ...{ bText: '–', change: null, verdict: null },
    })
    const victims = { orders: 1, settled: 1, extraCost: 1, extraCostBps: 1 }
    const profit = (value: number) =>
      changed((m) => {
        m.mev = { attackers: 1, attackerProfit: value, victims }
      })
    expect(figure(profit(-10), profit(-5), "attacker's profit (USDC)")).toMatchObject({
      change: 0.5,
      verdict: 'worse',
    })
  })
  test('behavior: other workloads and machines are named, modes of one run are listed', () => {
    const b = runReport(['netting'])
    b.run.seed = 'other'
    b.workload.orders = 50
    b.environment.cpus = 8
    expect(diffReports(runReport(), b)).toMatchObject({
      workload: [
        { what: 'seed', a: 'hand', b: 'other' },
        { what: 'orders', a: '5', b: '50' },
      ],
      machine: [{ what: 'CPUs', a: '2', b: '8' }],
      ...{ onlyA: ['direct'], onlyB: [] },
    })
  })
  test('error: no mode in common', () => {
    expect(() => diffReports(runReport(['netting']), runReport(['direct']))).toThrow(
      expect.objectContaining({
        ...{ name: 'UsageError', exitCode: 2 },
        message:
          'The runs have no mode in common: mix-hand-20250102-030405 ran netting, mix-hand-20250102-030405 ran direct.',
      }),
    )
  })
})

describe('renderDiff', () => {
  const b = changed((m) => {
    m.gas.perOrder = 58_000
    m.poolTouches = 2
  })
  b.run.id = 'second'
  b.verification.ok = false
  test('default: a table without colours', () => {
    const text = renderDiff(diffReports(runReport(), b))
    const lines = text.split('\n')
    expect(lines.slice(0, 2)).toEqual([
      'A mix-hand-20250102-030405, commit abc1234',
      'B second, commit abc1234, NOT VERIFIED',
    ])
    const row = (label: string) => lines.find((line) => line.trim().startsWith(label))
    expect(row('gas / order')).toMatch(/^ {2}gas \/ order +72,500 +58,000 +−20\.0 % {2}better$/)
    expect(row('pool touches')).toMatch(/ 1 +2 +\+100\.0 % {2}worse$/)
    expect(row('rejected')).toMatch(/ 1 +1 +0\.0 % {2}same$/)
    expect(text).not.toContain('\u001b')
    expect(text).not.toContain('differ (')
    expect(text).toMatch(
      /B: 1 better, 1 worse, \d+ the same\. Times and rates that differ by less than 5 % count as the same\.\n$/,
    )
  })
  test('args: color: better is green, worse is red', () => {
    const text = renderDiff(diffReports(runReport(), b), { color: true })
    expect(text).toContain('\u001b[32mbetter\u001b[0m')
    expect(text).toContain('\u001b[31mworse\u001b[0m')
  })
  test('behavior: one line for workloads that differ, one for machines', () => {
    const other = structuredClone(b)
    other.run.seed = '2'
    other.workload.traders = 9
    other.environment.cpus = 8
    const text = renderDiff(diffReports(runReport(), other))
    expect(text).toContain(
      '\nThe workloads differ (seed hand → 2, traders 3 → 9): so do the figures, whatever the code does.\n',
    )
    expect(text).toContain(
      '\nThe machines differ (CPUs 2 → 8): times and rates say nothing of the code.\n',
    )
  })
})
