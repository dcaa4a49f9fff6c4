import { resultOf } from '../chain/receipts.js'
import { type Rpc, RpcRefusedError } from '../chain/rpc.js'
import { type Clock, systemClock } from '../core/clock.js'
import { NodeError } from '../core/errors.js'
import type { BlockSample, Hex } from '../core/types.js'

/** A block and the hashes of its transactions, in their order. */
export type FollowedBlock = { sample: BlockSample; hashes: readonly Hex[] }

/** Blocks asked for in one request when the follower has fallen behind. */
const CATCH_UP = 20
/** Looks in a row that may fail before the follower gives up: a node under load drops a connection now and then. */
const MAX_FAILURES = 5

/**
 * Follows the chain: every block from `fromBlock` on, in order, none left out, without an end. Asks for hashes only, which costs
 * the node little. A block counts as seen when its answer has arrived. Takes the chain as final, as Arcology's is: a block
 * that a node replaces later is not read again.
 * @throws NodeError when the node gives no valid answer several times in a row; the signal's reason when it is aborted.
 */
export async function* followBlocks(
  rpc: Rpc,
  options: followBlocks.Options,
): AsyncGenerator<FollowedBlock, never, undefined> {
  const { pollMs = 50, clock = systemClock, signal } = options
  let next = options.fromBlock
  let failures = 0
  for (;;) {
    signal?.throwIfAborted()
    let blocks: FollowedBlock[] = []
    try {
      blocks = await readFrom(rpc, next, clock)
      failures = 0
    } catch (error) {
      if (!(error instanceof NodeError || error instanceof RpcRefusedError)) throw error
      if (++failures >= MAX_FAILURES) throw error
    }
    yield* blocks
    next += blocks.length
    if (blocks.length === 0) await clock.sleep(pollMs, { signal })
  }
}

export declare namespace followBlocks {
  type Options = {
    /** First block. */
    fromBlock: number
    /** Milliseconds between looks for a new block: the resolution of `seenMs`. Default 50. */
    pollMs?: number | undefined
    clock?: Clock | undefined
    /** Ends it. */
    signal?: AbortSignal | undefined
  }
}

/** The blocks from `next` to the newest, at most CATCH_UP of them. */
async function readFrom(rpc: Rpc, next: number, clock: Clock): Promise<FollowedBlock[]> {
  const newest = Number(await rpc.call('eth_blockNumber'))
  if (!Number.isSafeInteger(newest)) throw new NodeError('The node does not tell its block number.')
  const count = Math.min(newest - next + 1, CATCH_UP)
  if (count <= 0) return []
  const method = 'eth_getBlockByNumber'
  const answers = await rpc.batch(
    Array.from({ length: count }, (_, i) => ({
      method,
      params: [`0x${(next + i).toString(16)}`, false],
    })),
  )
  const seenMs = clock.now()
  const blocks: FollowedBlock[] = []
  for (const answer of answers) {
    const block = resultOf(answer, method) as RpcBlock | null
    // Announced but not readable yet: the next look gets it.
    if (block === null) break
    blocks.push(toFollowedBlock(block, next + blocks.length, seenMs))
  }
  return blocks
}

type RpcBlock = { number: Hex; timestamp: Hex; gasUsed: Hex; transactions: readonly string[] }

function toFollowedBlock(block: RpcBlock, number: number, seenMs: number): FollowedBlock {
  if (Number(block.number) !== number)
    throw new NodeError(`The node answered with block ${Number(block.number)} for block ${number}.`)
  return {
    // An Arcology node leaves out the 0x of these hashes.
    hashes: block.transactions.map((hash) => (hash.startsWith('0x') ? hash : `0x${hash}`) as Hex),
    sample: {
      number,
      timestamp: Number(block.timestamp),
      seenMs,
      transactions: block.transactions.length,
      gasUsed: BigInt(block.gasUsed),
    },
  }
}
