import type { Rpc, RpcCall } from '../chain/rpc.js'
import { NodeError } from '../core/errors.js'
import type { Hex } from '../core/types.js'
import { type Deferred, findDeferred, groupDeferrable, lookUp } from './deferred.js'
import type { DevnetLog } from './log.js'
import type { Mempool, PoolEntry } from './mempool.js'
import type { Runtime } from './runtime.js'
import { createSignal, type Signal } from './signal.js'

/**
 * Makes Arcology blocks. One Anvil block = the parallel transactions in order of arrival, then, only when a deferrable function
 * has two or more calls in it, a system transaction `beginDeferred()`, the last call of each such function, and a system
 * transaction `endDeferred()`.
 *
 * The last call is known only when the block is made, and until then it stands among the others in Anvil's pool, which has
 * checked it. So it is dropped from the pool there and sent again, byte for byte, behind `beginDeferred()`: its hash and receipt
 * stay what its sender expects. Anvil drops later transactions of the same sender with it; they are sent again after the block.
 */
export type Sealer = {
  /** Makes one block; `mine` is the call that makes Anvil mine. To be called alone: nothing may enter the pool meanwhile. */
  seal<T>(mine: () => Promise<T>): Promise<T>
  /** Learns anew what Anvil's pool and state hold, after a call that changed them behind our back. */
  resync(): Promise<void>
  /** Resolves when the pool shows everything that it has taken: not between a drop and its second sending. */
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

export function createSealer(options: createSealer.Options): Sealer {
  const { rpc, mempool, runtime, log } = options
  const counters: Sealer.Counters = { blocks: 0, deferred: 0, evicted: 0 }
  let deferrable: ReadonlySet<string> = new Set()
  let unsteady: Signal | undefined
  let blockMade = createSignal()

  function becomeSteady(): void {
    unsteady?.give()
    unsteady = undefined
  }

  /** Sends what Anvil has taken before: a refusal would lose a transaction, so it is a fault of the node. */
  async function resend(entries: readonly PoolEntry[]): Promise<void> {
    for (const { raw } of entries) await rpc.call('eth_sendRawTransaction', [raw])
  }

  /** Takes the calls that are to run deferred out of the pool and puts them behind the others. */
  async function arrange(): Promise<Arrangement> {
    const pool = mempool.entries()
    const deferred: Deferred[] = []
    const moved = new Set<PoolEntry>()
    for (const calls of groupDeferrable(pool, deferrable)) {
      const left = calls.filter((entry) => !moved.has(entry))
      const found = await findDeferred(rpc, left, pool)
      if (found === undefined) continue
      unsteady ??= createSignal()
      await rpc.call('anvil_dropTransaction', [found.entry.hash])
      deferred.push(found)
      for (const follower of found.followers) moved.add(follower)
    }
    if (deferred.length === 0) return { system: [], deferred: [], moved: [] }
    const chosen = pool.filter((entry) => deferred.some((other) => other.entry === entry))
    const begin = await sendSystem(runtime.systemCall('beginDeferred'))
    await resend(chosen)
    const end = await sendSystem(runtime.systemCall('endDeferred'))
    const rest = pool.filter((entry) => moved.has(entry) && !chosen.includes(entry))
    if (rest.length === 0) becomeSteady()
    return { system: [begin, end], deferred: chosen, moved: rest }
  }

  async function sendSystem({ method, params }: RpcCall): Promise<Hex> {
    return (await rpc.call(method, params)) as Hex
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
    const found = await lookUp(rpc, left)
    const gone = left.filter((_, i) => found[i] === undefined)
    counters.evicted += gone.length
    for (const { hash } of gone) log.debug({ hash }, 'Anvil let a transaction go without a block')
    return left.filter((_, i) => found[i] !== undefined)
  }

  async function seal<T>(mine: () => Promise<T>): Promise<T> {
    const number = Number(await rpc.call('eth_blockNumber')) + 1
    const { system, deferred, moved } = await arrange()
    const answer = await mine()
    const block = (await rpc.call('eth_getBlockByNumber', [`0x${number.toString(16)}`, false])) as {
      transactions: Hex[]
    } | null
    // A client's call can mine nothing, when its parameters are wrong: the system calls must not stay behind then. Anvil does
    // not see that one of its own transactions follows another, so each is dropped by itself.
    if (block === null) for (const hash of system) await rpc.call('anvil_dropTransaction', [hash])
    await resend(moved)
    becomeSteady()

    const included = new Set(block?.transactions)
    const pool = mempool.entries()
    const left = pool.filter((entry) => !included.has(entry.hash) && !moved.includes(entry))
    const waiting = left.length === 0 ? [] : await stillPooled(left)
    if (block === null) {
      mempool.nextBlock({ moved: [...waiting, ...moved], blocked: [] })
      return answer
    }
    mempool.nextBlock({ moved, blocked: waiting })
    counters.blocks += 1
    counters.deferred += deferred.length
    if (system.length > 0) await checkSystem(system)
    const creates = pool.some(
      ({ hash, envelope }) => envelope?.to === undefined && included.has(hash),
    )
    if (creates) deferrable = await runtime.deferrable()
    log.debug(
      {
        block: number,
        transactions: included.size - system.length,
        deferred: deferred.length,
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
      deferrable = await runtime.deferrable()
      mempool.nextBlock({ moved: await stillPooled(mempool.entries()), blocked: [] })
    },
    steady: async () => unsteady?.given,
    nextBlock: () => blockMade.given,
    close: () => blockMade.give(),
    counters: () => ({ ...counters }),
  }
}

/** What stands at the end of the coming block. */
type Arrangement = {
  /** Hashes of the system transactions: begin and end; none when nothing is deferred. */
  system: readonly Hex[]
  deferred: readonly PoolEntry[]
  /** Out of the pool until the block is made. */
  moved: readonly PoolEntry[]
}

export declare namespace createSealer {
  type Options = { rpc: Rpc; mempool: Mempool; runtime: Runtime; log: DevnetLog }
}
