import { decodeHistogram, percentileMs } from './histogram.js'
import type { LatencyMetrics } from './latency.js'
import type { LatencyPoint, ModeSeries } from './series.js'

/** Denser at the tail, where latency is decided. */
const PERCENTILES = [
  ...[0, 5, 10, 20, 30, 40, 50, 55, 60, 65, 70, 75, 80, 85, 87.5, 90, 92, 94, 95, 96, 97, 98, 98.5],
  ...[99, 99.2, 99.4, 99.5, 99.6, 99.7, 99.8, 99.85],
  ...[99.9, 99.92, 99.94, 99.95, 99.96, 99.97, 99.98, 99.99],
]

/** Latency by percentile, read off the distributions of a report; null where a report of an older version has none. */
export function latencySeries(latencyMs: LatencyMetrics): ModeSeries['latencyMs'] {
  const pointsOf = (of: 'inclusion' | 'settlement'): LatencyPoint[] | null => {
    const encoded = latencyMs.histograms?.[of]
    if (encoded == null) return null
    const histogram = decodeHistogram(encoded)
    const most = latencyMs[of].max ?? Number.POSITIVE_INFINITY
    return PERCENTILES.filter((_, i) => canTell(histogram.totalCount, PERCENTILES[i - 1])).map(
      (percentile) => ({ percentile, ms: Math.min(most, percentileMs(histogram, percentile)) }),
    )
  }
  return { inclusion: pointsOf('inclusion'), settlement: pointsOf('settlement') }
}

/** False when a percentile, and so all beyond it, is the largest of so many values. */
function canTell(count: number, percentile: number | undefined): boolean {
  return percentile === undefined || (100 - percentile) * count >= 100
}
