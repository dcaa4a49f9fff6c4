import { UsageError } from '../core/errors.js'
import { countTraders, type Shard, shardOfTrader, toShardTrader } from '../core/shard.js'
import type { Intent } from '../core/types.js'
import type { PlanHead, PlanSource } from './source.js'

/** Generators that one workload can be shared by. */
const MAX_SHARDS = 10_000

/**
 * Reads `i/n`: shard i, from 0, of n.
 * @throws UsageError for anything else.
 */
export function parseShard(text: string): Shard {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(text)
  const shard = { index: Number(match?.[1]), count: Number(match?.[2]) }
  if (match !== null && shard.index < shard.count && shard.count <= MAX_SHARDS) return shard
  throw new UsageError(
    `"${text}" is no shard: it is i/n, i from 0 to n − 1 and n at most ${MAX_SHARDS}, like 0/4, 1/4, 2/4 and 3/4 for four generators.`,
  )
}

/** A plan that is a shard of another. */
export type ShardSource = PlanSource & { head: PlanHead & { shard: Shard } }

/**
 * The part of a plan that belongs to one shard: all that its traders do. Traders are numbered anew, from 0; intents and batches
 * keep the numbers that they have in the whole plan, so some batches may be empty. The parts of all shards are the plan: every
 * intent is in exactly one.
 * @throws UsageError when there are fewer traders than shards, and for a plan in which accounts act on each other's orders: in
 * two processes nothing could keep their order.
 */
export function shardPlan(plan: PlanSource, shard: Shard): ShardSource {
  const { head } = plan
  const { index, count } = shard
  if (head.traders < count)
    throw new UsageError(
      `${head.traders} traders cannot be shared by ${count} generators: each needs one at least.`,
    )
  if (head.ordered === true || head.attackers !== undefined)
    throw new UsageError(
      `The scenario "${head.scenario}" cannot be shared by generators: its orders must reach the node in the plan's order.`,
    )
  return {
    head: { ...head, traders: countTraders(head.traders, shard), shard },
    *intents(): Generator<Intent> {
      for (const intent of plan.intents())
        if (shardOfTrader(intent.trader, count) === index)
          yield { ...intent, trader: toShardTrader(intent.trader, shard) }
    },
  }
}

/** A shard's part of a rate of the whole workload, in the rate's unit. All shards have the same, and together the rate. */
export function shareOfRate(rate: number, { count }: Shard): number {
  return rate / count
}
