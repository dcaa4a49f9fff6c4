import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { EventOf } from '../src/core/types.js'
import { decodeLine, encodeLine } from '../src/report/json.js'
import { loadgen, temporaryFolder } from './support/cli.js'
import { latestFolder, readAll, readReport } from './support/runs.js'

const folder = temporaryFolder()
const original = join(folder, 'original')

beforeAll(async () => {
  const workload = ['--traders', '10', '--orders', '30', '--modes', 'netting,direct']
  expect((await loadgen(['compare', ...workload, '--reports', original])).code).toBe(0)
})

/** A copy of the stored run that a test may spoil. */
async function copy(name: string): Promise<{ reports: string; run: string }> {
  const reports = join(folder, name)
  await cp(original, reports, { recursive: true })
  return { reports, run: await latestFolder(reports) }
}

describe('report', () => {
  test('draws the last run, or one by its id, and changes nothing', async () => {
    const before = await readAll(original)
    const { run } = await readReport(original)
    const latest = await loadgen(['report', '--reports', original])
    const named = await loadgen(['report', run.id, '--reports', original])
    expect(latest).toMatchObject({ code: 0, stderr: '' })
    expect(latest.stdout).toContain(`Run ${run.id}\n`)
    expect(named.stdout).toBe(latest.stdout)
    const json = await loadgen(['report', 'latest', '--json', '--reports', original])
    expect(json.stdout).toBe(before.get(join(await latestFolder(original), 'report.json')))
    expect(await readAll(original)).toEqual(before)
  })

  test('makes it from the records where it is gone, the same again', async () => {
    const { reports, run } = await copy('again')
    const before = await readAll(reports)
    await rm(join(run, 'report.json'))
    await rm(join(run, 'report.md'))
    await rm(join(reports, 'README.md'))
    await rm(join(reports, 'index.html'))
    const { code, stdout } = await loadgen(['report', '--json', '--reports', reports])
    expect({ code, stdout }).toEqual({ code: 0, stdout: before.get(join(run, 'report.json')) })
    expect(await readAll(reports)).toEqual(before)
  })

  test('--recompute takes the figures from the records, not from the report', async () => {
    const { reports, run } = await copy('recompute')
    const before = await readAll(reports)
    const path = join(run, 'report.json')
    const report = await readReport(reports)
    const poolTouches = 12_345
    const lie = {
      ...report,
      modes: { ...report.modes, netting: { ...report.modes.netting, poolTouches } },
    }
    await writeFile(path, JSON.stringify(lie))
    const drawn = await loadgen(['report', '--json', '--reports', reports])
    expect(JSON.parse(drawn.stdout).modes.netting.poolTouches).toBe(poolTouches)

    const { code, stdout } = await loadgen([
      'report',
      '--recompute',
      '--json',
      '--reports',
      reports,
    ])
    expect({ code, stdout }).toEqual({ code: 0, stdout: before.get(path) })
    expect(await readAll(reports)).toEqual(before)
  })
})

describe('the list of runs', () => {
  test('is there after a run, and after a report is made again without the folders that are gone', async () => {
    const { reports, run } = await copy('list')
    const { id } = (await readReport(reports)).run
    const readList = () => readFile(join(reports, 'README.md'), 'utf8')
    expect(await readList()).toContain(`| [${id}](${id}/report.md) |`)
    expect(await readFile(join(reports, 'index.html'), 'utf8')).toContain(`${id}/report.html`)

    await cp(run, join(reports, 'broken'), { recursive: true })
    await writeFile(join(reports, 'broken', 'report.json'), '{')
    expect((await loadgen(['report', '--recompute', '--reports', reports])).code).toBe(0)
    expect(await readList()).toMatch(/^- `broken`: .* it is not valid JSON\.$/m)
    await rm(join(reports, 'broken'), { recursive: true })
    expect((await loadgen(['report', '--recompute', '--reports', reports])).code).toBe(0)
    expect(await readList()).not.toContain('broken')
  })
})

describe('diff', () => {
  test('a run against one of the same seed: what the chain says is the same', async () => {
    const { reports } = await copy('diff')
    const { id } = (await readReport(reports)).run
    const workload = ['--traders', '10', '--orders', '30', '--modes', 'netting,direct']
    expect((await loadgen(['compare', ...workload, '--reports', reports])).code).toBe(0)
    const before = await readAll(reports)
    const { code, stdout, stderr } = await loadgen(['diff', id, 'latest', '--reports', reports])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^A \S+, commit \S+\nB \S+, commit \S+\n\n/)
    expect(stdout).toMatch(/ netting ratio \(volume\) .* same$/m)
    expect(stdout).toMatch(/ pool touches .* same$/m)
    expect(await readAll(reports)).toEqual(before)

    const json = await loadgen(['diff', '--json', id, 'latest', '--reports', reports])
    expect(JSON.parse(json.stdout)).toMatchObject({
      ...{ a: { id }, workload: [], machine: [], onlyA: [], onlyB: [] },
      modes: [{ mode: 'netting' }, { mode: 'direct' }],
    })
  })
  test('--html draws a page, beside the second run unless told, and names it', async () => {
    const { reports } = await copy('diff-page')
    const { id } = (await readReport(reports)).run
    const args = ['diff', 'latest', join(reports, id)]
    const usual = await loadgen([...args, '--reports', reports, '--html'])
    const path = join(reports, `diff-${id}-${id}.html`)
    expect(usual).toMatchObject({ code: 0, stderr: `${path}\n` })
    expect(usual.stdout).toMatch(/^A /)
    const named = join(folder, 'named', 'page.html')
    const told = await loadgen([...args, '--reports', reports, '--json', '--html', named])
    expect(told).toMatchObject({ code: 0, stderr: `${named}\n` })
    expect(JSON.parse(told.stdout)).toMatchObject({ a: { id }, b: { id } })
    const page = await readFile(named, 'utf8')
    expect(page).toMatch(/<h1>B against A: 0 better, 0 worse, \d+ the same<\/h1>/)
    expect(await readFile(path, 'utf8')).toBe(page)
  })
  test('error: --html takes no folder', async () => {
    const args = ['diff', 'latest', 'latest', '--reports', original, '--html', original]
    expect(await loadgen(args)).toMatchObject({
      ...{ code: 2, stdout: '', stderr: `"${original}" is a folder; --html takes a file.\n` },
    })
  })
  test('error: a run that is not there', async () => {
    const { code, stdout, stderr } = await loadgen(['diff', 'latest', 'x', '--reports', original])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe(`There is no run "x" in "${original}"; give the id of a run, or latest.\n`)
  })
})

/** Spoils one event of the netting mode; what verify must say of it then. */
type Spoil = {
  name: string
  spoil: (event: Settled) => Settled
  check: string
  names: keyof Settled
}
type Settled = EventOf<'OrderSettled'>

const SPOILS: readonly Spoil[] = [
  {
    name: 'base of a fill',
    spoil: (event) => ({ ...event, baseDelta: event.baseDelta + 1n }),
    check: 'every fill respects trader, market, side, size and limit',
    names: 'orderId',
  },
  {
    name: 'quote of a fill',
    spoil: (event) => ({ ...event, quoteDelta: event.quoteDelta - 1n }),
    check: 'every position is what its events add up to',
    names: 'trader',
  },
  {
    name: 'id of an order that ended',
    spoil: (event) => ({ ...event, orderId: `0x${'0'.repeat(64)}` }),
    check: 'every queued order ends once',
    names: 'orderId',
  },
]

describe('verify', () => {
  test('a stored run as it was', async () => {
    const { verification } = await readReport(original)
    const { code, stdout } = await loadgen(['verify', '--json', '--reports', original])
    expect({ code, ...JSON.parse(stdout) }).toEqual({ code: 0, ...verification })
  })

  test.each(SPOILS)(
    'one event was tampered with: the $name',
    async ({ name, spoil, check, names }) => {
      const { reports, run } = await copy(`spoilt ${name}`)
      const path = join(run, 'netting', 'events.jsonl')
      const lines = (await readFile(path, 'utf8')).split('\n')
      const at = lines.findIndex((line) => line.includes('"type":"OrderSettled"'))
      const event = decodeLine(lines[at] as string) as Settled
      lines[at] = encodeLine(spoil(event))
      await writeFile(path, lines.join('\n'))

      const { code, stdout, stderr } = await loadgen(['verify', '--reports', reports])
      expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
      const line = stdout.split('\n').find((text) => text.includes(`netting: ${check}: `))
      expect(line).toMatch(/^FAIL /)
      expect(line).toContain(event[names])
      for (const text of stdout.split('\n')) expect(text).not.toMatch(/^FAIL direct: /)

      const json = await loadgen(['verify', '--json', '--reports', reports])
      expect(json.code).toBe(1)
      expect(JSON.parse(json.stdout)).toMatchObject({
        ok: false,
        checks: expect.arrayContaining([
          {
            name: `netting: ${check}`,
            ok: false,
            detail: expect.stringContaining(event[names] as string),
          },
        ]),
      })
    },
  )
})

describe('a stored run that is damaged: one sentence, exit code 2', () => {
  const cases: {
    name: string
    args: string[]
    damage: (run: string) => Promise<void>
    complaint: (run: string) => string
  }[] = [
    {
      name: 'report.json is no JSON',
      args: ['report'],
      damage: (run) => writeFile(join(run, 'report.json'), '{"schemaVersion": 1,'),
      complaint: (run) => `"${run}/report.json" is no report: it is not valid JSON.`,
    },
    {
      name: 'report.json lacks something',
      args: ['report'],
      damage: (run) => edit(join(run, 'report.json'), '"poolTouches"', '"poolTouched"'),
      complaint: (run) =>
        `"${run}/report.json" is no report: modes.direct.poolTouches must be a whole number.`,
    },
    {
      name: 'report.json is of a newer version',
      args: ['report', '--json'],
      damage: (run) => edit(join(run, 'report.json'), '"schemaVersion": 1', '"schemaVersion": 2'),
      complaint: (run) =>
        `"${run}/report.json" has schemaVersion 2, of a newer version of this tool; this one reads 1.`,
    },
    {
      name: 'report.json and a record are gone',
      args: ['report'],
      damage: async (run) => {
        await rm(join(run, 'report.json'))
        for (const mode of ['netting', 'direct']) await rm(join(run, mode, 'record.json'))
      },
      complaint: (run) => `"${run}" holds no record of a mode yet; sign, submit and collect one.`,
    },
    {
      name: 'an intent of the plan is gone',
      args: ['verify'],
      damage: (run) => edit(join(run, 'intents.jsonl'), /^.*\n/, ''),
      complaint: (run) => `"${run}/intents.jsonl" has 32 lines, but plan.json counts 33.`,
    },
    {
      name: 'plan.json is gone',
      args: ['verify'],
      damage: (run) => rm(join(run, 'plan.json')),
      complaint: (run) =>
        `"${run}/plan.json" cannot be read (ENOENT); it should be the plan of a run.`,
    },
    {
      name: 'an event is gone',
      args: ['verify'],
      damage: (run) => edit(join(run, 'netting', 'events.jsonl'), /^.*\n/, ''),
      complaint: (run) =>
        `"${run}/netting/events.jsonl" has EVENTS-1 lines, but its record.json counts EVENTS.`,
    },
    {
      name: 'a line is cut short',
      args: ['report', '--recompute'],
      damage: (run) => edit(join(run, 'direct', 'events.jsonl'), /\}\n/, '\n'),
      complaint: (run) =>
        `"${run}/direct/events.jsonl", line 1: this is no valid JSON of a stored run.`,
    },
    {
      name: 'the records are gone',
      args: ['report', '--recompute'],
      damage: async (run) => {
        for (const mode of ['netting', 'direct']) await rm(join(run, mode), { recursive: true })
      },
      complaint: (run) => `"${run}" holds no record of a mode; only its report was kept.`,
    },
  ]
  test.each(cases)('$name', async ({ name, args, damage, complaint }) => {
    const { reports, run } = await copy(name)
    const events =
      (await readFile(join(run, 'netting', 'events.jsonl'), 'utf8')).split('\n').length - 1
    await damage(run)
    const before = await readAll(reports)
    const expected = complaint(run)
      .replace('EVENTS-1', String(events - 1))
      .replace('EVENTS', String(events))
    const { code, stdout, stderr } = await loadgen([...args, '--reports', reports])
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: `${expected}\n` })
    expect(await readAll(reports)).toEqual(before)
  })
})

async function edit(path: string, from: string | RegExp, to: string): Promise<void> {
  const text = await readFile(path, 'utf8')
  const edited = text.replace(from, to)
  if (edited === text) throw new Error(`There is no ${from} in ${path}.`)
  await writeFile(path, edited)
}
