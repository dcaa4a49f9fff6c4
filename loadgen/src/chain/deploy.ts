import type { MarketRiskTerms } from '../core/marketRisk.js'
import type { Hex, MarketAddresses, PerpDeployment } from '../core/types.js'
import { call, create, createPool, openDeployer } from './deployer.js'
import { createFeed, initializeRisk } from './deployRisk.js'
import type { Rpc } from './rpc.js'
import { factoryCode, liquidityFor, POOL_FEE, poolAddress, toSqrtPriceX96 } from './uniswap.js'

const DECIMALS = 6

type Three = [Hex, Hex, Hex]
type Four = [Hex, ...Three]
type Five = [Hex, ...Four]

/**
 * Deploys one clearing house with everything it needs: the collateral token of the benchmark, Uniswap V3's factory and a pool for
 * each market, seeded with liquidity.
 *
 * Contracts refer to each other by immutables, so addresses are computed from the deployer's nonces beforehand. Transactions
 * that read each other's results go in waves, a block or more each: on a parallel runtime the transactions of a block do not
 * see one another. Those that touch the same slots (creating pools, listing markets) go one by one.
 * @throws UsageError for a deployer without funds or an option out of range, NodeError for a transaction that fails.
 */
export async function deploy(rpc: Rpc, options: deploy.Options): Promise<PerpDeployment> {
  const { mode, chainId, markets } = options
  const deployer = await openDeployer(rpc, options)
  const { owner, addressAt, wave } = deployer

  // The first wave reads nothing but the runtime; each contract's address follows from its place in it.
  const isNetting = mode === 'netting'
  const [token, factory, registry, router, risk] = [0, 1, 2, 3, 4].map(addressAt) as Five
  const [queues, netting, engine, admission] = [5, 6, 7, 8].map(addressAt) as Four
  const house = addressAt(isNetting ? 9 : 5)
  const vault = addressAt(isNetting ? 10 : 6)
  const trader = isNetting ? netting : house
  await wave([
    create('TestUSDC', [owner]),
    { what: 'UniswapV3Factory', data: factoryCode() },
    create('MarketRegistry', [owner]),
    create('SwapRouter', [factory, trader, owner]),
    create('RiskRegistry', [owner, registry]),
    ...(isNetting
      ? [
          create('PerpQueueFactory', [engine]),
          create('PerpNetting', [engine, router, risk]),
          create('PerpNettingEngine', [
            house,
            registry,
            netting,
            queues,
            admission,
            { threads: options.threads, chunk: options.chunk, ...options.settlementGas },
          ]),
          create('PerpAdmission', [engine, house, registry, vault, risk]),
          create('PerpClearingHouse', [registry, vault, risk, engine]),
        ]
      : [create('PoolClearingHouse', [registry, vault, risk, router])]),
  ])

  // The second reads what the first created: the vault's token, the lens's house.
  const lens = addressAt(1)
  const inFront = isNetting ? 2 : 1
  const feeds = markets.map(({ risk: terms }) => terms?.feed)
  const listings: MarketAddresses[] = markets.map((_, i) => {
    const [tracker, first, second] = [0, 1, 2].map((j) => addressAt(inFront + 3 * i + j)) as Three
    // Uniswap's token0 is the lower address; the base token takes that one.
    const [baseToken, quoteToken] = first < second ? [first, second] : [second, first]
    const pool = poolAddress({ factory, token0: baseToken, token1: quoteToken })
    const feedsBefore = feeds.slice(0, i).filter((feed) => feed !== undefined).length
    const feed = addressAt(inFront + 3 * markets.length + feedsBefore)
    return { tracker, baseToken, quoteToken, pool, ...(feeds[i] !== undefined && { feed }) }
  })
  await wave([
    create('CollateralVault', [house, token]),
    ...(isNetting ? [create('PerpLens', [house])] : []),
    ...listings.flatMap(({ tracker, baseToken, quoteToken }, i) => [
      create('PositionTracker', [trader, house, isNetting ? admission : house]),
      ...(baseToken < quoteToken && baseToken === addressAt(inFront + 3 * i + 1)
        ? [leg(i, true), leg(i, false)]
        : [leg(i, false), leg(i, true)]
      ).map(({ name, symbol, isBase }) =>
        create('VirtualToken', [name, symbol, isBase, router, trader, tracker]),
      ),
    ]),
    ...feeds.flatMap((feed) => (feed === undefined ? [] : [createFeed(feed, owner)])),
  ])
  // The vault's balance exists before thousands of traders pay into it at once.
  await wave([call('TestUSDC', token, 'mint', [vault, 0n])])

  for (const [i, listing] of listings.entries()) {
    const { price, quoteDepth, risk: terms } = markets[i] as deploy.Market
    const sqrtPriceX96 = toSqrtPriceX96(price)
    const market = {
      ...listing,
      fee: POOL_FEE,
      maxPriceMoveBps: options.maxPriceMoveBps,
      allocation: 0,
    }
    await createPool(deployer, { factory, pair: listing, sqrtPriceX96 })
    await wave([call('MarketRegistry', registry, 'list', [market])])
    if (terms !== undefined)
      await wave([initializeRisk({ risk, market: i, terms, feed: listing.feed })])
    // A block of its own: it writes the pool that the listing reads, and of two that conflict the runtime aborts one.
    await wave([
      call('SwapRouter', router, 'addLiquidity', [
        market,
        liquidityFor({ sqrtPriceX96, quoteDepth }),
      ]),
    ])
    if (isNetting) await wave([call('PerpNettingEngine', engine, 'createQueues', [])])
  }
  return {
    mode,
    chainId,
    house,
    vault,
    collateralToken: token,
    collateralDecimals: DECIMALS,
    registry,
    router,
    risk,
    ...(isNetting && { engine, netting, admission, lens }),
    markets: listings,
    deployedAtBlock: deployer.lastBlock(),
  }
}

export declare namespace deploy {
  type Market = {
    /** Initial price, quote per base, WAD. */
    price: bigint
    /** Quote that the full-range position holds at that price, wei; as much base value stands beside it. */
    quoteDepth: bigint
    /** What of its risk parameters is not the default, and its price feed. Default: the defaults, and none. */
    risk?: MarketRiskTerms | undefined
  }
  type Options = {
    mode: PerpDeployment['mode']
    chainId: number
    /** Pays for everything and owns it. */
    privateKey: Hex
    /** wei a unit of gas. */
    gasPrice: bigint
    markets: readonly Market[]
    /** How far one batch may move a pool's price, bps, 1 to 5,000. */
    maxPriceMoveBps: number
    /** Threads of markets that settle in parallel, 0 to 255; 0 settles them one after the other. */
    threads: number
    /** Orders of a market that one transaction fills at most. */
    chunk: number
    /** Upper bounds of what settlement uses on this chain: a market, an order to clear, an order to fill. */
    settlementGas: { marketGas: number; clearGas: number; fillGas: number }
  }
}

function leg(market: number, isBase: boolean): { name: string; symbol: string; isBase: boolean } {
  const asset = isBase ? `BASE${market}` : `USDC${market}`
  return { name: `Virtual ${asset}`, symbol: `v${asset}`, isBase }
}
