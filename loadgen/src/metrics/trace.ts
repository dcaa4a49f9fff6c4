import { phaseAt } from '../core/sending.js'
import type {
  ChainEvent,
  EventOf,
  Hex,
  Intent,
  ModeRecord,
  SubmitSample,
  TxReceipt,
} from '../core/types.js'

/** How an order ended. */
export type OrderEnd = EventOf<'OrderSettled'> | EventOf<'OrderRejected'>

/**
 * Where a signed transaction went. `included`: in a block with status 1. `failed`: in a block with status 0, or refused by the
 * node. `dropped`: never sent, because its send time had passed. `unsent`: never sent, because the submission was ended before, as a
 * ramp is that breaks. `lost`: none of these, whether or not it was sent. Exactly one holds; what is in a block counts by its
 * receipt even if the node also refused a copy of it.
 */
export type TxOutcome = 'included' | 'failed' | 'dropped' | 'unsent' | 'lost'

/** A signed transaction with everything that the record knows of it. */
export type TxTrace = {
  hash: Hex
  intent: Intent
  /** True for open, close and swap, false for deposit and withdraw. */
  isOrder: boolean
  outcome: TxOutcome
  sample: SubmitSample | undefined
  receipt: TxReceipt | undefined
  /**
   * How its order ended: netting and keeper by the order id of its own OrderQueued, direct by the event in its own transaction.
   * Undefined for transfers and for orders that have not ended.
   */
  end: OrderEnd | undefined
}

/** Follows every signed transaction of a record, in the order of signing. Signatures without an intent are left to verification. */
export function traceTransactions(record: ModeRecord): TxTrace[] {
  const intents = new Map(record.plan.intents.map((intent) => [intent.index, intent]))
  const samples = new Map(record.submitted.map((sample) => [sample.hash, sample]))
  const receipts = new Map(record.receipts.map((receipt) => [receipt.hash, receipt]))
  const queued = new Map(
    eventsOf(record.events, 'OrderQueued').map((event) => [event.transactionHash, event.orderId]),
  )
  const ends = new Map(
    orderEnds(record.events).map((end) => [
      record.mode === 'direct' ? end.transactionHash : end.orderId,
      end,
    ]),
  )
  return record.signed.flatMap(({ intent: index, hash }) => {
    const intent = intents.get(index)
    if (intent === undefined) return []
    const isOrder = isOrderIntent(intent)
    const [sample, receipt] = [samples.get(hash), receipts.get(hash)]
    const outcome = outcomeOf(sample, receipt)
    const key = record.mode === 'direct' ? hash : queued.get(hash)
    const end = isOrder && key !== undefined ? ends.get(key) : undefined
    return [{ hash, intent, isOrder, outcome, sample, receipt, end }]
  })
}

/** True for an intent that trades. */
export function isOrderIntent({ action }: Intent): boolean {
  return action !== 'deposit' && action !== 'withdraw'
}

/** True when the node took the transaction: it said so, or a block holds it. */
export function isSubmitted({ sample, receipt }: TxTrace): boolean {
  return receipt !== undefined || (sample?.acceptedMs !== undefined && sample.error === undefined)
}

/** Those meant to be sent in the measured part of a record; all where the record does not tell its parts. */
export function measuredOf(
  { sending }: Pick<ModeRecord, 'sending'>,
  traces: readonly TxTrace[],
): readonly TxTrace[] {
  const phases = sending?.phases
  if (phases === undefined) return traces
  return traces.filter(
    ({ sample }) => sample === undefined || phaseAt(phases, sample.plannedMs) === 'measure',
  )
}

/** The events of one type, in their order. */
export function eventsOf<T extends ChainEvent['type']>(
  events: readonly ChainEvent[],
  type: T,
): EventOf<T>[] {
  return events.filter((event): event is EventOf<T> => event.type === type)
}

/** The ends of orders in the order of the chain. */
export function orderEnds(events: readonly ChainEvent[]): OrderEnd[] {
  return inChainOrder(
    events.filter((event) => event.type === 'OrderSettled' || event.type === 'OrderRejected'),
  )
}

/** Deferred transactions that settled a block's orders, and were sent by an account beside the workload. */
export function settlingBeside({
  mode,
  events,
  market,
}: Pick<ModeRecord, 'mode' | 'events' | 'market'>): TxReceipt[] {
  if (mode === 'direct' || market === undefined) return []
  const settling = new Set(orderEnds(events).map(({ transactionHash }) => transactionHash))
  return market.transactions.filter(({ hash }) => settling.has(hash))
}

/** A copy sorted by block, then by log. */
export function inChainOrder<T extends ChainEvent>(events: readonly T[]): T[] {
  return [...events].sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex)
}

function outcomeOf(sample: SubmitSample | undefined, receipt: TxReceipt | undefined): TxOutcome {
  if (receipt !== undefined) return receipt.ok ? 'included' : 'failed'
  if (sample?.unsent !== undefined) return sample.unsent === 'dropped' ? 'dropped' : 'unsent'
  return sample?.error !== undefined ? 'failed' : 'lost'
}
