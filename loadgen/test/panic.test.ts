import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ModeRecord } from '../src/core/types.js'
import { shortfallsOf } from '../src/metrics/shortfalls.js'
import { eventsOf } from '../src/metrics/trace.js'
import type { RunReport } from '../src/report/runReport.js'
import { loadgen, PAID, serveDevnet, temporaryFolder } from './support/cli.js'
import { expectRefusal } from './support/refusal.js'
import { readRecord, readReport } from './support/runs.js'

const folder = temporaryFolder()
const reports = join(folder, 'reports')
const TRADERS = 40
const SMALL = [
  ...['--scenario', 'panic', '--traders', String(TRADERS), '--orders', '100'],
  ...['--per-block', '20', '--depth', '1000000'],
]
const records: Partial<Record<string, ModeRecord>> = {}
let report: RunReport

beforeAll(async () => {
  const { code, complaint } = await loadgen([
    ...['compare', ...SMALL, '--modes', 'netting,direct', '--lenient', '--reports', reports],
  ])
  expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
  report = await readReport(reports)
  for (const mode of ['netting', 'direct']) records[mode] = await readRecord(reports, mode)
})

function recordOf(mode: string): ModeRecord & { market: NonNullable<ModeRecord['market']> } {
  const { [mode]: record } = records
  if (record?.market === undefined) throw new Error(`The record of ${mode} has no market.`)
  return { ...record, market: record.market }
}

describe('panic', () => {
  test('the mark price follows the feed down by 30 % within 20 blocks of the plan', () => {
    const { observed } = recordOf('netting').market
    const priceAfter = (batch: number) =>
      Number(observed.find((o) => o.batch === batch)?.prices[0]?.index) / 1e18
    expect(priceAfter(4)).toBeCloseTo(2_000, 5)
    expect(priceAfter(24)).toBeCloseTo(1_400, 5)
    const blocks = observed.filter(({ batch }) => batch >= 4 && batch <= 24).map((o) => o.block)
    expect(blocks).toHaveLength(21)
    expect((blocks.at(-1) ?? 0) - (blocks[0] ?? 0)).toBe(20)
    const marks = [4, 24].map((batch) =>
      Number(observed.find((o) => o.batch === batch)?.prices[0]?.mark),
    )
    expect((marks[1] ?? 0) / (marks[0] ?? 0)).toBeGreaterThan(0.67)
    expect((marks[1] ?? 0) / (marks[0] ?? 0)).toBeLessThan(0.73)
  })

  test('everybody below the maintenance margin is liquidated within two blocks, and the audit holds', () => {
    expect(report.verification.ok).toBe(true)
    const shortfalls = shortfallsOf(recordOf('netting'))
    const liquidated = shortfalls.filter(({ end }) => end === 'liquidated')
    expect(liquidated.length).toBeGreaterThan(10)
    for (const { sinceBlock, untilBlock } of shortfalls)
      expect(untilBlock - sinceBlock).toBeLessThanOrEqual(2)
  })

  test('nobody but a longer is liquidated, and every one of them was seen below before', () => {
    const record = recordOf('netting')
    const seen = new Map<string, number>()
    for (const { block, below } of record.market.observed)
      for (const trader of below) {
        const address = (record.traders[trader] ?? '').toLowerCase()
        if (!seen.has(address)) seen.set(address, block)
      }
    for (const { trader, blockNumber } of eventsOf(record.events, 'Liquidated'))
      expect(seen.get(trader.toLowerCase())).toBeLessThan(blockNumber)
    for (const { isLong } of eventsOf(record.events, 'LiquidationQueued')) expect(isLong).toBe(true)
  })

  test('liquidations net where orders net, and are no orders of the workload', () => {
    const { netting, direct } = report.modes
    expect(netting?.risk?.liquidations).toBe(
      eventsOf(recordOf('netting').events, 'Liquidated').length,
    )
    expect(netting?.risk?.liquidationsNettedShare).toBeGreaterThan(0)
    expect(direct?.risk?.liquidationsNettedShare).toBe(0)
    for (const mode of [netting, direct]) expect(mode?.orders.signed).toBe(100)
    expect(netting?.risk?.shortfalls).toMatchObject({ late: 0 })
    expect(direct?.risk?.shortfalls?.times).toBeGreaterThan(0)
  })

  test('behind the plan’s traders stand the arbitrageur and the keepers, in every sum of the audit', () => {
    for (const mode of ['netting', 'direct']) {
      const { traders, after, market } = recordOf(mode)
      expect(traders).toHaveLength(TRADERS + 1 + TRADERS / 10)
      expect(after.positions).toHaveLength(traders.length)
      expect(after.positions[TRADERS]?.[0]?.base).not.toBe(0n)
      expect(market.transactions.length).toBeGreaterThan(28)
    }
  })
})

test('a live node, whose time nobody can set, is refused before anything is deployed', async () => {
  const { url, cli } = await serveDevnet('--block-time', '100')
  await expectRefusal(join(folder, 'none'), {
    args: ['run', ...SMALL, '--rpc-url', url, '--reports', join(folder, 'none')],
    ...PAID,
    says: /^The prices of this workload have a course: .* leave --rpc-url out, or take a scenario without "prices"\.$/,
  })
  cli.interrupt('process')
  await cli.ended
})
