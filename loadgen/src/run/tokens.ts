import type { DerivedAccount } from '../accounts/derive.js'
import { approveFromAll, type FundingChain, mintToAll } from '../accounts/fund.js'
import type { SignPool } from '../accounts/signPool.js'
import type { Rpc } from '../chain/rpc.js'
import type { Hex, Intent, SpotDeployment } from '../core/types.js'

const WAD = 10n ** 18n
/**
 * What a buyer's escrow is beyond its size at its limit, at most: what a pool's rounding can cost (MAX_STEPS in
 * contracts/spot/SpotRules.sol).
 */
const MAX_STEPS = 4096n

/** What the trader that needs most needs of each token of a market, wei. */
export type TokenNeeds = { base: bigint; quote: bigint }

/**
 * Gives every trader the tokens that its swaps put up, and an allowance without a bound for the house that takes them. What a swap
 * brings in does not pay for a later one: a trader can sell in the same block what it is about to buy.
 */
export async function giveTokens(rpc: Rpc, options: giveTokens.Options): Promise<void> {
  const { deployment, needs, addresses, signer, onProgress } = options
  const { chainId, gasPrice, pool } = options
  const chain = { chainId, gasPrice, addresses }
  const tokens = deployment.markets.flatMap(({ baseToken, quoteToken }, i) => [
    { token: baseToken, amount: needs[i]?.base ?? 0n },
    { token: quoteToken, amount: needs[i]?.quote ?? 0n },
  ])
  for (const [i, { token, amount }] of tokens.entries()) {
    const before = i * addresses.length
    const progress = (stage: string) => (done: number) =>
      onProgress(stage, before + done, tokens.length * addresses.length)
    await mintToAll(rpc, { ...chain, signer, token, amount, onProgress: progress('tokens') })
    await approveFromAll(rpc, {
      ...{ ...chain, pool, token, vault: deployment.house },
      onProgress: progress('approvals'),
    })
  }
}

export declare namespace giveTokens {
  type Options = Omit<FundingChain, 'onProgress'> & {
    deployment: SpotDeployment
    /** By market. */
    needs: readonly TokenNeeds[]
    /** Owner of the tokens. */
    signer: DerivedAccount
    pool: SignPool
    /** By trader index. */
    addresses: readonly Hex[]
    onProgress: (stage: string, done: number, total: number) => void
  }
}

/** What the trader that needs most of a market's tokens puts up over the whole plan, market by market. */
export function tokenNeeds(options: {
  traders: number
  markets: number
  intents: Iterable<Intent>
}): TokenNeeds[] {
  const { traders, markets } = options
  const base = new Array<bigint>(traders * markets).fill(0n)
  const quote = new Array<bigint>(traders * markets).fill(0n)
  for (const { action, trader, market, isLong, size, limitPrice } of options.intents) {
    if (action !== 'swap') continue
    const place = trader * markets + market
    if (isLong) quote[place] = (quote[place] as bigint) + escrowOf(size, limitPrice)
    else base[place] = (base[place] as bigint) + size
  }
  const most = (amounts: readonly bigint[], market: number) =>
    amounts.reduce((m, amount, i) => (i % markets === market && amount > m ? amount : m), 0n)
  return Array.from({ length: markets }, (_, market) => ({
    base: most(base, market),
    quote: most(quote, market),
  }))
}

/** Quote that a buyer puts up at most: its size at its limit, and the rounding of a pool (SpotRules.escrow). */
function escrowOf(size: bigint, limitPrice: bigint): bigint {
  return ((size + MAX_STEPS) * limitPrice) / WAD + 1n + 3n * MAX_STEPS
}
