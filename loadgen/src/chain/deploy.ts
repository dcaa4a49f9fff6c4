import type { Hex, MarketAddresses, PerpDeployment } from '../core/types.js'
import { call, create, createPool, openDeployer } from './deployer.js'
import type { Rpc } from './rpc.js'
import { factoryCode, liquidityFor, POOL_FEE, poolAddress, toSqrtPriceX96 } from './uniswap.js'

const DECIMALS = 6

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
  const [token, factory, registry, router] = [0, 1, 2, 3].map(addressAt) as [Hex, Hex, Hex, Hex]
  const [queues, netting, engine] = [4, 5, 6].map(addressAt) as [Hex, Hex, Hex]
  const house = addressAt(isNetting ? 7 : 4)
  const vault = addressAt(isNetting ? 8 : 5)
  const trader = isNetting ? netting : house
  await wave([
    create('TestUSDC', [owner]),
    { what: 'UniswapV3Factory', data: factoryCode() },
    create('MarketRegistry', [owner]),
    create('SwapRouter', [factory, trader, owner]),
    ...(isNetting
      ? [
          create('PerpQueueFactory', [engine]),
          create('PerpNetting', [engine, router]),
          create('PerpNettingEngine', [
            house,
            registry,
            vault,
            netting,
            queues,
            { threads: options.threads, chunk: options.chunk, ...options.settlementGas },
          ]),
          create('PerpClearingHouse', [registry, vault, engine]),
        ]
      : [create('PoolClearingHouse', [registry, vault, router])]),
  ])

  const listings: MarketAddresses[] = markets.map((_, i) => {
    const tracker = addressAt(1 + 3 * i)
    const [first, second] = [addressAt(2 + 3 * i), addressAt(3 + 3 * i)]
    // Uniswap's token0 is the lower address; the base token takes that one.
    const [baseToken, quoteToken] = first < second ? [first, second] : [second, first]
    const pool = poolAddress({ factory, token0: baseToken, token1: quoteToken })
    return { tracker, baseToken, quoteToken, pool }
  })
  await wave([
    create('CollateralVault', [house, token]),
    ...listings.flatMap(({ tracker, baseToken, quoteToken }, i) => [
      create('PositionTracker', [trader, house]),
      ...(baseToken < quoteToken && baseToken === addressAt(2 + 3 * i)
        ? [leg(i, true), leg(i, false)]
        : [leg(i, false), leg(i, true)]
      ).map(({ name, symbol, isBase }) =>
        create('VirtualToken', [name, symbol, isBase, router, trader, tracker]),
      ),
    ]),
  ])
  // The vault's balance exists before thousands of traders pay into it at once.
  await wave([call('TestUSDC', token, 'mint', [vault, 0n])])

  for (const [i, listing] of listings.entries()) {
    const { price, quoteDepth } = markets[i] as deploy.Market
    const sqrtPriceX96 = toSqrtPriceX96(price)
    const market = {
      ...listing,
      fee: POOL_FEE,
      maxPriceMoveBps: options.maxPriceMoveBps,
      allocation: 0,
    }
    await createPool(deployer, { factory, pair: listing, sqrtPriceX96 })
    await wave([call('MarketRegistry', registry, 'list', [market])])
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
    ...(isNetting && { engine, netting }),
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
