import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { decodeHistogram } from '../src/metrics/histogram.js'
import type { RunReport } from '../src/report/runReport.js'
import { loadModeRecords } from '../src/report/store.js'
import {
  FUNDED_KEY,
  loadgen,
  type Output,
  PAID,
  serveDevnet,
  temporaryFolder,
} from './support/cli.js'
import { latestFolder, readReport } from './support/runs.js'

const SHARDS = ['0/4', '1/4', '2/4', '3/4']
const ORDERS = 200
const MODES = ['netting', 'keeper', 'direct'] as const

const root = temporaryFolder()
const [whole, merged] = [join(root, 'whole'), join(root, 'merged')]
const reportsOf = (shard: string) => join(root, `shard-${shard.replace('/', '-of-')}`)

/** Four processes on one chain and one deployment a mode; only the first command has the key of a rich account. */
describe('four generators share a run', () => {
  let shards: Output[]
  let folders: string[]
  let stop: () => Promise<void>

  beforeAll(async () => {
    const devnet = await serveDevnet('--block-time', '200')
    stop = async () => {
      devnet.cli.interrupt('terminal')
      await devnet.cli.ended
    }
    const node = ['--rpc-url', devnet.url]
    const workload = ['--traders', '22', '--orders', String(ORDERS), '--per-block', '20']
    await succeed(['plan', ...workload, '--reports', whole])
    for (const mode of MODES)
      await succeed(['setup', '--shards', '4', '--mode', mode, ...node, '--reports', whole], PAID)
    const of = await latestFolder(whole)
    shards = await Promise.all(
      SHARDS.map((shard) =>
        loadgen(['shard', of, '--shard', shard, ...node, '--reports', reportsOf(shard)]),
      ),
    )
    folders = await Promise.all(SHARDS.map((shard) => latestFolder(reportsOf(shard))))
    return () => stop()
  })

  test('each by itself is verified, by what it can see', async () => {
    for (const [i, { code, complaint }] of shards.entries()) {
      expect({ shard: SHARDS[i], code, complaint }).toEqual({
        shard: SHARDS[i],
        code: 0,
        complaint: '',
      })
      const { verification, modes } = await readReport(reportsOf(SHARDS[i]!))
      expect(verification.ok).toBe(true)
      expect(verification.checks.map(({ name }) => name)).not.toContain(
        'netting: base is conserved',
      )
      expect(modes.netting?.netting).toMatchObject({ ratioVolume: null, optimum: null })
      expect(modes.netting?.risk).toEqual({
        ...{ liquidations: 0, liquidationsNettedShare: null, badDebt: 0, fundingPaid: 0 },
        ...{ insuranceFund: 0, blocks: [] },
      })
    }
  })

  test('merged: every order once, conservation over all traders, latency of all', async () => {
    const { code, complaint } = await loadgen(['merge', ...folders, '--reports', merged])
    expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
    const report = await readReport(merged)
    expect(await readFile(join(merged, 'index.html'), 'utf8')).toContain(
      `${report.run.id}/report.html`,
    )
    expect(report.verification.checks.filter(({ ok }) => !ok)).toEqual([])
    const names = report.verification.checks.map(({ name }) => name)
    expect(names).toContain('netting: base is conserved')
    expect(names).toContain('keeper: no transaction belongs to two shards')
    expect(report.workload).toMatchObject({ traders: 22, orders: ORDERS })

    const reports = await Promise.all(SHARDS.map((shard) => readReport(reportsOf(shard))))
    for (const mode of MODES) {
      const metrics = report.modes[mode]!
      const ofShards = reports.map(({ modes }) => modes[mode]!)
      const sum = (read: (m: (typeof ofShards)[number]) => number) =>
        ofShards.reduce((total, m) => total + read(m), 0)
      expect(metrics.orders).toMatchObject({ signed: ORDERS, included: ORDERS, lost: 0, failed: 0 })
      expect(metrics.orders.settled).toBe(sum(({ orders }) => orders.settled))
      expect(metrics.gas.total).toBe(sum(({ gas }) => gas.total))
      const count = (text: string | null | undefined) => decodeHistogram(text!).totalCount
      expect(count(metrics.latencyMs.histograms?.inclusion)).toBe(ORDERS)
      expect(metrics.latencyMs.inclusion.max).toBe(
        Math.max(...ofShards.map(({ latencyMs }) => latencyMs.inclusion.max!)),
      )
    }
    // A pool touch is one of the chain's: every shard saw it, the merged report has it once.
    const direct = report.modes.direct!
    expect(direct.poolTouches).toBe(direct.orders.settled)
    expect(report.modes.netting?.netting.efficiency).toBeCloseTo(1, 6)
  })

  test('together they did the plan of the whole, intent by intent', async () => {
    const intents = await readFile(join(await latestFolder(whole), 'intents.jsonl'), 'utf8')
    const plan = intents.trimEnd().split('\n')
    const records = await Promise.all(
      SHARDS.map((shard) => loadModeRecords(reportsOf(shard), 'latest')),
    )
    const signed = records.flatMap(([record]) => record!.signed.map(({ intent }) => intent))
    expect(signed.toSorted((a, b) => a - b)).toEqual(plan.map((_, index) => index))
  })

  test('a shard that is missing, there twice, or no shard', async () => {
    const [first, ...others] = folders as [string, ...string[]]
    for (const [runs, says] of [
      [others, 'netting: shard 0/4 is missing.\n'],
      [[first, ...folders], 'netting: shard 0/4 is there twice.\n'],
      [[join(reportsOf('0/4'), 'none')], /^There is no run "none" in /],
    ] as const) {
      const { code, stderr, stdout } = await loadgen(['merge', ...runs, '--reports', merged])
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      if (typeof says === 'string') expect(stderr).toContain(says)
      else expect(stderr).toMatch(says)
    }
  })

  test('a report that its records do not bear out is found, and the shard that it is of', async () => {
    const folder = folders[2]!
    const path = join(folder, 'report.json')
    const kept = await readFile(path, 'utf8')
    const report: RunReport = JSON.parse(kept)
    report.modes.netting!.orders.settled += 1
    await writeFile(path, JSON.stringify(report))
    const { code, stdout } = await loadgen(['merge', ...folders, '--reports', merged])
    await writeFile(path, kept)
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /netting: the shards' own figures add up to those of the union: orders\.settled: the shards report \d+, the union \d+/,
    )
  })

  test('no file of a shard holds the key of the funder', async () => {
    for (const shard of SHARDS)
      for (const entry of await readdir(reportsOf(shard), { recursive: true, withFileTypes: true }))
        if (entry.isFile())
          expect(await readFile(join(entry.parentPath, entry.name), 'utf8')).not.toContain(
            FUNDED_KEY.slice(2),
          )
  })
})

async function succeed(...args: Parameters<typeof loadgen>): Promise<void> {
  const { code, complaint } = await loadgen(...args)
  expect({ args: args[0], code, complaint }).toEqual({ args: args[0], code: 0, complaint: '' })
}
