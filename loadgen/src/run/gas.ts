import type { deploy } from '../chain/deploy.js'
import type { Intent, Mode } from '../core/types.js'

/** Gas limits by kind of call. Fixed, because estimates of an Arcology node cannot be trusted. */
export type GasLimits = {
  changePosition: bigint
  /** openPosition and closePosition of the netting house. */
  queued: bigint
  /** openPosition and closePosition of the baseline: a swap each. */
  swapped: bigint
  transfer: bigint
  settle: bigint
}

/**
 * On an Arcology node a call of changePosition prepays 500,000 gas for the deferred settlement, besides what itself uses.
 * There the deferred transaction has what all callers prepaid. On the embedded node it has its own limit, and any call of a
 * block may be the deferred one, so each must carry the whole settlement; unused gas costs nothing.
 */
export function gasLimits(isEmulated: boolean): GasLimits {
  const prepaid = 500_000n
  // An account with positions in all of 32 markets reads each of them; 2.0 million gas emulated, without price feeds.
  const reading = isEmulated ? 6_000_000n : 3_000_000n
  return {
    changePosition: isEmulated ? 8_000_000_000n : prepaid + 200_000n,
    queued: reading,
    swapped: reading,
    transfer: reading,
    settle: isEmulated ? 8_000_000_000n : 1_000_000_000n,
  }
}

/** The gas limit of an intent's transaction. */
export function gasLimitOf(intent: Intent, options: { mode: Mode; limits: GasLimits }): bigint {
  const { limits, mode } = options
  if (intent.action === 'deposit' || intent.action === 'withdraw') return limits.transfer
  if (mode === 'netting') return limits.changePosition
  return mode === 'keeper' ? limits.queued : limits.swapped
}

/**
 * Upper bounds of what settlement uses, which an engine is deployed with. The runtime's precompiles cost it a few thousand gas a
 * call; emulated in Solidity they cost tens of thousands. The dearest order is a liquidation, which books its keeper's reward too: about
 * 155,000 gas by the runtime's schedule, as modelled from traces.
 */
export function settlementGas(isEmulated: boolean): deploy.Options['settlementGas'] {
  return isEmulated
    ? { marketGas: 500_000, clearGas: 150_000, fillGas: 250_000 }
    : { marketGas: 250_000, clearGas: 70_000, fillGas: 120_000 }
}
