import type { Rng } from '../core/rng.js'

/** Ranks of unequal odds. */
export type Zipf = {
  /** A rank, from 0. One random number. */
  draw(rng: Rng): number
  /** How likely a rank is. */
  share(rank: number): number
}

/**
 * Zipf's law: rank k, from 0, is drawn with a probability in proportion to 1 ÷ (k + 1)^exponent. Exponent 0 makes all equal.
 * By inversion: a binary search for the random number in the cumulative sums.
 * @param count Ranks, ≥ 1.
 * @param exponent ≥ 0.
 */
export function createZipf({ count, exponent }: createZipf.Options): Zipf {
  const upTo = new Float64Array(count)
  let sum = 0
  for (let rank = 0; rank < count; rank++) {
    sum += (rank + 1) ** -exponent
    upTo[rank] = sum
  }
  const at = (rank: number) => (rank < 0 ? 0 : (upTo[rank] as number))
  return {
    draw(rng) {
      const wanted = rng.next() * sum
      let [low, high] = [0, count - 1]
      while (low < high) {
        const middle = (low + high) >>> 1
        if (at(middle) > wanted) high = middle
        else low = middle + 1
      }
      return low
    },
    share: (rank) => (at(rank) - at(rank - 1)) / sum,
  }
}

export declare namespace createZipf {
  type Options = { count: number; exponent: number }
}
