import { LoadgenError } from '../core/errors.js'

/** Numbers of threads that a report shows. */
export const THREADS = [1, 2, 4, 8, 16, 32] as const

/**
 * What a transaction costs, in gas taken as time. Integers from 0; all of a model together below
 * 2^53 (a block of 50,000 transactions of 10 million gas is below 2^39).
 */
export type TransactionWork = {
  /** Gas that is not that of its jobs, run before them. */
  serial: number
  /** Gas of each of its parallel jobs (Multiprocess), which may all run at once. */
  jobs: readonly number[]
}

/** Sequences may run at once, the transactions of a sequence one by one. */
export type GenerationWork = { sequences: readonly (readonly TransactionWork[])[] }

/**
 * The gas that has to run one after the other, however many threads there are: for each generation
 * that of its longest sequence, where of a transaction's jobs only the largest counts; summed over
 * the generations.
 *
 * @throws LoadgenError for gas that is not an integer from 0.
 */
export function criticalPath(generations: readonly GenerationWork[]): number {
  return sum(generations.map(({ sequences }) => largest(sequences.map(chainLength))))
}

function chainLength(transactions: readonly TransactionWork[]): number {
  return sum(stagesOf(transactions).map(largest))
}

/**
 * A model, not a measurement, of how much faster a block runs on several threads. Generations run
 * one after the other; so do blocks, whose generations may be given together for the figures of a
 * whole run. In a generation a thread that falls idle takes the next piece of work that is ready,
 * that of the earliest sequence: list scheduling. (R. L. Graham, Bounds on Multiprocessing Timing
 * Anomalies, SIAM J. Appl. Math. 17(2), 1969: with W the gas of a generation, C its critical path
 * and p the threads, it takes at least max(W / p, C) and at most W / p + (1 - 1 / p) C.) What a
 * real node adds (scheduling, conflict detection, commit, and that gas is not time) is left out.
 *
 * @throws LoadgenError for a number of threads that is not an integer from 1, or gas that is not an
 * integer from 0.
 */
export function modelledSpeedup(options: modelledSpeedup.Options): modelledSpeedup.Result {
  const { generations, threads = THREADS } = options
  const work = generations.map(({ sequences }) => sequences.map(stagesOf))
  const totalGas = sum(work.flat(3))
  return {
    totalGas,
    criticalPathGas: criticalPath(generations),
    makespans: threads.map((count) => {
      if (!Number.isInteger(count) || count < 1)
        throw new LoadgenError(`The number of threads is an integer from 1, not ${count}.`)
      const gas = sum(work.map((chains) => makespan(chains, count)))
      return { threads: count, gas, speedup: gas === 0 ? 1 : totalGas / gas }
    }),
  }
}

export declare namespace modelledSpeedup {
  type Options = {
    generations: readonly GenerationWork[]
    /** Default: THREADS. */
    threads?: readonly number[] | undefined
  }
  type Result = {
    /** Gas of all transactions and their jobs: what one thread needs. */
    totalGas: number
    /** Gas of the critical path: what no number of threads can go below. */
    criticalPathGas: number
    /**
     * For each number of threads the gas that passes until all is done, and totalGas ÷ that; 1
     * where there is no gas.
     */
    makespans: readonly { threads: number; gas: number; speedup: number }[]
  }
}

/**
 * Pieces of work that may run at once; all must be done before the next stage of the sequence
 * begins.
 */
type Stage = readonly number[]

function stagesOf(transactions: readonly TransactionWork[]): Stage[] {
  const stages: Stage[] = []
  let serial = 0
  for (const transaction of transactions) {
    serial += gas(transaction.serial)
    if (transaction.jobs.length === 0) continue
    stages.push([serial], transaction.jobs.map(gas))
    serial = 0
  }
  stages.push([serial])
  return stages
}

type Chain = { place: number; stages: readonly Stage[]; next: number; open: number }

function makespan(sequences: readonly (readonly Stage[])[], threads: number): number {
  const chains = sequences.map((stages, place) => ({ place, stages, next: 0, open: 0 }))
  let started = 0
  let now = 0
  const running: { end: number; chain: Chain }[] = []
  const ready: { gas: number; chain: Chain }[] = []

  function release(chain: Chain): void {
    const stage = chain.stages[chain.next++] ?? []
    chain.open = stage.length
    for (const gas of stage) ready.push({ gas, chain })
    if (ready.length > 1) ready.sort((a, b) => a.chain.place - b.chain.place)
  }

  for (;;) {
    while (running.length < threads) {
      const unstarted = chains[started]
      if (ready.length === 0 && unstarted !== undefined) {
        started++
        release(unstarted)
      }
      const task = ready.shift()
      if (task === undefined) break
      running.push({ end: now + task.gas, chain: task.chain })
    }
    if (running.length === 0) return now
    now = Number.POSITIVE_INFINITY
    for (const { end } of running) now = Math.min(now, end)
    let kept = 0
    for (const task of running) {
      if (task.end > now) running[kept++] = task
      else if (--task.chain.open === 0) release(task.chain)
    }
    running.length = kept
  }
}

function gas(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new LoadgenError(`Gas is an integer from 0 to 2^53 - 1, not ${value}.`)
  return value
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0)
}

function sum(values: readonly number[]): number {
  return gas(values.reduce((total, value) => total + value, 0))
}
