import { describe, expect, test } from 'vitest'
import { modeRecord, order, tx, WAD } from '../../test/fixtures/modeRecord.js'
import type { MarketObservation } from '../core/priceCourse.js'
import type { ChainEvent, Hex, ModeRecord } from '../core/types.js'
import { shortfallMetrics, shortfallsOf } from './shortfalls.js'
import { MARKET_CHECKS } from './verifyMarket.js'

const KEEPER: Hex = '0x00000000000000000000000000000000000000dd'
const FEEDS = 'the price feeds went as planned, and were believed'
const TWO_BLOCKS = 'every account below its maintenance margin is liquidated within 2 blocks'

/** Observations after blocks 20, 21, …: the accounts below; the price falls to 64 % within the second and third. */
function observe(...below: (readonly number[])[]): MarketObservation[] {
  const prices = [100n, 80n, 64n].map((price) => price * WAD)
  return below.map((accounts, i) => {
    const price = prices[Math.min(i, 2)] as bigint
    return { block: 20 + i, batch: i, prices: [{ index: price, mark: price }], below: accounts }
  })
}

/** Trader 0 or another is liquidated in these blocks. */
function liquidated(
  record: ModeRecord,
  ...fills: { trader: number; block: number; base?: bigint }[]
) {
  return fills.flatMap(({ trader, block, base = -WAD }, i): ChainEvent[] => {
    const at = { blockNumber: block, logIndex: 2 * i, transactionHash: tx(90 + i) }
    const its = { orderId: order(90 + i), trader: record.traders[trader] as Hex, market: 0 }
    return [
      {
        ...{ ...at, ...its, type: 'OrderSettled', baseDelta: base, quoteDelta: WAD },
        ...{ netted: WAD, pooled: 0n, cancelled: 0n, realizedPnl: 0n },
      },
      { ...at, ...its, type: 'Liquidated', keeper: KEEPER, fee: 2n, reward: 1n },
    ]
  })
}

function runOf(
  observed: readonly MarketObservation[],
  ...fills: Parameters<typeof liquidated>[1][]
): ModeRecord & { market: NonNullable<ModeRecord['market']> } {
  const record = modeRecord('netting')
  const path = [{ fromBatch: 1, batches: 2, to: 0.64 }]
  return {
    ...record,
    plan: { ...record.plan, priceCourse: { blockSeconds: 2, path, arbitrage: true } },
    events: liquidated(record, ...fills),
    market: { observed, transactions: [] },
  }
}

function judge(name: string, record: ModeRecord) {
  const check = MARKET_CHECKS.find((found) => found.name === name)
  if (check === undefined) throw new Error(`There is no check "${name}".`)
  return check.run({ record, traces: [] })
}

describe('shortfallsOf', () => {
  test('default: one ends with a liquidation, with the price, or not at all', () => {
    const observed = observe([0, 1], [1], [1, 2], [2])
    const found = shortfallsOf(runOf(observed, { trader: 0, block: 21 }))
    expect(found).toEqual([
      { trader: 0, sinceBlock: 20, untilBlock: 21, end: 'liquidated' },
      { trader: 1, sinceBlock: 20, untilBlock: 23, end: 'recovered' },
      { trader: 2, sinceBlock: 22, untilBlock: 23, end: 'open' },
    ])
  })

  test('behavior: who is below again after a liquidation has another one', () => {
    const record = runOf(observe([0], [0], []), { trader: 0, block: 21 }, { trader: 0, block: 22 })
    expect(shortfallsOf(record)).toEqual([
      { trader: 0, sinceBlock: 20, untilBlock: 21, end: 'liquidated' },
      { trader: 0, sinceBlock: 21, untilBlock: 22, end: 'liquidated' },
    ])
  })

  test('behavior: a liquidation that closed nothing ends none', () => {
    const record = runOf(observe([0], [0]), { trader: 0, block: 21, base: 0n })
    expect(shortfallsOf(record)).toEqual([
      { trader: 0, sinceBlock: 20, untilBlock: 21, end: 'open' },
    ])
  })
})

describe('shortfallMetrics', () => {
  test('default: how many, how long, and how many too long', () => {
    const record = runOf(
      observe([0, 1], [0, 1], [1], [0, 1], [1]),
      ...[
        { trader: 0, block: 21 },
        { trader: 0, block: 22 },
      ],
    )
    // 0 from 20 to 21 and from 21 to 22, and from 23 until it is above again after 24; 1 from 20 on.
    expect(shortfallMetrics(record)).toEqual({ accounts: 2, times: 4, late: 1, longestBlocks: 4 })
    expect(shortfallMetrics(runOf(observe([])))).toEqual({
      ...{ accounts: 0, times: 0, late: 0, longestBlocks: 0 },
    })
    expect(shortfallMetrics(modeRecord('netting'))).toBeUndefined()
  })
})

describe('within two blocks', () => {
  test('default: in time', () => {
    const record = runOf(observe([0], [0], [], [1]), { trader: 0, block: 22 })
    expect(judge(TWO_BLOCKS, record)).toEqual({
      looked: '2 accounts below 2 times, 1 liquidations, 2 blocks at most',
      fault: undefined,
    })
  })

  test.each([
    ['too late', [[0], [0], [0], []], 'liquidated until block 23'],
    ['never', [[0], [0], [0], [0]], 'not until block 23'],
    ['only the price helped', [[0], [0], [0], []], 'recovered until block 23'],
  ])('error: %s', (what, below, says) => {
    const fills = what === 'too late' ? [{ trader: 0, block: 23 }] : []
    const record = runOf(observe(...below), ...fills)
    const trader = record.traders[0]
    const { fault } = judge(TWO_BLOCKS, record)
    expect(fault).toBe(`${trader} was below from block 20 on and ${says}`)
  })
})

describe('the feeds', () => {
  test('default: as planned', () => {
    expect(judge(FEEDS, runOf(observe([], [], [], [])))).toEqual({
      looked: '4 blocks, 1 markets, to 0.64 of the initial price',
      fault: undefined,
    })
  })

  test.each([
    ['another price', 81n * WAD, 'is 81000000000000000000 (WAD), not 80000000000000000000'],
    ['one that is not believed', 0n, 'is 0 (WAD), not 80000000000000000000'],
  ])('error: %s', (_, index, says) => {
    const observed = observe([], [], [])
    const [first, second, third] = observed as [MarketObservation, ...MarketObservation[]]
    const wrong = { ...(second as MarketObservation), prices: [{ index, mark: index }] }
    const record = runOf([first, wrong, third as MarketObservation])
    expect(judge(FEEDS, record).fault).toBe(`the index price of market 0 after block 21 ${says}`)
  })
})

test('behavior: a record whose prices have no course has nothing to judge', () => {
  for (const { run } of MARKET_CHECKS)
    expect(run({ record: modeRecord('netting'), traces: [] })).toEqual({
      looked: 'prices without a course',
      fault: undefined,
    })
})
