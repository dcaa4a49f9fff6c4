import { closeSync, createWriteStream, existsSync, openSync, readSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { UsageError } from '../core/errors.js'

/** Writes a file whole or not at all: into a neighbour first, which then takes its name. Makes its folder. */
export async function writeWhole(path: string, content: string): Promise<void> {
  await inDraft(path, (draft) => writeFile(draft, content))
}

/**
 * Writes a line for each item, whole or not at all, without ever holding all of them. Makes the folder.
 * @returns number of lines.
 */
export async function writeLines<T>(
  path: string,
  items: Iterable<T>,
  encode: (item: T) => string,
): Promise<number> {
  let count = 0
  function* chunks(): Generator<string> {
    let lines = ''
    for (const item of items) {
      lines += `${encode(item)}\n`
      if (++count % LINES_A_CHUNK !== 0) continue
      yield lines
      lines = ''
    }
    yield lines
  }
  await inDraft(path, (draft) => pipeline(Readable.from(chunks()), createWriteStream(draft)))
  return count
}

/** A stream of single lines is several times slower. */
const LINES_A_CHUNK = 1_000

/** Reads the lines of a file one by one, however large it is. @throws UsageError when it cannot be read. */
export function* readLines(path: string, what: string): Generator<string, void, undefined> {
  const file = reading(path, what, () => openSync(path, 'r'))
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
    let rest: Buffer = Buffer.alloc(0)
    for (;;) {
      const bytes = reading(path, what, () => readSync(file, chunk))
      if (bytes === 0) break
      const read = Buffer.concat([rest, chunk.subarray(0, bytes)])
      const end = read.lastIndexOf(NEW_LINE)
      rest = read.subarray(end + 1)
      if (end >= 0) yield* read.toString('utf8', 0, end).split('\n')
    }
    if (rest.length > 0) yield rest.toString()
  } finally {
    closeSync(file)
  }
}

const CHUNK_BYTES = 1 << 20
const NEW_LINE = 10

/** Reads a text file. @throws UsageError when it cannot be read, saying what it should be. */
export async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw unreadable(path, what, cause)
  }
}

function reading<T>(path: string, what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw unreadable(path, what, cause)
  }
}

/** The sentence for a file that cannot be read. */
export function unreadable(path: string, what: string, cause: unknown): UsageError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  return new UsageError(`"${path}" cannot be read (${code}); it should be ${what}.`, { cause })
}

/** Writes a file whole or not at all: `fill` gets a neighbour that no reader looks for, which then takes the name. Makes its folder. */
export async function inDraft(path: string, fill: (draft: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.draft-${process.pid}`
  try {
    await fill(draft)
    await rename(draft, path)
  } catch (cause) {
    await rm(draft, { force: true })
    throw cause
  }
}

/** Drafts of this module and of accounts/txFile.ts. */
const DRAFT = /\.(draft-\d+|part)$/

/** Removes what a process that was killed had begun to write in a folder. */
export async function removeDrafts(folder: string): Promise<void> {
  if (!existsSync(folder)) return
  for (const name of await readdir(folder))
    if (DRAFT.test(name)) await rm(join(folder, name), { force: true })
}
