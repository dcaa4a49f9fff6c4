import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModeRecord, Plan } from '../core/types.js'
import { readList, readValue, writeList, writeValue } from './jsonFiles.js'
import { HEAD, type Head, LISTS, type ListName, RECORD_VERSION } from './recordShape.js'

/**
 * Stores what a mode left behind in its folder: a file of JSON lines for each list (`signed`, `submitted`, `receipts`,
 * `settlements`, `blocks`, `events`, and `schedules` where there are any), then `record.json` for all that is said once. Where
 * record.json is, the record is whole; one that was there before is replaced. The plan is stored for the whole run.
 */
export async function saveRecord(
  folder: string,
  record: ModeRecord,
  options: saveRecord.Options = {},
): Promise<void> {
  const { plan: _, mode, traders, deployment, before, after, ...rest } = record
  const { gasModel, sending, market, ...lists } = rest
  const head = join(folder, RECORD)
  await rm(head, { force: true })
  const counts: Partial<Record<ListName, number>> = {}
  for (const name of names) {
    const items: readonly unknown[] | undefined = lists[name]
    const path = fileOf(folder, name)
    if (items === undefined) await rm(path, { force: true })
    else if (options.standing?.includes(name)) counts[name] = items.length
    else counts[name] = await writeList(path, items)
  }
  const value: Head = {
    recordVersion: RECORD_VERSION,
    mode,
    traders,
    deployment,
    before,
    after,
    gasModel,
    sending,
    market,
    counts: counts as Head['counts'],
  }
  await writeValue(head, value)
}

export declare namespace saveRecord {
  type Options = {
    /** Lists whose files stand already, from an earlier stage, and hold the record's items. */
    standing?: readonly ListName[] | undefined
  }
}

const RECORD = 'record.json'

export function hasRecord(folder: string): boolean {
  return existsSync(join(folder, RECORD))
}

/**
 * Reads what {@link saveRecord} stored.
 * @throws UsageError for a file that is missing, cut short, malformed (with the line) or of another version.
 */
export async function loadRecord(folder: string, plan: Plan): Promise<ModeRecord> {
  const what = 'the record of one mode of a run'
  const head = await readValue<Head>(join(folder, RECORD), { what, shape: HEAD })
  const { recordVersion: _, counts, ...once } = head
  const lists: Partial<Record<ListName, readonly unknown[]>> = {}
  for (const name of names) {
    const count = counts[name]
    if (count === undefined) continue
    lists[name] = [
      ...readList(fileOf(folder, name), {
        ...{ what: 'a list of a stored run', shape: LISTS[name], count },
        counted: `its ${RECORD}`,
      }),
    ]
  }
  const { signed, ...others } = lists as Pick<ModeRecord, ListName>
  const last = new Map(others.healed?.map(({ intent, hash }) => [intent, hash]))
  return {
    ...{ ...once, plan, ...others },
    signed: signed.map(({ intent, hash }) => ({ intent, hash: last.get(intent) ?? hash })),
  }
}

const names = Object.keys(LISTS) as ListName[]

function fileOf(folder: string, name: ListName): string {
  return join(folder, `${name}.jsonl`)
}
