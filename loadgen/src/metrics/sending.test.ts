import { describe, expect, test } from 'vitest'
import { modeRecord, tx } from '../../test/fixtures/modeRecord.js'
import { splitRecord } from '../../test/fixtures/shardRecords.js'
import type { Sending } from '../core/sending.js'
import type { ModeRecord } from '../core/types.js'
import { mergeRecords } from './mergeRecords.js'
import { modeMetrics } from './modeMetrics.js'

/**
 * The hand-made run has its intents 0 to 2 at 0, 10 and 20 ms, seen at 1,000, and 3 to 6 at 2,030 to 2,060 ms, seen at 3,000. Its
 * orders are all but 2 and 4.
 */
const record = modeRecord('netting')
const sent = (sending: Partial<Sending> = {}): ModeRecord => ({
  ...record,
  sending: {
    ...{ executor: 'rate', perSecond: 100 },
    phases: { startMs: 0, measureMs: 0, drainMs: 2_060 },
    ...sending,
  },
})
const measuring = (measureMs: number, drainMs = 2_060) =>
  sent({ phases: { startMs: 0, measureMs, drainMs } })

describe('only the measured part counts', () => {
  test('without a warm-up everything does', () => {
    const { throughput, latencyMs } = modeMetrics(record)
    expect(modeMetrics(sent())).toMatchObject({ throughput, latencyMs })
  })

  test('latency and throughput leave out what was meant to be sent before it', () => {
    const { throughput, latencyMs, sending } = modeMetrics(measuring(2_000))
    // Orders 3, 5 and 6 of block 12.
    expect(latencyMs.inclusion.max).toBe(970)
    // 3 taken from 2,035, the first sent, to 2,069, the last accepted.
    expect(throughput.submittedPerSecond).toBeCloseTo(3_000 / 34, 9)
    expect(throughput.includedPerSecond).toBeNull()
    expect(sending?.measured).toBe(4)
  })

  test('both ends belong to it', () => {
    expect(modeMetrics(measuring(2_030, 2_050)).sending?.measured).toBe(3)
    expect(modeMetrics(measuring(2_031, 2_049)).sending?.measured).toBe(1)
  })

  test('what is on the chain counts whenever it was sent', () => {
    const { orders, netting, gas, poolTouches } = modeMetrics(record)
    expect(modeMetrics(measuring(2_000))).toMatchObject({ orders, netting, gas, poolTouches })
  })
})

describe('sending', () => {
  test('default: the executor, its phases until the last block, what was measured', () => {
    expect(modeMetrics(sent()).sending).toEqual({
      ...{ executor: 'rate', perSecond: 100 },
      phases: { startMs: 0, measureMs: 0, drainMs: 2_060, endMs: 3_000 },
      ...{ measured: 7, dropped: 0, unsent: 0, ramp: null },
    })
    expect(modeMetrics(record).sending).toBeNull()
  })

  test('what was never sent is counted, transfers included, and not measured', () => {
    const never: Record<string, 'dropped' | 'ended'> = {
      ...{ [tx(4)]: 'dropped', [tx(5)]: 'dropped', [tx(6)]: 'ended' },
    }
    const submitted = record.submitted.map(({ acceptedMs, ...sample }) =>
      never[sample.hash] === undefined
        ? { ...sample, acceptedMs }
        : { ...sample, unsent: never[sample.hash] },
    )
    const receipts = record.receipts.filter(({ hash }) => never[hash] === undefined)
    const metrics = modeMetrics({ ...sent(), submitted, receipts })
    expect(metrics.sending).toMatchObject({ measured: 4, dropped: 2, unsent: 1 })
    expect(metrics.transfers).toMatchObject({ signed: 2, included: 1, dropped: 1, lost: 0 })
  })
})

describe('shards', () => {
  const phases = [
    { startMs: 0, measureMs: 500, drainMs: 2_050 },
    { startMs: 10, measureMs: 520, drainMs: 2_060 },
  ]
  const merge = (parts: readonly Sending['phases'][]) =>
    mergeRecords(
      splitRecord(record, 2).map((shard, i) => ({
        ...shard,
        sending: { executor: 'rate' as const, perSecond: 100, phases: parts[i] },
      })),
    ).sending

  test('with a warm-up the measured part begins when all measure', () => {
    expect(merge(phases)).toEqual({
      ...{ executor: 'rate', perSecond: 100 },
      phases: { startMs: 0, measureMs: 520, drainMs: 2_060 },
    })
  })
  test('without one it is the whole', () => {
    const cold = phases.map((each) => ({ ...each, measureMs: each.startMs }))
    expect(merge(cold)?.phases).toEqual({ startMs: 0, measureMs: 0, drainMs: 2_060 })
  })
})
