import { createReadStream, createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { UsageError } from '../core/errors.js'
import type { ModeRecord, Plan } from '../core/types.js'
import { readText, unreadable, writeFolder } from './files.js'
import { decodeLine, encodeLine } from './json.js'
import { HEAD, type Head, LISTS, type ListName, RECORD_VERSION } from './recordShape.js'
import type { Shape } from './shape.js'

/**
 * Stores what a mode left behind in a folder: `record.json` for all that is said once, and a file of JSON lines for each list
 * (`intents`, `signed`, `submitted`, `receipts`, `settlements`, `blocks`, `events`, and `schedules` where there are any). The folder appears whole or not at all; one
 * that is there already is replaced.
 */
export async function saveRecord(folder: string, record: ModeRecord): Promise<void> {
  const { plan, mode, traders, deployment, before, after, gasModel, ...rest } = record
  const { intents, ...planHead } = plan
  const lists: Lists = { intents, ...rest }
  const present = names.flatMap((name) => {
    const items = lists[name]
    return items === undefined ? [] : [{ name, items }]
  })
  const counts = Object.fromEntries(present.map(({ name, items }) => [name, items.length]))
  const head: Head = {
    recordVersion: RECORD_VERSION,
    mode,
    plan: planHead,
    traders,
    deployment,
    before,
    after,
    gasModel,
    counts: counts as Head['counts'],
  }
  await writeFolder(folder, async (draft) => {
    await writeFile(join(draft, 'record.json'), `${encodeLine(head)}\n`)
    for (const { name, items } of present)
      await pipeline(Readable.from(lines(items)), createWriteStream(fileOf(draft, name)))
  })
}

/**
 * Reads what {@link saveRecord} stored.
 * @throws UsageError for a file that is missing, cut short, malformed (with the line) or of another version.
 */
export async function loadRecord(folder: string): Promise<ModeRecord> {
  const path = join(folder, 'record.json')
  const json = await readText(path, 'the record of one mode of a run')
  const head = checked(parse(json, `"${path}"`), HEAD, `"${path}"`) as Head
  const lists: Partial<Record<ListName, readonly unknown[]>> = {}
  for (const name of names) {
    const count = head.counts[name]
    if (count !== undefined) lists[name] = await readList(fileOf(folder, name), LISTS[name], count)
  }

  const { recordVersion: _, counts: __, plan, ...once } = head
  const { intents, ...rest } = lists as Lists
  return { ...once, ...rest, plan: { ...plan, intents } }
}

/** The lists of a record, by the name of their file. */
type Lists = Pick<Plan, 'intents'> & Pick<ModeRecord, Exclude<ListName, 'intents'>>

const names = Object.keys(LISTS) as ListName[]

function fileOf(folder: string, name: ListName): string {
  return join(folder, `${name}.jsonl`)
}

/** Lines in chunks: a stream of single lines is several times slower. */
function* lines(items: readonly unknown[]): Generator<string> {
  const CHUNK = 1_000
  for (let start = 0; start < items.length; start += CHUNK)
    yield items
      .slice(start, start + CHUNK)
      .map((item) => `${encodeLine(item)}\n`)
      .join('')
}

async function readList(path: string, shape: Shape, count: number): Promise<unknown[]> {
  const items: unknown[] = []
  const input = createReadStream(path)
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const where = `"${path}", line ${items.length + 1}`
      items.push(checked(parse(line, where), shape, where))
    }
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    throw unreadable(path, 'a list of a stored run', cause)
  } finally {
    input.destroy()
  }
  if (items.length !== count)
    throw new UsageError(
      `"${path}" has ${items.length} lines, but its record.json counts ${count}.`,
    )
  return items
}

function parse(json: string, where: string): unknown {
  try {
    return decodeLine(json)
  } catch (cause) {
    throw new UsageError(`${where}: this is no valid JSON of a stored run.`, { cause })
  }
}

function checked(value: unknown, shape: Shape, where: string): unknown {
  const fault = shape(value, '')
  if (fault !== undefined) throw new UsageError(`${where}: ${fault}.`)
  return value
}
