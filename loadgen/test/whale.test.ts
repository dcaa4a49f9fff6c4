import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ModeRecord } from '../src/core/types.js'
import { eventsOf } from '../src/metrics/trace.js'
import type { RunReport } from '../src/report/runReport.js'
import { loadgen, temporaryFolder } from './support/cli.js'
import { latestFolder, readRecord, readReport } from './support/runs.js'

const reports = join(temporaryFolder(), 'reports')
/** Of the scenario: base that may be open on a side, and by which the sides may differ. */
const [MAX_OPEN, MAX_SKEW] = [300, 80]
/** Shares of the room are rounded down to a wei an order. */
const DUST = 1e-9
let record: ModeRecord
let report: RunReport

beforeAll(async () => {
  const args = ['run', '--scenario', 'whale', '--lenient', '--reports', reports]
  const { code, complaint } = await loadgen(args)
  expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
  report = await readReport(reports)
  record = await readRecord(reports, 'netting')
})

/** Base open after each block that settles, and what became of the whale's order in it. */
function course() {
  const whale = (record.traders[0] ?? '').toLowerCase()
  const fills = eventsOf(record.events, 'OrderSettled')
  const held = new Map<string, number>()
  return [...new Set(fills.map(({ blockNumber }) => blockNumber))].map((block) => {
    const here = fills.filter(({ blockNumber }) => blockNumber === block)
    for (const { trader, baseDelta } of here)
      held.set(trader, (held.get(trader) ?? 0) + Number(baseDelta) / 1e18)
    const open = (side: 1 | -1) =>
      [...held.values()].reduce((sum, base) => sum + Math.max(0, side * base), 0)
    const own = here.find(({ trader }) => trader.toLowerCase() === whale)
    return { longs: open(1), shorts: open(-1), isCut: own !== undefined && own.cancelled > 0n }
  })
}

describe('whale', () => {
  test('orders find no room and are rejected; the report says so, and the audit holds', async () => {
    expect(report.verification.ok).toBe(true)
    const { orders } = report.modes.netting ?? {}
    const rejected = eventsOf(record.events, 'OrderRejected').filter(
      ({ reason }) => reason === 'OpenInterest',
    )
    expect(rejected.length).toBeGreaterThan(0)
    expect(orders?.rejectedBy.OpenInterest).toBe(rejected.length)
    expect(await readFile(join(await latestFolder(reports), 'report.md'), 'utf8')).toContain(
      `- netting, rejected: ${rejected.length} × OpenInterest`,
    )
  })

  test('its order is cut by the bound on open interest in one block, by the bound on skew in another', () => {
    const blocks = course()
    for (const { longs, shorts } of blocks)
      expect(Math.max(longs, shorts)).toBeLessThanOrEqual(MAX_OPEN + DUST)
    const cut = blocks
      .filter(({ isCut }) => isCut)
      .map(({ longs, shorts }) => ({
        isFull: Math.max(longs, shorts) > MAX_OPEN - DUST,
        isSkewed: Math.abs(Math.abs(longs - shorts) - MAX_SKEW) < DUST,
      }))
    expect(cut).toContainEqual({ isFull: true, isSkewed: false })
    expect(cut).toContainEqual({ isFull: false, isSkewed: true })
  })
})
