import { toEventSelector } from 'viem'
import { EVENTS } from '../chain/decode.js'
import { fetchReceipts, type RpcReceipt } from '../chain/receipts.js'
import { readPending } from '../chain/snapshot.js'
import { type Clock, systemClock } from '../core/clock.js'
import { EXIT, LoadgenError, NodeError } from '../core/errors.js'
import type { Hex } from '../core/types.js'
import { gasLimits } from '../run/gas.js'
import { createKeeper } from '../run/keeper.js'
import type { Node } from '../run/node.js'
import type { House } from './house.js'

/** What one settle() did. */
export type Settlement = {
  hash: Hex
  block: number
  /** Orders that it filled, wholly or in part, and that it ended without a fill, by the events of its own receipt. */
  settled: number
  rejected: number
  gasUsed: bigint
  /** Orders that wait in the queues afterwards. */
  left: bigint
}

/** Calls of settle() in a row that change nothing, after which something is broken. */
const MAX_IDLE = 3
/** Milliseconds between looks for a receipt. */
const RECEIPT_POLL_MS = 100

/**
 * Settles what is left in the queues of a clearing house: once, or again and again until it is told to stop.
 *
 * Orders that the same block's deferred transaction settles never wait, so it sends nothing for them. Without `once` a node that
 * fails for a while is asked again.
 * @throws NodeError when settle() does not get further; with `once` also when the node fails.
 */
export async function keepSettling(node: Node, options: keepSettling.Options): Promise<void> {
  const { house, once, pollMs, signal, clock = systemClock } = options
  const { rpc } = node
  const keeper = createKeeper(node, { deployment: house, gas: gasLimits(node.isEmulated).settle })
  let idle = 0

  /** @returns what it did; undefined when there was nothing to do. */
  async function settleOnce(): Promise<Settlement | undefined> {
    const before = await readPending(rpc, house)
    if (before === 0n) return undefined
    await keeper.send()
    const hash = keeper.hashes().at(-1) as Hex
    const receipt = await receiptOf(hash)
    const left = await readPending(rpc, house)
    const settlement = { ...readSettlement(receipt), hash, left }
    // Another keeper may have been faster: then the queues have changed all the same.
    const isIdle = settlement.settled + settlement.rejected === 0 && left === before
    idle = isIdle ? idle + 1 : 0
    return settlement
  }

  async function receiptOf(hash: Hex): Promise<RpcReceipt> {
    const deadline = clock.now() + options.timeoutMs
    for (;;) {
      const [receipt] = await fetchReceipts(rpc, [hash])
      if (receipt !== undefined) return receipt
      if (clock.now() >= deadline)
        throw new NodeError(
          `The settle() ${hash} was in no block within ${options.timeoutMs / 1_000} s.`,
        )
      await clock.sleep(RECEIPT_POLL_MS)
    }
  }

  while (!signal.aborted) {
    let settlement: Settlement | undefined
    try {
      settlement = await settleOnce()
    } catch (error) {
      if (once || !(error instanceof LoadgenError) || error.exitCode !== EXIT.node) throw error
      options.onFailure(error)
    }
    if (settlement !== undefined) options.onSettlement(settlement)
    if (idle === MAX_IDLE)
      throw new NodeError(
        `settle() does not get further: ${settlement?.left} orders are left in the queues after ${keeper.hashes().length} calls.`,
      )
    if (settlement !== undefined) continue
    if (once) return
    await pause()
  }

  async function pause(): Promise<void> {
    await clock.sleep(pollMs, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }
}

export declare namespace keepSettling {
  type Options = {
    house: House
    /** Returns when nothing is left. */
    once: boolean
    /** Milliseconds between looks at queues that are empty. */
    pollMs: number
    /** Milliseconds that the inclusion of a settle() may take. */
    timeoutMs: number
    /** Ends it when what is under way is done. */
    signal: AbortSignal
    onSettlement: (settlement: Settlement) => void
    /** The node failed, and will be asked again. */
    onFailure: (error: LoadgenError) => void
    clock?: Clock | undefined
  }
}

/** Selectors of the events of these names. */
function selectorsOf(...names: (typeof EVENTS)[number]['name'][]): ReadonlySet<string> {
  return new Set(
    EVENTS.filter(({ name }) => names.includes(name)).map((event) => toEventSelector(event)),
  )
}
const SETTLED = selectorsOf('OrderSettled', 'SwapSettled')
const REJECTED = selectorsOf('OrderRejected', 'SwapRejected')

function readSettlement(receipt: RpcReceipt): Omit<Settlement, 'hash' | 'left'> {
  const count = (selectors: ReadonlySet<string>) =>
    receipt.logs.filter(({ topics: [topic] }) => topic !== undefined && selectors.has(topic)).length
  return {
    block: Number(receipt.blockNumber),
    settled: count(SETTLED),
    rejected: count(REJECTED),
    gasUsed: BigInt(receipt.gasUsed),
  }
}
