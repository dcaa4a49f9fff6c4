import type { ModeRecord } from '../core/types.js'
import { type Check, type Finding, firstFault } from './check.js'
import { abs, groupBy, min, sum } from './numbers.js'
import { eventsOf } from './trace.js'

const QUEUED_MODES = ['netting', 'keeper'] as const

/** Checks of batches and pool touches. */
export const BATCH_CHECKS: readonly Check[] = [
  {
    name: 'every batch nets min(longs, shorts) and pools no more than the rest',
    modes: QUEUED_MODES,
    run: ({ record }) => {
      const batches = eventsOf(record.events, 'BatchCleared')
      return {
        looked: `${batches.length} batches`,
        fault: firstFault(batches, ({ blockNumber, market, longs, shorts, netted, pooled }) =>
          netted === min(longs, shorts) && pooled <= abs(longs - shorts)
            ? undefined
            : `the batch of market ${market} in block ${blockNumber}`,
        ),
      }
    },
  },
  {
    name: 'orders got what their batches cleared',
    needs: 'all traders',
    modes: QUEUED_MODES,
    run: ({ record }) => {
      const batches = groupBy(eventsOf(record.events, 'BatchCleared'), ({ market }) => market)
      const fills = groupBy(eventsOf(record.events, 'OrderSettled'), ({ market }) => market)
      return {
        looked: `${batches.size} markets`,
        fault: firstFault(new Set([...batches.keys(), ...fills.keys()]), (market) => {
          const cleared = batches.get(market) ?? []
          const filled = fills.get(market) ?? []
          const slack = sum(cleared, ({ orders }) => orders)
          const netted = sum(filled, (order) => order.netted)
          const pooled = sum(filled, (order) => order.pooled)
          const [nets, pools] = [
            2n * sum(cleared, (batch) => batch.netted),
            sum(cleared, (batch) => batch.pooled),
          ]
          // Each part is rounded against the trader: down for a buyer, up for a seller, less than one wei.
          const differs = (name: string, announced: bigint, got: bigint, tolerance: bigint) =>
            abs(got - announced) <= tolerance
              ? undefined
              : `market ${market}: batches ${name} ${announced}, orders got ${got}`
          return (
            differs('netted (both sides)', nets, netted, slack) ??
            differs('pooled', pools, pooled, slack) ??
            differs('filled', nets + pools, netted + pooled, 2n * slack)
          )
        }),
      }
    },
  },
  {
    name: 'the pools were touched only for what did not net',
    needs: 'all traders',
    run: ({ record }) => touches(record),
  },
  {
    name: 'at most one swap a market and settlement',
    modes: QUEUED_MODES,
    run: ({ record }) => {
      const swaps = eventsOf(record.events, 'Swap')
      const groups = groupBy(
        swaps,
        ({ market, transactionHash }) => `${market} in transaction ${transactionHash}`,
      )
      return {
        looked: `${swaps.length} swaps`,
        fault: firstFault(groups, ([place, { length }]) =>
          length === 1 ? undefined : `${length} swaps of market ${place}`,
        ),
      }
    },
  },
]

/** A swap that moves no base (a pool at its bound) is a touch, but none that an order or a batch can be held against. */
function touches({ mode, events }: ModeRecord): Finding {
  const swaps = groupBy(
    eventsOf(events, 'Swap').filter(({ amount0 }) => amount0 !== 0n),
    ({ market, transactionHash }) => `${transactionHash}, market ${market}`,
  )
  const users = groupBy(
    [
      ...(mode === 'direct' ? eventsOf(events, 'OrderSettled') : eventsOf(events, 'BatchCleared')),
    ].filter(({ pooled }) => pooled > 0n),
    ({ market, transactionHash }) => `${transactionHash}, market ${market}`,
  )
  const fault = firstFault(new Set([...swaps.keys(), ...users.keys()]), (place) => {
    const [swapped, used] = [swaps.get(place) ?? [], users.get(place) ?? []]
    const word = mode === 'direct' ? 'orders' : 'batches'
    if (swapped.length !== used.length)
      return `transaction ${place}: ${swapped.length} swaps for ${used.length} ${word}`
    const [moved, wanted] = [
      sum(swapped, ({ amount0 }) => abs(amount0)),
      sum(used, ({ pooled }) => pooled),
    ]
    return moved === wanted
      ? undefined
      : `transaction ${place}: swaps moved ${moved}, ${word} pooled ${wanted}`
  })
  return { looked: `${sum(swaps.values(), ({ length }) => BigInt(length))} swaps`, fault }
}
