import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { EventOf, ModeRecord } from '../src/core/types.js'
import { min } from '../src/metrics/numbers.js'
import { eventsOf } from '../src/metrics/trace.js'
import { loadgen, PAID, serveDevnet, temporaryFolder } from './support/cli.js'
import { latestFolder, readRecord, readReport } from './support/runs.js'

const folder = temporaryFolder()
const SPOT = ['--scenario', 'spot', '--traders', '12', '--orders', '48', '--per-block', '8']

async function run(name: string, ...args: string[]): Promise<string> {
  const reports = join(folder, name)
  const { code, complaint } = await loadgen([...args, '--reports', reports])
  expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
  return reports
}

/** Base of both sides of each batch, by the plan alone. */
function sidesByBatch({ plan }: ModeRecord): { longs: bigint; shorts: bigint }[] {
  const sides = Array.from({ length: plan.batches }, () => ({ longs: 0n, shorts: 0n }))
  for (const { batch, isLong, size } of plan.intents)
    (sides[batch] as { longs: bigint; shorts: bigint })[isLong ? 'longs' : 'shorts'] += size
  return sides
}

describe('compare: the same swaps when netting and direct, in serial blocks', () => {
  test('everything settles, is verified, and nets what can net', async () => {
    const reports = await run('compare', 'compare', ...SPOT, '--lenient')
    const report = await readReport(reports)
    const all = { submitted: 48, included: 48, settled: 48, rejected: 0, failed: 0, lost: 0 }
    const [netting, direct] = [report.modes.netting, report.modes.direct]
    expect(report.verification).toMatchObject({ ok: true })
    expect(report.workload).toMatchObject({ scenario: 'spot', traders: 12, orders: 48, markets: 1 })
    expect(netting).toMatchObject({ orders: all, transfers: { signed: 0 } })
    expect(direct).toMatchObject({ orders: all, poolTouches: 48, netting: { ratioVolume: 0 } })
    expect(netting?.netting.efficiency).toBeCloseTo(1, 6)
    expect(netting?.poolTouches).toBeLessThanOrEqual(6)
    expect(netting?.slippageBps.mean).toBeLessThan(direct?.slippageBps.mean as number)
    expect(netting?.gas.perOrder).toBeGreaterThan(0)
    expect(netting?.latencyMs.settlement.p50).toBeGreaterThan(0)

    const record = await readRecord(reports, 'netting')
    const sides = sidesByBatch(record)
    const batches = eventsOf(record.events, 'BatchCleared')
    expect(batches.map(({ longs, shorts }) => ({ longs, shorts }))).toEqual(sides)
    const nettable = sides.reduce((sum, { longs, shorts }) => sum + min(longs, shorts), 0n)
    const volume = sides.reduce((sum, { longs, shorts }) => sum + longs + shorts, 0n)
    expect(netting?.netting.ratioVolume).toBeCloseTo(Number(2n * nettable) / Number(volume), 6)
  })

  test('what traders own changes by their fills, and the netting contract can pay it', async () => {
    const { before, after, events, traders, deployment } = await readRecord(
      join(folder, 'compare'),
      'netting',
    )
    const fills = eventsOf(events, 'OrderSettled')
    const sumOf = (trader: string, name: 'baseDelta' | 'quoteDelta') =>
      fills
        .filter((fill: EventOf<'OrderSettled'>) => fill.trader === trader.toLowerCase())
        .reduce((sum, fill) => sum + fill[name], 0n)
    for (const [i, trader] of traders.entries()) {
      const [was, is] = [before.positions[i]?.[0], after.positions[i]?.[0]]
      expect((is?.base ?? 0n) - (was?.base ?? 0n)).toBe(sumOf(trader, 'baseDelta'))
      expect((is?.quote ?? 0n) - (was?.quote ?? 0n)).toBe(sumOf(trader, 'quoteDelta'))
      expect(was?.claimable).toEqual({ base: 0n, quote: 0n })
    }
    const owed = after.positions.reduce((sum, [held]) => sum + (held?.claimable?.base ?? 0n), 0n)
    expect(owed).toBeGreaterThan(0n)
    expect(after.markets[0]?.held?.base).toBe(owed + (after.markets[0]?.dustBase ?? 0n))
    expect(deployment.netting).toBeDefined()
  })

  test('the same seed gives the same plan, byte for byte', async () => {
    const again = await run('again', 'run', ...SPOT, '--lenient')
    for (const file of ['plan.json', 'intents.jsonl']) {
      const texts = await Promise.all(
        [join(folder, 'compare'), again].map(async (reports) =>
          readFile(join(await latestFolder(reports), file), 'utf8'),
        ),
      )
      expect(texts[0]).toBe(texts[1])
    }
  })
})

test('compare: several pairs, most swaps on one side, blocks as the runtime makes them', async () => {
  const reports = await run(
    'strict',
    ...['compare', ...SPOT, '--markets', '2', '--long-share', '0.75', '--seed', 'strict'],
  )
  const { modes, verification } = await readReport(reports)
  expect(verification.ok).toBe(true)
  expect(modes.netting).toMatchObject({
    orders: { settled: 48, failed: 0 },
    conflicts: { aborted: 0 },
  })
  expect(modes.netting?.poolTouches).toBe(12)
  // Every direct swap writes its pool: of those that the scheduler does not know yet, one stands.
  const failed = modes.direct?.orders.failed as number
  expect(failed).toBeGreaterThan(0)
  expect(modes.direct).toMatchObject({
    orders: { settled: 48 - failed },
    conflicts: { aborted: failed },
  })
  expect(modes.direct?.conflicts?.pairs[0]?.ownerName).toMatch(/ of market [01]$/)
})

describe('run: on a node of its own', () => {
  test('requests alone in their block wait for a keeper, and settle', async () => {
    const devnet = await serveDevnet('--block-time', '100')
    const node = ['--rpc-url', devnet.url]
    const reports = join(folder, 'alone')
    const alone = [
      'run',
      '--scenario',
      'spot',
      '--traders',
      '3',
      '--orders',
      '4',
      '--per-block',
      '1',
    ]
    try {
      const { code, complaint } = await loadgen([...alone, ...node, '--reports', reports], PAID)
      expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
      const record = await readRecord(reports, 'netting')
      expect(record.settlements.length).toBeGreaterThan(0)
      expect(eventsOf(record.events, 'OrderSettled')).toHaveLength(4)
      expect(new Set(eventsOf(record.events, 'BatchCleared').map((event) => event.orders))).toEqual(
        new Set([1n]),
      )
      // The queues are empty: the keeper finds the engine and has nothing to do.
      for (const house of [
        ['--run', 'latest'],
        ['--house', record.deployment.house],
      ]) {
        const kept = await loadgen(
          ['keeper', ...house, ...node, '--once', '--reports', reports],
          PAID,
        )
        expect(kept).toMatchObject({ code: 0, stdout: '', complaint: '' })
      }
    } finally {
      devnet.cli.interrupt('terminal')
      await devnet.cli.ended
    }
  })

  test.each([
    ['run', '--mode', 'keeper'],
    ['compare', '--modes', 'netting,keeper'],
  ])('%s: there is no mode keeper, and nothing is begun', async (...command) => {
    const reports = join(folder, 'keeper')
    const { code, complaint, stdout } = await loadgen([...command, ...SPOT, '--reports', reports])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(complaint).toContain('A workload of swaps has no mode keeper')
    await expect(latestFolder(reports)).rejects.toThrow('ENOENT')
  })
})
