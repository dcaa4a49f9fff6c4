import type { Hex, SignedTx } from './types.js'

/**
 * Signed transactions as numbers and bytes, by position: a million of them as objects would take a gigabyte. All of it lies on
 * shared memory, so that worker threads see it without a copy.
 */
export type TxTable = {
  count: number
  /** Index of the intent. */
  intents: Uint32Array
  /** Batch of the plan; never less than that of the position before. */
  batches: Uint32Array
  traders: Uint32Array
  nonces: Uint32Array
  /** 32 bytes a transaction. */
  hashes: Uint8Array
  raws: RawTexts
}

/**
 * Raw transactions as hexadecimal text with its 0x: transaction i is the `lengths[i]` bytes from `starts[i]`, in memory or in a
 * file.
 */
export type RawTexts = {
  starts: Float64Array
  lengths: Uint32Array
  /** Transactions that were signed anew, by position: they stand here. */
  anew?: Map<number, Hex> | undefined
} & ({ text: Uint8Array } | { path: string })

const HASH_BYTES = 32

/** A table of zeros for raw transactions that lie elsewhere; fill its columns with {@link setRow}. */
export function createTxTable(raws: RawTexts): TxTable {
  const count = raws.starts.length
  return {
    count,
    intents: sharedUint32(count),
    batches: sharedUint32(count),
    traders: sharedUint32(count),
    nonces: sharedUint32(count),
    hashes: new Uint8Array(new SharedArrayBuffer(count * HASH_BYTES)),
    raws,
  }
}

/** Writes everything of a transaction but its bytes. */
export function setRow(table: TxTable, position: number, row: Omit<SignedTx, 'raw'>): void {
  table.intents[position] = row.intent
  table.batches[position] = row.batch
  table.traders[position] = row.trader
  table.nonces[position] = row.nonce
  hashBytes(table, position).write(row.hash.slice(2), 'hex')
}

/** A table of transactions in memory. */
export function toTxTable(signed: readonly SignedTx[]): TxTable {
  const lengths = sharedUint32(signed.length)
  const starts = sharedFloat64(signed.length)
  let end = 0
  for (const [position, { raw }] of signed.entries()) {
    starts[position] = end
    lengths[position] = raw.length
    end += raw.length
  }
  const text = new Uint8Array(new SharedArrayBuffer(end))
  const buffer = Buffer.from(text.buffer)
  for (const [position, { raw }] of signed.entries())
    buffer.write(raw, starts[position] as number, 'latin1')
  const table = createTxTable({ starts, lengths, text })
  for (const [position, tx] of signed.entries()) setRow(table, position, tx)
  return table
}

/** Puts a transaction that was signed anew in the place of the one at a position, which carried out the same. */
export function replaceTx(
  table: TxTable,
  position: number,
  tx: Pick<SignedTx, 'nonce' | 'hash' | 'raw'>,
): void {
  table.nonces[position] = tx.nonce
  hashBytes(table, position).write(tx.hash.slice(2), 'hex')
  table.raws.anew ??= new Map()
  table.raws.anew.set(position, tx.raw)
  table.raws.lengths[position] = tx.raw.length
}

/** The hash of the transaction at a position. */
export function hashAt(table: TxTable, position: number): Hex {
  return `0x${hashBytes(table, position).toString('hex')}`
}

function hashBytes({ hashes }: TxTable, position: number): Buffer {
  return Buffer.from(hashes.buffer, hashes.byteOffset + position * HASH_BYTES, HASH_BYTES)
}

export function sharedUint32(count: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(4 * count))
}

export function sharedFloat64(count: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(8 * count))
}
