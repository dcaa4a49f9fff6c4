import { expect, test } from 'vitest'
import { modeRecord } from '../../test/fixtures/modeRecord.js'
import { splitRecord } from '../../test/fixtures/shardRecords.js'
import { latencyMetrics } from './latency.js'
import { mergeLatency } from './mergeLatency.js'
import { traceTransactions } from './trace.js'

const latencyOf = (record: Parameters<typeof traceTransactions>[0]) =>
  latencyMetrics(traceTransactions(record), record.blocks)
const part = (record: Parameters<typeof latencyOf>[0], i: number) => ({
  name: `shard ${i}`,
  latency: latencyOf(record),
})

test('merged latency is that of one generator, even when the clocks differ by an hour', () => {
  const record = modeRecord('netting')
  const whole = latencyOf(record)
  expect(whole.inclusion.p50).toBeGreaterThan(0)
  const parts = splitRecord(record, 3, 3_600_000).map(part)
  expect(mergeLatency(parts)).toEqual(whole)
  // What averaging percentiles would say is something else.
  const p50s = parts.map(({ latency }) => latency.inclusion.p50 as number)
  expect(p50s.reduce((sum, p50) => sum + p50, 0) / 3).not.toBeCloseTo(whole.inclusion.p50 as number)
})

test('a shard that measured nothing adds nothing', () => {
  const [a, b] = splitRecord(modeRecord('netting'), 2).map(part)
  const nothing = { name: 'c', latency: latencyMetrics([], []) }
  expect(nothing.latency.histograms).toEqual({ inclusion: null, settlement: null })
  expect(mergeLatency([a!, nothing, b!])).toEqual(mergeLatency([a!, b!]))
  expect(mergeLatency([nothing])).toEqual(nothing.latency)
})

test('a report of an older version', () => {
  const { inclusion, settlement } = latencyOf(modeRecord('netting'))
  expect(() => mergeLatency([{ name: 'shard 0/2', latency: { inclusion, settlement } }])).toThrow(
    'The report of shard 0/2 has no histograms of latency: an older version made it; make it again with report --recompute.',
  )
})
