import { expect, test } from 'vitest'
import { createTxTable, hashAt, setRow, sharedFloat64, sharedUint32, toTxTable } from './txTable.js'
import type { Hex, SignedTx } from './types.js'

const txs: SignedTx[] = Array.from({ length: 20 }, (_, i) => ({
  intent: 100 + i,
  batch: Math.floor(i / 5),
  trader: i % 3,
  nonce: i,
  hash: `0x${(i * 7919).toString(16).padStart(64, 'c')}` as Hex,
  raw: `0x${'ab'.repeat(i + 1)}`,
}))

test('toTxTable: everything of every transaction', () => {
  const table = toTxTable(txs)
  const { raws } = table
  expect('text' in raws).toBe(true)
  const text = 'text' in raws ? Buffer.from(raws.text) : Buffer.alloc(0)
  const back = txs.map((_, i): SignedTx => {
    const start = raws.starts[i] as number
    return {
      intent: table.intents[i] as number,
      batch: table.batches[i] as number,
      trader: table.traders[i] as number,
      nonce: table.nonces[i] as number,
      hash: hashAt(table, i),
      raw: text.toString('latin1', start, start + (raws.lengths[i] as number)) as Hex,
    }
  })
  expect(back).toEqual(txs)
})

test('behavior: lies on shared memory, as threads need it', () => {
  const table = toTxTable(txs)
  const { intents, batches, traders, nonces, hashes, raws } = table
  for (const column of [intents, batches, traders, nonces, hashes, raws.starts, raws.lengths])
    expect(column.buffer).toBeInstanceOf(SharedArrayBuffer)
})

test('createTxTable and setRow: rows in any order, upper case included', () => {
  const raws = { starts: sharedFloat64(2), lengths: sharedUint32(2), path: 'somewhere' }
  const table = createTxTable(raws)
  const row = { intent: 7, batch: 1, trader: 2, nonce: 3 }
  setRow(table, 1, { ...row, hash: `0x${'Af'.repeat(32)}` })
  expect(table.count).toBe(2)
  expect(hashAt(table, 1)).toBe(`0x${'af'.repeat(32)}`)
  expect(hashAt(table, 0)).toBe(`0x${'00'.repeat(32)}`)
  expect(table.nonces[1]).toBe(3)
})
