import { describe, expect, test } from 'vitest'
import { createRng } from '../core/rng.js'
import { createZipf } from './zipf.js'

const DRAWS = 100_000

function frequencies(count: number, exponent: number): number[] {
  const zipf = createZipf({ count, exponent })
  const rng = createRng('zipf', `${count}/${exponent}`)
  const drawn = new Array<number>(count).fill(0)
  for (let i = 0; i < DRAWS; i++) {
    const rank = zipf.draw(rng)
    drawn[rank] = (drawn[rank] as number) + 1
  }
  return drawn
}

/** Σ (seen − expected)² ÷ expected. */
function chiSquare(seen: readonly number[], expected: readonly number[]): number {
  return seen.reduce(
    (sum, n, i) => sum + (n - (expected[i] as number)) ** 2 / (expected[i] as number),
    0,
  )
}

describe('draw', () => {
  test.each([
    // The 99.9th percentile of chi-square with count − 1 degrees of freedom (NIST handbook, 1.3.6.7.4).
    { count: 10, exponent: 1, bound: 27.877 },
    { count: 10, exponent: 0, bound: 27.877 },
    { count: 31, exponent: 1.5, bound: 59.703 },
  ])('default: $count ranks, exponent $exponent', ({ count, exponent, bound }) => {
    const weights = Array.from({ length: count }, (_, rank) => 1 / (rank + 1) ** exponent)
    const whole = weights.reduce((sum, weight) => sum + weight)
    const expected = weights.map((weight) => (DRAWS * weight) / whole)
    const seen = frequencies(count, exponent)
    expect(chiSquare(seen, expected)).toBeLessThan(bound)
    // The same draws are far from another exponent: the bound can be missed.
    const others = weights.map((_, rank) => 1 / (rank + 1) ** (exponent + 0.2))
    const sum = others.reduce((total, weight) => total + weight)
    const wrong = others.map((weight) => (DRAWS * weight) / sum)
    expect(chiSquare(seen, wrong)).toBeGreaterThan(bound)
  })
  test('args: one rank', () => {
    expect(frequencies(1, 1)).toEqual([DRAWS])
  })
})

test('share: adds up to 1, and follows the law', () => {
  const zipf = createZipf({ count: 1_000, exponent: 1.1 })
  const shares = Array.from({ length: 1_000 }, (_, rank) => zipf.share(rank))
  expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(1, 12)
  expect((shares[0] as number) / (shares[9] as number)).toBeCloseTo(10 ** 1.1, 9)
})
