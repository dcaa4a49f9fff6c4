import type { Mode } from '../core/types.js'
import type { ModeMetrics } from './modeMetrics.js'
import { ratio } from './numbers.js'

/** One mode against `direct` on the same signed workload. null where a figure is missing or would divide by 0. */
export type Comparison = {
  /** 1 − pool touches ÷ pool touches of direct: 0.67 is 67 % fewer. */
  poolTouchReduction: number | null
  /** Gas per settled order ÷ that of direct: below 1 is cheaper. */
  gasPerOrderRatio: number | null
  /** Mean slippage ÷ that of direct: below 1 is better. */
  slippageRatio: number | null
  /** Settled orders per second ÷ those of direct: above 1 is faster. */
  throughputRatio: number | null
}

/** `netting` against `direct`, and under its own key `keeper` against `direct` when the run has a keeper. */
export type RunComparison = Comparison & { keeper?: Comparison | undefined }

/** Compares the modes of a run. Without `netting` or `direct` the figures are null. */
export function compareModes(modes: Partial<Record<Mode, ModeMetrics>>): RunComparison {
  const netting = compare(modes.netting, modes.direct)
  return modes.keeper === undefined
    ? netting
    : { ...netting, keeper: compare(modes.keeper, modes.direct) }
}

function compare(mode: ModeMetrics | undefined, direct: ModeMetrics | undefined): Comparison {
  const touches = ratio(mode?.poolTouches, direct?.poolTouches)
  return {
    poolTouchReduction: touches === null ? null : 1 - touches,
    gasPerOrderRatio: ratio(mode?.gas.perOrder, direct?.gas.perOrder),
    slippageRatio: ratio(mode?.slippageBps.mean, direct?.slippageBps.mean),
    throughputRatio: ratio(mode?.throughput.settledPerSecond, direct?.throughput.settledPerSecond),
  }
}
