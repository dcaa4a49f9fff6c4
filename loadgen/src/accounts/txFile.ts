import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { UsageError } from '../core/errors.js'
import type { Hex } from '../core/types.js'

/**
 * Writes pre-signed transactions in Arcology's format: one raw transaction a line, a comma after each. The file appears
 * under its name when it is complete, so an interrupted run leaves none behind that is cut off.
 * @returns number of transactions written.
 */
export async function writeTxFile(
  path: string,
  raws: Iterable<Hex> | AsyncIterable<Hex>,
): Promise<number> {
  const unfinished = `${path}.part`
  const file = await open(unfinished, 'w').catch((cause: unknown) => {
    throw new UsageError(`The transaction file ${path} cannot be written (${reason(cause)}).`, {
      cause,
    })
  })
  let count = 0
  try {
    let lines: string[] = []
    for await (const raw of raws) {
      lines.push(`${raw},\n`)
      count++
      if (lines.length < LINES_A_WRITE) continue
      await file.write(lines.join(''))
      lines = []
    }
    await file.write(lines.join(''))
    await file.close()
    await rename(unfinished, path)
  } catch (cause) {
    await file.close()
    await rm(unfinished, { force: true })
    throw cause
  }
  return count
}

const LINES_A_WRITE = 1000

/**
 * Reads a file that {@link writeTxFile} or Arcology's tools wrote, one transaction at a time, however large it is. Empty lines
 * are skipped. Whether the bytes make a transaction is for the node to say.
 * @throws UsageError when the file is not there, or for the first line that holds no transaction, with its number.
 */
export async function* readTxFile(path: string): AsyncGenerator<Hex, void, undefined> {
  let number = 0
  for await (const line of readLines(path)) {
    number++
    const trimmed = line.trim()
    if (trimmed !== '') yield parseLine(trimmed, { path, number })
  }
}

/** Lines of a file without their ends. Not node:readline, which lets read errors escape. */
async function* readLines(path: string): AsyncGenerator<string, void, undefined> {
  let rest = ''
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  } catch (cause) {
    throw new UsageError(`The transaction file ${path} cannot be read (${reason(cause)}).`, {
      cause,
    })
  }
  if (rest !== '') yield rest
}

/** The comma is required: a file that was cut off in the middle of a line has none there. */
function parseLine(line: string, at: { path: string; number: number }): Hex {
  if (!line.endsWith(','))
    throw new UsageError(
      `Line ${at.number} of ${at.path} has no comma at its end; the file may be cut off.`,
    )
  const raw = line.slice(0, -1)
  if (!/^0x(?:[0-9a-fA-F]{2})+$/.test(raw))
    throw new UsageError(
      `Line ${at.number} of ${at.path} holds no raw transaction; a line is 0x, pairs of hexadecimal digits, and a comma.`,
    )
  return raw as Hex
}

function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
}
