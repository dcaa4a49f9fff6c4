import { type Abi, decodeFunctionResult, encodeFunctionData, parseAbi } from 'viem'
import type { Hex } from '../core/types.js'
import { resultOf } from './receipts.js'
import type { Rpc } from './rpc.js'

/** One read of a contract. */
export type Read = { to: Hex; abi: Abi; functionName: string; args: readonly unknown[] }

/** Reads at one block; the answers in the order of the questions. */
export type ReadAll = (reads: readonly Read[]) => Promise<unknown[]>

const BATCH_SIZE = 500
const TOKEN = parseAbi(['function balanceOf(address account) view returns (uint256)'])

/** What an account holds of a token. */
export function balanceOf(token: Hex, account: Hex): Read {
  return { to: token, abi: TOKEN, functionName: 'balanceOf', args: [account] }
}

/**
 * Reads contracts at a block, in batches. The answers throw NodeError when the node refuses a read.
 * @param options.time unix seconds at which the contracts are asked. Default the block's own; another takes a node that knows
 * block overrides, as the embedded one does.
 */
export function readsAt(
  rpc: Rpc,
  blockNumber: number,
  { time }: { time?: number | undefined } = {},
): ReadAll {
  const overrides = time === undefined ? [] : [{}, { time: `0x${time.toString(16)}` }]
  return async (reads) => {
    const results: unknown[] = []
    for (let start = 0; start < reads.length; start += BATCH_SIZE) {
      const part = reads.slice(start, start + BATCH_SIZE)
      const answers = await rpc.batch(
        part.map(({ to, abi, functionName, args }) => ({
          method: 'eth_call',
          params: [
            { to, data: encodeFunctionData({ abi, functionName, args }) },
            `0x${blockNumber.toString(16)}`,
            ...overrides,
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
}
