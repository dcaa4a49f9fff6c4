import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { readTrades } from '../src/scenario/csv.js'
import { nettableShare } from '../src/scenario/replay.js'
import { loadgen, temporaryFolder } from './support/cli.js'
import { readRecord, readReport } from './support/runs.js'

/** 70 trades of one minute, written for this test: bursts, quiet spells, and trades that are alone in their interval. */
const WITH_HEADER = fileURLToPath(new URL('./fixtures/trades.csv', import.meta.url))
const folder = temporaryFolder()
const WITHOUT_HEADER = join(folder, 'no-header.csv')

type Line = { milliseconds: number; isBuy: boolean; size: bigint }
let lines: Line[]

beforeAll(async () => {
  const [, ...rows] = (await readFile(WITH_HEADER, 'utf8')).trimEnd().split('\n')
  await writeFile(WITHOUT_HEADER, rows.join('\n'))
  lines = rows.map((row) => {
    const [, , qty = '', , time, isBuyerMaker] = row.split(',')
    // Eight decimals in every line of the file, eighteen on the chain.
    const size = BigInt(qty.replace('.', '')) * 10n ** 10n
    return { milliseconds: Number(time), isBuy: isBuyerMaker === 'False', size }
  })
})

/** Trades by interval, in order of time. */
function toIntervals(interval: number): Line[][] {
  const starts = [...new Set(lines.map(({ milliseconds }) => Math.floor(milliseconds / interval)))]
  return starts
    .sort((a, b) => a - b)
    .map((start) =>
      lines.filter(({ milliseconds }) => Math.floor(milliseconds / interval) === start),
    )
}

/** 2 Σ min(bought, sold) ÷ Σ all, from the lines of the file alone. */
function shareOf(batches: readonly Line[][]): number {
  const volume = (side: readonly Line[]) => side.reduce((sum, { size }) => sum + size, 0n)
  const netted = batches.map((batch) => {
    const bought = volume(batch.filter(({ isBuy }) => isBuy))
    const sold = volume(batch) - bought
    if (bought < sold) return bought
    return sold
  })
  return (2 * Number(netted.reduce((sum, part) => sum + part, 0n))) / Number(volume(lines))
}

describe.each([
  { interval: 100, csv: WITH_HEADER },
  { interval: 1_000, csv: WITHOUT_HEADER },
  { interval: 10_000, csv: WITH_HEADER },
])('replay: batches of $interval ms', ({ interval, csv }) => {
  const reports = join(folder, String(interval))
  beforeAll(async () => {
    const { code, complaint } = await loadgen([
      ...['run', '--mode', 'netting', '--replay', csv, '--batch-interval', String(interval)],
      ...['--traders', '20', '--reports', reports],
    ])
    expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
  })

  test('nets exactly what can net, computed from the file alone', async () => {
    const { modes, verification, workload } = await readReport(reports)
    const batches = toIntervals(interval)
    const share = shareOf(batches)
    expect(share).toBeGreaterThan(0)
    expect(modes.netting?.netting.ratioVolume).toBeCloseTo(share, 9)
    expect(modes.netting?.netting.ratioVolume).toBeCloseTo(
      nettableShare(await readTrades(csv), interval),
      9,
    )
    expect(modes.netting?.netting.efficiency).toBeCloseTo(1, 9)
    expect(modes.netting?.orders).toMatchObject({ settled: lines.length, rejected: 0, lost: 0 })
    expect(modes.netting?.poolTouches).toBeLessThanOrEqual(batches.length)
    expect(workload).toMatchObject({
      scenario: 'replay',
      orders: lines.length,
      batches: batches.length,
      markets: 1,
    })
    expect(verification.ok).toBe(true)
  })

  test('every trade is one order of its size and side, in the block of its interval', async () => {
    const record = await readRecord(reports, 'netting')
    const batches = toIntervals(interval)
    const queued = record.events.filter((event) => event.type === 'OrderQueued')
    const blocks = [...new Set(queued.map(({ blockNumber }) => blockNumber))]
    // Inside a block the order is the node's business.
    const sides = (orders: readonly { isBuy: boolean; size: bigint }[]) =>
      orders.map(({ isBuy, size }) => `${isBuy ? 'buy' : 'sell'} ${size}`).sort()
    expect(
      blocks.map((block) =>
        sides(
          queued
            .filter(({ blockNumber }) => blockNumber === block)
            .map(({ isLong, size }) => ({ isBuy: isLong, size })),
        ),
      ),
    ).toEqual(batches.map(sides))
  })

  test('a trade that is alone in its interval is settled by settle(), the others in their own block', async () => {
    const { events, settlements } = await readRecord(reports, 'netting')
    const queued = events.filter((event) => event.type === 'OrderQueued')
    const settled = new Map(
      events
        .filter((event) => event.type === 'OrderSettled')
        .map((event) => [event.orderId, event]),
    )
    const keeper = new Set(settlements.map(({ hash }) => hash))
    const isLone = ({ blockNumber }: { blockNumber: number }) =>
      queued.filter((other) => other.blockNumber === blockNumber).length === 1
    const lone = queued.filter(isLone)
    expect(lone.length).toBe(toIntervals(interval).filter(({ length }) => length === 1).length)
    expect(lone.length).toBeGreaterThan(0)
    for (const order of queued) {
      const end = settled.get(order.orderId)
      expect(keeper.has(end?.transactionHash ?? '0x')).toBe(isLone(order))
      expect((end?.blockNumber ?? 0) > order.blockNumber).toBe(isLone(order))
    }
  })
})

test('replay: the same file with and without header gives the same plan', async () => {
  const plans = []
  for (const [name, csv] of [
    ['with', WITH_HEADER],
    ['without', WITHOUT_HEADER],
  ] as const) {
    const reports = join(folder, name)
    const args = ['run', '--mode', 'direct', '--replay', csv, '--limit', '25', '--reports', reports]
    expect((await loadgen(args)).code).toBe(0)
    plans.push((await readRecord(reports, 'direct')).plan)
  }
  expect(plans[0]?.intents.length).toBe(25)
  expect(plans[1]).toEqual(plans[0])
})
