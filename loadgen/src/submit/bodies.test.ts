import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { sharedFloat64, sharedUint32, toTxTable } from '../core/txTable.js'
import type { Hex } from '../core/types.js'
import { createBodyWriter, createRawReader } from './bodies.js'

const folder = mkdtempSync(join(tmpdir(), 'bodies-'))
afterAll(() => rmSync(folder, { recursive: true }))

const raws = Array.from({ length: 40 }, (_, i): Hex => `0x${`${i % 10}a`.repeat(i + 1)}`)
const inMemory = toTxTable(
  raws.map((raw, i) => ({
    ...{ intent: i, batch: 0, trader: i, nonce: 0, raw },
    hash: `0x${'00'.repeat(32)}` as const,
  })),
).raws

test('standard: a batch that any JSON-RPC server reads, ids by place', () => {
  const writer = createBodyWriter(createRawReader(inMemory), 'standard')
  for (const positions of [[0], [7, 3, 39]])
    expect(JSON.parse(writer.write(positions).toString())).toEqual(
      positions.map((position, id) => ({
        ...{ jsonrpc: '2.0', id, method: 'eth_sendRawTransaction' },
        params: [raws[position]],
      })),
    )
})

test('arcology: one call with all of them', () => {
  const writer = createBodyWriter(createRawReader(inMemory), 'arcology')
  expect(JSON.parse(writer.write([7, 3, 39]).toString())).toEqual({
    ...{ jsonrpc: '2.0', id: 0, method: 'arn_sendRawTransactions' },
    params: [raws[7], raws[3], raws[39]],
  })
})

test('behavior: what was signed anew is sent in the place of what stands there', () => {
  const anew: Hex = `0x${'77'.repeat(9)}`
  const lengths = inMemory.lengths.slice()
  lengths[7] = anew.length
  const reader = createRawReader({ ...inMemory, lengths, anew: new Map([[7, anew]]) })
  const writer = createBodyWriter(reader, 'arcology')
  expect(JSON.parse(writer.write([7, 3]).toString()).params).toEqual([anew, raws[3]])
})

test('behavior: a body that was released is not written over', () => {
  const writer = createBodyWriter(createRawReader(inMemory), 'standard')
  const first = writer.write([5])
  const text = first.toString()
  writer.write([4])
  expect(first.toString()).not.toBe(text)
  const second = writer.write([5])
  writer.release()
  writer.write([4])
  expect(second.toString()).toBe(text)
})

describe('file', () => {
  test('behavior: the same bytes as from memory, across the borders of the blocks that are read and back', () => {
    // Some 40 MB: more blocks than are kept.
    const width = 2 ** 20 - 1000
    const lines = Array.from({ length: 40 }, (_, i) => `0x${`${i % 10}f`.repeat(width / 2)}`)
    const path = join(folder, 'txs')
    writeFileSync(path, lines.map((line) => `${line},\n`).join(''))
    const starts = sharedFloat64(lines.length)
    const lengths = sharedUint32(lines.length)
    for (const [i, line] of lines.entries()) {
      starts[i] = i * (line.length + 2)
      lengths[i] = line.length
    }
    const reader = createRawReader({ path, starts, lengths })
    const target = Buffer.alloc(width + 10)
    for (const position of [0, 1, 39, 20, 1, 5, 0]) {
      expect(reader.copy(position, target, 5)).toBe(width + 2)
      expect(target.toString('latin1', 5, width + 7) === lines[position]).toBe(true)
    }
    reader.close()
  })

  test('error: a file that is not there', () => {
    const raws = {
      path: join(folder, 'absent'),
      starts: sharedFloat64(0),
      lengths: sharedUint32(0),
    }
    expect(() => createRawReader(raws)).toThrow('ENOENT')
  })
})
