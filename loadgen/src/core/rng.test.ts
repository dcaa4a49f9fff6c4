import { describe, expect, test } from 'vitest'
import { createRng, fromState, type Rng } from './rng.js'

const draw = (rng: Rng, count: number) => Array.from({ length: count }, () => rng.int(2 ** 32))

describe('fromState', () => {
  test('behavior: is xoshiro128** 1.1', () => {
    // First outputs for the state 1, 2, 3, 4, as the reference implementation in C gives them.
    expect(draw(fromState([1, 2, 3, 4]), 10)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597,
      4258142804,
    ])
  })

  test('error: state of zeros', () => {
    expect(() => fromState([0, 0, 0, 0])).toThrowErrorMatchingInlineSnapshot(
      `[LoadgenError: A random generator needs four words of state that are not all zero.]`,
    )
  })
})

describe('createRng', () => {
  test('behavior: the same seed and label give the same stream', () => {
    expect(draw(createRng('7', 'plan'), 100)).toEqual(draw(createRng('7', 'plan'), 100))
  })

  test('behavior: streams differ by seed, by label and by where one ends and the other begins', () => {
    const streams = [
      ['7', 'plan'],
      ['8', 'plan'],
      ['7', 'sizes'],
      ['7p', 'lan'],
    ].map(([seed, label]) => draw(createRng(seed as string, label as string), 4).join())
    expect(new Set(streams).size).toBe(4)
  })

  test('behavior: next covers [0, 1) evenly', () => {
    const rng = createRng('even', 'next')
    const buckets = new Array<number>(10).fill(0)
    for (let i = 0; i < 100_000; i++) {
      const value = rng.next()
      expect(value >= 0 && value < 1).toBe(true)
      const bucket = Math.floor(value * 10)
      buckets[bucket] = (buckets[bucket] ?? 0) + 1
    }
    // Six standard deviations of a binomial with n = 100,000 and p = 0.1 are 569.
    for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(569)
  })

  test('behavior: int and bigint reach every value of their range and none beyond', () => {
    const rng = createRng('range', 'int')
    const ints = new Set(Array.from({ length: 1000 }, () => rng.int(6)))
    const bigints = new Set(Array.from({ length: 1000 }, () => rng.bigint(6n)))
    expect([...ints].sort()).toEqual([0, 1, 2, 3, 4, 5])
    expect([...bigints].sort()).toEqual([0n, 1n, 2n, 3n, 4n, 5n])
    expect(rng.int(1)).toBe(0)
    expect(rng.bigint(1n)).toBe(0n)
  })

  test('behavior: bigint fills wide ranges', () => {
    const rng = createRng('wide', 'bigint')
    const max = 10n ** 30n
    const draws = Array.from({ length: 1000 }, () => rng.bigint(max))
    expect(draws.every((value) => value >= 0n && value < max)).toBe(true)
    expect(draws.filter((value) => value >= max / 2n).length).toBeGreaterThan(400)
  })

  test('behavior: shuffle keeps the items and leaves the input alone', () => {
    const items = Array.from({ length: 50 }, (_, i) => i)
    const shuffled = createRng('s', 'shuffle').shuffle(items)
    expect(items[0]).toBe(0)
    expect(shuffled).not.toEqual(items)
    expect([...shuffled].sort((x, y) => x - y)).toEqual(items)
  })

  test('behavior: shuffle makes all orders equally likely', () => {
    const rng = createRng('fair', 'shuffle')
    const orders = new Map<string, number>()
    for (let i = 0; i < 12_000; i++) {
      const order = rng.shuffle(['a', 'b', 'c']).join('')
      orders.set(order, (orders.get(order) ?? 0) + 1)
    }
    expect(orders.size).toBe(6)
    // Six standard deviations of a binomial with n = 12,000 and p = 1/6 are 245.
    for (const count of orders.values()) expect(Math.abs(count - 2000)).toBeLessThan(245)
  })

  test('error: bounds and empty lists', () => {
    const rng = createRng('e', 'e')
    expect(() => rng.int(0)).toThrow('from 1 to 2^32, not 0')
    expect(() => rng.int(1.5)).toThrow('from 1 to 2^32, not 1.5')
    expect(() => rng.bigint(0n)).toThrow('at least 1, not 0')
    expect(() => rng.pick([])).toThrow('empty list')
  })
})
