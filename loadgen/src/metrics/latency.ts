import { build } from 'hdr-histogram-js'
import type { BlockSample } from '../core/types.js'
import type { TxTrace } from './trace.js'

/** Milliseconds; null when nothing was measured. */
export type Latency = Record<'p50' | 'p90' | 'p99' | 'p999' | 'max', number | null>

export type LatencyMetrics = {
  /** From the planned time of sending to the collector's sight of the block that holds the transaction. */
  inclusion: Latency
  /** From the planned time of sending to the collector's sight of the block in which the order was settled. */
  settlement: Latency
}

/**
 * Latency of the order transactions that are in a block (whatever their status), and of the settled orders. It counts from the
 * planned time, so that a slow sender or node cannot hide its slowness (no coordinated omission).
 *
 * Percentiles come from an HDR histogram of microseconds with three significant digits: they are at most 0.1 % too high.
 * `max` is exact.
 */
export function latencyMetrics(
  traces: readonly TxTrace[],
  blocks: readonly BlockSample[],
): LatencyMetrics {
  const seen = new Map(blocks.map(({ number, seenMs }) => [number, seenMs]))
  const since = ({ sample }: TxTrace, block: number | undefined): number[] => {
    const seenMs = block === undefined ? undefined : seen.get(block)
    return sample === undefined || seenMs === undefined ? [] : [seenMs - sample.plannedMs]
  }
  const orders = traces.filter(({ isOrder }) => isOrder)
  return {
    inclusion: summarize(orders.flatMap((trace) => since(trace, trace.receipt?.blockNumber))),
    settlement: summarize(
      orders.flatMap((trace) =>
        trace.end?.type === 'OrderSettled' ? since(trace, trace.end.blockNumber) : [],
      ),
    ),
  }
}

/** Percentiles of milliseconds. Values below 0 (a clock that went back) count as 0. */
export function summarize(valuesMs: readonly number[]): Latency {
  if (valuesMs.length === 0) return { p50: null, p90: null, p99: null, p999: null, max: null }
  const histogram = build({
    bitBucketSize: 64,
    autoResize: true,
    numberOfSignificantValueDigits: 3,
  })
  let max = 0
  for (const value of valuesMs) {
    histogram.recordValue(Math.max(0, Math.round(value * 1_000)))
    max = Math.max(max, value)
  }
  const at = (percent: number) => Math.min(max, histogram.getValueAtPercentile(percent) / 1_000)
  return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max }
}
