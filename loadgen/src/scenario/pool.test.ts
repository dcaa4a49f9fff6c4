import { describe, expect, test } from 'vitest'
import { createPool, swap } from './pool.js'

const pool = createPool({ price: 2_000, depth: 2_000_000, fee: 0.01 })

describe('swap', () => {
  test('default: a buy takes what it asks for and pays the fee on top', () => {
    // 1,000 × 2,000,000 = 800 × 2,500,000: 500,000 for 200, and 1 % of what is paid is the fee.
    const bought = swap(pool, { buys: true, base: 200 })
    expect(bought.average).toBeCloseTo(500_000 / 0.99 / 200, 9)
    expect(bought.pool).toMatchObject({ base: 800, quote: 2_500_000, price: 3_125 })
  })
  test('default: a sell brings what it says, of which the fee does not move the price', () => {
    // 250 / 0.99 brought, 250 swapped: 1,250 × 1,600,000.
    const sold = swap(pool, { buys: false, base: 250 / 0.99 })
    expect(sold.average).toBeCloseTo((400_000 * 0.99) / 250, 9)
    expect(sold.pool.base).toBeCloseTo(1_250, 9)
    expect(sold.pool.price).toBeCloseTo(1_280, 9)
  })
  test('args: more than there is', () => {
    expect(swap(pool, { buys: true, base: 1_000 })).toEqual({
      pool,
      average: Number.POSITIVE_INFINITY,
    })
  })
  test('behavior: there and back costs the fees alone', () => {
    const free = { ...pool, fee: 0 }
    const there = swap(free, { buys: true, base: 100 })
    const back = swap(there.pool, { buys: false, base: 100 })
    expect(back.average).toBeCloseTo(there.average, 9)
    expect(back.pool.price).toBeCloseTo(2_000, 9)
  })
})
