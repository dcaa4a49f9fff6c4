import type { ModeRecord } from '../core/types.js'
import {
  abortedPositions,
  type ConflictMetrics,
  conflictMetrics,
  positionKey,
} from './conflicts.js'
import { type GasMetrics, gasMetrics } from './gas.js'
import { type LatencyMetrics, latencyMetrics } from './latency.js'
import { isShardRecord, ownRecord } from './mergeShard.js'
import { type MevMetrics, mevMetrics } from './mev.js'
import { modeSeries } from './modeSeries.js'
import { type NettingMetrics, nettingMetrics, shardNettingMetrics } from './netting.js'
import { countBy } from './numbers.js'
import { type ParallelMetrics, parallelMetrics } from './parallel.js'
import {
  fillsOf,
  planFills,
  priceImpactBps,
  type SlippageMetrics,
  slippageMetrics,
} from './prices.js'
import { type RiskMetrics, riskMetrics } from './risk.js'
import { type SendingMetrics, sendingMetrics } from './sending.js'
import type { ModeSeries } from './series.js'
import { type ThroughputMetrics, throughputMetrics } from './throughput.js'
import { eventsOf, isSubmitted, measuredOf, type TxTrace, traceTransactions } from './trace.js'

/** Order transactions (open, close). signed = settled + rejected + failed + dropped + unsent + lost + unended. */
export type OrderCounts = TransferCounts & {
  settled: number
  rejected: number
  /** In a block, not failed, and still without an end. */
  unended: number
  /** Rejected orders by reason. */
  rejectedBy: Record<string, number>
  /** Failed transactions: `aborted` in a conflict, `reverted`, or the sentence with which the node refused them. */
  failedBy: Record<string, number>
}

/** Deposits and withdrawals. */
export type TransferCounts = {
  signed: number
  /** Taken by the node. */
  submitted: number
  /** In a block, whatever the status. */
  included: number
  /** In a block with status 0, or refused by the node. */
  failed: number
  /** Never sent, because the send time had passed; absent in reports of older versions. */
  dropped?: number | undefined
  /** Never sent, because a ramp ended before; absent in reports of older versions. */
  unsent?: number | undefined
  /** None of these: neither refused nor in a block. */
  lost: number
}

/** What one mode of a run did. */
export type ModeMetrics = {
  orders: OrderCounts
  transfers: TransferCounts
  netting: NettingMetrics
  /** Swap events of the pools. */
  poolTouches: number
  /** What Arcology's runtime would abort; null where the node does not tell. */
  conflicts: ConflictMetrics | null
  /** Modelled: how the run's blocks would execute on several threads; null where the node does not tell. */
  parallel: ParallelMetrics | null
  /** How the transactions were sent; null or absent where the record does not tell. */
  sending?: SendingMetrics | null | undefined
  /** Of the measured part alone: a warm-up is in neither of the two. */
  throughput: ThroughputMetrics
  latencyMs: LatencyMetrics
  gas: GasMetrics
  slippageBps: SlippageMetrics
  /** What an attack that brackets others' orders was worth; null where the workload has no attacker. */
  mev: MevMetrics | null
  /** Liquidations, funding and bad debt; null or absent where the record does not tell. */
  risk?: RiskMetrics | null | undefined
  /** Largest |pool price after the run ÷ before − 1| of a market, in basis points. */
  priceImpactBps: number
  /** The same by market, signed. */
  priceImpactBpsByMarket: number[]
  /**
   * The course of the run; null of one of several generators, which sees the fills of its own traders beside the batches of all.
   * Absent in reports of older versions.
   */
  series?: ModeSeries | null | undefined
}

/**
 * Computes all figures of one mode from its record. Pure: the same record gives the same figures. Of one of several generators:
 * those of its own traders; pool touches, price impact, conflicts, parallelism and the insurance fund are the chain's.
 */
export function modeMetrics(record: ModeRecord): ModeMetrics {
  const isShard = isShardRecord(record)
  const own = isShard ? ownRecord(record) : record
  const traces = traceTransactions(record)
  const orders = traces.filter(({ isOrder }) => isOrder)
  const transfers = traces.filter(({ isOrder }) => !isOrder)
  const impact = priceImpactBps(record)
  const fills = fillsOf(own)
  const latencyMs = latencyMetrics(measuredOf(record, traces), record.blocks)
  return {
    orders: orderCounts(orders, abortedPositions(record.schedules)),
    transfers: transferCounts(transfers),
    netting: (isShard ? shardNettingMetrics : nettingMetrics)(record.mode, own.events),
    poolTouches: eventsOf(record.events, 'Swap').length,
    conflicts: conflictMetrics(record),
    parallel: parallelMetrics(record),
    sending: sendingMetrics(record, traces),
    throughput: throughputMetrics(measuredOf(record, orders), record.blocks),
    latencyMs,
    gas: gasMetrics(record, traces),
    slippageBps: slippageMetrics(planFills(fills, traces)),
    mev: mevMetrics(record, traces),
    risk: riskMetrics(record),
    priceImpactBps: Math.max(0, ...impact.map(Math.abs)),
    priceImpactBpsByMarket: impact,
    series: isShard ? null : modeSeries(record, { traces, fills, latencyMs }),
  }
}

function orderCounts(orders: readonly TxTrace[], aborted: ReadonlySet<string>): OrderCounts {
  const included = orders.filter(({ outcome }) => outcome === 'included')
  const rejected = included.flatMap(({ end }) => (end?.type === 'OrderRejected' ? [end] : []))
  return {
    ...transferCounts(orders),
    settled: included.filter(({ end }) => end?.type === 'OrderSettled').length,
    rejected: rejected.length,
    unended: included.filter(({ end }) => end === undefined).length,
    rejectedBy: countBy(rejected, ({ reason }) => reason),
    failedBy: countBy(
      orders.filter(({ outcome }) => outcome === 'failed'),
      ({ receipt, sample }) => {
        if (receipt === undefined) return toReason(sample?.error)
        const position = positionKey(receipt.blockNumber, receipt.index)
        return aborted.has(position) ? 'aborted' : 'reverted'
      },
    ),
  }
}

function transferCounts(traces: readonly TxTrace[]): TransferCounts {
  const outcomes = (outcome: TxTrace['outcome']) =>
    traces.filter((trace) => trace.outcome === outcome).length
  return {
    signed: traces.length,
    submitted: traces.filter(isSubmitted).length,
    included: traces.filter(({ receipt }) => receipt !== undefined).length,
    failed: outcomes('failed'),
    dropped: outcomes('dropped'),
    unsent: outcomes('unsent'),
    lost: outcomes('lost'),
  }
}

/** The node's sentence without what differs between transactions: hashes, addresses and numbers. */
function toReason(sentence = ''): string {
  return sentence.replace(/0x[0-9a-f]+/gi, '0x…').replace(/\b\d+\b/g, 'n')
}
