import { expect, test } from 'vitest'
import { priceShare } from './priceCourse.js'

const path = [
  { fromBatch: 5, batches: 2, to: 0.64 },
  { fromBatch: 9, batches: 1, to: 1 },
]

test('default: a price moves by the same factor in each batch, and stands before, between and after', () => {
  // 0.64 in two equal factors: 0.8 and 0.8.
  const expected = [1, 0.8, 0.64, 0.64, 0.64, 1, 1]
  for (const [i, share] of expected.entries())
    expect(priceShare(path, 4 + i)).toBeCloseTo(share, 12)
})

test('default: before the first batch, and without a path', () => {
  expect(priceShare(path, -1)).toBe(1)
  expect(priceShare([], 7)).toBe(1)
})
