import { expect, test } from 'vitest'
import { summarize } from './latency.js'

test('default: percentiles of 1 to 10,000 ms are at most 0.1 % too high', () => {
  const values = Array.from({ length: 10_000 }, (_, i) => i + 1)
  const latency = summarize(values)
  const exact = { p50: 5_000, p90: 9_000, p99: 9_900, p999: 9_990, max: 10_000 }
  for (const [name, value] of Object.entries(exact)) {
    const measured = latency[name as keyof typeof exact] as number
    expect(measured, name).toBeGreaterThanOrEqual(value)
    expect(measured, name).toBeLessThanOrEqual(value * 1.001)
  }
})

test('args: one value is every percentile', () => {
  const latency = summarize([0.25])
  expect(latency).toEqual({ p50: 0.25, p90: 0.25, p99: 0.25, p999: 0.25, max: 0.25 })
})

test('args: hours and negative values', () => {
  const latency = summarize([-5, 7_200_000])
  expect(latency.p50).toBe(0)
  expect(latency.max).toBe(7_200_000)
})
