import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UsageError } from '../core/errors.js'

/** Writes a file whole or not at all: into a neighbour first, which then takes its name. Makes its folder. */
export async function writeWhole(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const draft = draftOf(path)
  try {
    await writeFile(draft, content)
    await rename(draft, path)
  } catch (cause) {
    await rm(draft, { force: true })
    throw cause
  }
}

/** Fills a folder whole or not at all. One that is there already is replaced. */
export async function writeFolder(
  path: string,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  const draft = draftOf(path)
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true })
  try {
    await fill(draft)
    await rm(path, { recursive: true, force: true })
    await rename(draft, path)
  } catch (cause) {
    await rm(draft, { recursive: true, force: true })
    throw cause
  }
}

/** Reads a text file. @throws UsageError when it cannot be read, saying what it should be. */
export async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw unreadable(path, what, cause)
  }
}

/** The sentence for a file that cannot be read. */
export function unreadable(path: string, what: string, cause: unknown): UsageError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  return new UsageError(`"${path}" cannot be read (${code}); it should be ${what}.`, { cause })
}

/** A name beside `path`, of this process, that no reader looks for. */
function draftOf(path: string): string {
  return `${path}.draft-${process.pid}`
}
