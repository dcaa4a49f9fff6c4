import { createHash } from 'node:crypto'
import { LoadgenError } from './errors.js'

/** A stream of random numbers. The only source of randomness of the tool. */
export type Rng = {
  /** A number in [0, 1), of 53 random bits. */
  next(): number
  /** An integer in [0, n), each equally likely. @param n an integer from 1 to 2^32. */
  int(n: number): number
  /** An integer in [0, max), each equally likely. @param max at least 1. */
  bigint(max: bigint): bigint
  /** One of `items`, which must not be empty. */
  pick<T>(items: readonly T[]): T
  /** A new array of the same items in random order (Fisher–Yates). */
  shuffle<T>(items: readonly T[]): T[]
}

const UINT32 = 2 ** 32

/**
 * Opens the stream `label` of `seed`. The same pair gives the same numbers on every machine; two labels give streams that
 * have nothing to do with each other, so that a change in what one stage draws leaves the others alone.
 *
 * The generator is xoshiro128** 1.1 (Blackman and Vigna, https://prng.di.unimi.it/xoshiro128starstar.c); its state is the
 * first 16 bytes, little endian, of SHA-256 over `JSON.stringify([seed, label])`. Good for workloads, not for secrets.
 */
export function createRng(seed: string, label: string): Rng {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, label]))
    .digest()
  return fromState([0, 4, 8, 12].map((offset) => digest.readUInt32LE(offset)))
}

/** xoshiro128** from a given state of four 32-bit words, not all zero. */
export function fromState(words: readonly number[]): Rng {
  const state = Uint32Array.from(words)
  if (state.length !== 4 || state.every((word) => word === 0))
    throw new LoadgenError('A random generator needs four words of state that are not all zero.')
  let [a = 0, b = 0, c = 0, d = 0] = state

  function uint32(): number {
    const product = Math.imul(b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 11) | (d >>> 21)
    return result
  }

  function int(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > UINT32)
      throw new LoadgenError(`A random integer needs a bound from 1 to 2^32, not ${n}.`)
    // Draws beyond the largest multiple of n would make the small results likelier.
    const limit = UINT32 - (UINT32 % n)
    let draw = uint32()
    while (draw >= limit) draw = uint32()
    return draw % n
  }

  function bigint(max: bigint): bigint {
    if (max < 1n)
      throw new LoadgenError(`A random integer needs a bound of at least 1, not ${max}.`)
    const bits = (max - 1n).toString(2).length
    for (;;) {
      let draw = 0n
      for (let have = 0; have < bits; have += 32) draw = (draw << 32n) | BigInt(uint32())
      draw = BigInt.asUintN(bits, draw)
      if (draw < max) return draw
    }
  }

  return {
    next: () => ((uint32() >>> 5) * 2 ** 26 + (uint32() >>> 6)) / 2 ** 53,
    int,
    bigint,
    pick(items) {
      if (items.length === 0) throw new LoadgenError('Nothing can be picked from an empty list.')
      return items[int(items.length)] as (typeof items)[number]
    },
    shuffle<T>(items: readonly T[]): T[] {
      const shuffled = [...items]
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = int(i + 1)
        const moved = shuffled[i] as T
        shuffled[i] = shuffled[j] as T
        shuffled[j] = moved
      }
      return shuffled
    },
  }
}
