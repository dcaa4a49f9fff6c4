import type { GasKind } from '../core/gasModel.js'
import type { Hex, ModeRecord, TxReceipt } from '../core/types.js'
import { abortedPositions, positionKey } from '../metrics/conflicts.js'
import { groupBy } from '../metrics/numbers.js'
import { orderEnds, settlingBeside, type TxTrace, traceTransactions } from '../metrics/trace.js'

/** A transaction of a run that is in a block. */
export type RunTransaction = Pick<GasKind, 'call' | 'role' | 'status' | 'orders'> & {
  receipt: TxReceipt
}

/** Transactions of one function, purpose and outcome, in the order of the chain. */
export type TransactionGroup = readonly [RunTransaction, ...RunTransaction[]]

/** Transactions of a kind that are modelled, at most. */
const SAMPLES = 20

/** Orders of settlements whose traces are modelled, at most: a trace has about 20 calls an order. */
const SAMPLED_ORDERS = 2_000

/** A settlement of more orders is modelled only when there is none of fewer. */
const LARGEST_SETTLEMENT = 500

/** The transactions of a run that are in a block, by kind. Keepers' settlements are among them, set-up is not. */
export function groupTransactions(record: ModeRecord): TransactionGroup[] {
  const aborted = abortedPositions(record.schedules)
  const ends = countEnds(record)
  const statusOf = ({ ok, blockNumber, index }: TxReceipt): GasKind['status'] => {
    if (ok) return 'ok'
    return aborted.has(positionKey(blockNumber, index)) ? 'aborted' : 'failed'
  }
  const transactions = traceTransactions(record).flatMap((trace) => {
    const { receipt } = trace
    if (receipt === undefined) return []
    const orders = ends.get(receipt.hash) ?? 0
    const role = roleOf(trace, orders, record)
    return [{ call: callOf(trace, record), role, status: statusOf(receipt), orders, receipt }]
  })
  const settlements = record.settlements.map((receipt) => ({
    call: record.plan.product === 'spot' ? 'netAndExecuteSwaps' : 'settle',
    role: 'settlement' as const,
    status: statusOf(receipt),
    orders: ends.get(receipt.hash) ?? 0,
    receipt,
  }))
  const beside = settlingBeside(record).map((receipt) => ({
    call: 'changePosition',
    role: 'settlement' as const,
    status: statusOf(receipt),
    orders: ends.get(receipt.hash) ?? 0,
    receipt,
  }))
  const sorted = [...transactions, ...settlements, ...beside].sort(
    ({ receipt: a }, { receipt: b }) => a.blockNumber - b.blockNumber || a.index - b.index,
  )
  const groups = groupBy(sorted, ({ call, role, status }) => [call, role, status].join())
  return [...groups.values()] as unknown as TransactionGroup[]
}

/**
 * The transactions of a group whose traces are modelled. They are spread evenly over the run's blocks, because what comes first
 * opens positions and so costs more; within a block the first ones are taken, whose traces cost the node least. None of aborted
 * ones: their code did not run.
 */
export function chooseSamples(group: TransactionGroup): readonly RunTransaction[] {
  const [{ role, status }] = group
  if (status === 'aborted') return []
  if (role === 'settlement') return chooseSettlements(group)
  const blocks = spread([...groupBy(group, ({ receipt }) => receipt.blockNumber).values()], SAMPLES)
  return blocks.flatMap((found) => found.slice(0, Math.floor(SAMPLES / blocks.length)))
}

function chooseSettlements(group: TransactionGroup): readonly RunTransaction[] {
  const small = group.filter(({ orders }) => orders <= LARGEST_SETTLEMENT)
  if (small.length === 0) return [group.reduce((a, b) => (b.orders < a.orders ? b : a))]
  const mean = small.reduce((total, { orders }) => total + orders, 0) / small.length
  const affordable = Math.floor(SAMPLED_ORDERS / Math.max(1, mean))
  return spread(small, Math.min(SAMPLES, Math.max(1, affordable)))
}

/** The middle ones of so many equal parts of the items; all items when there are no more. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (count >= items.length) return [...items]
  return Array.from(
    { length: count },
    (_, i) => items[Math.floor(((i + 0.5) * items.length) / count)] as T,
  )
}

function countEnds({ events }: ModeRecord): Map<Hex, number> {
  const ends = groupBy(orderEnds(events), ({ transactionHash }) => transactionHash)
  return new Map([...ends].map(([hash, found]) => [hash, found.length]))
}

function callOf({ intent, isOrder }: TxTrace, { mode }: ModeRecord): string {
  if (!isOrder) return intent.action
  if (intent.action === 'swap') return mode === 'netting' ? 'queueSwapRequest' : 'swap'
  if (mode === 'netting') return 'changePosition'
  return intent.action === 'open' ? 'openPosition' : 'closePosition'
}

function roleOf({ isOrder }: TxTrace, orders: number, { mode }: ModeRecord): GasKind['role'] {
  if (!isOrder) return 'transfer'
  if (mode === 'direct') return 'swap'
  return orders > 0 ? 'settlement' : 'queue'
}
