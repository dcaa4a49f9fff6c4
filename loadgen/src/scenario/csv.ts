import { createReadStream } from 'node:fs'
import { CsvError, parse } from 'csv-parse'
import { parseUnits } from 'viem'
import { UsageError } from '../core/errors.js'

/** One trade of a real market. */
export type Trade = {
  /** Line of the file, from 1. */
  line: number
  id: string
  /** Quote per base, WAD. */
  price: bigint
  /** Base, WAD. */
  qty: bigint
  /** Microseconds since the Unix epoch. */
  timeUs: number
  /** True when the taker bought: the buyer was not the maker. */
  isBuy: boolean
}

const COLUMNS = 'id,price,qty,quoteQty,time,isBuyerMaker,isBestMatch'
/**
 * Binance wrote milliseconds until 2024 and writes microseconds for spot from 2025 on. The magnitude tells them apart: this
 * many milliseconds is the year 5138, this many microseconds March 1973.
 */
const FIRST_MICROSECONDS = 100_000_000_000_000

/**
 * Reads trades in Binance's public format, `id,price,qty,quoteQty,time,isBuyerMaker,isBestMatch`, with or without a header
 * line (https://github.com/binance/binance-public-data, "Trades"). The file is streamed, not held.
 * @throws UsageError for a file that cannot be read, holds no trade or has a malformed line (with its number).
 */
export async function readTrades(path: string, options: readTrades.Options = {}): Promise<Trade[]> {
  const limit = options.limit ?? Number.POSITIVE_INFINITY
  const trades: Trade[] = []
  const input = createReadStream(path)
  const parser = parse({ bom: true, info: true, relax_column_count: true, skip_empty_lines: true })
  input.on('error', (error) => parser.destroy(error))
  try {
    let isFirst = true
    for await (const { record, info } of input.pipe(parser) as AsyncIterable<Row>) {
      const isHeader = isFirst && record[0]?.trim().toLowerCase() === 'id'
      isFirst = false
      if (isHeader) continue
      if (trades.length >= limit) break
      trades.push(toTrade(path, info.lines, record))
    }
  } catch (cause) {
    throw explain(path, cause)
  } finally {
    input.destroy()
  }
  if (trades.length === 0) throw new UsageError(`"${path}" holds no trade; a line is ${COLUMNS}.`)
  return trades
}

export declare namespace readTrades {
  type Options = {
    /** Only the first so many trades. Default all. */
    limit?: number | undefined
  }
}

type Row = { record: string[]; info: { lines: number } }

function toTrade(path: string, line: number, record: readonly string[]): Trade {
  const malformed = (what: string) => new UsageError(`"${path}", line ${line}: ${what}.`)
  if (record.length !== 7)
    throw malformed(`a trade has 7 columns, ${COLUMNS}; this line has ${record.length}`)
  const [id, price, qty, , time, isBuyerMaker] = record.map((field) => field.trim())

  const amount = (name: string, text = ''): bigint => {
    const value = /^\d{1,20}(\.\d{1,18})?$/.test(text) ? parseUnits(text, 18) : 0n
    if (value === 0n)
      throw malformed(`${name} must be a decimal above 0 with at most 18 decimals; it is "${text}"`)
    return value
  }
  if (!/^\d+$/.test(id ?? '')) throw malformed(`id must be a whole number; it is "${id}"`)
  if (!/^\d{1,16}$/.test(time ?? ''))
    throw malformed(`time must be milliseconds or microseconds since 1970; it is "${time}"`)
  const maker = isBuyerMaker?.toLowerCase()
  if (maker !== 'true' && maker !== 'false')
    throw malformed(`isBuyerMaker must be True or False; it is "${isBuyerMaker}"`)

  const stamp = Number(time)
  return {
    line,
    id: id as string,
    price: amount('price', price),
    qty: amount('qty', qty),
    timeUs: stamp < FIRST_MICROSECONDS ? stamp * 1_000 : stamp,
    isBuy: maker === 'false',
  }
}

/** The sentence for what went wrong while reading. */
function explain(path: string, cause: unknown): unknown {
  if (cause instanceof UsageError) return cause
  if (cause instanceof CsvError)
    return new UsageError(
      `"${path}", line ${String(cause.lines)}: this is no CSV (${cause.message}); a line is ${COLUMNS}.`,
      { cause },
    )
  if (cause instanceof Error && 'code' in cause)
    return new UsageError(
      `The trades file "${path}" cannot be read (${String(cause.code)}); give a CSV of ${COLUMNS}.`,
      { cause },
    )
  return cause
}
