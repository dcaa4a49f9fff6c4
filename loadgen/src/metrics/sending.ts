import type { ExecutorName, Phases, RampResult } from '../core/sending.js'
import type { ModeRecord } from '../core/types.js'
import { measuredOf, type TxTrace } from './trace.js'

/** How the transactions of a mode were sent, and what became of the send times. */
export type SendingMetrics = {
  executor: ExecutorName
  /** Transactions a second that were aimed at; null unless the executor is `rate`. */
  perSecond: number | null
  /** Epoch milliseconds; `endMs`: when the last answer came or the last block with one of them was seen. null when nothing was sent. */
  phases: (Phases & { endMs: number }) | null
  /** Transactions, transfers included, that were meant to be sent in the measured part, and sent. */
  measured: number
  /** Never sent, transfers included: their send time had passed, or a ramp ended before. */
  dropped: number
  unsent: number
  /** null unless the executor is `ramp`. */
  ramp: RampResult | null
}

/** null where the record does not tell. */
export function sendingMetrics(
  record: ModeRecord,
  traces: readonly TxTrace[],
): SendingMetrics | null {
  const { sending } = record
  if (sending === undefined) return null
  const { executor, perSecond = null, phases, ramp = null } = sending
  const count = (outcome: TxTrace['outcome']) =>
    traces.filter((trace) => trace.outcome === outcome).length
  const wasSent = ({ sample }: TxTrace) => sample !== undefined && sample.unsent === undefined
  return {
    ...{ executor, perSecond },
    phases: phases === undefined ? null : { ...phases, endMs: endOf(record, traces) },
    measured: measuredOf(record, traces).filter(wasSent).length,
    ...{ dropped: count('dropped'), unsent: count('unsent'), ramp },
  }
}

function endOf({ blocks }: ModeRecord, traces: readonly TxTrace[]): number {
  const seen = new Map(blocks.map(({ number, seenMs }) => [number, seenMs]))
  let endMs = Number.NEGATIVE_INFINITY
  for (const { sample, receipt, end } of traces)
    for (const ms of [
      ...[sample?.plannedMs, sample?.acceptedMs],
      ...[receipt, end].map((place) => place && seen.get(place.blockNumber)),
    ])
      if (ms !== undefined && ms > endMs) endMs = ms
  return endMs
}
