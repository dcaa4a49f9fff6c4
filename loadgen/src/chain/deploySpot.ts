import type { Hex, PairAddresses, SpotDeployment } from '../core/types.js'
import type { deploy } from './deploy.js'
import { call, create, createPool, openDeployer, type Step } from './deployer.js'
import type { Rpc } from './rpc.js'
import { factoryCode, liquidityFor, POOL_FEE, poolAddress, toSqrtPriceX96 } from './uniswap.js'

const MAX_UINT256 = 2n ** 256n - 1n
const NO_TRACKER = '0x0000000000000000000000000000000000000000'

/**
 * Deploys the spot side of a mode with everything it needs: two tokens for each market, Uniswap V3's factory, a pool for each
 * pair, seeded with liquidity, and the engine that nets or the baseline that swaps at once. Waves as in {@link deploy}. The engine
 * settles its markets one after the other.
 * @throws UsageError for a deployer without funds or an option out of range, NodeError for a transaction that fails.
 */
export async function deploySpot(rpc: Rpc, options: deploySpot.Options): Promise<SpotDeployment> {
  const { mode, chainId, markets } = options
  const deployer = await openDeployer(rpc, options)
  const { owner, addressAt, wave } = deployer

  const isNetting = mode === 'netting'
  const [factory, registry, seeder] = [0, 1, 2].map(addressAt) as [Hex, Hex, Hex]
  const [router, queues, netting, engine] = [3, 4, 5, 6].map(addressAt) as [Hex, Hex, Hex, Hex]
  await wave([
    { what: 'UniswapV3Factory', data: factoryCode() },
    create('MarketRegistry', [owner]),
    create('PoolSeeder', []),
    ...(isNetting
      ? [
          create('SpotRouter', [factory, netting]),
          create('SpotQueueFactory', [engine]),
          create('SpotNetting', [engine, router]),
          create('SpotNettingEngine', [
            registry,
            netting,
            queues,
            { threads: 0, chunk: options.chunk, ...options.settlementGas },
          ]),
        ]
      : [create('PoolSwapHouse', [registry])]),
  ])
  const house = isNetting ? engine : router

  const tokens = markets.flatMap((_, i) => [addressAt(2 * i), addressAt(2 * i + 1)])
  const pairs = markets.map((_, i): PairAddresses => {
    // Uniswap's token0 is the lower address; the base token takes that one.
    const [baseToken, quoteToken] = tokens.slice(2 * i, 2 * i + 2).sort() as [Hex, Hex]
    const pool = poolAddress({ factory, token0: baseToken, token1: quoteToken })
    return { pool, baseToken, quoteToken }
  })
  await wave(
    tokens.map((token, i): Step => {
      const market = Math.floor(i / 2)
      const asset = token === pairs[market]?.baseToken ? `BASE${market}` : `USD${market}`
      return create('TestToken', [`Test ${asset}`, `t${asset}`, owner])
    }),
  )

  for (const [i, pair] of pairs.entries()) {
    const { price, quoteDepth } = markets[i] as deploy.Market
    const sqrtPriceX96 = toSqrtPriceX96(price)
    const listing = {
      ...pair,
      tracker: NO_TRACKER,
      fee: POOL_FEE,
      maxPriceMoveBps: options.maxPriceMoveBps,
      allocation: 0,
    }
    await createPool(deployer, { factory, pair, sqrtPriceX96 })
    const both = [pair.baseToken, pair.quoteToken]
    await wave([
      call('MarketRegistry', registry, 'list', [listing]),
      ...both.map((token) => call('TestToken', token, 'approve', [seeder, MAX_UINT256])),
    ])
    // Balances exist before thousands of traders pay into them at once, and before the pool is paid.
    const accounts = isNetting ? [pair.pool, netting] : [pair.pool]
    for (const account of accounts)
      await wave(both.map((token) => call('TestToken', token, 'mint', [account, 0n])))
    const liquidity = liquidityFor({ sqrtPriceX96, quoteDepth })
    await wave([
      call('TestToken', pair.baseToken, 'mint', [owner, baseOf(liquidity, sqrtPriceX96)]),
      call('TestToken', pair.quoteToken, 'mint', [owner, quoteOf(liquidity, sqrtPriceX96)]),
    ])
    await wave([call('PoolSeeder', seeder, 'addLiquidity', [pair.pool, liquidity])])
    if (isNetting) await wave([call('SpotNettingEngine', engine, 'createQueues', [])])
  }
  return {
    product: 'spot',
    mode,
    chainId,
    house,
    registry,
    ...(isNetting && { router, engine, netting }),
    markets: pairs,
    deployedAtBlock: deployer.lastBlock(),
  }
}

export declare namespace deploySpot {
  type Options = Omit<deploy.Options, 'threads'>
}

/** Base that liquidity over the whole range takes at a price, at most: L ÷ √P (Uniswap v3 white paper, 6.2), rounded up. */
function baseOf(liquidity: bigint, sqrtPriceX96: bigint): bigint {
  return (liquidity << 96n) / sqrtPriceX96 + 1n
}

/** Quote that it takes, at most: L × √P, rounded up. */
function quoteOf(liquidity: bigint, sqrtPriceX96: bigint): bigint {
  return ((liquidity * sqrtPriceX96) >> 96n) + 1n
}
