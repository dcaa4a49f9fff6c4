import { describe, expect, test } from 'vitest'
import { A, B, C, order, tx, WAD } from '../../test/fixtures/modeRecord.js'
import { KEEPER, riskRecord } from '../../test/fixtures/riskRecord.js'
import type { ChainEvent, ModeRecord } from '../core/types.js'
import { verifyRecord } from './verify.js'
import { RISK_CHECKS } from './verifyRisk.js'

type Deep<T> = { -readonly [K in keyof T]: Deep<T[K]> }
type Draft = Deep<ModeRecord>

const LIQUIDATION = 'every liquidation is a close of no more than was asked for, with one fee'
const INTEREST = 'open interest is what positions add up to'
const MONEY = 'fees, funding and bad debt are what their events add up to'
const POSITION = 'every position is what its events add up to'
const BALANCE = 'every balance is what its events add up to'
const CONSERVED = 'quote is conserved'
const ENDS = 'every queued order ends once'

function event<T extends ChainEvent['type']>(record: Draft, type: T, nth = 0) {
  return record.events.filter((found) => found.type === type)[nth] as Deep<ChainEvent & { type: T }>
}
/** The fill of A's liquidation, and of B's. */
const fillOf = (record: Draft, nth: 0 | 1) => event(record, 'OrderSettled', 4 + nth)
const drop = (record: Draft, type: ChainEvent['type']) => {
  const found = record.events.findIndex((each) => each.type === type)
  record.events.splice(found, 1)
}
const risk = (record: Draft) => record.after.markets[0]?.risk as Deep<{ longs: bigint }>
const insurance = (record: Draft) => record.after.insurance as Deep<{ fund: bigint }>

describe('default: a healthy record', () => {
  test('two liquidations, a fee, funding and bad debt', () => {
    const { ok, checks } = verifyRecord(riskRecord())
    expect(checks.filter((check) => !check.ok)).toEqual([])
    expect(ok).toBe(true)
    const detail = (name: string) => checks.find((check) => check.name === name)?.detail
    expect(detail(LIQUIDATION)).toBe('2 queued, 2 filled')
    expect(detail(MONEY)).toBe('1 fees, 2 payments of funding, 1 bad debts')
  })

  test('a keeper whose account was not read: its reward still counts', () => {
    const record = riskRecord() as Draft
    for (const list of [record.traders, record.after.positions, record.after.balances]) list.pop()
    expect(verifyRecord(record as ModeRecord)).toMatchObject({ ok: true })
  })

  test('a liquidation that settlement refused', () => {
    const record = riskRecord() as Draft
    const request = { ...event(record, 'LiquidationQueued'), orderId: order(92) }
    const end = event(record, 'OrderRejected')
    const refused = { ...end, orderId: order(92), reason: 'NotLiquidatable' as const }
    record.events.push(request, refused)
    expect(verifyRecord(record as ModeRecord)).toMatchObject({ ok: true })
  })
})

const faults: [what: string, check: string, detail: string, corrupt: (record: Draft) => void][] = [
  [
    'a liquidation that never ended',
    ENDS,
    `order ${order(90)} ended 0 times`,
    (r) => r.events.splice(r.events.indexOf(fillOf(r, 0)), 1),
  ],
  [
    'a liquidation that ended without having been queued',
    ENDS,
    `order ${order(90)} ended but was never queued`,
    (r) => drop(r, 'LiquidationQueued'),
  ],
  [
    'a liquidation without its fee',
    LIQUIDATION,
    `liquidation ${order(90)} filled without its fee`,
    (r) => drop(r, 'Liquidated'),
  ],
  [
    'a fee of a liquidation that did not fill',
    LIQUIDATION,
    `liquidation ${order(90)} did not fill and was paid for`,
    (r) => Object.assign(fillOf(r, 0), { type: 'OrderRejected', reason: 'NotLiquidatable' }),
  ],
  [
    'a fee that was taken twice',
    LIQUIDATION,
    'a liquidation was paid for twice',
    (r) => r.events.push(event(r, 'Liquidated')),
  ],
  [
    'a fee of an order that is no liquidation',
    LIQUIDATION,
    `liquidation ${order(5)} was never queued`,
    (r) => r.events.push({ ...event(r, 'Liquidated'), orderId: order(5) }),
  ],
  [
    'a reward of more than the fee',
    LIQUIDATION,
    `liquidation ${order(90)} paid ${32n * WAD} of a fee of ${(315n * WAD) / 10n}`,
    (r) => Object.assign(event(r, 'Liquidated'), { reward: 32n * WAD }),
  ],
  ...(
    [
      ['account', { trader: C }],
      ['market', { market: 1 }],
      ['side', { baseDelta: WAD }],
      ['size', { cancelled: 0n }],
    ] as const
  ).map(([term, change]): (typeof faults)[number] => [
    `a liquidation of another ${term}`,
    LIQUIDATION,
    `liquidation ${order(90)} is of another ${term} than was asked for`,
    (r) => Object.assign(fillOf(r, 0), change),
  ]),
  [
    'a reward for somebody else',
    LIQUIDATION,
    `liquidation ${order(90)} is of another keeper than was asked for`,
    (r) => Object.assign(event(r, 'Liquidated'), { keeper: C }),
  ],
  [
    'open interest that no position explains',
    INTEREST,
    `longs of market 0 changed by ${2n * WAD + 1n}, positions by ${2n * WAD}`,
    (r) => Object.assign(risk(r), { longs: 2n * WAD + 1n }),
  ],
  [
    'open interest of shorts',
    INTEREST,
    'shorts of market 0 changed by 1, positions by 0',
    (r) => Object.assign(risk(r), { shorts: 1n }),
  ],
  [
    'a fee that went nowhere',
    MONEY,
    `protocol fees of market 0 changed by 0, its events by ${(4n * WAD) / 10n}`,
    (r) => Object.assign(risk(r), { protocolFees: 0n }),
  ],
  [
    'a liquidation fee that went nowhere',
    MONEY,
    `insurance fees of market 0 changed by ${(6n * WAD) / 10n}, its events by ${(321n * WAD) / 10n}`,
    (r) => Object.assign(risk(r), { insuranceFees: (6n * WAD) / 10n }),
  ],
  [
    'funding that was announced and not booked',
    MONEY,
    `funding of market 0 changed by ${6n * WAD}, its events by ${7n * WAD}`,
    (r) => Object.assign(event(r, 'FundingPaid'), { amount: 11n * WAD }),
  ],
  [
    'bad debt that was not announced',
    MONEY,
    `bad debt changed by ${(25n * WAD) / 10n}, its events by 0`,
    (r) => drop(r, 'BadDebt'),
  ],
  [
    'an insurance fund that holds too much',
    MONEY,
    `the insurance fund holds ${30n * WAD} and lacks 0, its fees, payments and bad debt leave ${(296n * WAD) / 10n}`,
    (r) => Object.assign(insurance(r), { fund: 30n * WAD }),
  ],
  [
    'an insurance fund that holds and lacks',
    MONEY,
    `the insurance fund holds ${30n * WAD} and lacks ${(4n * WAD) / 10n}, its fees, payments and bad debt leave ${(296n * WAD) / 10n}`,
    (r) => Object.assign(insurance(r), { fund: 30n * WAD, uncovered: (4n * WAD) / 10n }),
  ],
  [
    'a fee that nobody paid',
    CONSERVED,
    'market 0 has 1 more than before',
    (r) => Object.assign(risk(r), { insuranceFees: (321n * WAD) / 10n + 1n }),
  ],
  [
    'a reward that was not credited',
    POSITION,
    `quote of ${KEEPER} in market 0 changed by 0, its events by ${(315n * WAD) / 10n}`,
    (r) => Object.assign(r.after.positions[3]?.[0] as object, { realizedPnl: 0n }),
  ],
  [
    'funding that was not taken',
    POSITION,
    `realised profit of ${A} in market 0 changed by ${(645n * WAD) / 10n}, its events by ${(745n * WAD) / 10n}`,
    (r) => {
      drop(r, 'FundingPaid')
      // What the quote leg would have to show, so that the fault is in what was realised alone.
      fillOf(r, 0).quoteDelta -= 10n * WAD
    },
  ],
  [
    'a loss that the balance could have covered',
    BALANCE,
    `the balance of ${B} changed by ${(-1_125n * WAD) / 10n} (WAD) beyond its transfers, which it never realised`,
    (r) => Object.assign(event(r, 'BadDebt'), { amount: (125n * WAD) / 10n }),
  ],
]

test.each(faults)('error: %s', (_, name, detail, corrupt) => {
  const record = riskRecord() as Draft
  corrupt(record)
  const { ok, checks } = verifyRecord(record as ModeRecord)
  expect(checks.find((check) => check.name === name)).toEqual({ name, ok: false, detail })
  expect(ok).toBe(false)
})

test('every check has a record that it fails on', () => {
  const failed = new Set(faults.map(([, name]) => name))
  for (const { name } of RISK_CHECKS) expect(failed).toContain(name)
})

describe('direct', () => {
  /** B is liquidated against the pool by a stranger. */
  function directRecord(): Draft {
    const record = riskRecord() as Draft
    record.events = record.events.filter(
      ({ type, blockNumber }) => blockNumber === 13 && type !== 'LiquidationQueued',
    )
    return { ...record, mode: 'direct' }
  }
  const check = (record: Draft, name: string) =>
    verifyRecord(record as ModeRecord).checks.find((found) => found.name === name)

  test('behavior: a liquidation is never queued, and ends in the transaction of its keeper', () => {
    const name = 'every order ends once, in its own transaction'
    expect(check(directRecord(), LIQUIDATION)?.ok).toBe(true)
    expect(check(directRecord(), name)?.detail).toMatch(/^the order of 0x0+0 ended 0 times$/)
    const record = directRecord()
    const { plan } = record
    Object.assign(record, { plan: { ...plan, intents: [] }, signed: [] })
    expect(check(record, name)).toMatchObject({ ok: true, detail: '0 orders, 2 ends' })
  })

  test('error: a fee of a liquidation without a fill of that account', () => {
    const record = directRecord()
    const fill = record.events.find(({ type }) => type === 'OrderSettled')
    Object.assign(fill as object, { trader: C })
    expect(check(record, LIQUIDATION)?.detail).toBe(`liquidation ${order(90)} is no fill of ${A}`)
  })

  test('behavior: orders beside the plan, as an arbitrageur’s, are known by their transactions', () => {
    const record = directRecord()
    Object.assign(record, { plan: { ...record.plan, intents: [] }, signed: [] })
    const stranger = record.events.find(({ type }) => type === 'OrderSettled')
    record.events = [
      { ...stranger, orderId: order(95), transactionHash: tx(95) },
    ] as Draft['events']
    const name = 'every order ends once, in its own transaction'
    expect(check(record, name)?.detail).toBe(
      `order ${order(95)} ended in ${tx(95)}, which is no order of the plan`,
    )
    const receipt = { hash: tx(95), blockNumber: 13, index: 0, ok: true, gasUsed: 1n }
    record.market = { observed: [], transactions: [receipt] }
    expect(check(record, name)?.ok).toBe(true)
  })
})
