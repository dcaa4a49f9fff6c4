import { describe, expect, test } from 'vitest'
import { largestAttack, playAttack, type Victims } from './attack.js'
import { createPool } from './pool.js'

const pool = createPool({ price: 2_000, depth: 20_000_000, fee: 0.0005 })
const victims: Victims = { buys: true, sizes: [10, 20, 30], limit: 2_060 }

describe('playAttack', () => {
  test('default: without an attacker victims pay their own impact', () => {
    const played = playAttack(pool, victims, 0)
    expect(played).toMatchObject({ profit: 0, allFill: true })
    expect(played.pool.base).toBe(10_000 - 60)
  })
  test('behavior: what the attacker gains is what the pool and the victims lose, less the fees', () => {
    const free = { ...pool, fee: 0 }
    const alone = playAttack(free, victims, 0)
    const attacked = playAttack(free, victims, 50)
    // Without fees the pool ends where the victims alone would have left it, so its quote is the same.
    expect(attacked.pool.quote).toBeCloseTo(alone.pool.quote, 6)
    expect(attacked.profit).toBeGreaterThan(0)
    // By hand: buys 50 of 10,000 at 2,000 × 10,000 ÷ 9,950, sells at 2,000 × 10,000² ÷ (9,890 × 9,940).
    const front = (2_000 * 10_000) / 9_950
    const back = (2_000 * 10_000 ** 2) / (9_890 * 9_940)
    expect(attacked.profit).toBeCloseTo(50 * (back - front), 6)
  })
  test('behavior: victims beyond their limit do not fill', () => {
    expect(playAttack(pool, { ...victims, limit: 2_020 }, 50).allFill).toBe(false)
  })
})

describe('largestAttack', () => {
  test.each([true, false])('default: up to the victims’ limit, buying: %s', (buys) => {
    const seen = { ...victims, buys, limit: buys ? 2_060 : 1_940 }
    const size = largestAttack(pool, seen, 10_000)
    expect(playAttack(pool, seen, size)).toMatchObject({ allFill: true })
    expect(playAttack(pool, seen, size * 1.001).allFill).toBe(false)
    expect(playAttack(pool, seen, size).profit).toBeGreaterThan(0)
  })
  test('args: no more than the attacker can carry', () => {
    expect(largestAttack(pool, victims, 7)).toBeCloseTo(7, 9)
  })
  test('behavior: none that does not pay for its fees', () => {
    expect(largestAttack({ ...pool, fee: 0.01 }, victims, 100)).toBe(0)
  })
  test('behavior: none when the victims fail by themselves', () => {
    expect(largestAttack(pool, { ...victims, limit: 2_001 }, 100)).toBe(0)
  })
})
