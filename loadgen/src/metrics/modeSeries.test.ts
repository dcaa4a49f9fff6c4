import { describe, expect, test } from 'vitest'
import { modeRecord, WAD } from '../../test/fixtures/modeRecord.js'
import type { ChainEvent, ModeRecord, TxReceipt } from '../core/types.js'
import { modeMetrics } from './modeMetrics.js'
import type { BlockPoint, ModeSeries } from './series.js'

const seriesOf = (record: ModeRecord): ModeSeries => modeMetrics(record).series as ModeSeries

/** The block that most tests look at, without what they do not. */
const zero: BlockPoint = {
  ...{ block: 0, blocks: 1, transactions: 0, orders: 0, settled: 0, rejected: 0, failed: 0 },
  ...{
    aborted: null,
    volume: 0,
    netted: 0,
    nettable: 0,
    poolTouches: 0,
    generations: null,
    gas: 0,
  },
}

describe('blocks', () => {
  test('default: a netting run by hand', () => {
    expect(seriesOf(modeRecord('netting')).blocks).toEqual([
      // 3 long and 1 short at 2,025: 1 of each nets. Gas: 30,000 queued, 100,000 settles, 50,000 deposit.
      {
        ...{ ...zero, block: 11, transactions: 3, orders: 2, settled: 2, poolTouches: 1 },
        ...{ volume: 4 * 2_025, netted: 2 * 2_025, nettable: 2 * 2_025, gas: 180_000 },
      },
      // 1 against 1 at 2,116, one rejected. Gas: two queued, one settles, a withdrawal.
      {
        ...{ ...zero, block: 12, transactions: 4, orders: 3, settled: 2, rejected: 1 },
        ...{ volume: 2 * 2_116, netted: 2 * 2_116, nettable: 2 * 2_116, gas: 210_000 },
      },
    ])
  })
  test('default: a direct run by hand: at the price at which the block started, nothing nets', () => {
    expect(seriesOf(modeRecord('direct')).blocks).toEqual([
      {
        ...{ ...zero, block: 11, transactions: 3, orders: 2, settled: 2, poolTouches: 2 },
        ...{ volume: 4 * 2_025, nettable: 2 * 2_025, gas: 250_000 },
      },
      {
        ...{ ...zero, block: 12, transactions: 4, orders: 3, settled: 2, failed: 1 },
        ...{ poolTouches: 2, volume: 2 * 2_209, nettable: 2 * 2_209, gas: 350_000 },
      },
    ])
  })
  test('behavior: an order that ends a block later counts there; its volume stays with its batch', () => {
    const record = modeRecord('netting')
    const events = record.events.map(
      (event): ChainEvent =>
        event.type === 'OrderSettled' && event.baseDelta === 3n * WAD
          ? { ...event, blockNumber: 13, logIndex: 0, transactionHash: `0x${'9'.repeat(64)}` }
          : event,
    )
    const { blocks } = seriesOf({ ...record, events })
    expect(blocks.map(({ block, settled, netted }) => [block, settled, netted])).toEqual([
      [11, 1, 2 * 2_025],
      [12, 2, 2 * 2_116],
      [13, 1, 0],
    ])
  })
  test('behavior: a batch that promises more than its orders got shows as less netted', () => {
    const record = modeRecord('netting')
    const events = record.events.map(
      (event): ChainEvent =>
        event.type === 'OrderSettled' ? { ...event, netted: event.netted / 2n } : event,
    )
    const [first] = seriesOf({ ...record, events }).blocks
    expect(first).toMatchObject({ netted: 2_025, nettable: 2 * 2_025 })
  })
  test('behavior: a failed order has not settled, whatever events say', () => {
    const record = modeRecord('netting')
    const [first, ...rest] = record.receipts as [TxReceipt, ...TxReceipt[]]
    const [point] = seriesOf({ ...record, receipts: [{ ...first, ok: false }, ...rest] }).blocks
    expect(point).toMatchObject({ orders: 2, settled: 1, failed: 1 })
  })
  test('behavior: keepers settle in transactions of the run', () => {
    const settle = { hash: `0x${'8'.repeat(64)}` as const, blockNumber: 13, index: 0, ok: true }
    const record = { ...modeRecord('netting'), mode: 'keeper' as const }
    const { blocks } = seriesOf({ ...record, settlements: [{ ...settle, gasUsed: 1_000n }] })
    expect(blocks[2]).toEqual({ ...zero, block: 13, transactions: 1, gas: 1_000 })
  })
  test('behavior: generations and aborted transactions, where the node tells them; blocks of others are left out', () => {
    const schedule = { conflicts: [], jobs: [], sampled: [], analysisMs: 1 }
    const generations = Array.from({ length: 3 }, () => ({ isDeferred: false, sequences: [[0]] }))
    const schedules = [
      { ...schedule, block: 11, generations, aborted: [1, 2] },
      { ...schedule, block: 12, generations: generations.slice(2), aborted: [] },
      { ...schedule, block: 20, generations: [], aborted: [] },
    ]
    const { blocks } = seriesOf({ ...modeRecord('netting'), schedules })
    expect(blocks.map(({ block, generations: n, aborted }) => [block, n, aborted])).toEqual([
      [11, 3, 2],
      [12, 1, 0],
    ])
  })
})

describe('prices', () => {
  test('default: before the run, at each block with a swap, after it', () => {
    const still = (block: number, price: number) => ({ block, price, low: price, high: price })
    expect(seriesOf(modeRecord('netting')).prices).toEqual([
      { market: 0, points: [still(10, 2_025), still(11, 2_116), still(12, 2_116)] },
    ])
  })
  test('default: the last of a block, between the lowest and the highest that a swap left', () => {
    expect(seriesOf(modeRecord('direct')).prices[0]?.points.slice(1)).toEqual([
      { block: 11, price: 47 ** 2, low: 47 ** 2, high: 48 ** 2 },
      { block: 12, price: 47 ** 2, low: 46 ** 2, high: 47 ** 2 },
    ])
  })
})

describe('slippageBps', () => {
  test('default: equal bins from p0 to p99.5 and an open one', () => {
    const bins = seriesOf(modeRecord('netting')).slippageBps
    // Three orders pay none; A pays 30 of 2,025 on 3 base.
    const paid = (30 / 2_025) * 1e4
    expect(bins).toHaveLength(60)
    expect(bins[0]).toMatchObject({ from: 0, orders: 3, volume: 2_025 + 2 * 2_116 })
    expect(bins[1]?.from).toBeCloseTo(paid / 59, 9)
    expect(bins[58]?.to).toBe(bins[59]?.from)
    expect(bins[59]).toMatchObject({ to: null, orders: 1, volume: 3 * 2_025 })
    expect(bins[59]?.from).toBeCloseTo(paid, 9)
    expect(bins.reduce((sum, { orders }) => sum + orders, 0)).toBe(4)
  })
  test('behavior: one bin when all paid the same', () => {
    const record = modeRecord('netting')
    const events = record.events.filter(
      (event) => event.type !== 'OrderSettled' || event.pooled === 0n,
    )
    expect(seriesOf({ ...record, events }).slippageBps).toEqual([
      { from: 0, to: null, orders: 3, volume: 2_025 + 2 * 2_116 },
    ])
  })
})

describe('latencyMs', () => {
  test('default: by percentile, up to the one that so few orders can tell', () => {
    // Inclusion 940, 950, 970, 990, 1,000: of five, the largest is p80 and beyond. Settlement without the first: p75 and beyond.
    const { inclusion, settlement } = seriesOf(modeRecord('netting')).latencyMs
    const at = (percentile: number) =>
      inclusion?.find((point) => point.percentile === percentile)?.ms as number
    for (const [percentile, ms] of [
      [0, 940],
      [20, 940],
      [30, 950],
      [50, 970],
      [80, 990],
      [85, 1_000],
    ] as const)
      expect(Math.abs(at(percentile) - ms)).toBeLessThanOrEqual(ms / 1_000)
    expect(at(85)).toBe(1_000)
    expect(inclusion?.at(-1)?.percentile).toBe(85)
    expect(settlement?.at(-1)).toEqual({ percentile: 80, ms: 1_000 })
  })
})

describe('time', () => {
  test('default: steps of 20 ms over 3,000 ms', () => {
    const { time } = seriesOf(modeRecord('netting'))
    const found = (values: readonly (number | null)[]) =>
      Object.fromEntries(
        Object.entries(values).filter(([, value]) => value !== 0 && value !== null),
      )
    expect(time.stepMs).toBe(20)
    for (const list of Object.values(time)) if (Array.isArray(list)) expect(list).toHaveLength(151)
    // Sent at 5, 15, 25, 2,035, 2,045, 2,055 and 2,065 ms; blocks seen at 1,000 and 3,000 ms.
    expect(found(time.submitted)).toEqual({ 0: 2, 1: 1, 101: 1, 102: 2, 103: 1 })
    expect(found(time.included)).toEqual({ 50: 3, 150: 4 })
    expect(found(time.settled)).toEqual({ 50: 2, 150: 2 })
    // Settled after 1,000 and 990 ms in the first block, after 970 and 950 in the second.
    expect(found(time.p50Ms)).toEqual({ 50: 990, 150: 950 })
    expect(found(time.p99Ms)).toEqual({ 50: 1_000, 150: 970 })
  })
  test('behavior: it begins with the first intended time, whenever that was', () => {
    const record = modeRecord('netting')
    const late = 1_234_567
    const submitted = record.submitted.map(({ plannedMs, sentMs, ...sample }) => ({
      ...{ ...sample, plannedMs: plannedMs + late, sentMs: sentMs + late },
    }))
    const blocks = record.blocks.map((block) => ({ ...block, seenMs: block.seenMs + late }))
    expect(seriesOf({ ...record, submitted, blocks }).time).toEqual(seriesOf(record).time)
  })
  test('behavior: what the node refused was not submitted', () => {
    const record = modeRecord('netting')
    const [first, ...rest] = record.submitted
    const submitted = [{ ...(first as (typeof rest)[number]), error: 'no' }, ...rest]
    const receipts = record.receipts.slice(1)
    const { time } = seriesOf({ ...record, submitted, receipts })
    expect(time.submitted[0]).toBe(1)
  })
  test('behavior: a clock that went back, and a block that nobody saw', () => {
    const record = modeRecord('netting')
    const [first] = record.blocks
    const blocks = [{ ...(first as ModeRecord['blocks'][number]), seenMs: -5 }]
    const { time } = seriesOf({ ...record, blocks })
    expect([time.included[0], time.settled[0], time.p99Ms[0]]).toEqual([3, 2, 0])
    expect(time.included.reduce((sum, count) => sum + count, 0)).toBe(3)
  })
})

test('args: a record in which nothing happened', () => {
  const empty = { signed: [], submitted: [], receipts: [], blocks: [], events: [] }
  const record = modeRecord('netting')
  const still = (block: number, root: number) => ({
    ...{ block, price: root ** 2, low: root ** 2, high: root ** 2 },
  })
  expect(seriesOf({ ...record, ...empty })).toEqual({
    blocks: [],
    prices: [{ market: 0, points: [still(10, 45), still(12, 46)] }],
    slippageBps: [],
    latencyMs: { inclusion: null, settlement: null },
    time: { stepMs: 1, submitted: [], included: [], settled: [], p50Ms: [], p99Ms: [] },
  })
})
