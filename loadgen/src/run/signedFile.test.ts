import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hashRaw } from '../accounts/sign.js'
import { writeTxFile } from '../accounts/txFile.js'
import { hashAt, type TxTable } from '../core/txTable.js'
import type { Hex } from '../core/types.js'
import { readLines, writeLines } from '../report/files.js'
import { openSigned, openTxFile, positionsOf, SIGNED, TRANSACTIONS } from './signedFile.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signed-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Of different lengths; batch 1 of 0, 1 and 2 is empty. */
const raws = Array.from({ length: 5 }, (_, i): Hex => `0x${'ab'.repeat(i + 1)}`)
const lines = raws.map((raw, i) => ({
  ...{ intent: 10 + i, batch: i < 2 ? 0 : 2, trader: i % 3, nonce: i, hash: hashRaw(raw) },
}))

async function sign(): Promise<void> {
  await writeTxFile(join(folder, TRANSACTIONS), raws)
  await writeLines(join(folder, SIGNED), lines, (line) => JSON.stringify(line))
}

/** The raw transactions where the table says that they stand. */
function rawsOf({ raws }: TxTable): string[] {
  const [text = ''] = 'path' in raws ? [[...readLines(raws.path, '')].join('\n')] : []
  return [...raws.starts].map((start, i) => text.slice(start, start + (raws.lengths[i] as number)))
}

describe('openSigned', () => {
  test('default: every column, and where the raw transactions stand', async () => {
    await sign()
    const table = openSigned(folder, { count: raws.length })
    expect(table.count).toBe(raws.length)
    expect([...table.intents]).toEqual(lines.map(({ intent }) => intent))
    expect([...table.batches]).toEqual(lines.map(({ batch }) => batch))
    expect([...table.traders]).toEqual(lines.map(({ trader }) => trader))
    expect([...table.nonces]).toEqual(lines.map(({ nonce }) => nonce))
    expect(lines.map((_, i) => hashAt(table, i))).toEqual(lines.map(({ hash }) => hash))
    expect(rawsOf(table)).toEqual(raws)
    expect([0, 1, 2, 3].map((batch) => positionsOf(table, batch))).toEqual([
      [0, 2],
      [2, 2],
      [2, 5],
      [5, 5],
    ])
  })
  test('error: fewer transactions than the plan has intents', async () => {
    await sign()
    expect(() => openSigned(folder, { count: 6 })).toThrow(
      `"${folder}/transactions.txt" has 5 transactions, but plan.json counts 6 intents.`,
    )
  })
  test('error: signed.jsonl is missing, or another', async () => {
    await writeTxFile(join(folder, TRANSACTIONS), raws)
    expect(() => openSigned(folder, { count: 5 })).toThrow('cannot be read (ENOENT)')
    writeFileSync(join(folder, SIGNED), '{}\n')
    expect(() => openSigned(folder, { count: 5 })).toThrow('line 1: intent must be a whole number.')
  })
})

describe('openTxFile', () => {
  const path = () => join(folder, 'foreign.txt')
  test('default: empty lines, spaces and line ends of other systems do not count', async () => {
    writeFileSync(path(), `\n${raws[0]},\r\n\n  ${raws[1]}, \n${raws[2]},`)
    const table = await openTxFile(path(), {})
    expect(rawsOf(table)).toEqual(raws.slice(0, 3))
    expect([0, 1, 2].map((i) => hashAt(table, i))).toEqual(raws.slice(0, 3).map(hashRaw))
    expect(new Set(table.traders).size).toBe(3)
  })
  test.each([
    [{ from: 1 }, [1, 2, 3, 4]],
    [{ to: 2 }, [0, 1]],
    [{ from: 1, to: 3 }, [1, 2]],
    [{ from: 4, to: 9 }, [4]],
    [{ from: 9 }, []],
  ])('args: %o', async (options, wanted) => {
    await writeTxFile(path(), raws)
    const table = await openTxFile(path(), options)
    expect(table.count).toBe(wanted.length)
    expect(rawsOf(table)).toEqual(wanted.map((i) => raws[i]))
    expect(wanted.map((_, i) => hashAt(table, i))).toEqual(
      wanted.map((i) => hashRaw(raws[i] as Hex)),
    )
  })
  test('error: a line that is no transaction', async () => {
    writeFileSync(path(), `${raws[0]},\n0xzz,\n`)
    await expect(openTxFile(path(), {})).rejects.toThrow('Line 2 of')
  })
})
