import { keccak256, toFunctionSelector, toHex } from 'viem'
import type { Hex } from '../core/types.js'

/** First topic of `event WriteBackEvent(bytes32 indexed pid, bytes32 indexed signature, bytes context)`. */
export const WRITE_BACK: Hex = keccak256(toHex('WriteBackEvent(bytes32,bytes32,bytes)'))

/** Where the emulated runtime is, which gives transactions their pid. */
export const RUNTIME = '0x00000000000000000000000000000000000000a0'
const PID = toFunctionSelector('pid()')

const WORD = 64
/** The word between topics and data. */
const MARK = 'f'.repeat(WORD)
/** The runtime drops what comes after the third topic. */
const MOST_TOPICS = 3

/** The part of a log that matters here; what else the node says of it stays as it is. */
export type Log = {
  address: Hex
  topics: readonly Hex[]
  data: Hex
  transactionHash: Hex
  transactionIndex: Hex
  logIndex: Hex
}

/** A call inside a transaction, as trace_filter tells of it. */
export type Frame = {
  action: { callType?: string; input?: Hex }
  result?: { output?: Hex } | null
  blockHash: Hex
  transactionHash: Hex
  transactionPosition: number
}

/** What the runtime changes in the receipts of one block. */
export type Moves = {
  /** logIndex of the events that leave the receipt of the transaction that emitted them. */
  left: ReadonlySet<Hex>
  /** What comes into the receipt of a transaction, by its hash, in the order in which it was emitted. */
  arrived: ReadonlyMap<Hex, readonly Log[]>
  /** pids that name no transaction of the block, and events that are none: the runtime's node does not survive them. */
  lost: readonly Hex[]
}

/**
 * Finds the receipt of each WriteBackEvent of a block.
 * @param events The block's logs whose first topic is {@link WRITE_BACK}, in order.
 * @param frames The block's calls of the runtime, in order.
 */
export function findMoves(events: readonly Log[], frames: readonly Frame[]): Moves {
  const transactions = pids(frames)
  const left = new Set<Hex>()
  const arrived = new Map<Hex, Log[]>()
  const lost: Hex[] = []
  for (const event of events) {
    const [, pid, signature] = event.topics
    const place = pid === undefined ? undefined : transactions.get(pid)
    if (signature === undefined || place === undefined) {
      lost.push(pid ?? '0x')
      continue
    }
    left.add(event.logIndex)
    const moved = { ...event, ...place, ...unpack(signature, event.data) }
    const others = arrived.get(place.transactionHash)
    if (others === undefined) arrived.set(place.transactionHash, [moved])
    else others.push(moved)
  }
  return { left, arrived, lost }
}

type Place = { transactionHash: Hex; transactionIndex: Hex }

/**
 * Which transaction got which pid. A reverted call gives its pid back, and the sender's next transaction may get the same one:
 * the last that got it kept it.
 */
function pids(frames: readonly Frame[]): Map<Hex, Place> {
  const found = new Map<Hex, Place>()
  for (const { action, result, transactionHash, transactionPosition } of frames) {
    const pid = result?.output
    if (action.callType !== 'call' || pid === undefined) continue
    if (action.input?.startsWith(PID) !== true) continue
    found.set(pid, { transactionHash, transactionIndex: toHex(transactionPosition) })
  }
  return found
}

/**
 * The event that a WriteBackEvent stands for, read as the runtime reads it: topics before the last word of ones, data after it.
 * Without such a word, or with none after it, all is data.
 * @param data Encoded `bytes context`; its offset and length are passed over unread.
 */
function unpack(signature: Hex, data: Hex): { topics: readonly Hex[]; data: Hex } {
  const context = data.slice(2 + 2 * WORD)
  const words = Math.floor(context.length / WORD)
  let mark = words - 1
  while (mark >= 0 && context.slice(mark * WORD, (mark + 1) * WORD) !== MARK) mark -= 1
  const topics: Hex[] = [signature]
  for (let i = 0; i < mark && topics.length < MOST_TOPICS; i++)
    topics.push(`0x${context.slice(i * WORD, (i + 1) * WORD)}`)
  const start = mark >= 0 && mark < words - 1 ? mark + 1 : 0
  return { topics, data: `0x${context.slice(start * WORD)}` }
}
