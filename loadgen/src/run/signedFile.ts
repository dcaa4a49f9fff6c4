import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { hashRaw } from '../accounts/sign.js'
import { readTxFile } from '../accounts/txFile.js'
import { UsageError } from '../core/errors.js'
import {
  createTxTable,
  setRow,
  sharedFloat64,
  sharedUint32,
  type TxTable,
} from '../core/txTable.js'
import type { Hex, SignedTx } from '../core/types.js'
import { readLines } from '../report/files.js'
import { readList } from '../report/jsonFiles.js'
import { hex, integer, object } from '../report/shape.js'

/** Signed transactions of a mode, in Arcology's format: one raw transaction a line, a comma after each. */
export const TRANSACTIONS = 'transactions.txt'
/** What the transactions are, a line each, in the same order. */
export const SIGNED = 'signed.jsonl'

/** One line of signed.jsonl. */
export type SignedLine = Omit<SignedTx, 'raw'>

/** True once a mode is signed. @param folder of the mode. */
export function isSigned(folder: string): boolean {
  return existsSync(join(folder, SIGNED))
}

/**
 * Opens what the sign stage left behind. The raw transactions stay in their file.
 * @param folder of the mode.
 * @throws UsageError when a file is missing or damaged, or has not `count` transactions.
 */
export function openSigned(folder: string, { count }: { count: number }): TxTable {
  const path = join(folder, TRANSACTIONS)
  const table = createTxTable(readOffsets(path))
  if (table.count !== count)
    throw new UsageError(
      `"${path}" has ${table.count} transactions, but plan.json counts ${count} intents.`,
    )
  let position = 0
  for (const line of readList<SignedLine>(join(folder, SIGNED), {
    ...{ what: 'the signed transactions of a mode', shape: SIGNED_LINE },
    ...{ count, counted: 'plan.json' },
  }))
    setRow(table, position++, line)
  return table
}

/**
 * Opens transactions `from` to `to` (not included) of a file that was made elsewhere. Nothing is known of their senders: each counts
 * as its own.
 * @throws UsageError when it is missing, or for the first line that holds no transaction, with its number.
 */
export async function openTxFile(
  path: string,
  { from = 0, to }: { from?: number | undefined; to?: number | undefined },
): Promise<TxTable> {
  const hashes: Hex[] = []
  for await (const raw of readTxFile(path)) hashes.push(hashRaw(raw))
  const { starts, lengths } = readOffsets(path)
  const table = createTxTable({
    starts: starts.subarray(from, to),
    lengths: lengths.subarray(from, to),
    path,
  })
  for (const [i, hash] of hashes.slice(from, to).entries())
    setRow(table, i, { intent: i, batch: 0, trader: i, nonce: 0, hash })
  return table
}

/** Where the transactions of a file stand in it: a line each, with a comma, but for lines that are empty. */
function readOffsets(path: string): TxTable['raws'] {
  const starts: number[] = []
  const lengths: number[] = []
  let offset = 0
  for (const line of readLines(path, 'a file of signed transactions')) {
    const { length } = line.trim()
    if (length > 0) {
      starts.push(offset + line.indexOf('0x'))
      lengths.push(length - ','.length)
    }
    offset += line.length + '\n'.length
  }
  const raws = { starts: sharedFloat64(starts.length), lengths: sharedUint32(starts.length), path }
  raws.starts.set(starts)
  raws.lengths.set(lengths)
  return raws
}

/** Positions of a batch, the second not included; both the same for a batch without transactions. */
export function positionsOf(table: TxTable, batch: number): readonly [from: number, to: number] {
  return [firstAtLeast(table.batches, batch), firstAtLeast(table.batches, batch + 1)]
}

/** Index of the first value that is at least `wanted`; the values ascend. */
function firstAtLeast(values: Uint32Array, wanted: number): number {
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((values[middle] as number) < wanted) low = middle + 1
    else high = middle
  }
  return low
}

const SIGNED_LINE = object<SignedLine>({
  intent: integer,
  batch: integer,
  trader: integer,
  nonce: integer,
  hash: hex,
})
