import { describe, expect, test } from 'vitest'
import { modeRecord, order, tx, WAD } from '../../test/fixtures/modeRecord.js'
import type { ChainEvent, EventOf, ModeRecord, SpotDeployment } from '../core/types.js'
import { verifyRecord } from './verify.js'
import { SPOT_CHECKS } from './verifySpot.js'

type Deep<T> = { -readonly [K in keyof T]: Deep<T[K]> }
type Draft = Deep<ModeRecord>
type Fill = Pick<
  EventOf<'OrderSettled'>,
  'baseDelta' | 'quoteDelta' | 'netted' | 'pooled' | 'cancelled'
>

const HOLDS = 'the netting contract holds what traders can claim, and dust'
const FILLS = 'every fill follows from the prices of its batch'
const CENT = WAD / 100n

let logIndex = 0
const at = (batch: number) => ({
  ...{ blockNumber: 10 + batch, logIndex: logIndex++, transactionHash: tx(batch) },
})
const queued = (batch: number, id: number, isLong: boolean, size: bigint): ChainEvent => ({
  ...{ ...at(batch), type: 'OrderQueued', orderId: order(id), trader: '0x1', market: 0 },
  ...{ isOpen: true, isLong, size, limitPrice: 0n, deadline: 0n, pid: tx(batch) },
})
const settled = (batch: number, id: number, fill: Fill): ChainEvent => ({
  ...{ ...at(batch), type: 'OrderSettled', orderId: order(id), trader: '0x1', market: 0 },
  ...{ realizedPnl: 0n, ...fill },
})
const rejected = (batch: number, id: number, reason: 'LimitPrice' | 'NoLiquidity'): ChainEvent => ({
  ...{ ...at(batch), type: 'OrderRejected', orderId: order(id), trader: '0x1', market: 0 },
  reason,
})
const cleared = (
  batch: number,
  sums: Pick<
    EventOf<'BatchCleared'>,
    'longs' | 'shorts' | 'netted' | 'pooled' | 'poolQuote' | 'orders'
  >,
): ChainEvent => ({
  ...{ ...at(batch), type: 'BatchCleared', market: 0, midPrice: 2_000n * WAD },
  ...{ sqrtPriceX96: 1n, ...sums },
})

/**
 * Batch 1: buyers of 3 and 1, a seller of 2 and a buyer whose limit the price has passed: 2 nets, the pool sells 2 for 4,001.
 * Batch 2: a buyer of 2 gets 1 of the pool for 2,003, where its price bound stops it. Batch 3: a seller finds no pool.
 */
function spotRecord(): Draft {
  logIndex = 0
  const events = [
    ...[queued(1, 1, true, 3n * WAD), queued(1, 2, true, WAD), queued(1, 3, false, 2n * WAD)],
    queued(1, 4, true, 7n * WAD),
    cleared(1, {
      ...{ longs: 4n * WAD, shorts: 2n * WAD, netted: 2n * WAD, pooled: 2n * WAD },
      ...{ poolQuote: 4_001n * WAD, orders: 4n },
    }),
    rejected(1, 4, 'LimitPrice'),
    settled(1, 3, {
      ...{ baseDelta: -2n * WAD, quoteDelta: 4_000n * WAD, netted: 2n * WAD, pooled: 0n },
      cancelled: 0n,
    }),
    settled(1, 1, {
      ...{ baseDelta: 3n * WAD, quoteDelta: -600_075n * CENT, netted: 150n * CENT },
      ...{ pooled: 150n * CENT, cancelled: 0n },
    }),
    settled(1, 2, {
      ...{ baseDelta: WAD, quoteDelta: -200_025n * CENT, netted: 50n * CENT },
      ...{ pooled: 50n * CENT, cancelled: 0n },
    }),
    queued(2, 5, true, 2n * WAD),
    cleared(2, {
      ...{ longs: 2n * WAD, shorts: 0n, netted: 0n, pooled: WAD, poolQuote: 2_003n * WAD },
      orders: 1n,
    }),
    settled(2, 5, {
      ...{ baseDelta: WAD, quoteDelta: -2_003n * WAD, netted: 0n, pooled: WAD, cancelled: WAD },
    }),
    queued(3, 6, false, WAD),
    cleared(3, {
      ...{ longs: 0n, shorts: WAD, netted: 0n, pooled: 0n, poolQuote: 0n, orders: 1n },
    }),
    rejected(3, 6, 'NoLiquidity'),
  ]
  const record = structuredClone(modeRecord('netting')) as Draft
  record.plan.product = 'spot'
  record.deployment = { ...record.deployment, product: 'spot' } as Deep<SpotDeployment>
  record.events = events
  const [market] = record.after.markets
  record.after.positions = [4n, 6n].map((base) => [
    { base: 100n, quote: 100n, realizedPnl: 0n, claimable: { base, quote: base - 1n } },
  ])
  // 4 + 6 + 2 of base; 3 + 5 + 1 of quote.
  const held = { base: 12n, quote: 9n }
  Object.assign(market as object, { held, dustBase: 2n, dustQuote: 1n })
  return record
}

/** What a check says of a record: its fault, or that it holds. */
function judge(name: string, change: (record: Draft) => void = () => {}): string {
  const record = spotRecord()
  change(record)
  const check = SPOT_CHECKS.find((found) => found.name === name)
  return check?.run({ record, traces: [] }).fault ?? 'holds'
}

/** Changes the fill of an order. */
const inFill = (id: number, change: Partial<Fill>) => (record: Draft) => {
  const found = record.events.find(
    (event) => event.type === 'OrderSettled' && event.orderId === order(id),
  )
  Object.assign(found as object, change)
}
const inBatch = (batch: number, change: Partial<EventOf<'BatchCleared'>>) => (record: Draft) => {
  const found = record.events.find(
    (event) => event.type === 'BatchCleared' && event.transactionHash === tx(batch),
  )
  Object.assign(found as object, change)
}

describe('every fill follows from its batch', () => {
  test('default: whole, in part, beyond its limit, and without a pool', () => {
    expect(judge(FILLS)).toBe('holds')
  })
  test.each([
    ['quote of a netted seller', inFill(3, { quoteDelta: 4_000n * WAD - 1n })],
    ['quote of a buyer', inFill(1, { quoteDelta: -600_075n * CENT - 1n })],
    ['what netted', inFill(2, { netted: 50n * CENT + 1n, pooled: 50n * CENT - 1n })],
    [
      'what the pool gave of an order in part',
      inFill(5, { baseDelta: WAD + 1n, pooled: WAD + 1n, cancelled: WAD - 1n }),
    ],
    ['what the pool took', inBatch(1, { poolQuote: 4_001n * WAD + 4n })],
    ['the mid price', inBatch(1, { midPrice: 2_001n * WAD })],
  ])('error: %s', (_, change) => {
    expect(judge(FILLS, change)).toMatch(/^order 0xf0*\d: netted \d+, pooled \d+, quote \d+; its/)
  })
  test('error: a batch that announces other sums than its orders have', () => {
    expect(judge(FILLS, inBatch(3, { shorts: WAD + 1n }))).toBe(
      `the batch of market 0 in block 13 announced ${WAD + 1n} of sellers, its orders are ${WAD}`,
    )
    expect(judge(FILLS, inBatch(1, { longs: 11n * WAD }))).toContain('of buyers, its orders are')
  })
  test('error: an order without a batch', () => {
    const drop = (record: Draft) => {
      record.events = record.events.filter(({ type }) => type !== 'BatchCleared')
    }
    expect(judge(FILLS, drop)).toBe(`order ${order(4)} belongs to no batch`)
  })
})

describe('the netting contract holds what it owes', () => {
  test('default', () => {
    expect(judge(HOLDS)).toBe('holds')
  })
  test.each(['base', 'quote'] as const)('error: too little or too much %s', (token) => {
    for (const change of [-1n, 1n]) {
      const shift = (record: Draft) => {
        const held = record.after.markets[0]?.held
        if (held !== undefined) held[token] += change
      }
      expect(judge(HOLDS, shift)).toMatch(
        new RegExp(`^market 0: it holds \\d+ ${token} for \\d+ and \\d of dust$`),
      )
    }
  })
  test('error: not read', () => {
    const drop = (record: Draft) => {
      delete record.after.markets[0]?.held
    }
    expect(judge(HOLDS, drop)).toBe('what it holds of market 0 was not read')
  })
})

test('default: a plan of swaps is judged by the checks of swaps, and no other is', () => {
  const names = (record: ModeRecord) => verifyRecord(record).checks.map(({ name }) => name)
  const ofPerp = names(modeRecord('netting'))
  const ofSpot = names(spotRecord())
  for (const name of [HOLDS, FILLS]) {
    expect(ofPerp).not.toContain(name)
    expect(ofSpot).toContain(name)
  }
  const margin = [
    'the vault holds all balances and the fund',
    'every deposit and withdrawal is as planned',
  ]
  for (const name of margin) {
    expect(ofPerp).toContain(name)
    expect(ofSpot).not.toContain(name)
  }
  expect(names({ ...spotRecord(), mode: 'direct' })).not.toContain(FILLS)
})
