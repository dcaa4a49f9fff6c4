import { describe, expect, test } from 'vitest'
import { longRecord } from '../../test/fixtures/longRecord.js'
import { runReport } from '../../test/fixtures/runReport.js'
import type { Mode } from '../core/types.js'
import { formatJson } from '../report/json.js'
import { type ModeMetrics, modeMetrics } from './modeMetrics.js'
import type { ModeSeries } from './series.js'

const add = (values: readonly (number | null)[]) =>
  values.reduce<number>((sum, value) => sum + (value ?? 0), 0)

type Whole = ModeMetrics & { series: ModeSeries }
const metricsOf = (options: longRecord.Options) => modeMetrics(longRecord(options)) as Whole

/** What each list adds up to must be the figure of the whole run. */
function expectTotals({ series, ...metrics }: Whole, settlements: number): void {
  const { blocks, slippageBps, time } = series
  const ofBlocks = (key: keyof (typeof blocks)[number]) => add(blocks.map((point) => point[key]))
  const { orders, transfers, gas } = metrics
  expect(ofBlocks('transactions') - settlements).toBe(orders.included + transfers.included)
  expect(ofBlocks('orders')).toBe(orders.included)
  expect(ofBlocks('settled')).toBe(orders.settled)
  expect(ofBlocks('rejected')).toBe(orders.rejected)
  expect(ofBlocks('failed')).toBe((orders.failedBy.reverted ?? 0) + (orders.failedBy.aborted ?? 0))
  expect(ofBlocks('aborted')).toBe(metrics.conflicts?.aborted ?? 0)
  expect(ofBlocks('generations')).toBe(metrics.parallel?.generations ?? 0)
  expect(ofBlocks('poolTouches')).toBe(metrics.poolTouches)
  expect(ofBlocks('gas')).toBe(gas.total + gas.transfers)
  expect(add(slippageBps.map((bin) => bin.orders))).toBe(orders.settled)
  expect(add(time.submitted)).toBe(orders.submitted + transfers.submitted)
  expect(add(time.included)).toBe(orders.included + transfers.included)
  expect(add(time.settled)).toBe(orders.settled)
  const volume = ofBlocks('volume')
  expect(add(slippageBps.map((bin) => bin.volume)) / volume).toBeCloseTo(1, 6)
  for (const point of blocks) {
    expect(point.netted).toBeLessThanOrEqual(point.nettable * (1 + 1e-8))
    expect(point.nettable).toBeLessThanOrEqual(point.volume)
  }
}

describe('what it adds up to', () => {
  for (const mode of ['netting', 'keeper', 'direct'] as const)
    for (const [markets, isScheduled] of [
      [1, false],
      [3, true],
    ] as const)
      for (const seed of ['a', 'b'])
        test(`${mode}, ${markets} markets, seed ${seed}: the totals of the run`, () => {
          const options = { mode, markets, isScheduled, seed, orders: 1_500, blocks: 700 }
          const record = longRecord(options)
          const metrics = modeMetrics(record) as Whole
          expect(metrics.series.blocks.length).toBe(210) // 630 blocks that are not empty, in groups of three
          expectTotals(metrics, record.settlements.length)
        })
  test.each<Mode>(['netting', 'direct'])(
    '%s: with one price, the netting ratio and the optimum',
    (mode) => {
      // Base at one price in dollars: the price cancels out.
      const { series, netting } = metricsOf({
        mode,
        orders: 2_000,
        blocks: 100,
        movesPrices: false,
      })
      const sum = (key: 'volume' | 'netted' | 'nettable') =>
        add(series.blocks.map((point) => point[key]))
      expect(sum('netted') / sum('volume')).toBeCloseTo(netting.ratioVolume as number, 7)
      expect(sum('nettable') / sum('volume')).toBeCloseTo(netting.optimum as number, 7)
      expect(sum('volume')).toBeCloseTo((Number(netting.sums?.volume) / 1e18) * 45 ** 2, 0)
    },
  )
})

describe('how long it is', () => {
  const lengths = ({ blocks, prices, slippageBps, latencyMs, time }: ModeSeries) => ({
    blocks: blocks.length,
    prices: prices.map(({ points }) => points.length),
    slippageBps: slippageBps.length,
    latency: [latencyMs.inclusion?.length, latencyMs.settlement?.length],
    time: time.submitted.length,
  })
  test('within its bounds for 6,000 orders over 2,000 blocks', () => {
    const { series } = metricsOf({ mode: 'direct', orders: 6_000, blocks: 2_000 })
    const { prices, ...others } = lengths(series)
    // 1,800 blocks that are not empty, in groups of 6; 2,000 s in steps of 10 s.
    expect(others).toEqual({ blocks: 300, slippageBps: 60, latency: [39, 39], time: 200 })
    expect(series.blocks.every(({ blocks }) => blocks === 6)).toBe(true)
    const { orders = 0 } = series.slippageBps.at(-1) ?? {}
    const filled = add(series.slippageBps.map((bin) => bin.orders))
    // Beyond p99.5 there is half a percent; orders that paid just as much are with them.
    expect(orders / filled).toBeGreaterThan(0.004)
    expect(orders / filled).toBeLessThan(0.02)
    expect(prices[0]).toBeGreaterThan(250)
    expect(prices[0]).toBeLessThanOrEqual(300)
  })
  test('one block more than fits doubles the groups', () => {
    // 335 blocks with every tenth empty are 302.
    const { blocks } = metricsOf({ mode: 'netting', orders: 400, blocks: 335 }).series
    expect(blocks).toHaveLength(151)
    expect(add(blocks.map((point) => point.blocks))).toBe(302)
  })
  test('many markets share the points of prices', () => {
    const { prices } = metricsOf({ mode: 'direct', orders: 3_000, blocks: 500, markets: 20 }).series
    expect(prices).toHaveLength(20)
    for (const { points } of prices) expect(points.length).toBeLessThanOrEqual(60)
    expect(Math.max(...prices.map(({ points }) => points.length))).toBeGreaterThan(30)
  })
  test('a report of two modes stays small, whatever the number of orders', () => {
    const sizeOf = (orders: number) => {
      const [netting, direct] = (['netting', 'direct'] as const).map((mode) =>
        metricsOf({ mode, orders, blocks: 2_000, markets: 2 }),
      )
      return formatJson({ ...runReport(), modes: { netting, direct } }).length
    }
    const size = sizeOf(3_000)
    expect(size).toBeLessThan(300_000)
    expect(sizeOf(9_000)).toBeLessThan(size * 1.1)
  })
})
