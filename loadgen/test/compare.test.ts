import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { MODES, type ModeRecord } from '../src/core/types.js'
import { loadgen, temporaryFolder } from './support/cli.js'
import { latestFolder, readRecord, readReport } from './support/runs.js'

const folder = temporaryFolder()
const SMALL = ['compare', '--traders', '20', '--orders', '60']
/** Serial blocks: every order of every mode settles, and the same seed gives the same chain. */
const COMPARE = [...SMALL, '--lenient', '--modes', MODES.join()]

const figures = (...keys: string[]) =>
  Object.fromEntries(keys.map((key) => [key, expect.any(Number)]))

/** What report.json promises of each mode that ran, whatever else it says. */
const MODE_FIGURES = {
  orders: { submitted: 60, included: 60, settled: 60, rejected: 0, failed: 0, lost: 0 },
  netting: figures('ratioVolume', 'ratioOrders', 'optimum', 'efficiency'),
  poolTouches: expect.any(Number),
  throughput: figures('submittedPerSecond', 'includedPerSecond', 'settledPerSecond'),
  latencyMs: {
    inclusion: figures('p50', 'p90', 'p99', 'max'),
    settlement: figures('p50', 'p90', 'p99', 'max'),
  },
  gas: figures('total', 'perOrder'),
  slippageBps: figures('mean', 'p50', 'p99'),
  priceImpactBps: expect.any(Number),
}

test.each([1, 3])(
  'compare: %i markets, three modes, every figure and every check',
  async (markets) => {
    const reports = join(folder, `markets-${markets}`)
    const { code, stdout, complaint } = await loadgen([
      ...[...COMPARE, '--markets', String(markets), '--seed', 'all figures'],
      ...['--reports', reports],
    ])
    expect({ code, complaint }).toEqual({ code: 0, complaint: '' })

    const report = await readReport(reports)
    expect(report).toMatchObject({
      schemaVersion: 1,
      run: {
        seed: 'all figures',
        commit: expect.stringMatching(/^([0-9a-f]{12}(-dirty)?|unknown)$/),
        command: `npm run loadgen -- ${COMPARE.join(' ')} --markets ${markets} --seed 'all figures' --reports ${reports}`,
      },
      environment: { chainId: 118, emulated: true },
      workload: { traders: 20, orders: 60, markets },
      modes: { netting: MODE_FIGURES, keeper: MODE_FIGURES, direct: MODE_FIGURES },
      comparison: figures(
        'poolTouchReduction',
        'gasPerOrderRatio',
        'slippageRatio',
        'throughputRatio',
      ),
      verification: { ok: true },
    })
    const { netting, keeper, direct } = report.modes
    for (const mode of [netting, keeper]) {
      expect(mode?.netting.efficiency).toBeCloseTo(1, 6)
      expect(mode?.netting.ratioVolume).toBeGreaterThan(0)
      expect(mode?.poolTouches).toBeLessThanOrEqual(report.workload.batches * markets)
    }
    expect(direct?.poolTouches).toBe(60)
    expect(direct?.netting.ratioVolume).toBe(0)
    expect(report.comparison.poolTouchReduction).toBe(1 - (netting?.poolTouches ?? Number.NaN) / 60)
    for (const mode of MODES)
      expect(report.verification.checks.some(({ name }) => name.startsWith(`${mode}: `))).toBe(true)

    const markdown = await readFile(join(await latestFolder(reports), 'report.md'), 'utf8')
    for (const text of [stdout, markdown]) expect(text).toContain(report.run.id)
  },
)

test('compare: --json prints report.json and nothing else', async () => {
  const reports = join(folder, 'json')
  const { code, stdout } = await loadgen([...SMALL, '--json', '--reports', reports])
  expect(code).toBe(0)
  expect(stdout).toBe(await readFile(join(await latestFolder(reports), 'report.json'), 'utf8'))
  // The default: the mode that nets and the one that does not.
  expect(Object.keys(JSON.parse(stdout).modes)).toEqual(['direct', 'netting'])
})

test('compare: strict by default: netting loses nothing to conflicts, swaps abort each other at the pool', async () => {
  const reports = join(folder, 'strict')
  const { code, complaint } = await loadgen([
    ...[...SMALL, '--mix', 'open=70,close=30', '--modes', 'netting,direct', '--reports', reports],
  ])
  expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
  const { modes, verification } = await readReport(reports)
  expect(verification.ok).toBe(true)
  const { netting, direct } = modes
  expect(netting).toMatchObject({
    orders: { settled: 60, failed: 0 },
    conflicts: { aborted: 0, pairs: [] },
    parallel: figures('generations', 'criticalPathGas', 'totalGas'),
    gas: { perOrderArcologyModel: expect.any(Number) },
  })
  // The first block opens: of its swaps with one pool one stands. From then on they are known, and run one by one.
  const first = direct?.conflicts?.pairs[0]
  expect(first).toMatchObject({ winner: 'openPosition', loser: 'openPosition', blocks: 1 })
  expect(direct?.conflicts?.aborted).toBeGreaterThanOrEqual(9)
  expect(direct?.orders.failedBy.aborted).toBe(direct?.conflicts?.aborted)
  const [wide, narrow] = [netting, direct].map((mode) => mode?.parallel?.modelledSpeedup)
  expect(wide?.[1]).toBe(1)
  expect(wide?.[16]).toBeGreaterThan(narrow?.[16] ?? Number.NaN)
})

/** Times are a run's own; plan, signatures, events and the chain's state before and after follow from the seed alone. */
const SEEDED = ['record.json', 'transactions.txt', 'signed.jsonl', 'events.jsonl']

async function readSeeded(reports: string): Promise<Record<string, string>> {
  const run = await latestFolder(reports)
  const texts: Record<string, string> = {}
  for (const file of ['plan.json', 'intents.jsonl'])
    texts[file] = await readFile(join(run, file), 'utf8')
  for (const mode of MODES)
    for (const file of SEEDED)
      texts[`${mode}/${file}`] = withoutModel(await readFile(join(run, mode, file), 'utf8'))
  return texts
}

/** The model samples transactions by their place in the block, which is not the seed's to say. */
function withoutModel(text: string): string {
  return text.replace(/"gasModel":.*?,"counts"/s, '"counts"')
}

async function runSeed(seed: string, name: string): Promise<string> {
  const reports = join(folder, name)
  const { code, complaint } = await loadgen([...COMPARE, '--seed', seed, '--reports', reports])
  expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
  return reports
}

describe('one seed', () => {
  let reports: string
  beforeAll(async () => {
    reports = await runSeed('a', 'first')
  })

  test('gives the same plan, signatures, events and positions again', async () => {
    const [once, again] = [reports, await runSeed('a', 'again')]
    expect(await readSeeded(again)).toEqual(await readSeeded(once))
    const [first, second] = [await readReport(once), await readReport(again)]
    for (const mode of MODES)
      for (const key of ['netting', 'poolTouches', 'slippageBps', 'priceImpactBps'] as const)
        expect(second.modes[mode]?.[key]).toEqual(first.modes[mode]?.[key])
  })

  test('gives another run than another seed', async () => {
    const files = await readSeeded(reports)
    const others = await readSeeded(await runSeed('b', 'other'))
    for (const [name, text] of Object.entries(others)) expect(text).not.toBe(files[name])
  })

  test('gives every mode the same intents, and the traders the same base', async () => {
    const [netting, keeper, direct] = await Promise.all(
      MODES.map((mode) => readRecord(reports, mode)),
    )
    expect(keeper?.plan).toEqual(netting?.plan)
    expect(direct?.plan).toEqual(netting?.plan)
    expect(netting?.after.positions.flat().some(({ base }) => base !== 0n)).toBe(true)
    // A keeper settles the same batches a block later, at the same prices. Swapping each order with the pool differs in price.
    expect(keeper?.after.positions).toEqual(netting?.after.positions)
    expect(basesOf(direct)).toEqual(basesOf(netting))
    expect(direct?.after.positions).not.toEqual(netting?.after.positions)
  })
})

function basesOf(record: ModeRecord | undefined): bigint[][] | undefined {
  return record?.after.positions.map((held) => held.map(({ base }) => base))
}
