import type { Access, Conflict, Generation } from '../parallel/access.js'
import { arbitrate } from '../parallel/arbitrate.js'
import type { Scheduler } from '../parallel/scheduler.js'
import type { Deferral } from './runtime.js'
import type { WaitingCall } from './strictPool.js'

/** Timestamp in unix seconds. */
export type ComingBlock = { number: number; timestamp: number }

/** Tells what transactions access; an AccessReader is one. */
export type AccessSource = {
  /** On the state before the block; `generations` say which of the calls run beside each other. */
  read(
    calls: Iterable<WaitingCall>,
    options: ComingBlock & { generations: readonly Generation[] },
  ): Promise<AccessSource.Result>
  /** The chain began anew: what was learnt of its contracts is void. */
  forget(): void
}

export declare namespace AccessSource {
  type Result = {
    /** By id. */
    accesses: ReadonlyMap<number, readonly Access[]>
    /** Kinds of call whose writes were taken from samples. */
    sampled: readonly string[]
  }
}

/** What the runtime would do with a block. */
export type Analysis = {
  generations: readonly Generation[]
  conflicts: readonly Conflict[]
  /** Ids of those that lost a conflict, or came behind one that did in its sequence. */
  losers: ReadonlySet<number>
  /** Ids of the calls whose gas limit does not cover what they must pay in advance. */
  unpaid: ReadonlySet<number>
  sampled: readonly string[]
}

/** Forms the generations of a block and judges each: those that run beside each other must not conflict. */
export async function analyse(options: analyse.Options): Promise<Analysis> {
  const { block, calls, source, deferrals } = options
  const generations = withoutFixed(options.scheduler.schedule(calls), calls)
  const prepaid = new Map(deferrals.map(({ callee, prepaidGas }) => [callee, prepaidGas]))
  const unpaid = new Set<number>()
  for (const call of calls) {
    const needed = call.callee === undefined ? undefined : prepaid.get(call.callee)
    if (needed !== undefined && call.gas < needed + intrinsicGas(call.data)) unpaid.add(call.id)
  }
  // Judged are those that run beside others. A call that cannot pay in advance does not run at all.
  const parallel = generations
    .map((generation) => ({
      ...generation,
      sequences: generation.sequences
        .map((ids) => ids.filter((id) => !unpaid.has(id)))
        .filter(({ length }) => length > 0),
    }))
    .filter(({ sequences }) => sequences.length > 1)
  if (parallel.length === 0)
    return { generations, conflicts: [], losers: new Set(), unpaid, sampled: [] }
  const { accesses, sampled } = await source.read(
    parallel.flatMap(({ sequences }) => sequences.flat().map((id) => calls[id] as WaitingCall)),
    { ...block, generations: parallel },
  )
  const judged = parallel.map(({ sequences }) =>
    arbitrate(sequences.map((ids) => ({ ids, accesses: ids.map((id) => accesses.get(id) ?? []) }))),
  )
  return {
    generations,
    conflicts: judged.flatMap(({ conflicts }) => conflicts),
    losers: new Set(judged.flatMap(({ losers }) => [...losers])),
    unpaid,
    sampled,
  }
}

export declare namespace analyse {
  type Options = {
    block: ComingBlock
    /** In order of id. */
    calls: readonly WaitingCall[]
    scheduler: Scheduler
    source: AccessSource
    /** Functions that can be deferred. */
    deferrals: readonly Deferral[]
  }
}

/**
 * What Arcology's runtime takes before a call runs: 21,000 gas, and for each byte of call data 68, or 4 for a zero, as Ethereum
 * did before EIP-2028.
 */
function intrinsicGas(data: string): bigint {
  let gas = 21_000
  for (let at = 2; at < data.length; at += 2) gas += data.startsWith('00', at) ? 4 : 68
  return BigInt(gas)
}

/** Calls that stay where they stand in Anvil's pool begin the block, so that they can be neither deferred nor flagged. */
function withoutFixed(
  generations: readonly Generation[],
  calls: readonly WaitingCall[],
): Generation[] {
  const isFixed = (id: number) => calls[id]?.isFixed ?? false
  const formed: Generation[] = []
  for (const generation of generations) {
    const fixed = generation.isDeferred
      ? generation.sequences.filter((ids) => ids.some(isFixed))
      : []
    const before = formed.at(-1)
    if (fixed.length > 0 && before !== undefined)
      formed[formed.length - 1] = { ...before, sequences: [...before.sequences, ...fixed] }
    const sequences = generation.sequences.filter((ids) => !fixed.includes(ids))
    const flagged = generation.flagged.filter((id) => !isFixed(id))
    if (sequences.length > 0) formed.push({ ...generation, sequences, flagged })
  }
  return formed
}
