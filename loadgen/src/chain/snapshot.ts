import { type Abi, decodeFunctionResult, encodeFunctionData, parseAbi } from 'viem'
import type { ChainSnapshot, Deployment, Hex, PositionSnapshot } from '../core/types.js'
import { artifacts } from './abi.generated.js'
import { resultOf } from './receipts.js'
import type { Rpc } from './rpc.js'
import { toWadPrice } from './uniswap.js'

const BATCH_SIZE = 500
const TOKEN = parseAbi(['function balanceOf(address account) view returns (uint256)'])

/** One read of a contract. */
type Read = { to: Hex; abi: Abi; functionName: string; args: readonly unknown[] }

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
  const read = (reads: readonly Read[]) => readAll(rpc, reads, blockNumber)
  const { engine, netting } = deployment

  const markets = await Promise.all(
    deployment.markets.map(async ({ pool, baseToken, quoteToken }, id) => {
      const [slot0, poolBase, poolQuote] = await read([
        { to: pool, abi: artifacts.UniswapV3Pool.abi as Abi, functionName: 'slot0', args: [] },
        { to: baseToken, abi: TOKEN, functionName: 'balanceOf', args: [pool] },
        { to: quoteToken, abi: TOKEN, functionName: 'balanceOf', args: [pool] },
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
              {
                to: engine,
                abi: artifacts.PerpNettingEngine.abi as Abi,
                functionName: 'pendingOf',
                args: [id],
              },
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
    {
      to: deployment.collateralToken,
      abi: TOKEN,
      functionName: 'balanceOf',
      args: [deployment.vault],
    },
  ])
  return {
    blockNumber,
    markets,
    positions,
    balances,
    fund: fund as bigint,
    vaultTokens: vaultTokens as bigint,
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
  const answers = await readAll(
    rpc,
    deployment.markets.map((_, id) => ({
      to: engine,
      abi: artifacts.PerpNettingEngine.abi as Abi,
      functionName: 'pendingOf',
      args: [id],
    })),
    blockNumber,
  )
  return answers.reduce<bigint>((sum, answer) => sum + (answer as readonly [bigint])[0], 0n)
}

async function readAll(rpc: Rpc, reads: readonly Read[], blockNumber: number): Promise<unknown[]> {
  const results: unknown[] = []
  for (let start = 0; start < reads.length; start += BATCH_SIZE) {
    const part = reads.slice(start, start + BATCH_SIZE)
    const answers = await rpc.batch(
      part.map(({ to, abi, functionName, args }) => ({
        method: 'eth_call',
        params: [
          { to, data: encodeFunctionData({ abi, functionName, args }) },
          `0x${blockNumber.toString(16)}`,
        ],
      })),
    )
    for (const [i, answer] of answers.entries()) {
      const { abi, functionName } = part[i] as Read
      const data = resultOf(answer, `eth_call of ${functionName}`) as Hex
      results.push(decodeFunctionResult({ abi, functionName, data }))
    }
  }
  return results
}
