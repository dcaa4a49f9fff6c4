import type { EventOf, ModeRecord } from '../core/types.js'
import { type Check, type Evidence, firstDuplicate, firstFault, isSameAddress } from './check.js'
import { abs, groupBy } from './numbers.js'
import { eventsOf, orderEnds, type TxTrace } from './trace.js'

const WAD = 10n ** 18n
const QUEUED_MODES = ['netting', 'keeper'] as const

/** Checks of orders: queued as planned, ended once, filled within their terms. */
export const ORDER_CHECKS: readonly Check[] = [
  {
    name: 'every order is queued once, as planned',
    modes: QUEUED_MODES,
    run: ({ record, traces }) => {
      const queued = eventsOf(record.events, 'OrderQueued')
      const orders = traces.filter(({ isOrder, outcome }) => isOrder && outcome === 'included')
      const known = knownHashes(record, orders)
      const byHash = groupBy(queued, ({ transactionHash }) => transactionHash)
      const departs = findDepartures(traces)
      return {
        looked: `${queued.length} orders`,
        fault:
          firstFault(orders, (trace) => {
            const [event, second] = byHash.get(trace.hash) ?? []
            if (event === undefined) return `${trace.hash} queued nothing`
            if (second !== undefined) return `${trace.hash} queued a second order ${second.orderId}`
            return isAsPlanned(event, trace, {
              traders: record.traders,
              isSideOpen: departs(trace),
            })
              ? undefined
              : `order ${event.orderId} is not what intent ${trace.intent.index} asks for`
          }) ??
          firstFault(queued, ({ orderId, transactionHash }) =>
            known.has(transactionHash)
              ? undefined
              : `order ${orderId} was queued by ${transactionHash}, which is no order of the plan`,
          ),
      }
    },
  },
  {
    name: 'every queued order ends once',
    modes: QUEUED_MODES,
    run: ({ record }) => {
      const queued = [
        ...eventsOf(record.events, 'OrderQueued'),
        ...eventsOf(record.events, 'LiquidationQueued'),
      ]
      const ends = orderEnds(record.events)
      const ended = groupBy(ends, ({ orderId }) => orderId)
      const ids = new Set(queued.map(({ orderId }) => orderId))
      const id = firstDuplicate(queued, ({ orderId }) => orderId)
      return {
        looked: `${queued.length} queued, ${ends.length} ended`,
        fault:
          (id === undefined ? undefined : `order ${id} was queued twice`) ??
          firstFault(queued, ({ orderId }) => {
            const times = ended.get(orderId)?.length ?? 0
            return times === 1 ? undefined : `order ${orderId} ended ${times} times`
          }) ??
          firstFault(ends, ({ orderId }) =>
            ids.has(orderId) ? undefined : `order ${orderId} ended but was never queued`,
          ),
      }
    },
  },
  {
    name: 'every order ends once, in its own transaction',
    modes: ['direct'],
    run: ({ record, traces }) => {
      const ends = orderEnds(record.events)
      const byHash = groupBy(ends, ({ transactionHash }) => transactionHash)
      const orders = traces.filter(({ isOrder, outcome }) => isOrder && outcome === 'included')
      const known = knownHashes(record, orders)
      // Anyone may liquidate.
      const forced = new Set(
        eventsOf(record.events, 'Liquidated').map(({ orderId }) => orderId as string),
      )
      return {
        looked: `${orders.length} orders, ${ends.length} ends`,
        fault:
          firstFault(orders, ({ hash }) => {
            const times = byHash.get(hash)?.length ?? 0
            return times === 1 ? undefined : `the order of ${hash} ended ${times} times`
          }) ??
          firstFault(ends, ({ orderId, transactionHash }) =>
            known.has(transactionHash) || forced.has(orderId)
              ? undefined
              : `order ${orderId} ended in ${transactionHash}, which is no order of the plan`,
          ),
      }
    },
  },
  {
    name: 'every fill respects trader, market, side, size and limit',
    run: ({ record, traces }) => {
      const settled = traces.filter(({ end }) => end?.type === 'OrderSettled')
      const departs = findDepartures(traces)
      return {
        looked: `${settled.length} fills`,
        fault: firstFault(settled, (trace) =>
          badFill(trace, { traders: record.traders, isSideOpen: departs(trace) }),
        ),
      }
    },
  },
]

/** Transactions that may carry orders: the plan's, and those beside it that the record knows of. */
function knownHashes({ market }: ModeRecord, orders: readonly TxTrace[]): ReadonlySet<string> {
  const beside = market?.transactions ?? []
  return new Set([...orders, ...beside].map(({ hash }) => hash))
}

/** A close may be capped when it is queued. */
function isAsPlanned(
  event: EventOf<'OrderQueued'>,
  { intent }: TxTrace,
  options: { traders: Evidence['record']['traders']; isSideOpen: boolean },
): boolean {
  const { traders, isSideOpen } = options
  const isOpen = intent.action !== 'close'
  return (
    isSameAddress(event.trader, traders[intent.trader]) &&
    event.market === intent.market &&
    event.isOpen === isOpen &&
    (isSideOpen || event.isLong === intent.isLong) &&
    event.limitPrice === intent.limitPrice &&
    (isOpen ? event.size === intent.size : event.size <= intent.size)
  )
}

/**
 * Which closes may find a position of the other side than planned: those of a trader of whom an earlier order in the market did
 * not fill whole, such as one that was aborted or cut by the bound on open interest.
 */
function findDepartures(traces: readonly TxTrace[]): (trace: TxTrace) => boolean {
  const since = new Map<string, number>()
  const placeOf = ({ intent }: TxTrace) => `${intent.trader}:${intent.market}`
  for (const trace of traces) {
    const { end } = trace
    if (!trace.isOrder || (end?.type === 'OrderSettled' && end.cancelled === 0n)) continue
    const place = placeOf(trace)
    since.set(place, Math.min(since.get(place) ?? Number.POSITIVE_INFINITY, trace.intent.index))
  }
  return (trace) =>
    trace.intent.action === 'close' &&
    (since.get(placeOf(trace)) ?? Number.POSITIVE_INFINITY) < trace.intent.index
}

function badFill(
  { intent, end }: TxTrace,
  options: { traders: Evidence['record']['traders']; isSideOpen: boolean },
): string | undefined {
  const { traders, isSideOpen } = options
  if (end?.type !== 'OrderSettled') return undefined
  const { baseDelta, quoteDelta, netted, pooled, cancelled } = end
  const isBuy = isSideOpen ? baseDelta > 0n : (intent.action !== 'close') === intent.isLong
  const filled = abs(baseDelta)
  const paid = abs(quoteDelta) * WAD
  const bound = intent.limitPrice * filled
  // Base and quote of the netted and the pool part are each rounded against the trader, by less than one wei.
  const slack = 3n * WAD + 2n * intent.limitPrice
  const faults = {
    trader: !isSameAddress(end.trader, traders[intent.trader]),
    market: end.market !== intent.market,
    side:
      filled !== 0n && (baseDelta > 0n !== isBuy || (isBuy ? quoteDelta > 0n : quoteDelta < 0n)),
    size: filled !== netted + pooled || filled + cancelled > intent.size,
    limit: bound !== 0n && (isBuy ? paid - slack > bound : paid + slack < bound),
  }
  const [broken] = Object.entries(faults).find(([, isBroken]) => isBroken) ?? []
  return broken === undefined
    ? undefined
    : `order ${end.orderId} breaks the ${broken} of intent ${intent.index}`
}
