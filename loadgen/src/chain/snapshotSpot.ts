import { type Abi, parseAbi } from 'viem'
import type { Hex, PositionSnapshot, SpotDeployment, TokenAmounts } from '../core/types.js'
import { balanceOf, type ReadAll } from './reads.js'

const NETTING = parseAbi([
  'function claimable(address token, address trader) view returns (uint256)',
]) as Abi

/** What traders and the netting contract have of one market's tokens. */
export type Holdings = {
  /** By trader index. */
  positions: readonly PositionSnapshot[]
  /** Undefined where nothing nets. */
  held: TokenAmounts | undefined
}

/** Reads what traders hold and can claim of the tokens of each market. */
export function readHoldings(
  readAll: ReadAll,
  options: { deployment: SpotDeployment; traders: readonly Hex[] },
): Promise<Holdings[]> {
  const { deployment, traders } = options
  const { netting } = deployment

  /** By trader index; the last one the netting contract's, where there is one. */
  async function balances(token: Hex): Promise<bigint[]> {
    const accounts = netting === undefined ? traders : [...traders, netting]
    return (await readAll(accounts.map((account) => balanceOf(token, account)))) as bigint[]
  }

  async function claimable(token: Hex): Promise<bigint[]> {
    if (netting === undefined) return []
    const read = { to: netting, abi: NETTING, functionName: 'claimable' }
    return (await readAll(
      traders.map((trader) => ({ ...read, args: [token, trader] })),
    )) as bigint[]
  }

  return Promise.all(
    deployment.markets.map(async ({ baseToken, quoteToken }): Promise<Holdings> => {
      const [bases, quotes] = [await balances(baseToken), await balances(quoteToken)]
      const [owedBases, owedQuotes] = [await claimable(baseToken), await claimable(quoteToken)]
      const amounts = (base: readonly bigint[], quote: readonly bigint[], i: number) => ({
        base: base[i] ?? 0n,
        quote: quote[i] ?? 0n,
      })
      return {
        held: netting === undefined ? undefined : amounts(bases, quotes, traders.length),
        positions: traders.map((_, i) => {
          const [own, owed] = [amounts(bases, quotes, i), amounts(owedBases, owedQuotes, i)]
          return {
            base: own.base + owed.base,
            quote: own.quote + owed.quote,
            realizedPnl: 0n,
            ...(netting !== undefined && { claimable: owed }),
          }
        }),
      }
    }),
  )
}
