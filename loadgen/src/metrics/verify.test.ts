import { describe, expect, test } from 'vitest'
import { A, C, modeRecord, order, tx, WAD } from '../../test/fixtures/modeRecord.js'
import type { ChainEvent, ModeRecord } from '../core/types.js'
import { verifyRecord } from './verify.js'
import { MARKET_CHECKS } from './verifyMarket.js'
import { RISK_CHECKS } from './verifyRisk.js'

type Deep<T> = { -readonly [K in keyof T]: Deep<T[K]> }
type Draft = Deep<ModeRecord>
type EventDraft<T> = Deep<ChainEvent & { type: T }>

/** The nth event of a type, to be changed. */
function event<T extends ChainEvent['type']>(record: Draft, type: T, nth = 0): EventDraft<T> {
  return record.events.filter((found) => found.type === type)[nth] as EventDraft<T>
}

function copy<T>(items: T[], index: number): void {
  items.push(structuredClone(items[index] as T))
}

const NETTING = [
  'every signed transaction is accounted for once',
  'no transaction is lost',
  'times are in order',
  'every deposit and withdrawal is as planned',
  'every order is queued once, as planned',
  'every queued order ends once',
  'every fill respects trader, market, side, size and limit',
  'every event lies between the two snapshots',
  'base is conserved',
  'quote is conserved',
  'every position is what its events add up to',
  'every balance is what its events add up to',
  'the vault holds all balances and the fund',
  'the queue is empty at the end',
  'every liquidation is a close of no more than was asked for, with one fee',
  'open interest is what positions add up to',
  'fees, funding and bad debt are what their events add up to',
  'every batch nets min(longs, shorts) and pools no more than the rest',
  'orders got what their batches cleared',
  'the pools were touched only for what did not net',
  'at most one swap a market and settlement',
  'the price feeds went as planned, and were believed',
  'every account below its maintenance margin is liquidated within 2 blocks',
]
const DIRECT_ONLY = 'every order ends once, in its own transaction'

describe('default: a healthy record', () => {
  test('netting', () => {
    const { ok, checks } = verifyRecord(modeRecord('netting'))
    expect(checks.filter((check) => !check.ok)).toEqual([])
    expect(ok).toBe(true)
    expect(checks.map(({ name }) => name)).toEqual(NETTING)
    expect(checks[0]?.detail).toBe('7 signed: 7 included, 0 failed, 0 dropped, 0 unsent, 0 lost')
  })
  test('some signed anew', () => {
    const record = modeRecord('netting') as Draft
    record.healed = [{ intent: 3, replaced: '0x99', hash: tx(3) }]
    const { ok, checks } = verifyRecord(record)
    expect(ok).toBe(true)
    expect(checks[0]?.detail).toMatch(/ 0 lost, 1 signed anew$/)
  })
  test('keeper', () => {
    const record = { ...modeRecord('netting'), mode: 'keeper' } as const
    expect(verifyRecord(record)).toMatchObject({ ok: true })
    expect(verifyRecord(record).checks.map(({ name }) => name)).toEqual(NETTING.slice(0, -1))
  })
  test('direct', () => {
    const { ok, checks } = verifyRecord(modeRecord('direct'))
    expect(checks.filter((check) => !check.ok)).toEqual([])
    expect(ok).toBe(true)
    expect(checks.map(({ name }) => name)).toContain(DIRECT_ONLY)
  })
  test('realised profit that has moved into the vault', () => {
    const record = modeRecord('netting') as Draft
    record.after.balances[0] = 10_061n * WAD
    record.after.fund = -61n * WAD
    expect(verifyRecord(record)).toMatchObject({ ok: true })
  })
})

/** What is changed, the check that must fail and what it must say. */
const faults: [
  what: string,
  check: string,
  detail: string,
  corrupt: (record: Draft) => void,
  mode?: 'direct',
][] = [
  [
    'a transaction signed twice',
    'every signed transaction is accounted for once',
    `signed hash ${tx(0)} occurs twice`,
    (r) => copy(r.signed, 0),
  ],
  [
    'an intent signed twice',
    'every signed transaction is accounted for once',
    'signed intent 0 occurs twice',
    (r) => r.signed.push({ intent: 0, hash: '0x1' }),
  ],
  [
    'two receipts of one transaction',
    'every signed transaction is accounted for once',
    `receipt ${tx(3)} occurs twice`,
    (r) => copy(r.receipts, 3),
  ],
  [
    'sent twice',
    'every signed transaction is accounted for once',
    `submitted hash ${tx(3)} occurs twice`,
    (r) => copy(r.submitted, 3),
  ],
  [
    'in a block, though never sent',
    'every signed transaction is accounted for once',
    `${tx(3)} was never sent, and still in block 12`,
    (r) => {
      const { acceptedMs: _, ...sample } = r.submitted[3] as Draft['submitted'][number]
      r.submitted[3] = { ...sample, unsent: 'dropped' }
    },
  ],
  [
    'a receipt of a foreign transaction',
    'every signed transaction is accounted for once',
    '0x99 was never signed',
    (r) => r.receipts.push({ hash: '0x99', blockNumber: 11, index: 9, ok: true, gasUsed: 1n }),
  ],
  [
    'signed anew, and in a block with the old nonce too',
    'every signed transaction is accounted for once',
    `0x99 was signed anew for intent 3, and is in block 11 as well`,
    (r) => {
      r.healed = [{ intent: 3, replaced: '0x99', hash: tx(3) }]
      r.receipts.push({ hash: '0x99', blockNumber: 11, index: 9, ok: true, gasUsed: 1n })
    },
  ],
  [
    'an intent that nobody signed',
    'every signed transaction is accounted for once',
    'intent 6 was never signed',
    (r) => {
      for (const list of [r.signed, r.submitted, r.receipts]) list.pop()
    },
  ],
  [
    'a signature without an intent',
    'every signed transaction is accounted for once',
    '0x99 carries intent 77, which is not in the plan',
    (r) => r.signed.push({ intent: 77, hash: '0x99' }),
  ],
  [
    'sent for another intent',
    'every signed transaction is accounted for once',
    `${tx(3)} was signed for intent 3 and sent for 4`,
    (r) => {
      Object.assign(r.submitted[3] as object, { intent: 4 })
    },
  ],
  [
    'a transaction that no block holds',
    'no transaction is lost',
    `${tx(6)} (intent 6) is in no block and was not refused`,
    (r) => r.receipts.pop(),
  ],
  [
    'a block that was not collected',
    'times are in order',
    `block 11 of ${tx(0)} was not collected`,
    (r) => r.blocks.shift(),
  ],
  [
    'a block seen before its transactions were sent',
    'times are in order',
    `${tx(0)} was sent after its block 11 was seen`,
    (r) => {
      Object.assign(r.blocks[0] as object, { seenMs: 4 })
    },
  ],
  [
    'a deposit of another amount',
    'every deposit and withdrawal is as planned',
    `${tx(2)} did not do the deposit of intent 2`,
    (r) => {
      event(r, 'Deposited').amount += 1n
    },
  ],
  [
    'a withdrawal of another trader',
    'every deposit and withdrawal is as planned',
    `${tx(4)} did not do the withdraw of intent 4`,
    (r) => {
      event(r, 'Withdrawn').trader = C
    },
  ],
  [
    'a deposit that was not planned',
    'every deposit and withdrawal is as planned',
    '0x99 moved collateral and is no transfer of the plan',
    (r) => r.events.push({ ...event(r, 'Deposited'), transactionHash: '0x99' }),
  ],
  [
    'an order that was not queued',
    'every order is queued once, as planned',
    `${tx(0)} queued nothing`,
    (r) => r.events.splice(0, 1),
  ],
  [
    'two orders of one transaction',
    'every order is queued once, as planned',
    `${tx(0)} queued a second order 0x99`,
    (r) => r.events.push({ ...event(r, 'OrderQueued'), orderId: '0x99' }),
  ],
  [
    'an order of another size',
    'every order is queued once, as planned',
    `order ${order(0)} is not what intent 0 asks for`,
    (r) => {
      event(r, 'OrderQueued').size -= 1n
    },
  ],
  [
    'an order that was not planned',
    'every order is queued once, as planned',
    'order 0x98 was queued by 0x99, which is no order of the plan',
    (r) => r.events.push({ ...event(r, 'OrderQueued'), orderId: '0x98', transactionHash: '0x99' }),
  ],
  [
    'an order that never ended',
    'every queued order ends once',
    `order ${order(6)} ended 0 times`,
    (r) => {
      r.events = r.events.filter(({ type }) => type !== 'OrderRejected')
    },
  ],
  [
    'an order that was settled and rejected',
    'every queued order ends once',
    `order ${order(0)} ended 2 times`,
    (r) => {
      event(r, 'OrderRejected').orderId = order(0)
    },
  ],
  [
    'an order that ended without having been queued',
    'every queued order ends once',
    'order 0x98 ended but was never queued',
    (r) => r.events.push({ ...event(r, 'OrderRejected'), orderId: '0x98' }),
  ],
  [
    'an order queued twice',
    'every queued order ends once',
    `order ${order(0)} was queued twice`,
    (r) => {
      event(r, 'OrderQueued', 1).orderId = order(0)
    },
  ],
  [
    'a direct order that ended twice',
    DIRECT_ONLY,
    `the order of ${tx(0)} ended 2 times`,
    (r) => r.events.push(event(r, 'OrderSettled')),
    'direct',
  ],
  [
    'a direct order without an end',
    DIRECT_ONLY,
    `the order of ${tx(0)} ended 0 times`,
    (r) => r.events.splice(1, 1),
    'direct',
  ],
  [
    'a direct order settled by a failed transaction',
    DIRECT_ONLY,
    `order 0x98 ended in ${tx(6)}, which is no order of the plan`,
    (r) =>
      r.events.push({
        ...event(r, 'OrderSettled'),
        orderId: '0x98',
        transactionHash: tx(6),
      }),
    'direct',
  ],
  ...(
    [
      ['trader', { trader: C }],
      ['market', { market: 1 }],
      ['side', { baseDelta: WAD, quoteDelta: -WAD }],
      ['size', { cancelled: 1n }],
      ['size', { netted: WAD - 1n }],
    ] as const
  ).map(([term, change]): (typeof faults)[number] => [
    `a fill of another ${term} (${Object.keys(change)})`,
    'every fill respects trader, market, side, size and limit',
    `order ${order(1)} breaks the ${term} of intent 1`,
    (r) => Object.assign(event(r, 'OrderSettled'), change),
  ]),
  [
    'a seller who got less than his limit',
    'every fill respects trader, market, side, size and limit',
    `order ${order(1)} breaks the limit of intent 1`,
    (r) => {
      const limitPrice = 2_025n * WAD + 5_000n
      Object.assign(r.plan.intents[1] as object, { limitPrice })
    },
  ],
  [
    'a buyer who paid more than his limit',
    'every fill respects trader, market, side, size and limit',
    `order ${order(0)} breaks the limit of intent 0`,
    (r) => {
      const limitPrice = 2_055n * WAD - 5_000n
      Object.assign(r.plan.intents[0] as object, { limitPrice })
    },
  ],
  [
    'an event after the last snapshot',
    'every event lies between the two snapshots',
    'OrderSettled in block 13, log 6',
    (r) => {
      event(r, 'OrderSettled', 1).blockNumber = 13
    },
  ],
  [
    'a wei of base from nowhere',
    'base is conserved',
    'market 0 has 1 more than before',
    (r) => {
      Object.assign(r.after.markets[0] as object, { dustBase: 1n })
    },
  ],
  [
    'a wei of quote that went',
    'quote is conserved',
    'market 0 has -1 more than before',
    (r) => {
      Object.assign(r.after.positions[0]?.[0] as object, { realizedPnl: 61n * WAD - 1n })
    },
  ],
  [
    'a position that no event explains',
    'every position is what its events add up to',
    `base of ${A} in market 0 changed by ${2n * WAD + 1n}, its events by ${2n * WAD}`,
    (r) => {
      Object.assign(r.after.positions[0]?.[0] as object, { base: 2n * WAD + 1n })
    },
  ],
  [
    'a fill at another price',
    'every position is what its events add up to',
    `quote of ${A} in market 0 changed by ${-4_049n * WAD}, its events by ${-4_049n * WAD - 1n}`,
    (r) => {
      event(r, 'OrderSettled', 1).quoteDelta -= 1n
    },
  ],
  [
    'a profit that was not realised',
    'every position is what its events add up to',
    `realised profit of ${A} in market 0 changed by ${61n * WAD}, its events by ${60n * WAD}`,
    (r) => {
      event(r, 'OrderSettled', 2).realizedPnl = 60n * WAD
    },
  ],
  [
    'a fill of a stranger',
    'every position is what its events add up to',
    `order ${order(1)} belongs to 0x98, who is no trader of the run`,
    (r) => {
      event(r, 'OrderSettled').trader = '0x98'
    },
  ],
  [
    'a position that was not read',
    'every position is what its events add up to',
    `the position of ${C} in market 0 was not read`,
    (r) => r.after.positions.pop(),
  ],
  [
    'a balance that nothing explains',
    'every balance is what its events add up to',
    `the balance of ${C} changed by 1 (WAD) beyond its transfers, which it never realised`,
    (r) => {
      r.after.balances[2] = 10_100n * WAD + 1n
    },
  ],
  [
    'a vault that holds too little',
    'the vault holds all balances and the fund',
    `the vault's tokens changed by ${50n * WAD - 10n ** 12n} (WAD), balances and fund by ${50n * WAD}`,
    (r) => {
      r.after.vaultTokens -= 1n
    },
  ],
  [
    'an order left in the queue',
    'the queue is empty at the end',
    'market 0 holds 1 orders and totals of 0',
    (r) => Object.assign(r.after.markets[0] as object, { queued: 1n }),
  ],
  [
    'totals left over',
    'the queue is empty at the end',
    'market 0 holds 0 orders and totals of 5',
    (r) => Object.assign(r.after.markets[0] as object, { totals: 5n }),
  ],
  [
    'a batch that nets too little',
    'every batch nets min(longs, shorts) and pools no more than the rest',
    'the batch of market 0 in block 11',
    (r) => {
      event(r, 'BatchCleared').netted -= 1n
    },
  ],
  [
    'a batch that pools too much',
    'every batch nets min(longs, shorts) and pools no more than the rest',
    'the batch of market 0 in block 11',
    (r) => {
      event(r, 'BatchCleared').pooled += 1n
    },
  ],
  [
    'orders that got less than netted',
    'orders got what their batches cleared',
    `market 0: batches netted (both sides) ${4n * WAD}, orders got ${4n * WAD - 6n}`,
    (r) => {
      event(r, 'OrderSettled').netted -= 6n
    },
  ],
  [
    'orders that got more than the pool gave',
    'orders got what their batches cleared',
    `market 0: batches pooled ${2n * WAD}, orders got ${2n * WAD + 6n}`,
    (r) => {
      event(r, 'OrderSettled', 1).pooled += 6n
    },
  ],
  [
    'a swap that no batch asked for',
    'the pools were touched only for what did not net',
    'transaction 0x99, market 0: 1 swaps for 0 batches',
    (r) => r.events.push({ ...event(r, 'Swap'), transactionHash: '0x99' }),
  ],
  [
    'a batch without its swap',
    'the pools were touched only for what did not net',
    `transaction ${tx(1)}, market 0: 0 swaps for 1 batches`,
    (r) => {
      r.events = r.events.filter(({ type }) => type !== 'Swap')
    },
  ],
  [
    'a swap of another amount',
    'the pools were touched only for what did not net',
    `transaction ${tx(1)}, market 0: swaps moved ${2n * WAD + 1n}, batches pooled ${2n * WAD}`,
    (r) => {
      event(r, 'Swap').amount0 -= 1n
    },
  ],
  [
    'a direct order that did not swap',
    'the pools were touched only for what did not net',
    `transaction ${tx(0)}, market 0: 0 swaps for 1 orders`,
    (r) => r.events.splice(0, 1),
    'direct',
  ],
  [
    'two swaps of a market in a settlement',
    'at most one swap a market and settlement',
    `2 swaps of market 0 in transaction ${tx(1)}`,
    (r) => copy(r.events, 4),
  ],
]

test.each(faults)('error: %s', (_, name, detail, corrupt, mode) => {
  const record = modeRecord(mode ?? 'netting') as Draft
  corrupt(record)
  const { ok, checks } = verifyRecord(record as ModeRecord)
  expect(checks.find((check) => check.name === name)).toEqual({ name, ok: false, detail })
  expect(ok).toBe(false)
})

test('every check has a record that it fails on', () => {
  // These have tests of their own.
  const apart = [...RISK_CHECKS, ...MARKET_CHECKS].map(({ name }) => name)
  expect(new Set([...faults.map(([, name]) => name), ...apart])).toEqual(
    new Set([...NETTING, DIRECT_ONLY]),
  )
})

test('behavior: a trader with profit from before the run is counted as not checked', () => {
  const record = modeRecord('netting') as Draft
  for (const snapshot of [record.before, record.after]) {
    const held = snapshot.positions[0]?.[0] as { realizedPnl: bigint }
    held.realizedPnl += 5n
  }
  record.after.balances[0] = 10_005n * WAD
  record.after.fund = -5n * WAD
  const { ok, checks } = verifyRecord(record as ModeRecord)
  expect(ok).toBe(true)
  expect(checks.find(({ name }) => name.startsWith('every balance'))?.detail).toBe(
    '3 balances, 1 not checked (realised profit before the run)',
  )
})

test('behavior: shares rounded down by less than a wei an order are no fault', () => {
  const record = modeRecord('netting') as Draft
  event(record, 'OrderSettled', 1).netted -= 5n
  const { checks } = verifyRecord(record as ModeRecord)
  expect(checks.find(({ name }) => name.startsWith('orders got'))?.ok).toBe(true)
})

test('behavior: a close may meet the other side where an earlier order was cut, and only there', () => {
  const name = 'every order is queued once, as planned'
  const verify = (cut: bigint) => {
    const record = modeRecord('netting') as Draft
    // Intent 0 opens 3 and `cut`, of which 3 fill; intent 3 closes for the same trader.
    Object.assign(record.plan.intents[0] as object, { size: 3n * WAD + cut })
    Object.assign(event(record, 'OrderQueued'), { size: 3n * WAD + cut })
    Object.assign(event(record, 'OrderSettled', 1), { cancelled: cut })
    Object.assign(event(record, 'OrderQueued', 2), { isLong: false })
    return verifyRecord(record as ModeRecord).checks.find((check) => check.name === name)
  }
  expect(verify(1n)?.ok).toBe(true)
  expect(verify(0n)?.detail).toBe(`order ${order(3)} is not what intent 3 asks for`)
})
