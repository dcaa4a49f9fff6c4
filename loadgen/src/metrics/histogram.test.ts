import { expect, test } from 'vitest'
import { UsageError } from '../core/errors.js'
import { createRng } from '../core/rng.js'
import {
  decodeHistogram,
  encodeHistogram,
  histogramOf,
  mergeHistograms,
  percentileMs,
} from './histogram.js'

const PERCENTS = [0, 1, 50, 90, 99, 99.9, 100]
const rng = createRng('histogram', 'test')
/** From 0 to half an hour, most of them short. */
const values = Array.from({ length: 5_000 }, () => 1_800_000 * rng.next() ** 8)

test('what is encoded comes back', () => {
  const histogram = histogramOf(values)
  const text = encodeHistogram(histogram)
  const back = decodeHistogram(text)
  expect(back.totalCount).toBe(values.length)
  for (const percent of PERCENTS)
    expect(percentileMs(back, percent)).toBe(percentileMs(histogram, percent))
  expect(encodeHistogram(back)).toBe(text)
  // A few kilobytes in a report, however many values.
  expect(text.length).toBeLessThan(10_000)
})

test('merged parts are the whole, however they were cut', () => {
  const whole = histogramOf(values)
  for (const cuts of [[0], [0, 1], [0, 1_000, 4_999], [0, 0, 2_500]]) {
    const parts = cuts.map((from, i) => values.slice(from, cuts[i + 1]))
    const merged = mergeHistograms(parts.map((part) => encodeHistogram(histogramOf(part))))
    expect(merged.totalCount).toBe(values.length)
    for (const percent of PERCENTS)
      expect(percentileMs(merged, percent)).toBe(percentileMs(whole, percent))
  }
})

test('percentiles are at most 0.1 % too high, and never too low', () => {
  const histogram = histogramOf(values)
  const sorted = values.toSorted((a, b) => a - b)
  for (const percent of [50, 90, 99]) {
    const exact = sorted[Math.ceil((percent / 100) * sorted.length) - 1] as number
    // Values are cut to whole microseconds.
    expect(percentileMs(histogram, percent)).toBeGreaterThanOrEqual(exact - 0.001)
    expect(percentileMs(histogram, percent)).toBeLessThanOrEqual(exact * 1.001 + 0.001)
  }
})

test('the format is that of HdrHistogram, compressed V2', () => {
  // One value of 0, encoded by hdr-histogram-js 3.0.1 with bounds of its own.
  const zero = 'HISTFAAAABt4nJNpmSzMwMDACMXMDBDACKWZYHwmADM0AVI='
  expect(decodeHistogram(zero).totalCount).toBe(1)
  expect(percentileMs(mergeHistograms([zero, zero]), 100)).toBe(0)
  // The cookie 0x1c849304 + 16 that its readers look for.
  expect(Buffer.from(encodeHistogram(histogramOf(values)), 'base64').readUInt32BE(0)).toBe(
    0x1c849314,
  )
})

test('what is no histogram', () => {
  for (const text of ['', 'abcd', 'HISTFAAAABt4'])
    expect(() => decodeHistogram(text), text).toThrow(UsageError)
})
