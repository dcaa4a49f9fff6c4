import type { ModeRecord } from '../core/types.js'
import { abs, divide, groupBy, inGroups, min, significant, sum } from './numbers.js'
import type { Fill } from './prices.js'
import type { BlockPoint } from './series.js'
import { eventsOf, type TxTrace } from './trace.js'

const MOST_POINTS = 300
/** Base × price, both WAD, of one USD. */
const USD = 10n ** 36n

const COUNTS = [
  'transactions',
  'orders',
  'settled',
  'rejected',
  'failed',
  'aborted',
  'poolTouches',
  'generations',
  'gas',
] as const
const VOLUMES = ['volume', 'netted', 'nettable'] as const

/** What is counted of one block; volumes are base × price, both in WAD. */
type Tally = Record<(typeof COUNTS)[number], number> & Record<(typeof VOLUMES)[number], bigint>

/** What happened in the run's blocks. @param options.fills the record's settled orders. */
export function blockSeries(
  record: ModeRecord,
  options: { traces: readonly TxTrace[]; fills: readonly Fill[] },
): BlockPoint[] {
  const tallies = new Map<number, Tally>()
  const at = (block: number): Tally => {
    const found = tallies.get(block)
    if (found !== undefined) return found
    const tally = emptyTally()
    tallies.set(block, tally)
    return tally
  }
  countTransactions(record, at)
  countOrders(options.traces, at)
  for (const { blockNumber } of eventsOf(record.events, 'Swap')) at(blockNumber).poolTouches++
  for (const { block, generations, aborted } of record.schedules ?? []) {
    if (generations.length === 0) continue
    at(block).generations += generations.length
    at(block).aborted += aborted.length
  }
  if (record.mode === 'direct') addBlocksAsBatches(options.fills, at)
  else addBatches(record, options.fills, at)

  const blocks = [...tallies].sort(([a], [b]) => a - b)
  const isScheduled = record.schedules !== undefined
  return inGroups(blocks, MOST_POINTS).map((group) => toPoint(group, isScheduled))
}

type At = (block: number) => Tally

function countTransactions({ receipts, settlements }: ModeRecord, at: At): void {
  for (const list of [receipts, settlements])
    for (const { blockNumber, gasUsed } of list) {
      const tally = at(blockNumber)
      tally.transactions++
      tally.gas += Number(gasUsed)
    }
}

function countOrders(traces: readonly TxTrace[], at: At): void {
  for (const { isOrder, receipt, outcome, end } of traces) {
    if (!isOrder || receipt === undefined) continue
    const tally = at(receipt.blockNumber)
    tally.orders++
    if (outcome === 'failed') tally.failed++
    else if (end?.type === 'OrderSettled') at(end.blockNumber).settled++
    else if (end?.type === 'OrderRejected') at(end.blockNumber).rejected++
  }
}

/** Netted is what the orders say, not the batch: a batch that promises more shows as less netted than nettable. */
function addBatches({ events }: ModeRecord, fills: readonly Fill[], at: At): void {
  for (const { blockNumber, longs, shorts, midPrice } of eventsOf(events, 'BatchCleared')) {
    const tally = at(blockNumber)
    tally.volume += (longs + shorts) * midPrice
    tally.nettable += 2n * min(longs, shorts) * midPrice
  }
  for (const { order, mid, block } of fills) at(block).netted += order.netted * mid
}

/** Direct has no batches: what could net is told by the orders of one market and block. */
function addBlocksAsBatches(fills: readonly Fill[], at: At): void {
  for (const [block, ofBlock] of groupBy(fills, (fill) => fill.block))
    for (const ofMarket of groupBy(ofBlock, ({ order }) => order.market).values()) {
      const traded = sum(ofMarket, ({ order, mid }) => abs(order.baseDelta) * mid)
      const net = sum(ofMarket, ({ order, mid }) => order.baseDelta * mid)
      const tally = at(block)
      tally.volume += traded
      tally.nettable += traded - abs(net)
    }
}

function toPoint(group: readonly [number, Tally][], isScheduled: boolean): BlockPoint {
  const total = emptyTally()
  for (const [, tally] of group) {
    for (const key of COUNTS) total[key] += tally[key]
    for (const key of VOLUMES) total[key] += tally[key]
  }
  const [[block] = [0]] = group
  const usd = (value: bigint) => significant(divide(value, USD) ?? 0)
  return {
    block,
    blocks: group.length,
    ...total,
    aborted: isScheduled ? total.aborted : null,
    generations: isScheduled ? total.generations : null,
    ...{ volume: usd(total.volume), netted: usd(total.netted), nettable: usd(total.nettable) },
  }
}

function emptyTally(): Tally {
  return {
    ...{ transactions: 0, orders: 0, settled: 0, rejected: 0, failed: 0, aborted: 0 },
    ...{ poolTouches: 0, generations: 0, gas: 0, volume: 0n, netted: 0n, nettable: 0n },
  }
}
