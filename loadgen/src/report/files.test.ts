import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { inDraft, readLines, removeDrafts, writeLines } from './files.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'))
})
afterEach(() => rmSync(folder, { recursive: true }))
const path = () => join(folder, 'lines')

test('writeLines and readLines: over many chunks, whatever stands at their borders', async () => {
  // Two bytes a letter and an odd length: borders fall into letters.
  const lines = Array.from({ length: 3_001 }, (_, i) => `${i}${'ü'.repeat(997)}`)
  expect(await writeLines(path(), lines, (line) => line)).toBe(lines.length)
  expect([...readLines(path(), 'lines')]).toEqual(lines)
})

test('readLines: a last line without an end, empty lines, an empty file', () => {
  for (const [text, lines] of [
    ['a\n\nb', ['a', '', 'b']],
    ['a\n', ['a']],
    ['', []],
  ] as const) {
    writeFileSync(path(), text)
    expect([...readLines(path(), 'lines')]).toEqual(lines)
  }
})

test('readLines: a reader that stops early leaves the file', () => {
  writeFileSync(path(), 'a\nb\n')
  for (const line of readLines(path(), 'lines')) {
    expect(line).toBe('a')
    break
  }
})

test('readLines: error: no such file', () => {
  expect(() => [...readLines(path(), 'a list')]).toThrow(
    `"${path()}" cannot be read (ENOENT); it should be a list.`,
  )
})

test('inDraft: the file appears when it is filled, and keeps what it was when that fails', async () => {
  writeFileSync(path(), 'old')
  const failing = inDraft(path(), async (draft) => {
    writeFileSync(draft, 'half')
    throw new Error('disk full')
  })
  await expect(failing).rejects.toThrow('disk full')
  expect([readFileSync(path(), 'utf8'), readdirSync(folder)]).toEqual(['old', ['lines']])
  await inDraft(path(), async (draft) => {
    writeFileSync(draft, 'new')
    expect(readFileSync(path(), 'utf8')).toBe('old')
  })
  expect([readFileSync(path(), 'utf8'), readdirSync(folder)]).toEqual(['new', ['lines']])
})

test('removeDrafts: what a killed process had begun, and nothing else', async () => {
  for (const name of ['a.jsonl.draft-123', 'transactions.txt.part', 'a.jsonl', 'draft-1.txt'])
    writeFileSync(join(folder, name), '')
  await removeDrafts(folder)
  expect(readdirSync(folder).sort()).toEqual(['a.jsonl', 'draft-1.txt'])
  await removeDrafts(join(folder, 'nowhere'))
})
