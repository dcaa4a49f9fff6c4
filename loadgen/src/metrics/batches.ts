import type { ChainEvent, EventOf } from '../core/types.js'
import { groupBy } from './numbers.js'
import { eventsOf, inChainOrder, type OrderEnd, orderEnds } from './trace.js'

/**
 * The batch that each end of an order belongs to. A batch of one transaction: the BatchCleared of that transaction and
 * market. A batch that was settled in chunks announces itself in one of them: ends in the others belong to the nearest
 * BatchCleared before them, else after them, that has not got all of its `orders` yet.
 */
export function matchBatches(
  events: readonly ChainEvent[],
): Map<OrderEnd, EventOf<'BatchCleared'> | undefined> {
  const matches = new Map<OrderEnd, EventOf<'BatchCleared'> | undefined>()
  const batchesOf = groupBy(inChainOrder(eventsOf(events, 'BatchCleared')), ({ market }) => market)
  for (const [market, ends] of groupBy(orderEnds(events), (end) => end.market)) {
    const batches = batchesOf.get(market) ?? []
    const byTransaction = groupBy(batches, ({ transactionHash }) => transactionHash)
    const open = new Map(batches.map((batch) => [batch, Number(batch.orders)]))
    const take = (end: OrderEnd, batch: EventOf<'BatchCleared'> | undefined) => {
      matches.set(end, batch)
      if (batch !== undefined) open.set(batch, (open.get(batch) ?? 0) - 1)
    }
    const isOpen = (batch: EventOf<'BatchCleared'>) => (open.get(batch) ?? 0) > 0
    const orphans: OrderEnd[] = []
    for (const end of ends) {
      const batch = byTransaction.get(end.transactionHash)?.find(isOpen)
      if (batch === undefined) orphans.push(end)
      else take(end, batch)
    }
    for (const end of orphans) {
      const isBefore = (batch: EventOf<'BatchCleared'>) =>
        (batch.blockNumber - end.blockNumber || batch.logIndex - end.logIndex) < 0
      const candidates = batches.filter(isOpen)
      take(end, candidates.findLast(isBefore) ?? candidates[0])
    }
  }
  return matches
}
