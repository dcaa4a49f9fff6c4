import { describe, expect, test } from 'vitest'
import { runReport } from '../../test/fixtures/runReport.js'
import {
  createSweepReport,
  type SweepPoint,
  type SweepReport,
  toSweepPoint,
} from '../report/sweep.js'
import { renderSweep } from './sweep.js'

/** The hand-made run at a point of a grid. */
function point(values: Record<string, string>, change: Partial<SweepPoint> = {}): SweepPoint {
  const report = { ...runReport(), verification: { ok: true, checks: [] } }
  return { ...toSweepPoint(report, { values, expected: null, thresholds: [] }), ...change }
}

function sweep(
  variables: Record<string, readonly string[]>,
  points: readonly SweepPoint[],
  change: Partial<SweepReport> = {},
): SweepReport {
  return createSweepReport({
    sweep: {
      ...{ id: 'sweep-1', commit: 'abc1234', command: 'npm run loadgen -- sweep --vary a=1,2' },
      ...{ words: [], startedAt: '2025-01-02T03:04:05.000Z' },
    },
    modes: ['netting', 'direct'],
    variables: Object.entries(variables).map(([name, values]) => ({ name, values })),
    ...{ size: points.length, points, ...change },
  })
}

const byOrders = () =>
  sweep({ orders: ['100', '10000'] }, [point({ orders: '100' }), point({ orders: '10000' })])

function replay(): SweepReport {
  const at = (batchInterval: string, expected: number) =>
    point({ batchInterval }, { expected, modes: { netting: { 'netting.ratioVolume': expected } } })
  return sweep({ batchInterval: ['100', '1000'] }, [at('100', 0.25), at('1000', 0.5)], {
    modes: ['netting'],
  })
}

/** Says what is missing, not all of the page. */
function has(text: string, part: string): void {
  expect(text.includes(part), part).toBe(true)
}

describe('renderSweep', () => {
  test('draws a chart for each figure, with its definition and how it was got', () => {
    const text = renderSweep(byOrders())
    has(text, '<h1>Sweep over orders</h1>')
    has(text, '<h3>Pool touches</h3>')
    has(text, 'Swap events of the pools. <span class="badge">measured</span>')
    has(text, '<h3>Settlement p99 (ms)</h3>')
    expect(text).not.toContain('<h3>Gas / order, Arcology</h3>')
  })

  test('an axis over two magnitudes goes by factors, one over less does not', () => {
    const middle = (low: string, mid: string, high: string) => {
      const values = [low, mid, high]
      const text = renderSweep(
        sweep(
          { orders: values },
          values.map((orders) => point({ orders })),
        ),
      )
      const circles = [...text.matchAll(/<circle [^>]*cx="([\d.]+)"/g)].map(([, at]) => Number(at))
      const [a = 0, b = 0, c = 0] = circles
      return (b - a) / (c - a)
    }
    expect(middle('100', '1000', '10000')).toBeCloseTo(0.5)
    expect(middle('100', '150', '200')).toBeCloseTo(0.5)
    expect(middle('100', '200', '900')).toBeCloseTo(0.125)
  })

  test('of trades over the batch interval asks what share nets, and overlays the trades alone', () => {
    const text = renderSweep(replay())
    has(text, '<h1>What share of this flow nets at T?</h1>')
    has(text, '25.0 % at 100 ms, 50.0 % at 1,000 ms')
    has(text, 'the trades alone')
    has(text, 'batch interval, ms →')
  })

  test('a second variable makes a line for each of its values', () => {
    const points = ['100', '200'].flatMap((orders) =>
      ['0.5', '0.8'].map((longShare) => point({ orders, longShare })),
    )
    const text = renderSweep(sweep({ orders: ['100', '200'], longShare: ['0.5', '0.8'] }, points))
    has(text, '</i>netting, long share 0.5</li>')
    has(text, '</i>direct, long share 0.8</li>')
  })

  test('variables of words become bars', () => {
    const points = ['mix', 'whale'].map((scenario) => point({ scenario }))
    const text = renderSweep(sweep({ scenario: ['mix', 'whale'] }, points))
    has(text, '<th scope="row">whale, direct</th>')
  })

  test('several sweeps lie over each other, told apart by letters', () => {
    const text = renderSweep(byOrders(), byOrders())
    has(text, '<b>A</b>: sweep-1')
    has(text, '</i>netting, A</li>')
    has(text, '</i>direct, B</li>')
  })

  test('sweeps over different options do not lie over each other', () => {
    expect(() => renderSweep(byOrders(), replay())).toThrow(
      'The sweep sweep-1 does not vary orders, as sweep-1 does',
    )
  })

  test('links to the report of each point', () => {
    has(renderSweep(byOrders()), '<a href="../mix-hand-20250102-030405/report.html">report</a>')
  })

  test('figures that are 0 at every point are a sentence', () => {
    const text = renderSweep(byOrders())
    has(text, 'At no point was an order lost.')
    expect(text).not.toContain('<h3>Lost</h3>')
  })

  test('without a point that is done has no charts', () => {
    const text = renderSweep(sweep({ orders: ['100'] }, [], { size: 1 }))
    has(text, '0 of 1 point done')
    expect(text).not.toMatch(/<svg|NaN|Infinity/)
  })

  test('says when a point is not verified', () => {
    const failed = point({ orders: '100' }, { failedChecks: ['netting: base is conserved'] })
    has(renderSweep(sweep({ orders: ['100', '200'] }, [failed])), 'Not verified.')
  })

  test('whatever a sweep holds is text, and nothing is fetched', () => {
    const evil = '<img src=x onerror=alert(1)>"'
    const bad = point({ [evil]: evil, orders: '1' }, { run: evil, failedChecks: [evil] })
    const text = renderSweep(sweep({ orders: ['1', '2'], [evil]: [evil] }, [bad]))
    expect(text).not.toMatch(/<img|<script|https?:|NaN/)
  })
})
