import type { Rpc } from '../chain/rpc.js'
import type { Hex } from '../core/types.js'
import { type Deferred, findDeferred, groupDeferrable } from './deferred.js'
import type { Mempool, PoolEntry } from './mempool.js'
import type { Runtime } from './runtime.js'
import type { BlockMaker } from './seal.js'

/**
 * Plain serial blocks. One Anvil block = the parallel transactions in order of arrival, then, only when a deferrable function
 * has two or more calls in it, a system transaction `beginDeferred()`, the last call of each such function, and a system
 * transaction `endDeferred()`.
 *
 * The last call is known only when the block is made, and until then it stands among the others in Anvil's pool, which has
 * checked it. So it is dropped from the pool there and sent again, byte for byte, behind `beginDeferred()`: its hash and receipt
 * stay what its sender expects. Anvil drops later transactions of the same sender with it; they are sent again after the block.
 */
export function createLenientMaker(options: createLenientMaker.Options): BlockMaker {
  const { rpc, mempool, runtime } = options
  let deferrable: ReadonlySet<string> = new Set()

  /** Sends what Anvil has taken before: a refusal would lose a transaction, so it is a fault of the node. */
  async function resend(entries: readonly PoolEntry[]): Promise<void> {
    for (const { raw } of entries) await rpc.call('eth_sendRawTransaction', [raw])
  }

  async function sendSystem(name: 'beginDeferred' | 'endDeferred'): Promise<Hex> {
    const { method, params } = runtime.systemCall(name)
    return (await rpc.call(method, params)) as Hex
  }

  async function learnDeferrable(): Promise<void> {
    deferrable = new Set((await runtime.deferrals()).map(({ callee }) => callee))
  }

  return {
    async arrange({ disturb }) {
      const pool = mempool.entries()
      const deferred: Deferred[] = []
      const moved = new Set<PoolEntry>()
      for (const calls of groupDeferrable(pool, deferrable)) {
        const left = calls.filter((entry) => !moved.has(entry))
        const found = await findDeferred(rpc, left, pool)
        if (found === undefined) continue
        disturb()
        await rpc.call('anvil_dropTransaction', [found.entry.hash])
        deferred.push(found)
        for (const follower of found.followers) moved.add(follower)
      }
      if (deferred.length === 0)
        return { system: [], deferred: 0, moved: [], isWhole: true, restore: async () => {} }
      const chosen = pool.filter((entry) => deferred.some((other) => other.entry === entry))
      const begin = await sendSystem('beginDeferred')
      await resend(chosen)
      const end = await sendSystem('endDeferred')
      const rest = pool.filter((entry) => moved.has(entry) && !chosen.includes(entry))
      return {
        system: [begin, end],
        deferred: chosen.length,
        moved: rest,
        isWhole: rest.length === 0,
        restore: () => resend(rest),
      }
    },
    async made({ creations }) {
      if (creations.length > 0) await learnDeferrable()
    },
    resync: learnDeferrable,
    forget() {},
  }
}

export declare namespace createLenientMaker {
  type Options = { rpc: Rpc; mempool: Mempool; runtime: Runtime }
}
