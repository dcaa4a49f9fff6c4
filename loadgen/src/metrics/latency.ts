import type { BlockSample } from '../core/types.js'
import { encodeHistogram, type Histogram, histogramOf, percentileMs } from './histogram.js'
import type { TxTrace } from './trace.js'

/** Milliseconds; null when nothing was measured. */
export type Latency = Record<'p50' | 'p90' | 'p99' | 'p999' | 'max', number | null>

export type LatencyMetrics = {
  /** From the planned time of sending to the collector's sight of the block that holds the transaction. */
  inclusion: Latency
  /** From the planned time of sending to the collector's sight of the block in which the order was settled. */
  settlement: Latency
  /** The distributions that the percentiles are read from; absent in reports of older versions. */
  histograms?: LatencyHistograms | undefined
}

/** Encoded as histogram.ts says; null when nothing was measured. */
export type LatencyHistograms = Record<'inclusion' | 'settlement', string | null>

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
  return toMetrics({
    inclusion: distributionOf(orders.flatMap((trace) => since(trace, trace.receipt?.blockNumber))),
    settlement: distributionOf(
      orders.flatMap((trace) =>
        trace.end?.type === 'OrderSettled' ? since(trace, trace.end.blockNumber) : [],
      ),
    ),
  })
}

/** Percentiles of milliseconds. Values below 0 (a clock that went back) count as 0. */
export function summarize(valuesMs: readonly number[]): Latency {
  return toLatency(distributionOf(valuesMs))
}

/** Values as a histogram, and the largest of them as it was. */
export type Distribution = { histogram: Histogram; maxMs: number }

/** The figures of two distributions. */
export function toMetrics(of: Record<'inclusion' | 'settlement', Distribution>): LatencyMetrics {
  return {
    inclusion: toLatency(of.inclusion),
    settlement: toLatency(of.settlement),
    histograms: { inclusion: encode(of.inclusion), settlement: encode(of.settlement) },
  }
}

function distributionOf(valuesMs: readonly number[]): Distribution {
  const maxMs = valuesMs.reduce((max, value) => Math.max(max, value), 0)
  return { histogram: histogramOf(valuesMs), maxMs }
}

function toLatency({ histogram, maxMs }: Distribution): Latency {
  if (histogram.totalCount === 0) return { p50: null, p90: null, p99: null, p999: null, max: null }
  const at = (percent: number) => Math.min(maxMs, percentileMs(histogram, percent))
  return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: maxMs }
}

function encode({ histogram }: Distribution): string | null {
  return histogram.totalCount === 0 ? null : encodeHistogram(histogram)
}
