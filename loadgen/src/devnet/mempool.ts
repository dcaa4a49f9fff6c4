import type { Hex } from '../core/types.js'
import type { Envelope } from './rawTransaction.js'

/** A transaction that Anvil's pool has taken. */
export type PoolEntry = {
  hash: Hex
  /** The bytes as they came; undefined for what Anvil signed itself, which cannot be sent a second time. */
  raw: Hex | undefined
  /** Undefined for a kind of transaction that the runtime does not have. */
  envelope: Envelope | undefined
}

/** What waits in Anvil's pool, in order of arrival, and the room that is left in the coming block. */
export type Mempool = {
  /** Everything that waits, the oldest first. */
  entries(): readonly PoolEntry[]
  /** Whether nothing stands in the coming block. */
  isEmpty(): boolean
  /** Whether a place in the coming block is free. */
  hasRoom(): boolean
  /** Resolves with a number of places in a block, 1 to `wanted`, as soon as there is one. Rejects after close(). */
  reserve(wanted: number): Promise<number>
  /** Gives reserved places back; `taken` are the transactions that came to stand in them. */
  settle(reserved: number, taken: readonly PoolEntry[]): void
  /**
   * Starts the next block. `moved` are the transactions that were put off to it and take places in it; `blocked` those that wait
   * for an earlier nonce of their sender: nobody knows when they can run, so they take none until they are mined.
   */
  nextBlock(left: { moved: readonly PoolEntry[]; blocked: readonly PoolEntry[] }): void
  /** Ends every wait with this error. */
  close(error: Error): void
}

export function createMempool(options: createMempool.Options): Mempool {
  let blocked: readonly PoolEntry[] = []
  let block: PoolEntry[] = []
  let reserved = 0
  let closed: Error | undefined
  let waiting: (() => void)[] = []

  function wake(): void {
    const woken = waiting
    waiting = []
    for (const resume of woken) resume()
  }

  const room = () => options.blockSize - block.length - reserved

  return {
    entries: () => [...blocked, ...block],
    isEmpty: () => block.length === 0,
    hasRoom: () => room() > 0,
    async reserve(wanted) {
      for (;;) {
        if (closed !== undefined) throw closed
        if (room() > 0) {
          const places = Math.min(wanted, room())
          reserved += places
          return places
        }
        await new Promise<void>((resume) => waiting.push(resume))
      }
    },
    settle(places, taken) {
      reserved -= places
      block.push(...taken)
      options.onTaken?.(taken)
      if (taken.length < places) wake()
    },
    nextBlock(left) {
      blocked = left.blocked
      block = [...left.moved]
      wake()
    },
    close(error) {
      closed = error
      wake()
    },
  }
}

export declare namespace createMempool {
  type Options = {
    /** Most transactions in a block, 1 or more. */
    blockSize: number
    /** Told of what came to stand in the pool, as it comes. */
    onTaken?: ((entries: readonly PoolEntry[]) => void) | undefined
  }
}
