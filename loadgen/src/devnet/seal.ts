import type { Rpc } from '../chain/rpc.js'
import { NodeError } from '../core/errors.js'
import type { Hex } from '../core/types.js'
import { lookUp } from './deferred.js'
import type { DevnetLog } from './log.js'
import type { Mempool, PoolEntry } from './mempool.js'
import { createSignal, type Signal } from './signal.js'

/**
 * Makes Arcology blocks: has a {@link BlockMaker} arrange Anvil's pool, lets Anvil mine, and keeps account of what waits.
 */
export type Sealer = {
  /** Makes one block; `mine` is the call that makes Anvil mine. To be called alone: nothing may enter the pool meanwhile. */
  seal<T>(mine: () => Promise<T>): Promise<T>
  /** Learns anew what Anvil's pool and state hold, after a call that changed them behind our back. */
  resync(): Promise<void>
  /** Resolves when pool and code are as clients know them: not between a drop and its second sending. */
  steady(): Promise<void>
  /** Resolves when the next block has been made, or when there will be none. */
  nextBlock(): Promise<void>
  /** Ends what waits for a block that will not come. */
  close(): void
  counters(): Sealer.Counters
}

export declare namespace Sealer {
  type Counters = {
    /** Blocks made; a client's call that makes several counts once. */
    blocks: number
    /** Transactions that ran deferred. */
    deferred: number
    /** Transactions that Anvil took and then let go without a block: replaced by another of the same nonce, or unfunded. */
    evicted: number
  }
}

/** Decides what a block looks like. */
export type BlockMaker = {
  /**
   * Puts Anvil's pool into the order of the coming block, system transactions included. Calls `disturb` before the first change
   * that a client could see.
   */
  arrange(coming: BlockMaker.Coming): Promise<Arrangement>
  /** After a block. */
  made(block: BlockMaker.Made): Promise<void>
  /** Learns anew what the state holds. */
  resync(): Promise<void>
  /** The chain began anew: what was learnt of it is void. */
  forget(): void
}

export declare namespace BlockMaker {
  type Coming = { block: number; disturb: () => void }
  type Made = {
    block: number
    /** All of it, in order, system transactions included. */
    transactions: readonly Hex[]
    /** Those that create a contract. */
    creations: readonly Hex[]
  }
}

/** What a block maker did to the pool. */
export type Arrangement = {
  /** Hashes of the system transactions. */
  system: readonly Hex[]
  /** Number of transactions that are to run deferred. */
  deferred: number
  /** Out of the pool until the block is made. */
  moved: readonly PoolEntry[]
  /** Whether clients may look again before the block is made. */
  isWhole: boolean
  /** To be called when the block is made, or will not be: undoes what was for that block only. */
  restore: () => Promise<void>
}

export function createSealer(options: createSealer.Options): Sealer {
  const { rpc, mempool, maker, log } = options
  const counters: Sealer.Counters = { blocks: 0, deferred: 0, evicted: 0 }
  let unsteady: Signal | undefined
  let blockMade = createSignal()

  function disturb(): void {
    unsteady ??= createSignal()
  }

  function becomeSteady(): void {
    unsteady?.give()
    unsteady = undefined
  }

  async function checkSystem(system: readonly Hex[]): Promise<void> {
    const answers = await rpc.batch(
      system.map((hash) => ({ method: 'eth_getTransactionReceipt', params: [hash] })),
    )
    for (const { result } of answers)
      if ((result as { status?: string } | null | undefined)?.status !== '0x1')
        throw new NodeError('The emulated runtime refused a system call of the block maker.', {
          facts: { receipt: result },
        })
  }

  /** Of transactions that a block did not take: those that still wait for their turn. */
  async function stillPooled(left: readonly PoolEntry[]): Promise<PoolEntry[]> {
    if (left.length === 0) return []
    const found = await lookUp(rpc, left)
    const gone = left.filter((_, i) => found[i] === undefined)
    counters.evicted += gone.length
    for (const { hash } of gone) log.debug({ hash }, 'Anvil let a transaction go without a block')
    return left.filter((_, i) => found[i] !== undefined)
  }

  async function seal<T>(mine: () => Promise<T>): Promise<T> {
    const number = Number(await rpc.call('eth_blockNumber')) + 1
    const arranged = await maker.arrange({ block: number, disturb })
    const { system, moved } = arranged
    if (arranged.isWhole) becomeSteady()
    const answer = await mine()
    const block = (await rpc.call('eth_getBlockByNumber', [`0x${number.toString(16)}`, false])) as {
      transactions: Hex[]
    } | null
    // A client's call can mine nothing, when its parameters are wrong: the system calls must not stay behind then. Anvil does
    // not see that one of its own transactions follows another, so each is dropped by itself.
    if (block === null)
      await rpc.batch(system.map((hash) => ({ method: 'anvil_dropTransaction', params: [hash] })))
    await arranged.restore()
    becomeSteady()

    const included = new Set(block?.transactions)
    const pool = mempool.entries()
    const out = new Set(moved)
    const left = pool.filter((entry) => !included.has(entry.hash) && !out.has(entry))
    const waiting = await stillPooled(left)
    if (block === null) {
      mempool.nextBlock({ moved: [...waiting, ...moved], blocked: [] })
      return answer
    }
    mempool.nextBlock({ moved, blocked: waiting })
    counters.blocks += 1
    counters.deferred += arranged.deferred
    if (system.length > 0) await checkSystem(system)
    const creations = pool.flatMap(({ hash, envelope }) =>
      envelope?.to === undefined && included.has(hash) ? [hash] : [],
    )
    await maker.made({ block: number, transactions: block.transactions, creations })
    log.debug(
      {
        block: number,
        transactions: included.size - system.length,
        deferred: arranged.deferred,
        waiting: waiting.length + moved.length,
      },
      'block made',
    )
    return answer
  }

  return {
    async seal(mine) {
      try {
        return await seal(mine)
      } finally {
        becomeSteady()
        blockMade.give()
        blockMade = createSignal()
      }
    },
    async resync() {
      await maker.resync()
      mempool.nextBlock({ moved: await stillPooled(mempool.entries()), blocked: [] })
    },
    steady: async () => unsteady?.given,
    nextBlock: () => blockMade.given,
    close: () => blockMade.give(),
    counters: () => ({ ...counters }),
  }
}

export declare namespace createSealer {
  type Options = { rpc: Rpc; mempool: Mempool; maker: BlockMaker; log: DevnetLog }
}
