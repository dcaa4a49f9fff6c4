import type { Abi } from 'viem'
import type {
  ChainSnapshot,
  Deployment,
  Hex,
  PerpDeployment,
  PositionSnapshot,
  SpotDeployment,
} from '../core/types.js'
import { artifacts } from './abi.generated.js'
import { balanceOf, type ReadAll, readsAt } from './reads.js'
import type { Rpc } from './rpc.js'
import { readRisk, withRisk } from './snapshotRisk.js'
import { readHoldings } from './snapshotSpot.js'
import { toWadPrice } from './uniswap.js'

type MarketSnapshot = ChainSnapshot['markets'][number]

/**
 * Reads the state that verification compares with the events, all of it at one block.
 * @param options.traders addresses by trader index.
 * @throws NodeError when the node refuses a read.
 */
export async function readSnapshot(
  rpc: Rpc,
  options: { deployment: Deployment; traders: readonly Hex[] },
): Promise<ChainSnapshot> {
  const { deployment, traders } = options
  const blockNumber = Number(await rpc.call('eth_blockNumber'))
  const read = readsAt(rpc, blockNumber)
  const markets = await readMarkets(read, deployment)
  return deployment.product === 'spot'
    ? { blockNumber, ...(await readSpot(read, { deployment, traders, markets })) }
    : { blockNumber, ...(await readPerp(read, { deployment, traders, markets })) }
}

/** Engines and netting contracts answer the same whatever is traded; the perpetual ones' ABI serves both. */
async function readMarkets(read: ReadAll, deployment: Deployment): Promise<MarketSnapshot[]> {
  const { engine, netting } = deployment
  return Promise.all(
    deployment.markets.map(async ({ pool, baseToken, quoteToken }, id) => {
      const [slot0, poolBase, poolQuote] = await read([
        { to: pool, abi: artifacts.UniswapV3Pool.abi as Abi, functionName: 'slot0', args: [] },
        balanceOf(baseToken, pool),
        balanceOf(quoteToken, pool),
      ])
      const sqrtPriceX96 = (slot0 as readonly [bigint])[0]
      const [dust, pending] =
        engine === undefined || netting === undefined
          ? [
              [0n, 0n],
              [0n, 0n, 0n],
            ]
          : await read([
              {
                to: netting,
                abi: artifacts.PerpNetting.abi as Abi,
                functionName: 'dustOf',
                args: [id],
              },
              pendingOf(engine, id),
            ])
      const [dustBase, dustQuote] = dust as readonly [bigint, bigint]
      const [queued, longs, shorts] = pending as readonly [bigint, bigint, bigint]
      return {
        midPrice: toWadPrice(sqrtPriceX96),
        sqrtPriceX96,
        poolBase: poolBase as bigint,
        poolQuote: poolQuote as bigint,
        dustBase,
        dustQuote,
        queued,
        totals: longs + shorts,
      }
    }),
  )
}

async function readPerp(
  read: ReadAll,
  options: {
    deployment: PerpDeployment
    traders: readonly Hex[]
    markets: readonly MarketSnapshot[]
  },
): Promise<Omit<ChainSnapshot, 'blockNumber'>> {
  const { deployment, traders } = options
  const vault = { to: deployment.vault, abi: artifacts.CollateralVault.abi as Abi }
  const balances = (await read(
    traders.map((trader) => ({ ...vault, functionName: 'getBalance', args: [trader] })),
  )) as bigint[]
  const flat = (await read(
    traders.flatMap((trader) =>
      deployment.markets.map(({ tracker }) => ({
        to: tracker,
        abi: artifacts.PositionTracker.abi as Abi,
        functionName: 'getPosition',
        args: [trader],
      })),
    ),
  )) as (readonly [bigint, bigint, bigint])[]
  const width = deployment.markets.length
  const positions = traders.map((_, i) =>
    flat
      .slice(i * width, (i + 1) * width)
      .map(([base, quote, realizedPnl]): PositionSnapshot => ({ base, quote, realizedPnl })),
  )
  const [fund, vaultTokens] = await read([
    { ...vault, functionName: 'fund', args: [] },
    balanceOf(deployment.collateralToken, deployment.vault),
  ])
  const risk = await readRisk(read, deployment)
  return {
    ...{ markets: withRisk(options.markets, risk?.markets), positions, balances },
    ...{ fund: fund as bigint, vaultTokens: vaultTokens as bigint, insurance: risk?.insurance },
  }
}

async function readSpot(
  read: ReadAll,
  options: {
    deployment: SpotDeployment
    traders: readonly Hex[]
    markets: readonly MarketSnapshot[]
  },
): Promise<Omit<ChainSnapshot, 'blockNumber'>> {
  const holdings = await readHoldings(read, options)
  return {
    markets: options.markets.map((market, id) => ({ ...market, held: holdings[id]?.held })),
    positions: options.traders.map((_, i) =>
      holdings.map(({ positions }) => positions[i] as PositionSnapshot),
    ),
    balances: [],
    fund: 0n,
    vaultTokens: 0n,
  }
}

/** Orders that wait in the queues of a netting deployment. */
export async function readPending(
  rpc: Rpc,
  deployment: Pick<Deployment, 'engine' | 'markets'>,
): Promise<bigint> {
  const { engine } = deployment
  if (engine === undefined) return 0n
  const blockNumber = Number(await rpc.call('eth_blockNumber'))
  const answers = await readsAt(
    rpc,
    blockNumber,
  )(deployment.markets.map((_, id) => pendingOf(engine, id)))
  return answers.reduce<bigint>((sum, answer) => sum + (answer as readonly [bigint])[0], 0n)
}

function pendingOf(engine: Hex, market: number) {
  return {
    to: engine,
    abi: artifacts.PerpNettingEngine.abi as Abi,
    functionName: 'pendingOf',
    args: [market],
  }
}
