import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Hex } from '../core/types.js'
import { readTxFile, writeTxFile } from './txFile.js'

const folder = mkdtempSync(join(tmpdir(), 'txfile-'))
afterAll(() => rmSync(folder, { recursive: true }))

const path = (name: string) => join(folder, name)

async function read(name: string): Promise<Hex[]> {
  const raws: Hex[] = []
  for await (const raw of readTxFile(path(name))) raws.push(raw)
  return raws
}

/** The message of the error that reading a file of this content ends in, the folder left out. */
async function failure(content: string): Promise<string> {
  writeFileSync(path('bad'), content)
  const error: unknown = await read('bad').then(
    () => undefined,
    (caught: unknown) => caught,
  )
  expect(error).toMatchObject({ name: 'UsageError', exitCode: 2 })
  return (error as Error).message.replace(folder, '')
}

describe('writeTxFile', () => {
  test('default: one raw transaction a line, a comma after each', async () => {
    expect(await writeTxFile(path('two'), ['0xaabb', '0x01'])).toBe(2)
    expect(readFileSync(path('two'), 'utf8')).toBe('0xaabb,\n0x01,\n')
    expect(existsSync(path('two.part'))).toBe(false)
  })

  test('behavior: reads back what it wrote, more than fits one write', async () => {
    const raws = Array.from(
      { length: 2500 },
      (_, i): Hex => `0x${i.toString(16).padStart(400, '0')}`,
    )
    expect(await writeTxFile(path('many'), raws)).toBe(2500)
    expect(await read('many')).toEqual(raws)
  })

  test('behavior: a source that fails leaves no file and the earlier one as it was', async () => {
    async function* failing(): AsyncGenerator<Hex> {
      yield '0xaa'
      throw new Error('signing failed')
    }
    await expect(writeTxFile(path('none'), failing())).rejects.toThrow('signing failed')
    expect(existsSync(path('none'))).toBe(false)
    expect(existsSync(path('none.part'))).toBe(false)
    await expect(writeTxFile(path('two'), failing())).rejects.toThrow('signing failed')
    expect(readFileSync(path('two'), 'utf8')).toBe('0xaabb,\n0x01,\n')
  })

  test('error: a folder that is not there', async () => {
    await expect(writeTxFile(path('no/where'), [])).rejects.toThrow(/cannot be written \(ENOENT\)/)
  })
})

describe('readTxFile', () => {
  test('behavior: Windows line ends, empty lines and a last line without an end', async () => {
    writeFileSync(path('crlf'), '0xAA,\r\n\r\n0xbb,')
    expect(await read('crlf')).toEqual(['0xAA', '0xbb'])
  })

  test('behavior: transactions before a bad line are there', async () => {
    writeFileSync(path('half'), '0xaa,\n0xbb,\nnothing,\n')
    const raws: Hex[] = []
    await expect(
      (async () => {
        for await (const raw of readTxFile(path('half'))) raws.push(raw)
      })(),
    ).rejects.toThrow('Line 3 of')
    expect(raws).toEqual(['0xaa', '0xbb'])
  })

  test('error: lines that hold no transaction', async () => {
    expect(await failure('0xaa,\n\n0xbb\n')).toMatchInlineSnapshot(
      `"Line 3 of /bad has no comma at its end; the file may be cut off."`,
    )
    expect(await failure('0xaa,\n0xabc,\n')).toMatchInlineSnapshot(
      `"Line 2 of /bad holds no raw transaction; a line is 0x, pairs of hexadecimal digits, and a comma."`,
    )
    expect(await failure('aabb,\n')).toContain('Line 1 of')
    expect(await failure('0x,\n')).toContain('Line 1 of')
    expect(await failure('0xaa,0xbb,\n')).toContain('Line 1 of')
  })

  test('error: no such file, or a folder', async () => {
    await expect(read('absent')).rejects.toThrow(/cannot be read \(ENOENT\)/)
    await expect(read('.')).rejects.toThrow(/cannot be read \(EISDIR\)/)
  })
})
