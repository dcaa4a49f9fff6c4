import { UsageError } from '../core/errors.js'
import type { Sending } from '../core/sending.js'
import { countTraders, shardName, toWholeTrader } from '../core/shard.js'
import type { ChainSnapshot, ModeRecord, Plan } from '../core/types.js'
import { isShardRecord, type ShardRecord } from './mergeShard.js'
import { groupBy } from './numbers.js'
import { inChainOrder } from './trace.js'

/**
 * The records of all shards of one mode as one record, as if one generator had done everything. What belongs to a trader is put
 * together; what belongs to the chain (blocks, events, schedules) is there once, whoever saw it. Blocks count as seen when the first
 * saw them. The state before is that of the shard that looked first, the state after of the one that looked last; each trader's
 * part of both is from its own shard. A model of gas is of one generator's samples and not merged, nor are the steps of a ramp, which
 * each generator took by itself.
 * @param records in any order.
 * @throws UsageError when they are not all the shards of one plan, each once.
 */
export function mergeRecords(records: readonly ModeRecord[]): ModeRecord {
  const shards = toShards(records)
  const [first] = shards as [ShardRecord]
  const { shard: _, ...head } = first.plan
  const traders = shards.reduce((sum, { plan }) => sum + plan.traders, 0)
  /** Things that each shard has one of for each of its traders, by trader of the whole. */
  const byTrader = <T>(read: (record: ShardRecord) => readonly T[]): T[] => {
    const items = new Array<T>(traders)
    for (const record of shards)
      for (const [trader, item] of read(record).entries())
        items[toWholeTrader(trader, record.plan.shard)] = item
    return items
  }
  const snapshot = (name: 'before' | 'after', market: ChainSnapshot): ChainSnapshot => ({
    ...market,
    positions: byTrader((record) => record[name].positions),
    balances: byTrader((record) => record[name].balances),
  })
  const byBlock = shards.toSorted((a, b) => a.before.blockNumber - b.before.blockNumber)
  const byLastBlock = shards.toSorted((a, b) => b.after.blockNumber - a.after.blockNumber)
  const schedules = shards.every((record) => record.schedules !== undefined)
    ? unique(
        shards.flatMap((record) => record.schedules ?? []),
        ({ block }) => block,
      )
    : undefined
  return {
    mode: first.mode,
    plan: {
      ...head,
      traders,
      intents: shards
        .flatMap(({ plan: { shard, intents } }) =>
          intents.map((intent) => ({ ...intent, trader: toWholeTrader(intent.trader, shard) })),
        )
        .sort((a, b) => a.index - b.index),
    },
    traders: byTrader((record) => record.traders),
    deployment: first.deployment,
    before: snapshot('before', (byBlock[0] as ShardRecord).before),
    after: snapshot('after', (byLastBlock[0] as ShardRecord).after),
    signed: shards.flatMap(({ signed }) => signed).sort((a, b) => a.intent - b.intent),
    ...mergeHealed(shards),
    submitted: shards.flatMap(({ submitted }) => submitted).sort((a, b) => a.intent - b.intent),
    receipts: shards.flatMap(({ receipts }) => receipts),
    settlements: shards.flatMap(({ settlements }) => settlements),
    blocks: [
      ...groupBy(
        shards.flatMap(({ blocks }) => blocks),
        ({ number }) => number,
      ).values(),
    ]
      .map((seen) => seen.reduce((a, b) => (b.seenMs < a.seenMs ? b : a)))
      .sort((a, b) => a.number - b.number),
    events: inChainOrder(
      unique(
        shards.flatMap(({ events }) => events),
        ({ blockNumber, logIndex }) => `${blockNumber}/${logIndex}`,
      ),
    ),
    schedules: schedules?.sort((a, b) => a.block - b.block),
    sending: mergeSending(shards),
  }
}

function mergeHealed(shards: readonly ModeRecord[]): Pick<ModeRecord, 'healed'> {
  const healed = shards.flatMap((record) => record.healed ?? [])
  return healed.length === 0 ? {} : { healed }
}

/** Where there was a warm-up, the measured part begins when the last of the shards measures. */
function mergeSending(shards: readonly ModeRecord[]): Sending | undefined {
  const parts = shards.flatMap(({ sending }) => sending ?? [])
  const [first] = parts
  if (first === undefined || parts.length < shards.length) return undefined
  const { executor, perSecond } = first
  const phases = parts.flatMap((part) => part.phases ?? [])
  const isWarm = phases.some(({ startMs, measureMs }) => measureMs > startMs)
  const startMs = Math.min(...phases.map((part) => part.startMs))
  return {
    ...{ executor, perSecond },
    ...(phases.length > 0 && {
      phases: {
        startMs,
        measureMs: isWarm ? Math.max(...phases.map(({ measureMs }) => measureMs)) : startMs,
        drainMs: Math.max(...phases.map(({ drainMs }) => drainMs)),
      },
    }),
  }
}

/** All the shards of one plan, by their index. @throws UsageError for anything else. */
function toShards(records: readonly ModeRecord[]): ShardRecord[] {
  const shards = records.map((record): ShardRecord => {
    if (isShardRecord(record)) return record
    throw new UsageError('A run that is no shard of another cannot be merged; run it with --shard.')
  })
  const [first] = shards
  if (first === undefined) throw new UsageError('There is nothing to merge.')
  const { count } = first.plan.shard
  const workload = describe(first)
  for (const record of shards)
    if (describe(record) !== workload)
      throw new UsageError(
        `Shard ${shardName(record.plan.shard)} is of another workload: ${describe(record)} instead of ${workload}.`,
      )
  const byIndex = groupBy(shards, ({ plan }) => plan.shard.index)
  const nameOf = (index: number) => `${first.mode}: shard ${shardName({ index, count })}`
  const found = Array.from({ length: count }, (_, index) => {
    const [shard, second] = byIndex.get(index) ?? []
    if (shard === undefined) throw new UsageError(`${nameOf(index)} is missing.`)
    if (second !== undefined) throw new UsageError(`${nameOf(index)} is there twice.`)
    return shard
  })
  const traders = found.reduce((sum, { plan }) => sum + plan.traders, 0)
  for (const { plan } of found)
    if (plan.traders !== countTraders(traders, plan.shard))
      throw new UsageError(
        `${nameOf(plan.shard.index)} has ${plan.traders} of ${traders} traders: not its part.`,
      )
  return found
}

/** What shards of one workload have in common. */
function describe({ mode, plan }: { mode: string; plan: Plan }): string {
  const { scenario, seed, markets, batches, collateral } = plan
  return `${scenario}, seed ${seed}, ${mode}, ${markets} markets, ${batches} batches, collateral ${collateral}, ${plan.shard?.count} shards`
}

/** The first item of each key. */
function unique<T>(items: readonly T[], key: (item: T) => string | number): T[] {
  const found = new Map<string | number, T>()
  for (const item of items) if (!found.has(key(item))) found.set(key(item), item)
  return [...found.values()]
}
