import { NodeError } from '../core/errors.js'
import type { Hex } from '../core/types.js'
import type { Outcome, RpcRequest } from './jsonRpc.js'
import type { DevnetLog } from './log.js'
import { RECEIPTS } from './methods.js'
import { receiptsBloom } from './receiptsBloom.js'
import type { Upstream } from './upstream.js'
import {
  type Frame,
  findMoves,
  type Log,
  type Moves,
  RUNTIME,
  WRITE_BACK,
} from './writeBackMoves.js'

/** Blocks that are known to have no WriteBackEvent; a hash each. */
const PLAIN_BLOCKS = 50_000
/** Blocks whose moves are kept: some 2 kB an event. */
const MOVING_BLOCKS = 16

const BLOCK_HASH = /"blockHash":"(0x[0-9a-f]{64})"/g

/**
 * Moves each WriteBackEvent into the receipt of the transaction that its pid names, as the event that it stands for, as the
 * runtime does for a whole block, whichever transaction emitted it. In receipts only: eth_getLogs, blooms of blocks and
 * subscriptions keep to Anvil's view, in which the emitting transaction has it.
 *
 * A moved event keeps the logIndex that it was emitted with, so that no two events of a block share one (the runtime counts anew
 * in each receipt). One whose pid is of no transaction of its block stays where it is, and a warning is logged: on the runtime
 * the node would not survive it.
 *
 * A block costs one eth_getLogs when one of its receipts is first asked for, and if it has such events one trace_filter, whose
 * answer holds every pid that the runtime gave (Anvil keeps the calls of each transaction). Nothing else is asked or changed:
 * receipts of other blocks are handed on byte for byte.
 */
export type WriteBack = {
  /** In the text of Anvil's answer to some calls. @throws NodeError when Anvil does not answer. */
  inText(calls: readonly Pick<RpcRequest, 'method'>[], text: string): Promise<string>
  /** In the outcome of one call. @throws NodeError as above. */
  inOutcome(call: Pick<RpcRequest, 'method'> | undefined, outcome: Outcome): Promise<Outcome>
}

export function createWriteBack(options: createWriteBack.Options): WriteBack {
  const { upstream, log } = options
  const plain = new Set<Hex>()
  const moving = new Map<Hex, Promise<Moves | undefined>>()

  async function ask<T>(method: string, filter: object): Promise<T> {
    const [outcome] = await upstream.forward([{ method, params: [filter] }])
    if (outcome !== undefined && 'result' in outcome) return outcome.result as T
    throw new NodeError(`Anvil refused ${method}: ${outcome?.error.message}`)
  }

  async function look(blockHash: Hex): Promise<Moves | undefined> {
    const events = await ask<(Log & { blockNumber: Hex })[]>('eth_getLogs', {
      blockHash,
      topics: [WRITE_BACK],
    })
    const block = events[0]?.blockNumber
    if (block === undefined) {
      keep(plain, PLAIN_BLOCKS)
      plain.add(blockHash)
      return undefined
    }
    const range = { fromBlock: block, toBlock: block, toAddress: [RUNTIME] }
    const frames = await ask<Frame[]>('trace_filter', range)
    const moves = findMoves(
      events,
      frames.filter((frame) => frame.blockHash === blockHash),
    )
    if (moves.lost.length > 0)
      log.warn(
        { block: Number(block), pid: moves.lost[0], events: moves.lost.length },
        'WriteBackEvents name no transaction of their block: the runtime would crash',
      )
    return moves
  }

  /** Undefined for a block without such events. */
  async function movesOf(blockHash: Hex): Promise<Moves | undefined> {
    if (plain.has(blockHash)) return undefined
    const known = moving.get(blockHash)
    if (known !== undefined) return known
    const looking = look(blockHash)
    keep(moving, MOVING_BLOCKS)
    moving.set(blockHash, looking)
    const forget = () => moving.delete(blockHash)
    void looking.then((moves) => moves === undefined && forget(), forget)
    return looking
  }

  async function inResult(result: unknown): Promise<unknown> {
    if (Array.isArray(result)) return Promise.all(result.map(inResult))
    if (!isReceipt(result)) return result
    const moves = await movesOf(result.blockHash)
    return moves === undefined ? result : applyMoves(result, moves)
  }

  return {
    async inOutcome(call, outcome) {
      if (call === undefined || !RECEIPTS.has(call.method) || 'error' in outcome) return outcome
      return { result: await inResult(outcome.result) }
    },
    async inText(calls, text) {
      if (!calls.some(({ method }) => RECEIPTS.has(method))) return text
      const hashes = new Set(Array.from(text.matchAll(BLOCK_HASH), ([, hash]) => hash as Hex))
      const moves = await Promise.all(Array.from(hashes, movesOf))
      if (moves.every((found) => found === undefined)) return text
      const answers: unknown = JSON.parse(text)
      const patch = async (answer: object) =>
        'result' in answer ? { ...answer, result: await inResult(answer.result) } : answer
      return JSON.stringify(
        Array.isArray(answers)
          ? await Promise.all(answers.map(patch))
          : await patch(answers as object),
      )
    },
  }
}

export declare namespace createWriteBack {
  type Options = { upstream: Upstream; log: DevnetLog }
}

type Receipt = { transactionHash: Hex; blockHash: Hex; logs: readonly Log[]; logsBloom: Hex }

function isReceipt(result: unknown): result is Receipt {
  const { transactionHash, blockHash, logs } = Object(result) as Partial<Receipt>
  return typeof transactionHash === 'string' && typeof blockHash === 'string' && Array.isArray(logs)
}

function applyMoves(receipt: Receipt, { left, arrived }: Moves): Receipt {
  const stayed = receipt.logs.filter(({ logIndex }) => !left.has(logIndex))
  const came = arrived.get(receipt.transactionHash) ?? []
  if (stayed.length === receipt.logs.length && came.length === 0) return receipt
  const logs = [...stayed, ...came]
  return { ...receipt, logs, logsBloom: receiptsBloom(logs) }
}

/** Makes room for one more: the oldest goes. */
function keep(cache: Set<Hex> | Map<Hex, unknown>, limit: number): void {
  if (cache.size < limit) return
  for (const oldest of cache.keys()) {
    cache.delete(oldest)
    return
  }
}
