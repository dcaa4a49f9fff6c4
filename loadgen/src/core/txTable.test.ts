import { expect, test } from 'vitest'
import {
  createTxTable,
  hashAt,
  replaceTx,
  setRow,
  sharedFloat64,
  sharedUint32,
  toTxTable,
} from './txTable.js'
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

test('replaceTx: another nonce, hash and text, and nothing else', () => {
  const table = toTxTable(txs)
  const before = structuredClone(table)
  replaceTx(table, 3, { nonce: 99, hash: `0x${'0d'.repeat(32)}`, raw: '0x0102' })
  expect([table.nonces[3], hashAt(table, 3)]).toEqual([99, `0x${'0d'.repeat(32)}`])
  expect(table.raws.lengths[3]).toBe(6)
  expect(table.raws.anew).toEqual(new Map([[3, '0x0102']]))
  for (const name of ['intents', 'batches', 'traders'] as const)
    expect(table[name]).toEqual(before[name])
  expect(hashAt(table, 4)).toBe(txs[4]?.hash)
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
