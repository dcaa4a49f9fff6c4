import type { Shard } from '../core/shard.js'
import type { ChainEvent, Hex, ModeRecord, Plan } from '../core/types.js'

/** What one of several generators left behind, all of them on one deployment. */
export type ShardRecord = ModeRecord & { plan: Plan & { shard: Shard } }

export function isShardRecord(record: ModeRecord): record is ShardRecord {
  return record.plan.shard !== undefined
}

/**
 * Which events of a shared deployment a shard keeps: those of its own traders and keepers, those in its own transactions (a deferred one
 * settles the orders of all), and what concerns a whole market. So every event is kept by somebody and only few by many, however
 * many generators there are.
 */
export function concernsShard(own: concernsShard.Own): (event: ChainEvent) => boolean {
  const traders = new Set(own.traders.map((trader) => trader.toLowerCase()))
  const hashes = new Set(own.hashes)
  return (event) =>
    !('trader' in event) ||
    traders.has(event.trader.toLowerCase()) ||
    ('keeper' in event && traders.has(event.keeper.toLowerCase())) ||
    hashes.has(event.transactionHash)
}

export declare namespace concernsShard {
  type Own = {
    traders: readonly Hex[]
    /** Of its transactions, the keeper's settle() included. */
    hashes: Iterable<Hex>
  }
}

/** A record without what happened to other shards' traders. */
export function ownRecord(record: ShardRecord): ShardRecord {
  return {
    ...record,
    events: record.events.filter(concernsShard({ traders: record.traders, hashes: [] })),
  }
}

/**
 * What a check takes that not every record has. `all traders`: sums over everybody who uses the deployment, which a shard does not
 * see. `one clock`: times of one machine, which a merged record does not have.
 */
export type Needs = 'all traders' | 'one clock'

/**
 * What can be judged on a record: on a shard's, without the checks that take all traders, its own traders' events; on one
 * that is merged from shards, everything but the checks that take one clock; on any other, everything.
 */
export function judgeable<T extends { needs?: Needs | undefined }>(
  record: ModeRecord,
  options: { checks: readonly T[]; isMerged: boolean },
): { record: ModeRecord; checks: T[] } {
  const isShard = isShardRecord(record)
  const lacking: Needs | undefined = isShard
    ? 'all traders'
    : options.isMerged
      ? 'one clock'
      : undefined
  return {
    record: isShard ? ownRecord(record) : record,
    checks: options.checks.filter(({ needs }) => needs === undefined || needs !== lacking),
  }
}
