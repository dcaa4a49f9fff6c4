import { UsageError } from '../core/errors.js'
import { readLines, readText, writeLines, writeWhole } from './files.js'
import { decodeLine, encodeLine } from './json.js'
import type { Shape } from './shape.js'

/** Writes one value, bigints included, whole or not at all. */
export async function writeValue(path: string, value: unknown): Promise<void> {
  await writeWhole(path, `${encodeLine(value)}\n`)
}

/** Reads what {@link writeValue} wrote. @throws UsageError when it cannot be read or has another shape. */
export async function readValue<T>(path: string, options: readValue.Options): Promise<T> {
  const json = await readText(path, options.what)
  return checked(parse(json, `"${path}"`), options.shape, `"${path}"`) as T
}

export declare namespace readValue {
  type Options = {
    /** What the file should be, for messages. */
    what: string
    shape: Shape
  }
}

/** Writes a line of JSON for each item, whole or not at all. @returns number of lines. */
export function writeList(path: string, items: Iterable<unknown>): Promise<number> {
  return writeLines(path, items, encodeLine)
}

/**
 * Reads what {@link writeList} wrote, item by item.
 * @throws UsageError for a file that is missing, malformed (with the line) or has not `count` lines.
 */
export function* readList<T>(path: string, options: readList.Options): Generator<T> {
  const { shape, count, what, decode = decodeLine } = options
  let number = 0
  for (const line of readLines(path, what)) {
    const where = `"${path}", line ${++number}`
    // More than there should be are only counted.
    if (number > count) continue
    yield checked(parse(line, where, decode), shape, where) as T
  }
  if (number !== count)
    throw new UsageError(`"${path}" has ${number} lines, but ${options.counted} counts ${count}.`)
}

export declare namespace readList {
  type Options = readValue.Options & {
    count: number
    /** The file that says the count, for messages. */
    counted: string
    /** What makes a value of a line. Default {@link decodeLine}. */
    decode?: ((line: string) => unknown) | undefined
  }
}

function parse(json: string, where: string, decode: (line: string) => unknown = decodeLine) {
  try {
    return decode(json)
  } catch (cause) {
    throw new UsageError(`${where}: this is no valid JSON of a stored run.`, { cause })
  }
}

function checked(value: unknown, shape: Shape, where: string): unknown {
  const fault = shape(value, '')
  if (fault !== undefined) throw new UsageError(`${where}: ${fault}.`)
  return value
}
