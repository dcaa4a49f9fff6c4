import { accountFromKey, deriveAccounts } from '../accounts/derive.js'
import {
  approveFromAll,
  callFromAll,
  FUNDING_GAS,
  mintToAll,
  setBalances,
  transferToAll,
} from '../accounts/fund.js'
import type { SignPool } from '../accounts/signPool.js'
import { deploy } from '../chain/deploy.js'
import { encodeDeposit } from '../chain/encode.js'
import type { Deployment, Hex, Mode, Plan } from '../core/types.js'
import { depositTotals } from '../scenario/plan.js'
import { type GasLimits, settlementGas } from './gas.js'
import type { Node } from './node.js'
import type { OnProgress } from './progress.js'

/** How markets are deployed for a run. */
export type MarketSetup = Omit<
  deploy.Options,
  'mode' | 'chainId' | 'privateKey' | 'gasPrice' | 'settlementGas'
>

/**
 * Deploys the clearing house of a mode and gives every trader gas money, collateral, an approval and the plan's deposit.
 * @throws UsageError when the funder cannot pay, NodeError when something does not go through.
 */
export async function setUp(node: Node, options: setUp.Options): Promise<setUp.ReturnType> {
  const { plan, mode, pool, onProgress, limits } = options
  const { rpc, chainId, gasPrice, privateKey } = node
  onProgress('deploy', 0, 1)
  const deployment = await deploy(rpc, {
    ...options.markets,
    settlementGas: settlementGas(node.isEmulated),
    mode: mode === 'direct' ? 'direct' : 'netting',
    chainId,
    privateKey,
    gasPrice,
  })
  onProgress('deploy', 1, 1)

  const addresses = deriveAccounts({ seed: options.accountSeed, count: plan.traders }).map(
    ({ address }) => address,
  )
  const wei = gasMoney(plan, { limits, gasPrice })
  const funder = accountFromKey(privateKey)
  const chain = { chainId, gasPrice }
  const progress = (stage: string) => (done: number) => onProgress(stage, done, plan.traders)
  if (node.isEmulated) await setBalances(rpc, { addresses, wei })
  else
    await transferToAll(rpc, {
      ...chain,
      funder,
      addresses,
      wei,
      onProgress: progress('gas money'),
    })

  const extra = largest(depositTotals(plan))
  await mintToAll(rpc, {
    ...chain,
    signer: funder,
    token: deployment.collateralToken,
    addresses,
    amount: plan.collateral + extra,
    onProgress: progress('collateral'),
  })
  const calls = { ...chain, pool, addresses }
  await approveFromAll(rpc, {
    ...calls,
    token: deployment.collateralToken,
    vault: deployment.vault,
    onProgress: progress('approvals'),
  })
  await callFromAll(rpc, {
    ...calls,
    what: 'deposit',
    gas: FUNDING_GAS.deposit,
    call: encodeDeposit({ house: deployment.house, amount: plan.collateral }),
    onProgress: progress('deposits'),
  })
  return { deployment, addresses }
}

export declare namespace setUp {
  type Options = {
    plan: Plan
    mode: Mode
    markets: MarketSetup
    /** Seed of the accounts' keys. */
    accountSeed: string
    /** Signs for those accounts. */
    pool: SignPool
    limits: GasLimits
    onProgress: OnProgress
  }
  type ReturnType = { deployment: Deployment /** By trader index. */; addresses: readonly Hex[] }
}

/** wei that the busiest trader needs: the gas limits of its transactions, all at once, and of its set-up. */
function gasMoney(plan: Plan, options: { limits: GasLimits; gasPrice: bigint }): bigint {
  const { limits, gasPrice } = options
  const counts = new Array<bigint>(plan.traders).fill(0n)
  for (const { trader } of plan.intents) counts[trader] = (counts[trader] as bigint) + 1n
  const most = largest(counts)
  return (most * limits.changePosition + FUNDING_GAS.approve + FUNDING_GAS.deposit) * gasPrice * 2n
}

function largest(values: readonly bigint[]): bigint {
  let most = 0n
  for (const value of values) if (value > most) most = value
  return most
}
