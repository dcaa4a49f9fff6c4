import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { SweepReport } from '../src/report/sweep.js'
import { loadgen, startCli, temporaryFolder } from './support/cli.js'
import { testRefusals } from './support/refusal.js'
import { readAll } from './support/runs.js'

const folder = temporaryFolder()
const CSV = join(folder, 'trades.csv')

/**
 * Eight trades, sizes 5 4 3 2 6 1 4 3. Within 100 ms: 5 bought against 4 sold, 3 bought alone, 2 sold alone, 6 bought against 1 sold, 4
 * sold alone, 3 bought alone: 2 × (4 + 1) of 28. Within 1,000 ms: 8 against 6, 6 against 5, 3 alone: 2 × (6 + 5) of 28. Within
 * 10,000 ms all of them: 17 against 11: 2 × 11 of 28.
 */
const TRADES = [
  [0, 'buy', 5],
  [50, 'sell', 4],
  [300, 'buy', 3],
  [900, 'sell', 2],
  [1_000, 'buy', 6],
  [1_099, 'sell', 1],
  [1_500, 'sell', 4],
  [7_000, 'buy', 3],
] as const
const RATIOS = { 100: 10 / 28, 1000: 22 / 28, 10000: 22 / 28 }

beforeAll(async () => {
  const lines = TRADES.map(([ms, side, size], i) => {
    const isBuyerMaker = side === 'sell' ? 'True' : 'False'
    return `${i + 1},2000,0.${size},1,${1_700_000_000_000 + ms},${isBuyerMaker},True\n`
  })
  await writeFile(CSV, lines.join(''))
})

const REPLAY = ['--replay', CSV, '--vary', 'batchInterval=100..10000*10', '--traders', '4']
/** The only folder of a sweep in `reports`, and what is in it. */
async function readSweep(reports: string) {
  const files = await readAll(reports)
  const path = [...files.keys()].find((name) => name.endsWith('/sweep.json')) ?? ''
  return {
    sweep: JSON.parse(files.get(path) ?? '') as SweepReport,
    path,
    csv: files.get(path.replace(/json$/, 'csv')) ?? '',
    markdown: files.get(path.replace(/json$/, 'md')) ?? '',
    runs: [...files.keys()].filter((name) => name.endsWith('/report.json')),
  }
}

describe('sweep over the batch interval of trades', () => {
  const reports = join(folder, 'replay')
  let stdout: string
  beforeAll(async () => {
    const output = await loadgen(['sweep', ...REPLAY, '--reports', reports])
    expect({ code: output.code, complaint: output.complaint }).toEqual({ code: 0, complaint: '' })
    stdout = output.stdout
  })

  test('every point is the netting ratio of the file, counted by hand', async () => {
    const { sweep, runs, csv, markdown } = await readSweep(reports)
    expect(sweep.points.map(({ values }) => values.batchInterval)).toEqual(Object.keys(RATIOS))
    for (const { values, expected, modes, run } of sweep.points) {
      const ratio = RATIOS[Number(values.batchInterval) as keyof typeof RATIOS]
      expect(modes.netting?.['netting.ratioVolume']).toBeCloseTo(ratio, 9)
      expect(expected).toBeCloseTo(ratio, 11)
      expect(modes.netting?.['orders.settled']).toBe(TRADES.length)
      expect(runs).toContain(join(reports, run, 'report.json'))
      expect(csv).toContain(`\r\n${values.batchInterval},netting,${run},true,${expected},`)
    }
    expect(sweep).toMatchObject({ size: 3, modes: ['netting'], verification: { ok: true } })
    expect(sweep.verification.checks.map(({ name }) => name)).toContain(
      'every netting ratio is the one that the trades alone give',
    )
    expect(markdown).toContain('| 100 | 35.71 % | 35.71 % |\n| 1000 | 78.57 % | 78.57 % |\n')
    expect(stdout).toContain(`Sweep ${sweep.sweep.id}\n3 of 3 points\n`)
  })

  test('the report of a point names the command that repeats it', async () => {
    const { sweep } = await readSweep(reports)
    const [, point] = sweep.points
    const report = JSON.parse(
      await readFile(join(reports, point?.run ?? '', 'report.json'), 'utf8'),
    )
    expect(report.run.command).toBe(
      `npm run loadgen -- compare --replay ${CSV} --traders 4 --modes netting --lenient --batch-interval 1000`,
    )
  })

  test('--resume: what is done is not run again, what is missing is', async () => {
    const before = await readSweep(reports)
    const { id } = before.sweep.sweep
    const again = await loadgen(['sweep', '--resume', id, '--reports', reports, '--json'])
    expect({ code: again.code, stderr: again.stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(again.stdout)).toEqual(before.sweep)
    expect((await readSweep(reports)).runs).toEqual(before.runs)

    // As a sweep that was killed after its second point left it.
    const points = before.sweep.points.slice(0, 2)
    await writeFile(before.path, JSON.stringify({ ...before.sweep, points }))
    const command = ['sweep', ...REPLAY, '--resume', id, '--reports', reports]
    const resumed = await loadgen(command)
    expect({ code: resumed.code, complaint: resumed.complaint }).toEqual({ code: 0, complaint: '' })
    const after = await readSweep(reports)
    expect(after.sweep.points.slice(0, 2)).toEqual(points)
    expect(after.sweep.points[2]?.values).toEqual({ batchInterval: '10000' })
    expect(after.runs.length).toBe(4)
    expect(after.sweep.sweep).toEqual(before.sweep.sweep)
  })

  test('--resume: other options, or a damaged sweep, in one sentence', async () => {
    const { sweep, path } = await readSweep(reports)
    const { id, words } = sweep.sweep
    const resume = (...more: string[]) =>
      loadgen(['sweep', '--resume', id, '--reports', reports, ...more])
    expect(await resume('--traders', '5')).toMatchObject({
      code: 2,
      stdout: '',
      complaint: `The sweep ${id} has other options (${words.join(' ')}); leave them out, or start another sweep.`,
    })
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('"size"', '"sise"'))
    const damaged = await resume()
    await writeFile(path, text)
    expect(damaged).toMatchObject({
      code: 2,
      stdout: '',
      complaint: `"${path}" is no sweep: size must be a whole number.`,
    })
  })
})

test('a ratio that is not the one of the trades: exit code 1, and the check that says so', async () => {
  const reports = join(folder, 'changed')
  const vary = ['--vary', 'batchInterval=100,1000']
  const args = ['sweep', '--replay', CSV, ...vary, '--traders', '4', '--reports', reports]
  expect((await loadgen(args)).code).toBe(0)
  // A point whose measured ratio is another: stored, it is held against the file's when the sweep is resumed.
  const { sweep, path } = await readSweep(reports)
  const [first, ...others] = sweep.points
  const wrong = { ...first, modes: { netting: { 'netting.ratioVolume': 0.36 } } }
  await writeFile(path, JSON.stringify({ ...sweep, points: [wrong, ...others] }))
  const { code, stdout } = await loadgen([
    ...['sweep', '--resume', sweep.sweep.id, '--reports', reports],
  ])
  expect(code).toBe(1)
  expect(stdout).toContain('NOT VERIFIED: 1 of 2 checks fail.')
  expect(stdout).toMatch(/batchInterval=100, netting: 0\.36 instead of 0\.35714285714/)
})

test('a grid of two variables and two modes; a bound that is missed: exit code 3', async () => {
  const reports = join(folder, 'grid')
  const { code, stdout, complaint } = await loadgen([
    ...['sweep', '--vary', 'orders=8..12:2', '--vary', 'long-share=0.5,1', '--mix', 'open=1'],
    ...['--traders', '8', '--lenient', '--reports', reports],
    ...['--threshold', 'direct.touches < 12', '--threshold', 'orders.lost == 0'],
  ])
  expect({ code, complaint }).toEqual({ code: 3, complaint: '' })
  const { sweep } = await readSweep(reports)
  expect(sweep.points.map(({ values }) => [values.orders, values.longShare])).toEqual([
    ['8', '0.5'],
    ['8', '1'],
    ['12', '0.5'],
    ['12', '1'],
  ])
  for (const { values, modes, expected } of sweep.points) {
    expect(expected).toBeNull()
    expect(modes.direct?.poolTouches).toBe(Number(values.orders))
    if (values.longShare === '1') expect(modes.netting?.['netting.ratioVolume']).toBe(0)
    else expect(modes.netting?.['netting.ratioVolume']).toBeGreaterThan(0)
  }
  expect(sweep.points.map(({ thresholds }) => thresholds.map(({ ok }) => ok))).toEqual([
    [true, true, true],
    [true, true, true],
    [false, true, true],
    [false, true, true],
  ])
  expect(stdout).toContain('FAIL direct: direct.touches < 12 at orders=12 longShare=1: 12\n')
})

test('SIGINT before the first point is done leaves nothing behind; afterwards, a sweep to go on with', async () => {
  const reports = join(folder, 'interrupted')
  const args = ['sweep', ...REPLAY, '--reports', reports]
  const early = startCli(args)
  await early.says('"msg":"deploy"')
  early.interrupt('terminal')
  expect(await early.ended).toMatchObject({ code: 130, stdout: '', complaint: '' })
  expect(await readAll(reports)).toEqual(new Map())

  const late = startCli(args)
  await late.says('"point":"2/3"')
  late.interrupt('terminal')
  const { code, stderr } = await late.ended
  expect(code).toBe(130)
  const { sweep } = await readSweep(reports)
  expect(sweep.points.map(({ values }) => values.batchInterval)).toEqual(['100'])
  expect(stderr).toContain(`sweep --resume ${sweep.sweep.id} goes on with this sweep`)
  const resumed = await loadgen(['sweep', '--resume', sweep.sweep.id, '--reports', reports])
  expect(resumed).toMatchObject({ code: 0, complaint: '' })
  expect((await readSweep(reports)).sweep.points.length).toBe(3)
  await rm(reports, { recursive: true })
})

describe.concurrent('a sweep that cannot be: one sentence, exit code 2, nothing written', () => {
  const reports = join(folder, 'refused')
  const sweep = (...args: string[]) => ['sweep', '--reports', reports, ...args]
  testRefusals(reports, [
    {
      args: sweep(),
      says: 'A sweep varies an option; name one with --vary, like --vary orders=100..10000.',
    },
    { args: sweep('--vary', 'orders'), says: /^"orders" is nothing to vary: it is an option and / },
    { args: sweep('--vary', 'colour=1,2'), says: /^--vary names "colour", which a sweep cannot / },
    {
      args: sweep('--vary', 'orders=5,6', '--orders', '7'),
      says: '--orders is given and varied as well; leave one out.',
    },
    {
      args: sweep('--vary', 'orders=5,6', '--vary', 'orders=7'),
      says: '--vary names orders twice.',
    },
    {
      args: sweep('--vary', 'longShare=0.5..2:4'),
      says: "option '--long-share <share>' argument '1.5' is invalid. It is a number from 0 to 1.",
    },
    {
      args: sweep('--vary', 'perBlock=5,5000', '--traders', '10'),
      says: 'At perBlock=5000: perBatch (at most one order a trader and batch) must be an integer from 1 to 10; it is 5000.',
    },
    {
      args: sweep('--vary', 'orders=5,6', '--threshold', 'keeper.touches < 1'),
      says: 'The threshold "keeper.touches < 1" is about the mode keeper, which does not run; it may name netting, direct.',
    },
    {
      args: sweep('--vary', 'orders=5,6', '--threshold', 'speed > 1'),
      says: /^The threshold "speed > 1" names "speed", which is no figure of a mode/,
    },
    {
      args: sweep('--resume', 'sweep-none'),
      says: `There is no sweep "sweep-none" in "${reports}"; give the id of a sweep.`,
    },
  ])
})
