import { UsageError } from '../core/errors.js'
import { createRng } from '../core/rng.js'
import type { PerpAction } from '../core/types.js'
import { type Bursts, batchSizes } from './batchSizes.js'
import { checkInteger, checkNumber, checkSizes } from './options.js'
import type { Bounds } from './sizes.js'

/** How the orders of a part of a plan are drawn. */
export type Terms = {
  /** Weights of the actions, each ≥ 0; only their proportions count. */
  mix: Readonly<Record<PerpAction, number>>
  /** Share of longs among the opens, 0 to 1. */
  longShare: number
  /** Base amount of an open, WAD, drawn log-uniformly, six significant digits. 0 < min ≤ max ≤ 2^96 − 1. */
  sizes: Bounds
  /** Uneven batches. Default even. */
  bursts?: Bursts | undefined
}

/** A part of a plan that differs from the rest in the terms that it names. */
export type PhaseOptions = Partial<Terms> & {
  /** Share of the plan's orders, above 0; those of all phases add up to 1. */
  share: number
  /** Batches that its orders spread over evenly. Default as many as `perBatch` makes. */
  batches?: number | undefined
}

/** A part of a plan, worked out. */
export type Phase = Terms & {
  /** Where its terms come from, for messages: '' or 'phases[1].'. */
  path: string
  orders: number
  /** Orders of each batch. */
  batches: readonly number[]
}

/**
 * Works out the phases of a plan; without any, the whole plan is one.
 * @throws UsageError for a value out of its range.
 */
export function toPhases(options: toPhases.Options): Phase[] {
  const { orders, perBatch, seed, phases } = options
  const { mix, longShare, sizes, bursts } = options
  const terms = { mix, longShare, sizes, bursts }
  if (phases === undefined) {
    checkTerms(terms, '')
    checkOpening(mix, '')
    const rng = createRng(seed, 'bursts')
    const batches = batchSizes({ orders, perBatch, bursts, most: options.mostPerBatch, rng })
    return [{ ...terms, path: '', orders, batches }]
  }

  const shares = phases.map(({ share }) => share)
  const whole = shares.reduce((sum, share) => sum + share, 0)
  if (Math.abs(whole - 1) > 1e-9)
    throw new UsageError(`The shares of phases must add up to 1; they add up to ${whole}.`)
  let [end, upTo] = [0, 0]
  return phases.map(({ share, batches: wanted, ...own }, i) => {
    const path = `phases[${i}].`
    const merged = { ...terms, ...own }
    checkTerms(merged, path)
    if (i === 0) checkOpening(merged.mix, path)
    const start = end
    upTo += share
    end = Math.round(orders * Math.min(upTo, 1))
    const amount = end - start
    const size = wanted === undefined ? perBatch : Math.ceil(amount / wanted)
    checkInteger(`Orders of a batch of ${path.slice(0, -1)}`, size, 1, options.mostPerBatch)
    const rng = createRng(seed, `bursts ${i}`)
    const batches = batchSizes({
      orders: amount,
      perBatch: size,
      bursts: merged.bursts,
      most: options.mostPerBatch,
      rng,
    })
    return { ...merged, path, orders: amount, batches }
  })
}

export declare namespace toPhases {
  type Options = Terms & {
    seed: string
    orders: number
    /** Opens and closes of a batch that is no burst. */
    perBatch: number
    /** Most of a batch, ≥ perBatch. */
    mostPerBatch: number
    /** Parts of the plan, in order. Default one, of all orders. */
    phases?: readonly PhaseOptions[] | undefined
  }
}

function checkTerms({ mix, longShare, sizes, bursts }: Terms, path: string): void {
  for (const [action, weight] of Object.entries(mix))
    checkNumber(`${path}mix.${action}`, weight, 0, 1_000_000)
  if (mix.open + mix.close === 0)
    throw new UsageError(`${path}mix.open and ${path}mix.close must not both be 0.`)
  checkNumber(`${path}longShare`, longShare, 0, 1)
  checkSizes(`${path}sizes`, sizes)
  if (bursts === undefined) return
  checkNumber(`${path}bursts.share`, bursts.share, 0, 1)
  checkNumber(`${path}bursts.factor`, bursts.factor, 1, 1_000)
}

/** What comes first has nothing to close but what it opens itself. */
function checkOpening(mix: Terms['mix'], path: string): void {
  if (mix.open === 0 || mix.close > mix.open)
    throw new UsageError(
      `${path}mix.open must be above 0 and at least mix.close, for only what was opened can be closed; ` +
        `they are ${mix.open} and ${mix.close}.`,
    )
}
