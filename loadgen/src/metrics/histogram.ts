import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js'
import { UsageError } from '../core/errors.js'

/**
 * How often each value occurred: microseconds with three significant digits (https://hdrhistogram.org). Histograms add up without
 * a loss, which percentiles do not.
 */
export type { Histogram }

const BUCKET_BITS = 64
/** A day; it grows beyond. The same bounds everywhere, so that the same values give the same text. */
const RANGE_US = 86_400_000_000

export function createHistogram(): Histogram {
  return build({
    bitBucketSize: BUCKET_BITS,
    autoResize: true,
    highestTrackableValue: RANGE_US,
    numberOfSignificantValueDigits: 3,
  })
}

/** A histogram of milliseconds. Values below 0 (a clock that went back) count as 0. */
export function histogramOf(valuesMs: readonly number[]): Histogram {
  const histogram = createHistogram()
  for (const value of valuesMs) histogram.recordValue(Math.max(0, Math.round(value * 1_000)))
  return histogram
}

/** Milliseconds that so many percent of the values do not exceed, at most 0.1 % too high. @param percent 0 to 100. */
export function percentileMs(histogram: Histogram, percent: number): number {
  return histogram.getValueAtPercentile(percent) / 1_000
}

/**
 * HdrHistogram's own format V2, compressed, in base 64: any of its tools reads it, as microseconds. The same values give the same
 * text.
 */
export function encodeHistogram(histogram: Histogram): string {
  return encodeIntoCompressedBase64(histogram)
}

/** What {@link encodeHistogram} encoded. @throws UsageError for what is no histogram. */
export function decodeHistogram(text: string): Histogram {
  try {
    return decodeFromCompressedBase64(text, BUCKET_BITS)
  } catch (cause) {
    throw new UsageError(
      `"${text.slice(0, 20)}…" is no histogram: it should be HdrHistogram's V2 format, compressed, in base 64.`,
      { cause },
    )
  }
}

/** All values of some histograms. @throws UsageError for what is no histogram. */
export function mergeHistograms(encoded: readonly string[]): Histogram {
  const merged = createHistogram()
  for (const text of encoded) merged.add(decodeHistogram(text))
  return merged
}
