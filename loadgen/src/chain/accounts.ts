import type { Abi } from 'viem'
import type { Hex, PerpDeployment } from '../core/types.js'
import { artifacts } from './abi.generated.js'
import type { ReadAll } from './reads.js'

/** An account of a clearing house over all its markets, WAD. */
export type AccountState = {
  equity: bigint
  openNotional: bigint
  initialMargin: bigint
  maintenanceMargin: bigint
}

/** Index price, as far as it stands, and mark price of a market. WAD. */
export type MarketPrices = { index: bigint; mark: bigint }

/** Where the pool of a market stands: √price in Q64.96, and the liquidity there. */
export type PoolState = { sqrtPriceX96: bigint; liquidity: bigint }

const HOUSE = artifacts.PerpClearingHouse.abi as Abi
const POOL = artifacts.UniswapV3Pool.abi as Abi

/** True when an account may be liquidated: it has a position, and its equity is below its maintenance margin. */
export function isBelowMaintenance(account: AccountState): boolean {
  return account.openNotional !== 0n && account.equity < account.maintenanceMargin
}

/** Accounts in the order of their addresses. */
export async function readAccounts(
  read: ReadAll,
  { house, traders }: { house: Hex; traders: readonly Hex[] },
): Promise<AccountState[]> {
  return (await read(
    traders.map((trader) => ({
      ...{ to: house, abi: HOUSE, functionName: 'getAccount', args: [trader] },
    })),
  )) as AccountState[]
}

/** Base of each trader in each market, WAD: positive long. By trader, then by market. */
export async function readBases(
  read: ReadAll,
  { deployment, traders }: { deployment: PerpDeployment; traders: readonly Hex[] },
): Promise<bigint[][]> {
  const { markets } = deployment
  const abi = artifacts.PositionTracker.abi as Abi
  const flat = (await read(
    traders.flatMap((trader) =>
      markets.map(({ tracker }) => ({
        ...{ to: tracker, abi, functionName: 'getPosition', args: [trader] },
      })),
    ),
  )) as (readonly [bigint, bigint, bigint])[]
  return traders.map((_, i) =>
    flat.slice(i * markets.length, (i + 1) * markets.length).map(([base]) => base),
  )
}

/** Prices of each market of a deployment that has a risk registry. */
export async function readPrices(
  read: ReadAll,
  { risk, markets }: { risk: Hex; markets: readonly unknown[] },
): Promise<MarketPrices[]> {
  const abi = artifacts.RiskRegistry.abi as Abi
  return (await read(
    markets.map((_, id) => ({ ...{ to: risk, abi, functionName: 'pricesOf', args: [id] } })),
  )) as MarketPrices[]
}

/** The pool of each market. */
export async function readPools(
  read: ReadAll,
  { markets }: Pick<PerpDeployment, 'markets'>,
): Promise<PoolState[]> {
  const answers = await read(
    markets.flatMap(({ pool }) => [
      { to: pool, abi: POOL, functionName: 'slot0', args: [] },
      { to: pool, abi: POOL, functionName: 'liquidity', args: [] },
    ]),
  )
  return markets.map((_, i) => ({
    sqrtPriceX96: (answers[2 * i] as readonly [bigint])[0],
    liquidity: answers[2 * i + 1] as bigint,
  }))
}
