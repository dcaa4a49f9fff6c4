import type { Rpc } from '../chain/rpc.js'
import type { Hex } from '../core/types.js'
import type { Access, Generation } from '../parallel/access.js'
import { gatherEvidence } from './accessesEvidence.js'
import { fundsAccesses } from './accessesFunds.js'
import { judge } from './accessesJudge.js'
import { createKinds } from './accessesKinds.js'
import { createPieces } from './accessesPieces.js'
import { createContractFinder, findQuestions } from './accessesQuestions.js'
import { kindName, readTouched, type Touched } from './accessesTouched.js'
import { type BlockContext, createdIn, type TracedCall, traceCalls } from './accessesTrace.js'

/**
 * Finds what the transactions of a coming block access, where it matters to others of their generation. Each is traced by itself,
 * on the state before the block.
 *
 * - Containers and cumulatives: every access, exactly, by the markers that the emulated precompiles leave.
 * - Slots that two sequences of a generation touch: exactly which; whether they are written is found by kind of call (callee,
 *   selector, accounts with touched slots). Samples of a kind are traced instruction by instruction. A kind whose samples write
 *   none of these slots is taken as reading them. Of any other each call is traced for the values that it changes, exactly; what
 *   samples write without a change (a lock that is set and reset, the same value again), all of the kind that touch it write.
 * - Balances: wei that a transaction carries; wei that it moves on and balances that it looks at, in the same way as slots.
 * - Code: contracts that transactions create, and who touches these addresses.
 * - Senders of several transactions that cannot pay for all at once: a conflict over the balance.
 *
 * Calls too heavy to be traced instruction by instruction are traced for the values that they change alone.
 *
 * What this can miss: what heavy calls write without a change; a slot that calls of one kind, with the same accounts touched, write only now and then, when no sample did;
 * what a call would touch only after others of its block; and of constructors, balances that they look at and writes that change
 * nothing. What a reverted frame wrote counts, as on the runtime; what a failed transaction wrote does not.
 */
export type AccessReader = {
  /**
   * @param calls of one block; taken as the traces go on, so that an iterator that decodes them works while the node does.
   * @throws NodeError when Anvil does not trace one.
   */
  read(calls: Iterable<TracedCall>, options: AccessReader.Options): Promise<AccessReader.Result>
  /** Forgets what samples have shown: after a reset, contracts are others. */
  forget(): void
}

export declare namespace AccessReader {
  /** Number and timestamp of the coming block. */
  type Options = BlockContext & {
    /** Which ids run beside each other. */
    generations: readonly Generation[]
  }
  type Result = {
    /** By id. Slots, balances and code only where another sequence of the generation touches them. */
    accesses: ReadonlyMap<number, readonly Access[]>
    /** `callee:selector` of calls that were judged by samples of their kind. */
    sampled: readonly string[]
  }
}

/** Calls a request: enough that the request costs little beside them, few enough that every connection has work. */
const BATCH = 50

export function createAccessReader(options: createAccessReader.Options): AccessReader {
  const { rpc, connections = 4 } = options
  const kinds = createKinds()
  const contracts = createContractFinder(rpc)
  return {
    forget() {
      kinds.clear()
      contracts.clear()
    },
    async read(calls, { generations, number, timestamp }) {
      const trace = { rpc, connections, block: { number, timestamp } }
      const pieces = createPieces()
      const touched = new Map<number, Touched>()
      await traceCalls(calls, {
        ...{ ...trace, what: 'touched', batch: BATCH },
        onTrace: (call, result) => {
          touched.set(call.id, readTouched(call, result, pieces))
        },
      })
      const questions = await findQuestions(touched, {
        ...{ generations, pieces },
        findContracts: contracts.find,
      })
      const evidence = await gatherEvidence(questions, { ...trace, kinds })

      const created = new Set<Hex>()
      for (const each of touched.values()) if (each.created !== undefined) created.add(each.created)
      for (const { changed } of evidence.values())
        for (const contract of createdIn(changed)) created.add(contract)

      const accesses = new Map<number, readonly Access[]>()
      for (const [id, each] of touched) accesses.set(id, each.accesses)
      const add = (id: number, more: readonly Access[]) =>
        accesses.set(id, [...(accesses.get(id) ?? []), ...more])
      const sampled = new Set<string>()
      for (const question of questions) {
        const { id, to } = question.call
        const kind = kinds.get(question.kind)
        const found = evidence.get(id)
        add(id, judge(question, { kind, evidence: found, created }))
        if (!question.runsCode || to === undefined || found?.steps !== undefined) continue
        if (found === undefined || kind.silent.size > 0) sampled.add(kindName(question.call))
      }
      for (const [id, more] of fundsAccesses(touched, generations)) add(id, more)
      return { accesses, sampled: [...sampled] }
    },
  }
}

export declare namespace createAccessReader {
  type Options = {
    /** Of the node; with at least as many connections as are used here. */
    rpc: Rpc
    /** Requests at a time. Default 4: Anvil has work while answers are read. */
    connections?: number | undefined
  }
}
