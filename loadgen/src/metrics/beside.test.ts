import { expect, test } from 'vitest'
import { modeRecord, order, tx, WAD } from '../../test/fixtures/modeRecord.js'
import type { ChainEvent, ModeRecord } from '../core/types.js'
import { groupTransactions } from '../run/gasModelGroups.js'
import { modeMetrics } from './modeMetrics.js'

const SETTLING = tx(80)
const OTHER = tx(81)

/** The second block's orders are settled by a keeper's transaction, beside which another reads nothing but spends gas. */
function settledBeside(): ModeRecord {
  const record = modeRecord('netting')
  const events = record.events.map((event) =>
    event.transactionHash === tx(6) && event.type !== 'OrderQueued'
      ? { ...event, transactionHash: SETTLING }
      : event,
  )
  const receipt = { blockNumber: 12, ok: true, gasUsed: 70_000n }
  return {
    ...record,
    events,
    market: {
      observed: [],
      transactions: [
        { ...receipt, hash: SETTLING, index: 8 },
        { ...receipt, hash: OTHER, index: 9 },
      ],
    },
  }
}

test('gas: the deferred transaction counts whoever sent it, nothing else that went on beside', () => {
  const [plain, beside] = [modeMetrics(modeRecord('netting')), modeMetrics(settledBeside())]
  expect(beside.gas.total).toBe(plain.gas.total + 70_000)
  const deferred = Number(
    modeRecord('netting').receipts.find(({ hash }) => hash === tx(6))?.gasUsed,
  )
  expect(beside.gas.queueing).toBe(plain.gas.queueing + deferred)
  expect(beside.gas.settlement).toBe(plain.gas.settlement - deferred + 70_000)
  const groups = groupTransactions(settledBeside()).flatMap((group) =>
    group.flatMap(({ call, role, orders, receipt }) =>
      [SETTLING, OTHER].includes(receipt.hash) ? [{ call, role, orders }] : [],
    ),
  )
  expect(groups).toEqual([{ call: 'changePosition', role: 'settlement', orders: 3 }])
})

test('counts and slippage: a fill that the plan did not ask for is in none', () => {
  const record = modeRecord('netting')
  const own = record.events.find(({ type }) => type === 'OrderSettled') as ChainEvent & {
    type: 'OrderSettled'
  }
  const fill = { ...own, orderId: order(90), quoteDelta: own.quoteDelta - 900n * WAD }
  const events = record.events.flatMap((event): ChainEvent[] => {
    if (event === own) return [own, fill]
    return event.type === 'BatchCleared' && event.transactionHash === own.transactionHash
      ? [{ ...event, orders: event.orders + 1n }]
      : [event]
  })
  const [plain, beside] = [record, { ...record, events }].map((run) => modeMetrics(run))
  expect(beside?.slippageBps).toEqual(plain?.slippageBps)
  expect(beside?.series?.slippageBps).toEqual(plain?.series?.slippageBps)
  expect(beside?.orders).toEqual(plain?.orders)
})
