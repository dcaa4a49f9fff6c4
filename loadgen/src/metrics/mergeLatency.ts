import { UsageError } from '../core/errors.js'
import { mergeHistograms } from './histogram.js'
import { type Distribution, type LatencyMetrics, toMetrics } from './latency.js'

/**
 * Latency over several generators, from their histograms: as if one had recorded all values. Each value was taken on one
 * machine's clock, so clocks that differ between machines do not matter.
 * @throws UsageError for a report of an older version, which has no histograms.
 */
export function mergeLatency(
  parts: readonly { name: string; latency: LatencyMetrics }[],
): LatencyMetrics {
  const merge = (kind: 'inclusion' | 'settlement'): Distribution => {
    const encoded = parts.flatMap(({ name, latency: { histograms } }) => {
      if (histograms === undefined)
        throw new UsageError(
          `The report of ${name} has no histograms of latency: an older version made it; make it again with report --recompute.`,
        )
      return histograms[kind] ?? []
    })
    return {
      histogram: mergeHistograms(encoded),
      maxMs: Math.max(0, ...parts.map(({ latency }) => latency[kind].max ?? 0)),
    }
  }
  return toMetrics({ inclusion: merge('inclusion'), settlement: merge('settlement') })
}
