import {
  type AccountState,
  isBelowMaintenance,
  type MarketPrices,
  type PoolState,
  readAccounts,
  readBases,
  readPools,
  readPrices,
} from '../chain/accounts.js'
import { readsAt } from '../chain/reads.js'
import type { Rpc } from '../chain/rpc.js'
import type { Hex, PerpDeployment } from '../core/types.js'
import type { Exposed } from './arbitrage.js'

/** An account below its maintenance margin. */
export type Endangered = {
  /** Index of the trader. */
  index: number
  trader: Hex
  state: AccountState
  /** Its positions, none of them empty. */
  positions: readonly Exposed[]
}

/** The state after a block, as far as somebody beside the workload acts on it. Lists are by market but for `below`. */
export type MarketView = {
  block: number
  prices: readonly MarketPrices[]
  pools: readonly PoolState[]
  below: readonly Endangered[]
}

/**
 * Looks at the state after the newest block as the next one finds it: average prices and funding go on with the time.
 * @param options.traders those that may be below their maintenance margin, by index.
 * @param options.blockSeconds from the newest block to the next.
 */
export async function viewMarket(
  rpc: Rpc,
  options: {
    deployment: PerpDeployment & { risk: Hex }
    traders: readonly Hex[]
    blockSeconds: number
  },
): Promise<MarketView> {
  const { deployment, traders, blockSeconds } = options
  const { house, risk, markets } = deployment
  const { number, timestamp } = await readNewest(rpc)
  const read = readsAt(rpc, number, { time: timestamp + blockSeconds })
  const prices = await readPrices(read, { risk, markets })
  const pools = await readPools(read, deployment)
  const states = await readAccounts(read, { house, traders })
  const found = states.flatMap((state, index) =>
    isBelowMaintenance(state) ? [{ index, trader: traders[index] as Hex, state }] : [],
  )
  const bases = await readBases(read, { deployment, traders: found.map(({ trader }) => trader) })
  const below = found.map((account, i) => ({
    ...account,
    positions: (bases[i] as bigint[]).flatMap((base, market) =>
      base === 0n ? [] : [{ market, base }],
    ),
  }))
  return { block: number, prices: prices.map(({ index, mark }) => ({ index, mark })), pools, below }
}

/** Number and time, unix seconds, of the newest block. */
export async function readNewest(rpc: Rpc): Promise<{ number: number; timestamp: number }> {
  const { number, timestamp } = (await rpc.call('eth_getBlockByNumber', ['latest', false])) as {
    number: Hex
    timestamp: Hex
  }
  return { number: Number(number), timestamp: Number(timestamp) }
}
