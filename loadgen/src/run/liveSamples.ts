import { hashAt, type TxTable } from '../core/txTable.js'
import type { Hex } from '../core/types.js'
import type { Ledger } from './ledger.js'
import type { OnSample } from './progress.js'

/**
 * Tells of transactions that are seen in a block, and how long after their intended send times.
 * Warning: keeps every hash as a text, about a hundred bytes each; only for who wants live figures.
 * @returns to be called with the hashes of each block and when it was seen.
 */
export function watchInclusion(options: {
  table: TxTable
  ledger: Pick<Ledger, 'transactions'>
  onSample: OnSample
}): (hashes: readonly Hex[], seenMs: number) => void {
  const { table, ledger, onSample } = options
  const positions = new Map<Hex, number>()
  for (let position = 0; position < table.count; position++)
    positions.set(hashAt(table, position), position)
  let total = 0
  return (hashes, seenMs) => {
    const own = hashes.flatMap((hash) => positions.get(hash) ?? [])
    if (own.length === 0) return
    total += own.length
    const latenciesMs = own.flatMap((position) => {
      const plannedMs = ledger.transactions.plannedMs[position]
      // Unknown until the answer to its request is noted down.
      return plannedMs === undefined || Number.isNaN(plannedMs) ? [] : [seenMs - plannedMs]
    })
    onSample({ kind: 'included', total, latenciesMs })
  }
}
