import { getNonces } from '../accounts/nonces.js'
import type { SignPool } from '../accounts/signPool.js'
import { encodeIntent } from '../chain/encode.js'
import type { Deployment, Hex, Mode, Plan, SignedTx } from '../core/types.js'
import { type GasLimits, gasLimitOf } from './gas.js'
import type { Node } from './node.js'
import type { OnProgress } from './progress.js'

/** Signs every intent of a plan for one mode, in the plan's order; nonces go on from what the node knows. */
export async function signPlan(node: Node, options: signPlan.Options): Promise<SignedTx[]> {
  const { plan, mode, deployment, addresses, pool, limits, onProgress } = options
  const nonces = await getNonces(node.rpc, addresses)
  const txs = plan.intents.map((intent) => {
    const nonce = nonces[intent.trader] as number
    nonces[intent.trader] = nonce + 1
    return {
      ...encodeIntent(intent, {
        mode,
        house: deployment.house,
        marketCount: deployment.markets.length,
        deadline: 0n,
      }),
      trader: intent.trader,
      nonce,
      gas: gasLimitOf(intent, { mode, limits }),
      gasPrice: node.gasPrice,
      value: 0n,
    }
  })
  const signed = await pool.sign(txs, {
    onProgress: (done) => onProgress('sign', done, txs.length),
  })
  return plan.intents.map(({ index, batch, trader }, i) => ({
    intent: index,
    batch,
    trader,
    nonce: (txs[i] as (typeof txs)[number]).nonce,
    ...(signed[i] as (typeof signed)[number]),
  }))
}

export declare namespace signPlan {
  type Options = {
    plan: Plan
    mode: Mode
    deployment: Deployment
    /** By trader index. */
    addresses: readonly Hex[]
    pool: SignPool
    limits: GasLimits
    onProgress: OnProgress
  }
}
