import { describe, expect, test } from 'vitest'
import { createRng } from '../core/rng.js'
import { batchSizes } from './batchSizes.js'

const rng = () => createRng('bursts', 'test')
const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0)

describe('batchSizes', () => {
  test('default: even, the last one what is left', () => {
    expect(batchSizes({ orders: 10, perBatch: 4, most: 4, rng: rng() })).toEqual([4, 4, 2])
  })
  test('args: bursts as often and as large as asked', () => {
    const bursts = { share: 0.2, factor: 5 }
    const sizes = batchSizes({ orders: 180_000, perBatch: 10, bursts, most: 1_000, rng: rng() })
    expect(sum(sizes)).toBe(180_000)
    expect(new Set(sizes.slice(0, -1))).toEqual(new Set([10, 50]))
    // About 10,000 batches: three standard deviations of the share are 0.012.
    const share = sizes.filter((size) => size === 50).length / sizes.length
    expect(Math.abs(share - 0.2)).toBeLessThan(0.012)
  })
  test('args: a burst holds no more than most', () => {
    const bursts = { share: 1, factor: 5 }
    expect(batchSizes({ orders: 25, perBatch: 4, bursts, most: 9, rng: rng() })).toEqual([9, 9, 7])
  })
})
