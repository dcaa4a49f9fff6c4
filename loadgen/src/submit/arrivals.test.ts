import { describe, expect, test } from 'vitest'
import { createArrivals, rampSegments } from './arrivals.js'

const times = (arrivals: ReturnType<typeof createArrivals>) =>
  Array.from({ length: arrivals.count }, (_, k) => arrivals.offsetMs(k))

describe('createArrivals', () => {
  test('default: a constant rate, the first at once', () => {
    const arrivals = createArrivals([{ perSecond: 400, durationMs: 10 }])
    expect(times(arrivals)).toEqual([0, 2.5, 5, 7.5])
    expect([0, 2.5, 2.6, 9, 10, 99].map((ms) => arrivals.countBefore(ms))).toEqual([
      0, 1, 2, 4, 4, 4,
    ])
  })

  test('default: segments follow each other, each from its own beginning', () => {
    const arrivals = createArrivals([
      { perSecond: 300, durationMs: 10 },
      { perSecond: 500, durationMs: 4 },
    ])
    expect(times(arrivals).map((ms) => Math.round(ms * 1000))).toEqual([
      0, 3333, 6667, 10_000, 12_000,
    ])
    expect(arrivals.segments.map(({ startMs, first }) => [startMs, first])).toEqual([
      [0, 0],
      [10, 3],
    ])
    expect(arrivals.durationMs).toBe(14)
  })

  test('behavior: a million arrivals are where they belong, without a sum of errors', () => {
    const arrivals = createArrivals([{ perSecond: 3000, durationMs: (1_000_000 / 3000) * 1000 }])
    expect(arrivals.count).toBe(1_000_000)
    expect(arrivals.offsetMs(999_999)).toBeCloseTo(333_333, 6)
  })

  test('args: shards have the times of the whole, each once', () => {
    const segments = [
      { perSecond: 1000, durationMs: 7 },
      { perSecond: 2000, durationMs: 5 },
    ]
    const whole = createArrivals(segments)
    const shards = [0, 1, 2, 3].map((index) =>
      createArrivals(segments, { shard: { index, of: 4 } }),
    )
    expect(shards.flatMap(times).sort((a, b) => a - b)).toEqual(times(whole))
    for (const ms of [0, 1, 3, 6.5, 7, 9, 12])
      expect(shards.reduce((sum, shard) => sum + shard.countBefore(ms), 0)).toBe(
        whole.countBefore(ms),
      )
    for (const shard of shards) {
      expect(shard.countBefore(7)).toBe(shard.segments[1]?.first)
      expect(times(shard)[shard.segments[1]?.first as number]).toBeGreaterThanOrEqual(7)
    }
  })

  test('error: a rate of nothing, a shard that is none', () => {
    expect(() => createArrivals([{ perSecond: 0, durationMs: 5 }])).toThrow(
      'A rate of 0 a second for 5 ms is none; both must be above 0.',
    )
    expect(() => createArrivals([], { shard: { index: 2, of: 2 } })).toThrow(
      'There is no shard 2 of 2.',
    )
  })
})

describe('rampSegments', () => {
  test('default: up to the last rate that is not above the end', () => {
    const rates = rampSegments({ from: 100, to: 350, step: 100, holdMs: 50 })
    expect(rates).toEqual([100, 200, 300].map((perSecond) => ({ perSecond, durationMs: 50 })))
    expect(rampSegments({ from: 0.1, to: 0.3, step: 0.1, holdMs: 50 })).toHaveLength(3)
  })

  test('error: a ramp that does not rise', () => {
    expect(() => rampSegments({ from: 100, to: 50, step: 10, holdMs: 10 })).toThrow(
      'A ramp from 100 to 50 a second in steps of 10, each held 10 ms, is none: the rates must rise from above 0.',
    )
  })
})
