import { describe, expect, test } from 'vitest'
import { A, modeRecord, tx, WAD } from '../../test/fixtures/modeRecord.js'
import { riskRecord } from '../../test/fixtures/riskRecord.js'
import { splitRecord } from '../../test/fixtures/shardRecords.js'
import type { ModeRecord } from '../core/types.js'
import type { ShardPart } from './mergeChecks.js'
import { mergeMode, overlapOf } from './mergeMode.js'
import type { ShardRecord } from './mergeShard.js'
import { type ModeMetrics, modeMetrics } from './modeMetrics.js'
import type { ModeSeries } from './series.js'
import { verifyRecord } from './verify.js'

type Deep<T> = { -readonly [K in keyof T]: Deep<T[K]> }

const toParts = (shards: readonly ShardRecord[]): ShardPart[] =>
  shards.map((record) => ({ record, metrics: modeMetrics(record) }))
const failed = (parts: readonly ShardPart[]) => mergeMode(parts).checks.filter(({ ok }) => !ok)

describe('default: shards that together did what one did', () => {
  for (const mode of ['netting', 'direct'] as const)
    for (const count of [1, 2, 3])
      test(`${mode}, ${count} shards: the same figures, and every check holds`, () => {
        const whole = modeRecord(mode)
        const { metrics, checks } = mergeMode(toParts(splitRecord(whole, count)))
        expect(metrics).toEqual(modeMetrics(whole))
        expect(checks.filter(({ ok }) => !ok)).toEqual([])
      })
  test('keeper: its settlements are in one shard', () => {
    const whole: ModeRecord = {
      ...modeRecord('netting'),
      mode: 'keeper',
      settlements: [{ hash: tx(99), blockNumber: 12, index: 9, ok: true, gasUsed: 5n }],
    }
    const { metrics, checks } = mergeMode(toParts(splitRecord(whole, 3)))
    expect(metrics).toEqual(modeMetrics(whole))
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
  })
  test('liquidations: each is of the shard whose account it is', () => {
    const { plan, ...rest } = riskRecord()
    const whole: ModeRecord = { ...rest, plan: { ...plan, traders: 4 } }
    const parts = toParts(splitRecord(whole, 2))
    const { metrics, checks } = mergeMode(parts)
    expect(metrics.risk).toEqual(modeMetrics(whole).risk)
    expect(parts.map((part) => part.metrics.risk?.liquidations)).toEqual([1, 1])
    const sums = "the shards' own figures add up to those of the union"
    expect(checks.find(({ name }) => name === sums)?.ok).toBe(true)
    const [first, second] = parts as [ShardPart, ShardPart]
    const risk = { ...second.metrics.risk, liquidations: 2 } as NonNullable<ModeMetrics['risk']>
    expect(failed([first, { ...second, metrics: { ...second.metrics, risk } }])).toContainEqual({
      ...{ name: sums, ok: false },
      detail: 'risk.liquidations: the shards report 3, the union 2',
    })
  })
  test('clocks that differ change rates, but neither latency nor any check', () => {
    const whole = modeRecord('netting')
    const { metrics, checks } = mergeMode(toParts(splitRecord(whole, 3, 60_000)))
    const { throughput: _, series, ...expected } = modeMetrics(whole)
    expect(metrics).toMatchObject(expected)
    const { time, ...rest } = metrics.series as ModeSeries
    expect(rest).toEqual({ ...series, time: undefined })
    // Latency over time is of one clock each: from the fastest order of all, 950 ms, to the slowest, 1,000 ms.
    expect(time.settled.reduce((total, count) => total + count, 0)).toBe(4)
    for (const ms of [...time.p50Ms, ...time.p99Ms].filter((found) => found !== null)) {
      expect(ms).toBeGreaterThanOrEqual(950)
      expect(ms).toBeLessThanOrEqual(1_000)
    }
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
  })
})

describe('a shard by itself', () => {
  const whole = modeRecord('netting')
  const [shard] = splitRecord(whole, 3) as [ShardRecord]
  test('is not judged by sums over all traders', () => {
    const names = verifyRecord(shard).checks.map(({ name }) => name)
    const all = verifyRecord(whole).checks.map(({ name }) => name)
    expect(all.filter((name) => !names.includes(name))).toEqual([
      'base is conserved',
      'quote is conserved',
      'the vault holds all balances and the fund',
      'the queue is empty at the end',
      'open interest is what positions add up to',
      'fees, funding and bad debt are what their events add up to',
      'orders got what their batches cleared',
      'the pools were touched only for what did not net',
    ])
    expect(verifyRecord(shard).ok).toBe(true)
  })
  test('finds a fault of its own', () => {
    const broken = structuredClone(shard) as Deep<ShardRecord>
    broken.after.positions[0]![0]!.base += 1n
    const [fault] = verifyRecord(broken).checks.filter(({ ok }) => !ok)
    expect(fault).toEqual({
      name: 'every position is what its events add up to',
      ok: false,
      detail: `base of ${A} in market 0 changed by ${2n * WAD + 1n}, its events by ${2n * WAD}`,
    })
  })
  test('tells what is a share of all volume to nobody', () => {
    expect(modeMetrics(shard).series).toBe(null)
    expect(modeMetrics(shard).netting).toMatchObject({
      ...{ ratioVolume: null, optimum: null, efficiency: null, ratioOrders: 0.5 },
      sums: { netted: String(2n * WAD), settled: 2, unpooled: 1 },
    })
  })
  test('a merged record is not judged by the times of several clocks', () => {
    const names = verifyRecord(whole, { isMerged: true }).checks.map(({ name }) => name)
    const all = verifyRecord(whole).checks.map(({ name }) => name)
    expect(all.filter((name) => !names.includes(name))).toEqual(['times are in order'])
  })
})

/** What is changed in the second of three shards, the check that must fail and what it must say. */
const faults: [
  what: string,
  check: string,
  detail: string | RegExp,
  corrupt: (shard: Deep<ShardRecord>, part: Deep<ShardPart>, all: Deep<ShardRecord>[]) => void,
][] = [
  [
    'another deployment',
    'all shards worked on one deployment',
    `shard 1/3 has the clearing house ${tx(7)} or other addresses`,
    (shard) => {
      shard.deployment.house = tx(7)
    },
  ],
  [
    'an intent of another shard',
    'every intent belongs to one shard',
    'intent 0 belongs to two shards',
    (shard) => {
      shard.plan.intents[0]!.index = 0
    },
  ],
  [
    'a lost intent',
    'every intent belongs to one shard',
    'intent 1 belongs to none',
    (shard) => {
      shard.plan.intents.shift()
    },
  ],
  [
    'an account of another shard',
    'no account belongs to two shards',
    `${A.toLowerCase()} belongs to two shards`,
    (shard) => {
      shard.traders[0] = A
    },
  ],
  [
    'a transaction of another shard',
    'no transaction belongs to two shards',
    `${tx(0)} belongs to two shards`,
    (shard) => {
      shard.signed[0]!.hash = tx(0)
    },
  ],
  [
    'a settlement of another shard',
    'no transaction belongs to two shards',
    `${tx(0)} belongs to two shards`,
    (shard) => {
      shard.settlements.push({ hash: tx(0), blockNumber: 12, index: 9, ok: true, gasUsed: 1n })
    },
  ],
  [
    'another block',
    'all shards saw the same chain',
    'shard 1/3 saw another block 12',
    (shard) => {
      shard.blocks[1]!.gasUsed += 1n
      shard.blocks[1]!.seenMs += 1
    },
  ],
  [
    'another event',
    'all shards saw the same chain',
    'shard 1/3 saw another event as block 12, log 14',
    (shard) => {
      const cleared = shard.events.findLast(({ type }) => type === 'BatchCleared')!
      ;(cleared as { orders: bigint }).orders += 1n
    },
  ],
  [
    'a trader that was read too early',
    'every trader was read before its first event and after its last',
    /^shard 1\/3 read 0x.{40} at the blocks 10 and 11; Withdrawn is in block 12$/i,
    (shard) => {
      shard.after.blockNumber = 11
    },
  ],
  [
    'a figure that its records do not bear out',
    "the shards' own figures add up to those of the union",
    'orders.settled: the shards report 5, the union 4',
    (_, part) => {
      part.metrics.orders.settled += 1
    },
  ],
  [
    'volume that its records do not bear out',
    "the shards' own figures add up to those of the union",
    `netting.netted: the shards report ${4n * WAD + 1n}, the union ${4n * WAD}`,
    (_, part) => {
      const sums = part.metrics.netting.sums!
      sums.netted = String(BigInt(sums.netted) + 1n)
    },
  ],
  [
    'a pool that holds too much at the end',
    'base is conserved',
    `market 0 has 1 more than before`,
    (_, __, all) => {
      for (const shard of all) shard.after.markets[0]!.poolBase += 1n
    },
  ],
  [
    'an order that no shard sent',
    'every queued order ends once',
    /^order 0xf.+0 ended but was never queued$/,
    (_, __, all) => {
      for (const shard of all)
        shard.events = shard.events.filter(({ transactionHash }) => transactionHash !== tx(0))
    },
  ],
]

describe('faults that only the merge can see', () => {
  test.each(faults)('%s', (_, check, detail, corrupt) => {
    const parts = structuredClone(
      toParts(splitRecord(modeRecord('netting'), 3)),
    ) as Deep<ShardPart>[]
    corrupt(
      parts[1]!.record,
      parts[1]!,
      parts.map(({ record }) => record),
    )
    expect(failed(parts as ShardPart[])).toContainEqual({
      ...{ name: check, ok: false },
      detail: typeof detail === 'string' ? detail : expect.stringMatching(detail),
    })
  })
  test('a fault of one shard is said with its name, what holds of all in one line', () => {
    const parts = structuredClone(
      toParts(splitRecord(modeRecord('netting'), 3)),
    ) as Deep<ShardPart>[]
    parts[2]!.record.receipts.pop()
    const { checks } = mergeMode(parts as ShardPart[])
    const lost = checks.filter(({ name }) => name.endsWith('no transaction is lost'))
    expect(lost).toMatchObject([
      { name: 'shard 2/3: no transaction is lost', ok: false },
      { name: 'no transaction is lost', ok: false },
    ])
    expect(checks).toContainEqual({
      name: 'each shard: every position is what its events add up to',
      ok: true,
      detail: '3 shards',
    })
  })
})

test('overlap: from the last that began to the first that ended', () => {
  const shards = splitRecord(modeRecord('netting'), 3)
  // Sent from 5, 15 and 25 ms; last accepted at 2,039, 2,069 and 2,059 ms.
  expect(overlapOf(shards)).toEqual({ togetherMs: 2_014, spanMs: 2_064 })
})
