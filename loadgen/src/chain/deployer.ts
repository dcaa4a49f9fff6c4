import { type Abi, encodeDeployData, encodeFunctionData, getContractAddress, parseAbi } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { NodeError, UsageError } from '../core/errors.js'
import type { Hex, PairAddresses } from '../core/types.js'
import { artifacts } from './abi.generated.js'
import { sendAndWait } from './frontendUtil.js'
import type { Rpc } from './rpc.js'
import { POOL_FEE } from './uniswap.js'

/** Gas limit of each transaction of a deployment: more than any needs, since estimates of an Arcology node cannot be trusted. */
const GAS = 30_000_000n
/** Markets of a deployment, at most: MarketRegistry.MAX_MARKETS. */
const MAX_MARKETS = 32

const FACTORY = parseAbi(['function createPool(address tokenA, address tokenB, uint24 fee)'])
const POOL = parseAbi(['function initialize(uint160 sqrtPriceX96)'])

/** One transaction of a deployment. */
export type Step = { what: string; to?: Hex | undefined; data: Hex }

/** One account that deploys contracts, in waves: the transactions of a wave do not see what the others of it do. */
export type Deployer = {
  /** Its address. */
  owner: Hex
  /** Address of the contract that the so many'th of the next transactions creates, from 0. */
  addressAt(offset: number): Hex
  /** Sends transactions and waits until all are included. @throws NodeError when one fails. */
  wave(steps: readonly Step[]): Promise<void>
  /** Block of the last of them. */
  lastBlock(): number
}

/** @throws UsageError for an account without funds, and for a number of markets that no registry takes. */
export async function openDeployer(rpc: Rpc, options: openDeployer.Options): Promise<Deployer> {
  const { chainId, gasPrice, markets } = options
  if (markets.length === 0 || markets.length > MAX_MARKETS)
    throw new UsageError(`A deployment has 1 to ${MAX_MARKETS} markets, not ${markets.length}.`)
  const account = privateKeyToAccount(options.privateKey)
  const owner = account.address.toLowerCase() as Hex
  const balance = BigInt((await rpc.call('eth_getBalance', [owner, 'latest'])) as string)
  if (balance < GAS * gasPrice * 8n)
    throw new UsageError(
      `The deployer ${owner} has ${balance} wei; a deployment needs at least ${GAS * gasPrice * 8n} wei for gas.`,
    )
  let nonce = Number(await rpc.call('eth_getTransactionCount', [owner, 'pending']))
  let lastBlock = 0
  return {
    owner,
    lastBlock: () => lastBlock,
    addressAt: (offset) =>
      getContractAddress({ from: owner, nonce: BigInt(nonce + offset) }).toLowerCase() as Hex,
    async wave(steps) {
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
    },
  }
}

export declare namespace openDeployer {
  type Options = {
    chainId: number
    /** Pays for everything and owns it. */
    privateKey: Hex
    /** wei a unit of gas. */
    gasPrice: bigint
    markets: readonly unknown[]
  }
}

export type Name = keyof typeof artifacts

/** Creates one of our contracts. */
export function create(name: Exclude<Name, 'UniswapV3Pool'>, args: readonly unknown[]): Step {
  const { abi, bytecode } = artifacts[name] as { abi: Abi; bytecode: Hex }
  return { what: name, data: encodeDeployData({ abi, bytecode, args }) }
}

/** Calls one of our contracts. */
export function call(name: Name, to: Hex, functionName: string, args: readonly unknown[]): Step {
  const abi = artifacts[name].abi as Abi
  return {
    what: `${name}.${functionName}`,
    to,
    data: encodeFunctionData({ abi, functionName, args }),
  }
}

/** Creates the pool of a pair at a price. Two waves: one creates what the other writes. */
export async function createPool(
  { wave }: Deployer,
  options: { factory: Hex; pair: PairAddresses; sqrtPriceX96: bigint },
): Promise<void> {
  const { pool, baseToken, quoteToken } = options.pair
  const data = encodeFunctionData({ abi: FACTORY, args: [baseToken, quoteToken, POOL_FEE] })
  await wave([{ what: 'createPool', to: options.factory, data }])
  const initialize = encodeFunctionData({ abi: POOL, args: [options.sqrtPriceX96] })
  await wave([{ what: 'initialize', to: pool, data: initialize }])
}
