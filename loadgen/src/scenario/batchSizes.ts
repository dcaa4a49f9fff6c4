import type { Rng } from '../core/rng.js'

/** Some batches are larger than the others. */
export type Bursts = {
  /** How likely a batch is a burst, 0 to 1. */
  share: number
  /** A burst holds so many times the orders of another batch, ≥ 1. */
  factor: number
}

/**
 * How many orders each batch holds: `perBatch`, and a burst `factor` times as many but at most `most`; the last one what is
 * left. Draws one random number a batch when there are bursts, else none.
 */
export function batchSizes(options: batchSizes.Options): number[] {
  const { orders, perBatch, bursts, most, rng } = options
  const sizes: number[] = []
  for (let left = orders; left > 0; left -= sizes.at(-1) as number) {
    const isBurst = bursts !== undefined && rng.next() < bursts.share
    const size = isBurst ? Math.min(most, Math.round(perBatch * bursts.factor)) : perBatch
    sizes.push(Math.min(size, left))
  }
  return sizes
}

export declare namespace batchSizes {
  type Options = {
    /** Of all batches together. */
    orders: number
    /** Of a batch, ≥ 1. */
    perBatch: number
    bursts?: Bursts | undefined
    /** Most orders of a batch, ≥ perBatch. */
    most: number
    rng: Rng
  }
}
