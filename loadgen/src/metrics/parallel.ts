import type { BlockSchedule, ModeRecord, TxReceipt } from '../core/types.js'
import { modelledSpeedup, THREADS, type TransactionWork } from '../parallel/speedup.js'
import { positionKey } from './conflicts.js'
import { ratio } from './numbers.js'

/** Numbers of threads that a report shows. */
export { THREADS }

/**
 * How the blocks of a run would execute in parallel. Modelled: from the schedule that the node made and the gas that it measured,
 * on the assumption that time goes by gas and that scheduling, conflict detection and commitment cost nothing.
 */
export type ParallelMetrics = {
  /** Of all measured blocks. */
  generations: number
  /** Mean over blocks with transactions; null without any. */
  generationsPerBlock: number | null
  /** Most transactions in one generation. */
  largestGeneration: number
  /** Gas on the longest chain of transactions and jobs that wait for each other, summed over blocks. */
  criticalPathGas: number
  totalGas: number
  /** totalGas ÷ gas time, by number of threads. */
  modelledSpeedup: Record<(typeof THREADS)[number], number>
}

/**
 * Models the blocks of a run on several threads; null where the node did not tell their schedules. Transactions of others than the
 * run count nothing: their gas is not in the record.
 */
export function parallelMetrics(
  record: Pick<ModeRecord, 'schedules' | 'receipts' | 'settlements'>,
): ParallelMetrics | null {
  const { schedules } = record
  if (schedules === undefined) return null
  const gasAt = new Map(
    [...record.receipts, ...record.settlements].map((receipt) => [
      positionKey(receipt.blockNumber, receipt.index),
      receipt,
    ]),
  )
  const generations = schedules.flatMap((schedule) => toWork(schedule, gasAt))
  const busy = schedules.filter((schedule) => schedule.generations.length > 0).length
  const { totalGas, criticalPathGas, makespans } = modelledSpeedup({ generations })
  const sizes = generations.map(({ sequences }) => sequences.flat().length)
  return {
    generations: generations.length,
    generationsPerBlock: ratio(generations.length, busy),
    largestGeneration: sizes.reduce((most, size) => Math.max(most, size), 0),
    criticalPathGas,
    totalGas,
    modelledSpeedup: Object.fromEntries(
      makespans.map(({ threads, speedup }) => [threads, speedup]),
    ) as ParallelMetrics['modelledSpeedup'],
  }
}

function toWork(
  { block, generations, jobs }: BlockSchedule,
  receipts: ReadonlyMap<string, TxReceipt>,
): { sequences: TransactionWork[][] }[] {
  const jobsOf = new Map(jobs.map(({ transaction, gas }) => [transaction, gas]))
  return generations.map(({ sequences }) => ({
    sequences: sequences.map((sequence) =>
      sequence.map((index) => {
        const gas = Number(receipts.get(positionKey(block, index))?.gasUsed ?? 0n)
        const inJobs = jobsOf.get(index) ?? []
        const parallel = inJobs.reduce((total, job) => total + job, 0)
        return { serial: Math.max(0, gas - parallel), jobs: inJobs }
      }),
    ),
  }))
}
