import type { Rpc } from '../chain/rpc.js'
import { type Clock, systemClock } from '../core/clock.js'
import type { BlockSample, ChainEvent, Deployment, Hex, TxReceipt } from '../core/types.js'
import { collectEvents, collectReceipts, type Inclusion, type ReceiptMethod } from './fetch.js'
import { followBlocks } from './follower.js'

/** What a run left on the chain. */
export type Collected = {
  /** Every block from the first followed to the last, in order. */
  blocks: BlockSample[]
  /** Receipts of the transactions asked for that were included, in the order asked. */
  receipts: TxReceipt[]
  /** Events of the deployment in those blocks, in their order on the chain. */
  events: ChainEvent[]
  /** Transactions asked for that no block holds. */
  lost: Hex[]
}

/**
 * Follows the chain beside a submission and says which of its transactions are in which block. While it follows it asks for
 * nothing but block numbers and hashes; receipts and events, which cost the node more, are read when the run is over.
 */
export type Collector = {
  /** Blocks seen so far. */
  blocks(): readonly BlockSample[]
  /** Waits until a block and all before it are seen. Throws what following failed with. */
  reach(block: number): Promise<void>
  /** Block that holds a transaction; undefined until one is seen. */
  blockOf(hash: Hex): number | undefined
  /**
   * Waits until all transactions are included, the time is up, or `emptyBlocks` blocks in a row held none of them.
   * @returns those that are still missing. Throws what following failed with.
   */
  waitFor(hashes: readonly Hex[], options: Collector.WaitOptions): Promise<Hex[]>
  /** Waits like waitFor, stops following, then reads receipts and events. */
  drain(
    hashes: readonly Hex[],
    options: Collector.WaitOptions & Collector.DrainOptions,
  ): Promise<Collected>
  /** Stops following. */
  stop(): Promise<void>
}

export declare namespace Collector {
  type WaitOptions = {
    timeoutMs: number
    /** Give up after as many blocks in a row, seen from now on, without a transaction waited for. Default: never. */
    emptyBlocks?: number | undefined
  }
  type DrainOptions = {
    deployment: Deployment
    /** How receipts are read. Default `transaction`. */
    receipts?: ReceiptMethod | undefined
    /** Events that are kept. Default: all. */
    keeps?: ((event: ChainEvent) => boolean) | undefined
    /** Called now and then with the number of receipts read. */
    onProgress?: ((collected: number) => void) | undefined
  }
}

/** Starts following at block `fromBlock`. */
export function startCollector(rpc: Rpc, options: startCollector.Options): Collector {
  const { fromBlock, pollMs, clock = systemClock, onBlock } = options
  const blocks: BlockSample[] = []
  const blockOfHash = new Map<Hex, number>()
  const stopping = new AbortController()
  let failure: unknown
  let wake = () => {}
  let change = new Promise<void>((resolve) => {
    wake = resolve
  })
  /** Lets everyone who waits look again. */
  function announce(): void {
    const announced = wake
    change = new Promise<void>((resolve) => {
      wake = resolve
    })
    announced()
  }

  async function follow(): Promise<void> {
    const followed = followBlocks(rpc, { fromBlock, pollMs, clock, signal: stopping.signal })
    for await (const { sample, hashes } of followed) {
      blocks.push(sample)
      for (const hash of hashes) blockOfHash.set(hash, sample.number)
      onBlock?.(sample, hashes)
      announce()
    }
  }
  const ended = follow().catch((error: unknown) => {
    if (!stopping.signal.aborted) failure = error
    announce()
  })

  async function waitFor(hashes: readonly Hex[], wait: Collector.WaitOptions): Promise<Hex[]> {
    const { timeoutMs, emptyBlocks = Number.POSITIVE_INFINITY } = wait
    const timer = new AbortController()
    let timeIsUp = false
    const timeout = clock.sleep(timeoutMs, { signal: timer.signal }).then(
      () => {
        timeIsUp = true
      },
      // Aborted below: nobody waits any more.
      () => {},
    )
    let missing = hashes.filter((hash) => !blockOfHash.has(hash))
    let seen = blocks.length
    let empty = 0
    while (missing.length > 0 && empty < emptyBlocks && !timeIsUp && !stopping.signal.aborted) {
      if (failure !== undefined) break
      await Promise.race([change, timeout])
      const before = missing.length
      missing = missing.filter((hash) => !blockOfHash.has(hash))
      empty = missing.length < before ? 0 : empty + blocks.length - seen
      seen = blocks.length
    }
    timer.abort()
    if (failure !== undefined) throw failure
    return missing
  }

  async function reach(block: number): Promise<void> {
    while ((blocks.at(-1)?.number ?? fromBlock - 1) < block && !stopping.signal.aborted) {
      if (failure !== undefined) throw failure
      await change
    }
  }

  async function stop(): Promise<void> {
    stopping.abort()
    await ended
  }

  return {
    blocks: () => blocks,
    blockOf: (hash) => blockOfHash.get(hash),
    reach,
    waitFor,
    stop,
    async drain(hashes, drain) {
      const { deployment, receipts: method, keeps, onProgress } = drain
      const lost = await waitFor(hashes, drain).finally(stop)
      const included = hashes.flatMap((hash): Inclusion[] => {
        const blockNumber = blockOfHash.get(hash)
        return blockNumber === undefined ? [] : [{ hash, blockNumber }]
      })
      const receipts = await collectReceipts(rpc, included, { method, clock, onProgress })
      const events = await collectEvents(rpc, blocks, { deployment, keeps })
      return {
        blocks: [...blocks],
        receipts,
        events,
        lost: lost.filter((hash) => !blockOfHash.has(hash)),
      }
    },
  }
}

export declare namespace startCollector {
  type Options = {
    /** First block to follow; one after the block that was the newest before the first transaction was sent. */
    fromBlock: number
    /** Milliseconds between looks for a new block. Default 50. */
    pollMs?: number | undefined
    clock?: Clock | undefined
    /** Called for every block, with the hashes of its transactions. */
    onBlock?: ((block: BlockSample, hashes: readonly Hex[]) => void) | undefined
  }
}
