import { accountFromKey, type DerivedAccount, deriveAccounts } from '../accounts/derive.js'
import {
  approveFromAll,
  callFromAll,
  callFromOne,
  FUNDING_GAS,
  mintToAll,
  setBalances,
  transferToAll,
} from '../accounts/fund.js'
import type { SignPool } from '../accounts/signPool.js'
import { deploy } from '../chain/deploy.js'
import { deploySpot } from '../chain/deploySpot.js'
import { encodeDeposit, NO_SPOT_KEEPER } from '../chain/encode.js'
import { UsageError } from '../core/errors.js'
import type { Deployment, Hex, Intent, Mode, PerpDeployment, Plan } from '../core/types.js'
import type { MarketTerms } from '../report/planFiles.js'
import { type GasLimits, settlementGas } from './gas.js'
import { marketAccounts } from './market.js'
import type { Node } from './node.js'
import type { OnProgress } from './progress.js'
import { giveTokens, tokenNeeds } from './tokens.js'

/** How markets are deployed for a run. */
export type MarketSetup = MarketTerms

/**
 * Deploys the clearing house of a mode and gives every trader gas money, collateral, an approval and the plan's deposit; for a plan
 * of swaps the spot side, gas money, tokens and approvals.
 * @throws UsageError when the funder cannot pay or the plan has no such mode, NodeError when something does not go through.
 */
export async function setUp(node: Node, options: setUp.Options): Promise<setUp.ReturnType> {
  const { plan, mode, pool, onProgress, limits } = options
  const { rpc, chainId, gasPrice, privateKey } = node
  const isSpot = plan.head.product === 'spot'
  if (isSpot && mode === 'keeper') throw new UsageError(NO_SPOT_KEEPER)
  if (plan.head.priceCourse !== undefined && !node.makesBlocks) throw new UsageError(ONLY_EMBEDDED)
  onProgress('deploy', 0, 1)
  const terms = {
    ...options.markets,
    settlementGas: settlementGas(node.isEmulated),
    mode: mode === 'direct' ? 'direct' : 'netting',
    chainId,
    privateKey,
    gasPrice,
  } as const
  const deployment: Deployment = await (isSpot ? deploySpot : deploy)(rpc, terms)
  onProgress('deploy', 1, 1)

  const { traders } = plan.head
  const beside = plan.head.priceCourse && marketAccounts(plan.head)
  const count = traders + (beside === undefined ? 0 : 1 + beside.keepers.length)
  const accounts = deriveAccounts({ seed: options.accountSeed, count })
  const addresses = accounts.map(({ address }) => address)
  const needs = largestNeeds(plan)
  const approvals = isSpot ? 2 * deployment.markets.length : 1
  const wei = gasMoney({ transactions: needs.transactions, approvals }, { limits, gasPrice })
  const funder = accountFromKey(privateKey)
  const chain = { chainId, gasPrice }
  const progress = (stage: string) => (done: number) => onProgress(stage, done, count)
  /** Gives accounts gas money. */
  async function pay(to: { addresses: readonly Hex[]; wei: bigint }): Promise<void> {
    if (node.isEmulated) await setBalances(rpc, to)
    else await transferToAll(rpc, { ...chain, ...to, funder, onProgress: progress('gas money') })
  }
  await pay({ addresses, wei })
  await pay({
    addresses: keepersOf(options).map(({ address }) => address),
    wei: limits.settle * gasPrice * KEEPER_CALLS,
  })
  await pay({
    addresses: addresses.slice(traders),
    wei: limits.changePosition * gasPrice * KEEPER_CALLS,
  })

  const calls = { ...chain, pool, addresses }
  if (deployment.product === 'spot')
    await giveTokens(rpc, {
      ...{ ...calls, deployment, signer: funder, onProgress },
      needs: tokenNeeds({ traders, markets: deployment.markets.length, intents: plan.intents() }),
    })
  else {
    await giveCollateral(deployment)
    const arbitrageur = beside && accounts[beside.arbitrageur]
    if (arbitrageur !== undefined) await equip(arbitrageur, deployment)
  }
  return { deployment, addresses }

  /** Gives the arbitrageur as much collateral as the pools hold quote: it can take them wherever the prices go. */
  async function equip(signer: DerivedAccount, { collateralToken, house }: PerpDeployment) {
    const quote = options.markets.markets.reduce((sum, { quoteDepth }) => sum + quoteDepth, 0n)
    const amount = quote / WAD_A_UNIT
    const mint = { ...chain, signer: funder, token: collateralToken, amount }
    await mintToAll(rpc, { ...mint, addresses: [signer.address] })
    const call = encodeDeposit({ house, amount })
    await callFromOne(rpc, { ...chain, signer, what: 'deposit', gas: FUNDING_GAS.deposit, call })
  }

  async function giveCollateral({ collateralToken, vault, house }: PerpDeployment) {
    const { collateral } = plan.head
    await mintToAll(rpc, {
      ...chain,
      signer: funder,
      token: collateralToken,
      addresses,
      amount: collateral + needs.deposits,
      onProgress: progress('collateral'),
    })
    await approveFromAll(rpc, {
      ...calls,
      token: collateralToken,
      vault,
      onProgress: progress('approvals'),
    })
    await callFromAll(rpc, {
      ...calls,
      what: 'deposit',
      gas: FUNDING_GAS.deposit,
      call: encodeDeposit({ house, amount: collateral }),
      onProgress: progress('deposits'),
    })
  }
}

export declare namespace setUp {
  type Options = {
    plan: PlanNeeds
    mode: Mode
    markets: MarketSetup
    /** Seed of the accounts' keys. */
    accountSeed: string
    /** Signs for those accounts. */
    pool: SignPool
    limits: GasLimits
    /** Generators that share the plan: each has an account of its own that settles. Default: none but the funder settles. */
    shards?: number | undefined
    onProgress: OnProgress
  }
  type ReturnType = {
    deployment: Deployment
    /** By trader index; behind the plan's those of its market (marketAccounts). */
    addresses: readonly Hex[]
  }
}

/** Calls that a keeper can pay for at once. */
const KEEPER_CALLS = 100n
/** WAD in a unit of the benchmark's collateral token, which has six decimals. */
const WAD_A_UNIT = 10n ** 12n
const ONLY_EMBEDDED =
  "The prices of this workload have a course: the run makes each block and says its time and the feeds' prices in it, which only the " +
  'embedded node lets it do; leave --rpc-url out, or take a scenario without "prices".'

/** The accounts that settle for each of the generators that share a plan. */
function keepersOf({ accountSeed, shards = 0 }: setUp.Options): DerivedAccount[] {
  return deriveAccounts({ seed: keeperSeedOf(accountSeed), count: shards })
}

/** Seed of the accounts that settle for the generators that share a plan, by index of the shard. */
export function keeperSeedOf(accountSeed: string): string {
  return `${accountSeed}:keeper`
}

/** What of a plan the set-up looks at. */
type PlanNeeds = {
  head: Pick<Plan, 'product' | 'traders' | 'collateral' | 'priceCourse'>
  intents(): Iterable<Intent>
}

/** The transactions of the busiest trader, and what the one that deposits most deposits besides the plan's collateral. */
function largestNeeds({ head, intents }: PlanNeeds): { transactions: number; deposits: bigint } {
  const transactions = new Uint32Array(head.traders)
  const deposits = new Array<bigint>(head.traders).fill(0n)
  for (const { trader, action, size } of intents()) {
    transactions[trader] = (transactions[trader] as number) + 1
    if (action === 'deposit') deposits[trader] = (deposits[trader] as bigint) + size
  }
  return {
    transactions: transactions.reduce((a, b) => Math.max(a, b), 0),
    deposits: largest(deposits),
  }
}

function largest(values: readonly bigint[]): bigint {
  let most = 0n
  for (const value of values) if (value > most) most = value
  return most
}

/** wei that a trader needs for so many transactions: their gas limits, all at once, and those of its set-up. */
function gasMoney(
  { transactions, approvals }: { transactions: number; approvals: number },
  { limits, gasPrice }: { limits: GasLimits; gasPrice: bigint },
): bigint {
  const gas = BigInt(transactions) * limits.changePosition + BigInt(approvals) * FUNDING_GAS.approve
  return (gas + FUNDING_GAS.deposit) * gasPrice * 2n
}
