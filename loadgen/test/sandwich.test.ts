import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ModeRecord } from '../src/core/types.js'
import { type MevMetrics, mevMetrics } from '../src/metrics/mev.js'
import { traceTransactions } from '../src/metrics/trace.js'
import { loadgen, temporaryFolder } from './support/cli.js'
import { readRecord, readReport } from './support/runs.js'

const reports = join(temporaryFolder(), 'reports')
const BATCHES = 6
const records: Partial<Record<string, ModeRecord>> = {}
const mev: Partial<Record<string, MevMetrics>> = {}

beforeAll(async () => {
  const { code, complaint } = await loadgen([
    ...['compare', '--scenario', 'sandwich', '--orders', String(BATCHES * 12)],
    ...['--modes', 'netting,keeper,direct', '--lenient', '--reports', reports],
  ])
  expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
  for (const mode of ['netting', 'keeper', 'direct']) {
    const record = await readRecord(reports, mode)
    records[mode] = record
    mev[mode] = mevMetrics(record, traceTransactions(record)) ?? undefined
  }
})

/** What the attacker received less what it paid, from the events alone: its accounts together hold nothing at the end. */
function cashOf(record: ModeRecord | undefined): number {
  const attackers = record?.plan.attackers?.map((trader) => record.traders[trader]?.toLowerCase())
  let [base, cash] = [0n, 0n]
  for (const event of record?.events ?? [])
    if (event.type === 'OrderSettled' && attackers?.includes(event.trader.toLowerCase())) {
      base += event.baseDelta
      cash += event.quoteDelta
    }
  expect(base).toBe(0n)
  return Number(cash) / 1e18
}

describe('sandwich', () => {
  test('every order of every mode settles, and the audit holds', async () => {
    const { modes, verification } = await readReport(reports)
    expect(verification.ok).toBe(true)
    for (const mode of [modes.netting, modes.keeper, modes.direct])
      expect(mode?.orders).toMatchObject({ submitted: 72, settled: 72, failed: 0, lost: 0 })
  })

  test('direct: the block has the plan’s order, the attacker first and last', () => {
    const { plan, receipts = [], signed = [] } = records.direct ?? {}
    const hashes = new Map(signed.map(({ intent, hash }) => [intent, hash]))
    const placeOf = new Map(
      receipts.map(({ hash, blockNumber, index }) => [hash, { blockNumber, index }]),
    )
    for (let batch = 0; batch < BATCHES; batch++) {
      const own = plan?.intents.filter((intent) => intent.batch === batch) ?? []
      const places = own.map(({ index }) => placeOf.get(hashes.get(index) ?? '0x'))
      expect(new Set(places.map((place) => place?.blockNumber)).size).toBe(1)
      const order = places.map((place) => place?.index ?? Number.NaN)
      expect(order).toEqual([...order].sort((a, b) => a - b))
      expect([own[0]?.trader, own.at(-1)?.trader].sort()).toEqual([0, 1])
    }
  })

  test('the attacker gains where every order swaps with the pool, and loses where they net', () => {
    expect(mev.direct?.attackerProfit).toBeGreaterThan(1_000)
    expect(mev.netting?.attackerProfit).toBeLessThan(0)
    expect(mev.keeper?.attackerProfit).toBeLessThan(0)
    for (const mode of ['netting', 'keeper', 'direct'])
      expect(mev[mode]?.attackerProfit).toBeCloseTo(cashOf(records[mode]), 6)
  })

  test('the same victims pay less where orders net', () => {
    for (const mode of ['netting', 'keeper', 'direct'])
      expect(mev[mode]?.victims).toMatchObject({ orders: 60, settled: 60 })
    const [netting, direct] = [mev.netting?.victims, mev.direct?.victims]
    expect(netting?.extraCost).toBeGreaterThan(0)
    expect(direct?.extraCost).toBeGreaterThan(5 * (netting?.extraCost ?? Number.NaN))
    // Within what they said they tolerate.
    expect(direct?.extraCostBps).toBeLessThan(300)
  })
})
