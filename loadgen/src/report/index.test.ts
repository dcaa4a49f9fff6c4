import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runReport } from '../../test/fixtures/runReport.js'
import { listRuns, type RunSummary, renderRunList, summarizeRun, writeIndex } from './index.js'
import { saveReport } from './store.js'

let reports = ''
beforeEach(() => {
  reports = mkdtempSync(join(tmpdir(), 'index-'))
})
afterEach(() => rmSync(reports, { recursive: true }))

const store = (id: string, startedAt: string) => {
  const report = runReport()
  return saveReport(reports, { ...report, run: { ...report.run, id, startedAt } })
}

const summary: Extract<RunSummary, { startedAt: string }> = {
  ...{ id: 'mix-1', startedAt: '2025-01-02T03:04:05.000Z', scenario: 'mix', traders: 3 },
  ...{ orders: 5, ok: true, hasPage: false },
  modes: {
    netting: {
      ...{ ratio: 4 / 6, touches: 1, gasPerOrder: 72_500, settledPerSecond: 1 },
      slippageBps: expect.closeTo((30 / 2_025) * 1e4 * 0.5, 6) as number,
    },
    direct: {
      ...{ ratio: 0, touches: 4, gasPerOrder: 125_000, settledPerSecond: 1 },
      slippageBps: expect.any(Number) as number,
    },
  },
}

test('summarizeRun: the headline of each mode', () => {
  const report = runReport()
  report.run.id = 'mix-1'
  expect({ ...summarizeRun(report), hasPage: false }).toEqual({
    ...summary,
    modes: {
      netting: { ...summary.modes.netting, ratio: expect.closeTo(4 / 6, 9) },
      direct: summary.modes.direct,
    },
  })
})

describe('listRuns', () => {
  test('default: newest first, whatever they are called', async () => {
    await store('b', '2025-01-02T00:00:00.000Z')
    await store('c', '2025-01-01T00:00:00.000Z')
    await store('a', '2025-01-03T00:00:00.000Z')
    expect((await listRuns(reports)).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  })
  test('behavior: of one instant in the order of their ids', async () => {
    for (const id of ['z', 'y', 'x']) await store(id, '2025-01-02T00:00:00.000Z')
    expect((await listRuns(reports)).map(({ id }) => id)).toEqual(['x', 'y', 'z'])
  })
  test('behavior: a run goes by the name of its folder', async () => {
    await store('a', '2025-01-02T00:00:00.000Z')
    renameSync(join(reports, 'a'), join(reports, 'renamed'))
    expect((await listRuns(reports)).map(({ id }) => id)).toEqual(['renamed'])
  })
  test('behavior: a broken, a newer and an unfinished run are last, each with its reason; other folders are no runs', async () => {
    await store('good', '2020-01-01T00:00:00.000Z')
    const folder = (id: string) => {
      mkdirSync(join(reports, id))
      return join(reports, id)
    }
    writeFileSync(join(folder('newer'), 'report.json'), '{"schemaVersion":2}')
    writeFileSync(join(folder('broken'), 'report.json'), '{')
    writeFileSync(join(folder('unfinished'), 'plan.json'), '{}')
    writeFileSync(join(folder('sweep'), 'sweep.json'), '{}')
    writeFileSync(join(reports, 'stray'), '')
    const [good, ...others] = await listRuns(reports)
    expect(good?.id).toBe('good')
    expect(others).toEqual([
      {
        id: 'broken',
        unreadable: `"${reports}/broken/report.json" is no report: it is not valid JSON.`,
      },
      {
        id: 'newer',
        unreadable: `"${reports}/newer/report.json" has schemaVersion 2, of a newer version of this tool; this one reads 1.`,
      },
      { id: 'unfinished', unreadable: 'It has no report: it is under way, or was cut short.' },
    ])
  })
  test('behavior: a run has a page where there is one', async () => {
    for (const id of ['a', 'b']) await store(id, '2025-01-02T00:00:00.000Z')
    writeFileSync(join(reports, 'b', 'report.html'), '')
    expect(await listRuns(reports)).toMatchObject([
      { id: 'a', hasPage: false },
      { id: 'b', hasPage: true },
    ])
  })
  test('args: no folder', async () => {
    expect(await listRuns(join(reports, 'nowhere'))).toEqual([])
  })
})

describe('renderRunList', () => {
  const bare = {
    ...summary,
    modes: {
      keeper: {
        ratio: null,
        touches: 0,
        gasPerOrder: null,
        settledPerSecond: null,
        slippageBps: 1.23456,
      },
    },
  }
  test('default: a row for each mode, in the order given', () => {
    const text = renderRunList([
      { ...bare, id: 'b' },
      { ...bare, id: 'a', ok: false, scenario: 'a|b' },
    ])
    expect(text).toContain(`## Runs

Newest first.

| run | started | workload | mode | pool touches | netting ratio (volume) | slippage mean (bps) | gas / order | settled / s | checks |
| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |
| [b](b/report.md) | 2025-01-02 03:04 UTC | mix, 3 traders, 5 orders | keeper | 0 | – | 1.235 | – | – | ok |
| [a](a/report.md) | 2025-01-02 03:04 UTC | a\\|b, 3 traders, 5 orders | keeper | 0 | – | 1.235 | – | – | **FAILED** |
`)
  })
  test('behavior: those that cannot be read below', () => {
    expect(renderRunList([{ id: 'x', unreadable: 'Why.' }])).toMatch(
      /## Runs\n\nThere is none yet\.\n\n## Runs without a readable report\n\n- `x`: Why\.\n$/,
    )
  })
})

test('writeIndex: the same runs, the same bytes', async () => {
  await store('a', '2025-01-02T00:00:00.000Z')
  await store('b', '2025-01-02T00:00:00.000Z')
  const written = async () => {
    await writeIndex(reports, await listRuns(reports))
    return readFileSync(join(reports, 'README.md'), 'utf8')
  }
  const text = await written()
  expect(text).toContain('| [a](a/report.md) |')
  expect(await written()).toBe(text)
})
