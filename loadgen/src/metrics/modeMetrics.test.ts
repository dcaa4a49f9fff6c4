import { describe, expect, test } from 'vitest'
import { modeRecord, tx, WAD } from '../../test/fixtures/modeRecord.js'
import type { ChainEvent, ModeRecord } from '../core/types.js'
import { compareModes } from './compare.js'
import { modeMetrics } from './modeMetrics.js'

const close = (value: number) => expect.closeTo(value, 6)

describe('default: a netting run by hand', () => {
  const metrics = modeMetrics(modeRecord('netting'))
  test('orders and transfers', () => {
    expect(metrics.orders).toEqual({
      signed: 5,
      submitted: 5,
      included: 5,
      settled: 4,
      rejected: 1,
      failed: 0,
      dropped: 0,
      unsent: 0,
      lost: 0,
      unended: 0,
      rejectedBy: { LimitPrice: 1 },
      failedBy: {},
    })
    expect(metrics.transfers).toEqual({
      ...{ signed: 2, submitted: 2, included: 2, failed: 0, dropped: 0, unsent: 0, lost: 0 },
    })
  })
  test('netting: 4 of 6 base nets, which is all that can', () => {
    expect(metrics.netting).toEqual({
      ratioVolume: close(4 / 6),
      ratioOrders: 0.75,
      optimum: close(4 / 6),
      efficiency: 1,
      sums: {
        ...{ netted: String(4n * WAD), volume: String(6n * WAD), nettable: String(4n * WAD) },
        ...{ settled: 4, unpooled: 3 },
      },
    })
    expect(metrics.poolTouches).toBe(1)
  })
  test('gas: the deferred transactions are the settlement', () => {
    expect(metrics.gas).toEqual({
      total: 290_000,
      perOrder: 72_500,
      queueing: 90_000,
      settlement: 200_000,
      transfers: 100_000,
      perOrderArcologyModel: null,
      arcologyModel: null,
    })
  })
  test('slippage: only A pays some, 30 of 2,025 on 3 of 6 base', () => {
    expect(metrics.slippageBps).toEqual({
      mean: close((30 / 2_025) * 1e4 * 0.5),
      p50: 0,
      p99: close((30 / 2_025) * 1e4),
    })
  })
  test('price impact: 2,116 after 2,025', () => {
    expect(metrics.priceImpactBps).toBeCloseTo((91 / 2_025) * 1e4, 6)
    expect(metrics.priceImpactBpsByMarket).toEqual([close((91 / 2_025) * 1e4)])
  })
  test('throughput: over its own interval', () => {
    expect(metrics.throughput).toEqual({
      // 5 from 5 ms (first sent) to 2,069 ms (last accepted); 3 and 2 in the 2,000 ms after block 11.
      submittedPerSecond: close(5 / 2.064),
      includedPerSecond: 1.5,
      settledPerSecond: 1,
    })
  })
  test('latency: from the planned time to the sight of the block', () => {
    // Inclusion: 1000, 990, 970, 950, 940; settlement the first four of them.
    expect(metrics.latencyMs.inclusion.max).toBe(1_000)
    expect(metrics.latencyMs.settlement.max).toBe(1_000)
    expect(metrics.latencyMs.inclusion.p50).toBeCloseTo(970, -1)
    expect(metrics.latencyMs.settlement.p50).toBeCloseTo(970, -1)
    expect(metrics.latencyMs.settlement.p90).toBe(1_000)
  })
})

describe('default: a direct run by hand', () => {
  const metrics = modeMetrics(modeRecord('direct'))
  test('orders: the reverted one failed', () => {
    expect(metrics.orders).toMatchObject({
      signed: 5,
      included: 5,
      settled: 4,
      rejected: 0,
      failed: 1,
      failedBy: { reverted: 1 },
    })
  })
  test('netting: nothing nets, and what could is told by blocks', () => {
    // Block 11: 3 against 1; block 12: 1 against 1.
    expect(metrics.netting).toEqual({
      ratioVolume: 0,
      ratioOrders: 0,
      optimum: close(4 / 6),
      efficiency: 0,
      sums: {
        ...{ netted: '0', volume: String(6n * WAD), nettable: String(4n * WAD) },
        ...{ settled: 4, unpooled: 0 },
      },
    })
    expect(metrics.poolTouches).toBe(4)
  })
  test('gas: every order settles itself, the failed one is paid for', () => {
    expect(metrics.gas).toMatchObject({ total: 500_000, perOrder: 125_000, queueing: 100_000 })
  })
  test('slippage: against the price at the start of the block', () => {
    const fills = [
      { base: 3, bps: (75 / 2_025) * 1e4 },
      { base: 1, bps: (175 / 2_025) * 1e4 },
      { base: 1, bps: (59 / 2_209) * 1e4 },
      { base: 1, bps: (59 / 2_209) * 1e4 },
    ]
    const mean = fills.reduce((sum, { base, bps }) => sum + base * bps, 0) / 6
    expect(metrics.slippageBps).toEqual({
      mean: close(mean),
      p50: close((59 / 2_209) * 1e4),
      p99: close((175 / 2_025) * 1e4),
    })
  })
})

describe('behavior: every signed transaction is in one class', () => {
  const sample = (intent: number) => ({ intent, hash: tx(intent), plannedMs: 0, sentMs: 1 })
  function without(...gone: number[]): ModeRecord {
    const record = modeRecord('netting')
    const kept = <T extends { hash: string }>(items: readonly T[]) =>
      items.filter(({ hash }) => !gone.map(tx).some((other) => other === hash))
    return { ...record, submitted: kept(record.submitted), receipts: kept(record.receipts) }
  }
  test('refused by the node: failed, by its sentence', () => {
    const record = without(3)
    const error = `nonce 17 of 0x${'ab'.repeat(20)} is too low`
    const submitted = [...record.submitted, { ...sample(3), acceptedMs: 2, error }]
    expect(modeMetrics({ ...record, submitted }).orders).toMatchObject({
      submitted: 4,
      included: 4,
      failed: 1,
      lost: 0,
      failedBy: { 'nonce n of 0x… is too low': 1 },
    })
  })
  test('refused and yet in a block: included', () => {
    const record = modeRecord('netting')
    const submitted = record.submitted.map((s) => ({ ...s, error: 'already known' }))
    expect(modeMetrics({ ...record, submitted }).orders).toMatchObject({ submitted: 5, failed: 0 })
  })
  test('accepted, in no block: lost', () => {
    const record = without(3)
    const submitted = [...record.submitted, { ...sample(3), acceptedMs: 2 }]
    const { orders } = modeMetrics({ ...record, submitted })
    expect(orders).toMatchObject({ submitted: 5, included: 4, failed: 0, lost: 1 })
  })
  test('never sent: lost', () => {
    expect(modeMetrics(without(3)).orders).toMatchObject({ submitted: 4, lost: 1 })
  })
  test('a transfer: apart from orders', () => {
    const { orders, transfers } = modeMetrics(without(2))
    expect(orders.lost).toBe(0)
    expect(transfers).toEqual({
      ...{ signed: 2, submitted: 1, included: 1, failed: 0, dropped: 0, unsent: 0, lost: 1 },
    })
  })
  test('not sent in time: dropped; left when a ramp ended: unsent; neither failed nor lost', () => {
    const record = without(3, 5)
    const submitted = [
      ...record.submitted,
      { ...sample(3), unsent: 'dropped' as const },
      { ...sample(5), unsent: 'ended' as const },
    ]
    expect(modeMetrics({ ...record, submitted }).orders).toMatchObject({
      ...{ signed: 5, submitted: 3, included: 3, dropped: 1, unsent: 1, failed: 0, lost: 0 },
    })
  })
  test('in a block without an end: unended', () => {
    const record = modeRecord('netting')
    const events = record.events.filter((e) => e.type !== 'OrderRejected')
    expect(modeMetrics({ ...record, events }).orders).toMatchObject({ unended: 1, rejected: 0 })
  })
})

describe('behavior: netting is measured on the orders, not on what the batch says', () => {
  test('an order that nets less than its batch lowers the efficiency', () => {
    const record = modeRecord('netting')
    const events = record.events.map(
      (event): ChainEvent =>
        event.type === 'OrderSettled' && event.netted === WAD
          ? { ...event, netted: WAD / 2n }
          : event,
    )
    expect(modeMetrics({ ...record, events }).netting.efficiency).toBeCloseTo(0.5, 9)
  })
})

test('behavior: a batch settled in chunks takes its mid price from its own announcement', () => {
  const record = modeRecord('netting')
  // A's fill of batch 1 moves into a transaction of its own, a block later and after batch 2's.
  const events = record.events.map((event): ChainEvent => {
    const isMoved = event.type === 'OrderSettled' && event.baseDelta === 3n * WAD
    return isMoved
      ? { ...event, blockNumber: 13, logIndex: 0, transactionHash: `0x${'9'.repeat(64)}` }
      : event
  })
  expect(modeMetrics({ ...record, events }).slippageBps.p99).toBeCloseTo((30 / 2_025) * 1e4, 6)
})

test('behavior: keepers pay for settlement', () => {
  const record = modeRecord('netting')
  const settle = { hash: `0x${'8'.repeat(64)}` as const, blockNumber: 12, index: 9, ok: true }
  const settlements = [{ ...settle, gasUsed: 1_000n }]
  const { gas } = modeMetrics({ ...record, mode: 'keeper', settlements })
  expect(gas).toMatchObject({ total: 291_000, settlement: 201_000 })
})

test('args: a record in which nothing happened has no undefined figures', () => {
  const empty = { signed: [], submitted: [], receipts: [], blocks: [], events: [] }
  const metrics = modeMetrics({ ...modeRecord('netting'), ...empty })
  expect(metrics).toMatchObject({
    netting: { ratioVolume: null, ratioOrders: null, optimum: null, efficiency: null },
    poolTouches: 0,
    throughput: { submittedPerSecond: null, includedPerSecond: null, settledPerSecond: null },
    latencyMs: { inclusion: { p50: null, max: null }, settlement: { p999: null } },
    gas: { total: 0, perOrder: null },
    slippageBps: { mean: null, p50: null, p99: null },
  })
})

describe('compareModes', () => {
  const netting = modeMetrics(modeRecord('netting'))
  const direct = modeMetrics(modeRecord('direct'))
  test('default: netting against direct', () => {
    expect(compareModes({ netting, direct })).toEqual({
      poolTouchReduction: 0.75,
      gasPerOrderRatio: 72_500 / 125_000,
      slippageRatio: (netting.slippageBps.mean as number) / (direct.slippageBps.mean as number),
      throughputRatio: 1,
    })
  })
  test('args: a keeper under its own key', () => {
    const comparison = compareModes({ netting, direct, keeper: { ...netting, poolTouches: 2 } })
    expect(comparison.poolTouchReduction).toBe(0.75)
    expect(comparison.keeper?.poolTouchReduction).toBe(0.5)
  })
  test('args: no direct run', () => {
    expect(compareModes({ netting })).toEqual({
      poolTouchReduction: null,
      gasPerOrderRatio: null,
      slippageRatio: null,
      throughputRatio: null,
    })
  })
})
