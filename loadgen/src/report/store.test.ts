import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { modeRecord } from '../../test/fixtures/modeRecord.js'
import { runReport } from '../../test/fixtures/runReport.js'
import type { ModeRecord } from '../core/types.js'
import { writeLines } from './files.js'
import { savePlan } from './planFiles.js'
import { loadRecord, saveRecord } from './records.js'
import {
  createRun,
  findRun,
  loadModeRecords,
  loadReport,
  saveModeRecord,
  saveReport,
} from './store.js'

let reports = ''
beforeEach(() => {
  reports = mkdtempSync(join(tmpdir(), 'reports-'))
})
afterEach(() => rmSync(reports, { recursive: true }))
const usage = (message: string) => ({ name: 'UsageError', exitCode: 2, message })

describe('createRun', () => {
  const startedAt = new Date('2025-01-02T03:04:05.678Z')
  test('default: names the scenario, the seed and the time', () => {
    const id = 'mix-42-20250102-030405-678'
    const run = createRun(reports, { scenario: 'mix', seed: '42', startedAt })
    expect(run).toEqual({ id, folder: join(reports, id) })
    expect(readdirSync(reports)).toEqual([id])
  })
  test('behavior: no id leads out of the folder', () => {
    const { id } = createRun(reports, { scenario: 'mix', seed: '../a b', startedAt })
    expect(id).toBe('mix-..-a-b-20250102-030405-678')
  })
  test('behavior: runs of one millisecond never share a folder', () => {
    const run = { scenario: 'mix', seed: '1', startedAt }
    const ids = [1, 2, 3].map(() => createRun(reports, run).id)
    const id = 'mix-1-20250102-030405-678'
    expect(ids).toEqual([id, `${id}-2`, `${id}-3`])
  })
})

/** Stores the plan that the records of the fixture share. */
async function storePlan(): Promise<void> {
  const { intents, ...head } = modeRecord('netting').plan
  const terms = { markets: [], maxPriceMoveBps: 500, threads: 1, chunk: 1 }
  await savePlan(join(reports, id), { head, terms, intents: () => intents })
}
const report = runReport()
const { id } = report.run

describe('reports', () => {
  test('default: written, latest, read', async () => {
    const folder = await saveReport(reports, report)
    expect(folder).toBe(join(reports, id))
    expect(readdirSync(folder).sort()).toEqual(['report.json', 'report.md'])
    expect(readFileSync(join(reports, 'latest'), 'utf8')).toBe(`${id}\n`)
    expect(await loadReport(reports, id)).toEqual(report)
    expect(await loadReport(reports, 'latest')).toEqual(report)
    expect(await findRun(reports, 'latest')).toBe(folder)
  })
  test('behavior: latest follows the last run', async () => {
    await saveReport(reports, report)
    await saveReport(reports, { ...report, run: { ...report.run, id: 'second' } })
    expect((await loadReport(reports, 'latest')).run.id).toBe('second')
  })
  test('behavior: the records of its modes, in their usual order', async () => {
    const [netting, direct] = [modeRecord('netting'), modeRecord('direct')]
    await storePlan()
    await saveModeRecord(reports, id, direct)
    await saveModeRecord(reports, id, netting)
    expect(await loadModeRecords(reports, id)).toEqual([netting, direct])
  })
  test('error: no run', async () => {
    await expect(findRun(reports, 'latest')).rejects.toMatchObject(
      usage(`"${reports}" holds no run yet; make one with run or compare.`),
    )
    for (const run of ['mix-1', '..', '.', ''])
      await expect(findRun(reports, run)).rejects.toMatchObject(
        usage(`There is no run "${run}" in "${reports}"; give the id of a run, or latest.`),
      )
  })
  test('error: a run without report or records', async () => {
    await saveModeRecord(reports, id, modeRecord('netting'))
    const path = join(reports, id, 'report.json')
    await expect(loadReport(reports, id)).rejects.toMatchObject(
      usage(`"${path}" cannot be read (ENOENT); it should be the report of a run.`),
    )
    await storePlan()
    await rm(join(reports, id, 'netting', 'record.json'))
    await expect(loadModeRecords(reports, id)).rejects.toMatchObject(
      usage(`"${join(reports, id)}" holds no record of a mode yet; sign, submit and collect one.`),
    )
    await saveReport(reports, { ...report, run: { ...report.run, id: 'bare' } })
    await expect(loadModeRecords(reports, 'bare')).rejects.toMatchObject(
      usage(`"${join(reports, 'bare')}" holds no record of a mode; only its report was kept.`),
    )
  })
})

describe('records', () => {
  const folder = () => join(reports, 'run', 'netting')
  const { plan } = modeRecord('netting')
  test('default: what is loaded is what was saved, bigints included', async () => {
    const record = modeRecord('netting')
    await saveRecord(folder(), record)
    expect(await loadRecord(folder(), plan)).toEqual(record)
    expect(readdirSync(folder()).sort()).toEqual([
      'blocks.jsonl',
      'events.jsonl',
      'receipts.jsonl',
      'record.json',
      'settlements.jsonl',
      'signed.jsonl',
      'submitted.jsonl',
    ])
    expect(readdirSync(join(reports, 'run'))).toEqual(['netting'])
  })
  test('behavior: a refusal, and texts that look like an encoded integer', async () => {
    const record = modeRecord('netting')
    const [first, ...others] = record.submitted
    const submitted = [{ ...first, error: '{"$n":"5"}' } as typeof first & object, ...others]
    await saveRecord(folder(), { ...record, submitted })
    expect((await loadRecord(folder(), plan)).submitted).toEqual(submitted)
  })
  test('behavior: more lines than one chunk of writing', async () => {
    const record = modeRecord('netting')
    const signed = Array.from({ length: 2_500 }, (_, intent) => ({ intent, hash: '0x1' as const }))
    await saveRecord(folder(), { ...record, signed })
    expect((await loadRecord(folder(), plan)).signed).toEqual(signed)
  })
  test('behavior: a second save replaces the first', async () => {
    await saveRecord(folder(), { ...modeRecord('netting'), schedules: [] })
    const record = { ...modeRecord('netting'), events: [] }
    await saveRecord(folder(), record)
    expect(await loadRecord(folder(), plan)).toEqual(record)
    expect(existsSync(join(folder(), 'schedules.jsonl'))).toBe(false)
  })
  test('behavior: a save that fails leaves no record and no draft', async () => {
    await saveRecord(folder(), modeRecord('netting'))
    const names = readdirSync(folder())
    const circular: { self?: unknown } = {}
    circular.self = circular
    const record = { ...modeRecord('netting'), events: [circular] as never }
    await expect(saveRecord(folder(), record)).rejects.toThrow('circular')
    expect(readdirSync(folder())).toEqual(names.filter((name) => name !== 'record.json'))
  })
  test('args: standing: the file of an earlier stage stays, with what it says besides', async () => {
    const record = modeRecord('netting')
    const path = join(folder(), 'signed.jsonl')
    const line = (signed: object) => JSON.stringify({ ...signed, nonce: 7 })
    await writeLines(path, record.signed, line)
    const before = readFileSync(path, 'utf8')
    await saveRecord(folder(), record, { standing: ['signed'] })
    expect(readFileSync(path, 'utf8')).toBe(before)
    expect(await loadRecord(folder(), plan)).toEqual(record)
  })
  test('behavior: what was signed anew takes the place of what the earlier stage signed', async () => {
    const record = modeRecord('netting')
    await writeLines(join(folder(), 'signed.jsonl'), record.signed, (line) => JSON.stringify(line))
    const [first, ...others] = record.signed as [
      ModeRecord['signed'][number],
      ...ModeRecord['signed'],
    ]
    const { intent, hash: replaced } = first
    const healed = [
      { intent, replaced, hash: '0x01' as const },
      { intent, replaced: '0x01' as const, hash: '0x02' as const },
    ]
    const ran = { ...record, healed, signed: [{ intent, hash: '0x02' as const }, ...others] }
    await saveRecord(folder(), ran, { standing: ['signed'] })
    expect(await loadRecord(folder(), plan)).toEqual(ran)
  })
  test.each<[what: string, change: (path: (name: string) => string) => void, message: string]>([
    [
      'a line that is no JSON',
      (path) => writeFileSync(path('events.jsonl'), '{"type":'),
      '"events.jsonl", line 1: this is no valid JSON of a stored run.',
    ],
    [
      'a line too many',
      (path) => appendFileSync(path('events.jsonl'), '{"type":'),
      '"events.jsonl" has 16 lines, but its record.json counts 15.',
    ],
    [
      'an event of an unknown kind',
      (path) => writeFileSync(path('events.jsonl'), '{"type":"Surprise"}\n'),
      '"events.jsonl", line 1: type must be one of OrderQueued, OrderSettled, OrderRejected, BatchCleared, LiquidationQueued, Liquidated, FeePaid, FundingPaid, BadDebt, Deposited, Withdrawn, Swap.',
    ],
    [
      'a line without a field',
      (path) => writeFileSync(path('signed.jsonl'), '{"intent":0}\n'),
      '"signed.jsonl", line 1: hash must be a 0x-prefixed hexadecimal.',
    ],
    [
      'an integer that is none',
      (path) => writeFileSync(path('blocks.jsonl'), '{"gasUsed":{"$n":"x"}}\n'),
      '"blocks.jsonl", line 1: this is no valid JSON of a stored run.',
    ],
    [
      'a list cut short',
      (path) => writeFileSync(path('receipts.jsonl'), ''),
      '"receipts.jsonl" has 0 lines, but its record.json counts 7.',
    ],
    [
      'a list that is missing',
      (path) => rmSync(path('signed.jsonl')),
      '"signed.jsonl" cannot be read (ENOENT); it should be a list of a stored run.',
    ],
    [
      'no record.json',
      (path) => rmSync(path('record.json')),
      '"record.json" cannot be read (ENOENT); it should be the record of one mode of a run.',
    ],
    [
      'another version',
      (path) => writeFileSync(path('record.json'), '{"recordVersion":1}'),
      '"record.json": recordVersion must be 2.',
    ],
  ])('error: %s', async (_, change, message) => {
    await saveRecord(folder(), modeRecord('netting'))
    change((name) => join(folder(), name))
    await expect(loadRecord(folder(), plan)).rejects.toMatchObject(
      usage(message.replace('"', `"${folder()}/`)),
    )
  })
})
