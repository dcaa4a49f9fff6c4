/**
 * One of `count` generators that share a workload; `index` counts from 0. Trader t of the whole workload belongs to shard
 * t mod count and is trader ⌊t ÷ count⌋ there.
 */
export type Shard = { index: number; count: number }

/** Shard of a trader of the whole workload. */
export function shardOfTrader(trader: number, count: number): number {
  return trader % count
}

/** What a trader of the whole workload is in its own shard. */
export function toShardTrader(trader: number, { count }: Shard): number {
  return Math.floor(trader / count)
}

/** What a trader of a shard is in the whole workload: also the index of its derived account. */
export function toWholeTrader(trader: number, { index, count }: Shard): number {
  return index + trader * count
}

/** How many of `traders` belong to a shard. */
export function countTraders(traders: number, { index, count }: Shard): number {
  return Math.ceil((traders - index) / count)
}

/** Of things that the whole workload has one of for each trader, those of a shard's traders. */
export function shareOf<T>(items: readonly T[], { index, count }: Shard): T[] {
  return items.filter((_, trader) => shardOfTrader(trader, count) === index)
}

/** `2/4`: the third of four. */
export function shardName({ index, count }: Shard): string {
  return `${index}/${count}`
}
