import { type Abi, encodeDeployData, encodeFunctionData, getContractAddress, parseAbi } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { NodeError, UsageError } from '../core/errors.js'
import type { Deployment, Hex, MarketAddresses } from '../core/types.js'
import { artifacts } from './abi.generated.js'
import { sendAndWait } from './frontendUtil.js'
import type { Rpc } from './rpc.js'
import { factoryCode, liquidityFor, POOL_FEE, poolAddress, toSqrtPriceX96 } from './uniswap.js'

/** Gas limit of each transaction of a deployment: more than any needs, since estimates of an Arcology node cannot be trusted. */
const GAS = 30_000_000n
const DECIMALS = 6

const FACTORY = parseAbi(['function createPool(address tokenA, address tokenB, uint24 fee)'])
const POOL = parseAbi(['function initialize(uint160 sqrtPriceX96)'])

/** One transaction of a deployment. */
type Step = { what: string; to?: Hex | undefined; data: Hex }

/**
 * Deploys one clearing house with everything it needs: the collateral token of the benchmark, Uniswap V3's factory and a pool for
 * each market, seeded with liquidity.
 *
 * Contracts refer to each other by immutables, so addresses are computed from the deployer's nonces beforehand. Transactions
 * that read each other's results go in waves, a block or more each: on a parallel runtime the transactions of a block do not
 * see one another. Those that touch the same slots (creating pools, listing markets) go one by one.
 * @throws UsageError for a deployer without funds or an option out of range, NodeError for a transaction that fails.
 */
export async function deploy(rpc: Rpc, options: deploy.Options): Promise<Deployment> {
  const { mode, chainId, markets, gasPrice } = options
  if (markets.length === 0 || markets.length > 32)
    throw new UsageError(`A deployment has 1 to 32 markets, not ${markets.length}.`)
  const account = privateKeyToAccount(options.privateKey)
  const owner = account.address.toLowerCase() as Hex
  const balance = BigInt((await rpc.call('eth_getBalance', [owner, 'latest'])) as string)
  if (balance < GAS * gasPrice * 8n)
    throw new UsageError(
      `The deployer ${owner} has ${balance} wei; a deployment needs at least ${GAS * gasPrice * 8n} wei for gas.`,
    )
  let nonce = Number(await rpc.call('eth_getTransactionCount', [owner, 'pending']))
  let lastBlock = 0

  const addressAt = (offset: number): Hex =>
    getContractAddress({
      from: owner,
      nonce: BigInt(nonce + offset),
    }).toLowerCase() as Hex

  async function wave(steps: readonly Step[]): Promise<void> {
    const raws = await Promise.all(
      steps.map(({ to, data }, i) =>
        account.signTransaction({
          type: 'legacy',
          chainId,
          nonce: nonce + i,
          gas: GAS,
          gasPrice,
          ...(to !== undefined && { to }),
          data,
        }),
      ),
    )
    nonce += steps.length
    const receipts = await sendAndWait(rpc, raws)
    for (const [i, receipt] of receipts.entries()) {
      if (Number(receipt.status) !== 1)
        throw new NodeError(
          `The deployment failed at "${steps[i]?.what}" (transaction ${receipt.transactionHash}).`,
        )
      lastBlock = Math.max(lastBlock, Number(receipt.blockNumber))
    }
  }

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

  for (const [i, { tracker, baseToken, quoteToken, pool }] of listings.entries()) {
    const { price, quoteDepth } = markets[i] as deploy.Market
    const sqrtPriceX96 = toSqrtPriceX96(price)
    const market = {
      pool,
      baseToken,
      quoteToken,
      tracker,
      fee: POOL_FEE,
      maxPriceMoveBps: options.maxPriceMoveBps,
      allocation: 0,
    }
    const data = encodeFunctionData({ abi: FACTORY, args: [baseToken, quoteToken, POOL_FEE] })
    await wave([{ what: 'createPool', to: factory, data }])
    await wave([
      {
        what: 'initialize',
        to: pool,
        data: encodeFunctionData({ abi: POOL, args: [sqrtPriceX96] }),
      },
    ])
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
    deployedAtBlock: lastBlock,
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
    mode: Deployment['mode']
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

type Name = keyof typeof artifacts

function create(name: Exclude<Name, 'UniswapV3Pool'>, args: readonly unknown[]): Step {
  const { abi, bytecode } = artifacts[name] as { abi: Abi; bytecode: Hex }
  return { what: name, data: encodeDeployData({ abi, bytecode, args }) }
}

function call(name: Name, to: Hex, functionName: string, args: readonly unknown[]): Step {
  const abi = artifacts[name].abi as Abi
  return {
    what: `${name}.${functionName}`,
    to,
    data: encodeFunctionData({ abi, functionName, args }),
  }
}

function leg(market: number, isBase: boolean): { name: string; symbol: string; isBase: boolean } {
  const asset = isBase ? `BASE${market}` : `USDC${market}`
  return { name: `Virtual ${asset}`, symbol: `v${asset}`, isBase }
}
