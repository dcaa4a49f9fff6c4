import { expect, test } from 'vitest'
import { modeRecord, order, tx } from '../../test/fixtures/modeRecord.js'
import type { GasRole } from '../core/gasModel.js'
import type { BlockSchedule, ModeRecord, TxReceipt } from '../core/types.js'
import {
  chooseSamples,
  groupTransactions,
  type RunTransaction,
  type TransactionGroup,
} from './gasModelGroups.js'

/** Kinds as `call role status`, each with the intents of its transactions and the orders that ended in them. */
function kindsOf(record: ModeRecord): Record<string, string> {
  return Object.fromEntries(
    groupTransactions(record).map((group) => {
      const [{ call, role, status }] = group
      const entries = group.map(({ receipt, orders }) => `${Number(receipt.hash)}:${orders}`)
      return [`${call} ${role} ${status}`, entries.join(' ')]
    }),
  )
}

test('default: netting, the deferred transaction apart', () => {
  expect(kindsOf(modeRecord('netting'))).toEqual({
    'changePosition queue ok': '0:0 3:0 5:0',
    'changePosition settlement ok': '1:2 6:3',
    'deposit transfer ok': '2:0',
    'withdraw transfer ok': '4:0',
  })
})

test('args: direct', () => {
  expect(kindsOf(modeRecord('direct'))).toEqual({
    'openPosition swap ok': '0:1 1:1 5:1',
    'openPosition swap failed': '6:0',
    'closePosition swap ok': '3:1',
    'deposit transfer ok': '2:0',
    'withdraw transfer ok': '4:0',
  })
})

test('behavior: swaps of tokens have functions of their own', () => {
  const swapped = (mode: 'netting' | 'direct') => {
    const record = modeRecord(mode)
    const intents = record.plan.intents.map((intent) =>
      intent.action === 'open' ? { ...intent, action: 'swap' as const } : intent,
    )
    const settlements: TxReceipt[] = [
      { hash: tx(9), blockNumber: 13, index: 0, ok: true, gasUsed: 1n },
    ]
    return kindsOf({ ...record, plan: { ...record.plan, product: 'spot', intents }, settlements })
  }
  expect(swapped('netting')).toMatchObject({
    'queueSwapRequest queue ok': '0:0 5:0',
    'queueSwapRequest settlement ok': '1:2 6:3',
    'netAndExecuteSwaps settlement ok': '9:0',
  })
  expect(swapped('direct')).toMatchObject({
    'swap swap ok': '0:1 1:1 5:1',
    'swap swap failed': '6:0',
  })
})

test('behavior: what lost a conflict is told from what reverted', () => {
  const record = modeRecord('direct')
  // Intent 6 has index 3 in block 12.
  const schedule: BlockSchedule = {
    ...{ block: 12, generations: [], aborted: [3], conflicts: [], jobs: [], sampled: [] },
    analysisMs: 1,
  }
  expect(kindsOf({ ...record, schedules: [schedule] })).toMatchObject({
    'openPosition swap aborted': '6:0',
  })
})

test("behavior: a keeper's settlements count, and its queueing has two functions", () => {
  const record = modeRecord('netting')
  const settlement: TxReceipt = {
    ...{ hash: tx(9), blockNumber: 13, index: 0, ok: true, gasUsed: 1n },
  }
  const events = record.events.map((event) =>
    event.type === 'OrderSettled' && event.orderId === order(5)
      ? { ...event, blockNumber: 13, transactionHash: settlement.hash }
      : event,
  )
  const kinds = kindsOf({ ...record, mode: 'keeper', settlements: [settlement], events })
  expect(kinds).toMatchObject({
    'closePosition queue ok': '3:0',
    'settle settlement ok': '9:1',
  })
})

/** Transactions in blocks, each with the number of orders that ended in it. */
function group(role: GasRole, blocks: readonly (readonly number[])[]): TransactionGroup {
  const transactions = blocks.flatMap((orders, blockNumber) =>
    orders.map(
      (count, index): RunTransaction => ({
        ...{ call: 'f', role, status: 'ok', orders: count },
        receipt: { hash: '0x', blockNumber, index, ok: true, gasUsed: 1n },
      }),
    ),
  )
  return transactions as unknown as TransactionGroup
}
const places = (samples: readonly RunTransaction[]) =>
  samples.map(({ receipt }) => `${receipt.blockNumber}/${receipt.index}`)
const blocksOf = (samples: readonly RunTransaction[]) =>
  samples.map(({ receipt }) => receipt.blockNumber)
const many = (count: number, orders: number) => new Array<number>(count).fill(orders)

test('behavior: samples are the first of each block, spread over the blocks', () => {
  // 6 blocks of 50: three of each.
  const samples = chooseSamples(group('swap', new Array(6).fill(many(50, 1))))
  expect(samples).toHaveLength(18)
  expect(places(samples).slice(0, 4)).toEqual(['0/0', '0/1', '0/2', '1/0'])
  // 40 blocks: one of every second.
  const sparse = chooseSamples(group('swap', new Array(40).fill(many(50, 1))))
  expect(blocksOf(sparse)).toEqual(Array.from({ length: 20 }, (_, i) => 2 * i + 1))
  // One block, and fewer than wanted.
  expect(chooseSamples(group('queue', [many(50, 0)]))).toHaveLength(20)
  expect(chooseSamples(group('queue', [many(3, 0)]))).toHaveLength(3)
})

test('behavior: settlements are spread over the run, 20 or 2,000 orders of them', () => {
  const settlements = (count: number, orders: number) =>
    group('settlement', new Array(count).fill([orders]))
  expect(chooseSamples(settlements(15, 10))).toHaveLength(15)
  expect(chooseSamples(settlements(100, 10))).toHaveLength(20)
  // 4 × 500 orders, from the middles of four parts: the first block, which opens positions, is no more than its share.
  expect(blocksOf(chooseSamples(settlements(16, 500)))).toEqual([2, 6, 10, 14])
})

test('behavior: of large settlements the smallest is taken, when there are no others', () => {
  const sizes = (...orders: number[]) =>
    chooseSamples(
      group(
        'settlement',
        orders.map((count) => [count]),
      ),
    ).map(({ orders: count }) => count)
  expect(sizes(5_000, 900, 4_000)).toEqual([900])
  expect(sizes(5_000, 500, 4_000, 100)).toEqual([500, 100])
  expect(sizes(0)).toEqual([0])
})

test('behavior: of aborted transactions none is taken', () => {
  const aborted = group('swap', [many(5, 0)]).map((found) => ({
    ...found,
    status: 'aborted' as const,
  }))
  expect(chooseSamples(aborted as unknown as TransactionGroup)).toEqual([])
})
