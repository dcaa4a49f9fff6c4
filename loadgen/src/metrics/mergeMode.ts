import { shardName } from '../core/shard.js'
import type { ModeRecord } from '../core/types.js'
import { checkShards, type ShardPart } from './mergeChecks.js'
import { mergeLatency } from './mergeLatency.js'
import { mergeRecords } from './mergeRecords.js'
import { type ModeMetrics, modeMetrics } from './modeMetrics.js'
import { groupBy } from './numbers.js'
import { latencySeries } from './seriesLatency.js'
import { timeSamples, timeSeries } from './seriesTime.js'
import { traceTransactions } from './trace.js'
import { type CheckResult, verifyRecord } from './verify.js'

/**
 * The figures of one mode over all shards, and the checks that must hold of it. Latency is added up from the histograms that the
 * shards reported, each taken on its own machine's clock, as is latency over time from the shards' records. All other figures are computed from the union of the records, in which
 * everything on the chain is once; where a figure is also a sum over shards, the sum is a check.
 * @throws UsageError when the parts are not all the shards of one plan, each once.
 */
export function mergeMode(parts: readonly ShardPart[]): mergeMode.ReturnType {
  const merged = mergeRecords(parts.map(({ record }) => record))
  const figures = modeMetrics(merged)
  const latencyMs = mergeLatency(
    parts.map(({ record, metrics }) => ({
      name: `shard ${shardName(record.plan.shard)}`,
      latency: metrics.latencyMs,
    })),
  )
  const time = timeSeries(
    parts.map(({ record }) => timeSamples(traceTransactions(record), record.blocks)),
  )
  const metrics: ModeMetrics = {
    ...figures,
    latencyMs,
    series: figures.series && { ...figures.series, latencyMs: latencySeries(latencyMs), time },
  }
  return {
    metrics,
    checks: [
      ...ownChecks(parts),
      ...verifyRecord(merged, { isMerged: true }).checks,
      ...checkShards(parts, { merged, metrics }),
    ],
    merged,
  }
}

export declare namespace mergeMode {
  type ReturnType = { metrics: ModeMetrics; checks: CheckResult[]; merged: ModeRecord }
}

/** The checks of each shard by itself: those that hold of all in one line, those that fail by shard. */
function ownChecks(parts: readonly ShardPart[]): CheckResult[] {
  const results = parts.flatMap(({ record }) =>
    verifyRecord(record).checks.map((check) => ({ ...check, shard: record.plan.shard })),
  )
  return [...groupBy(results, ({ name }) => name)].flatMap(([name, ofShards]): CheckResult[] => {
    const failed = ofShards.filter(({ ok }) => !ok)
    return failed.length === 0
      ? [{ name: `each shard: ${name}`, ok: true, detail: `${ofShards.length} shards` }]
      : failed.map(({ shard, detail }) => ({
          ...{ name: `shard ${shardName(shard)}: ${name}`, ok: false, detail },
        }))
  })
}

/**
 * Milliseconds during which all shards were submitting, and from the first that began to the last that ended. By the clocks of
 * their machines: what these differ by is in it.
 */
export function overlapOf(records: readonly ModeRecord[]): { togetherMs: number; spanMs: number } {
  let [firstMs, lateMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  let [earlyMs, lastMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { submitted } of records) {
    let [begin, end] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const { sentMs, acceptedMs = sentMs } of submitted) {
      begin = Math.min(begin, sentMs)
      end = Math.max(end, acceptedMs)
    }
    firstMs = Math.min(firstMs, begin)
    lateMs = Math.max(lateMs, begin)
    earlyMs = Math.min(earlyMs, end)
    lastMs = Math.max(lastMs, end)
  }
  return { togetherMs: Math.max(0, earlyMs - lateMs), spanMs: Math.max(0, lastMs - firstMs) }
}
