import { readTrades } from '../scenario/csv.js'
import { nettableShare } from '../scenario/replay.js'
import type { WorkloadOptions } from './options.js'

/**
 * Tells the netting ratio that the trades of a replay allow, from their file alone; null for another workload. A file is read once
 * for all points that take as many trades of it.
 */
export function createExpectation(): (options: Replay) => Promise<number | null> {
  const files = new Map<string, ReturnType<typeof readTrades>>()
  return async ({ replay, limit, batchInterval }) => {
    if (replay === undefined) return null
    const key = `${limit} ${replay}`
    const trades = files.get(key) ?? readTrades(replay, { limit })
    files.set(key, trades)
    return nettableShare(await trades, batchInterval)
  }
}

type Replay = Pick<WorkloadOptions, 'replay' | 'limit' | 'batchInterval'>
