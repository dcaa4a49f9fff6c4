import type { EventOf, ModeRecord } from '../core/types.js'
import { matchBatches } from './batches.js'
import { type Check, type Finding, firstFault } from './check.js'
import { abs, groupBy, min, sum } from './numbers.js'
import { eventsOf, type OrderEnd } from './trace.js'

const WAD = 10n ** 18n

/** Checks of the spot side where it nets. */
export const SPOT_CHECKS: readonly Check[] = [
  {
    name: 'the netting contract holds what traders can claim, and dust',
    product: 'spot',
    modes: ['netting'],
    needs: 'all traders',
    run: ({ record: { after } }) => ({
      looked: `${after.markets.length} markets, ${after.positions.length} traders`,
      fault: firstFault(after.markets.entries(), ([market, { held, dustBase, dustQuote }]) => {
        if (held === undefined) return `what it holds of market ${market} was not read`
        const owed = (token: 'base' | 'quote') =>
          sum(after.positions, (positions) => positions[market]?.claimable?.[token] ?? 0n)
        const differs = (token: 'base' | 'quote', dust: bigint) =>
          held[token] === owed(token) + dust
            ? undefined
            : `market ${market}: it holds ${held[token]} ${token} for ${owed(token)} and ${dust} of dust`
        return differs('base', dustBase) ?? differs('quote', dustQuote)
      }),
    }),
  },
  {
    name: 'every fill follows from the prices of its batch',
    product: 'spot',
    modes: ['netting'],
    needs: 'all traders',
    run: ({ record }) => fills(record),
  },
]

type BatchCleared = EventOf<'BatchCleared'>
type Fill = EventOf<'OrderSettled'>

/** One side of a batch. */
type Side = {
  batch: BatchCleared
  buys: boolean
  /** Base of the side, as the batch announced it. */
  total: bigint
  fills: readonly Fill[]
}

/** Computes every order's fill again, as contracts/netting/Netting.sol says: from its size and what its batch announced. */
function fills({ events }: ModeRecord): Finding {
  const queued = new Map(eventsOf(events, 'OrderQueued').map((order) => [order.orderId, order]))
  const byBatch = groupBy(matchBatches(events), ([, batch]) => batch)
  let looked = 0
  const fault = firstFault(byBatch, ([batch, matches]) => {
    const ends = matches.map(([end]) => end)
    if (batch === undefined) return `order ${ends[0]?.orderId} belongs to no batch`
    return firstFault([true, false], (buys) => {
      const side = ends.filter(({ orderId }) => queued.get(orderId)?.isLong === buys)
      const total = buys ? batch.longs : batch.shorts
      const admitted = sum(side, (end) => admittedOf(end, queued.get(end.orderId)?.size ?? 0n))
      const place = `market ${batch.market} in block ${batch.blockNumber}`
      if (admitted !== total)
        return `the batch of ${place} announced ${total} of ${buys ? 'buyers' : 'sellers'}, its orders are ${admitted}`
      const settled = side.filter((end): end is Fill => end.type === 'OrderSettled')
      looked += settled.length
      return badFill({ batch, buys, total, fills: settled })
    })
  })
  return { looked: `${looked} fills of ${byBatch.size} batches`, fault }
}

/** What of an order its batch took in: all, unless it was beyond its limit or its deadline. */
function admittedOf(end: OrderEnd, size: bigint): bigint {
  return end.type === 'OrderSettled' || end.reason === 'NoLiquidity' ? size : 0n
}

function badFill({ batch, buys, total, fills: settled }: Side): string | undefined {
  const { longs, shorts, midPrice, pooled, poolQuote } = batch
  const netted = min(longs, shorts)
  // Bases are rounded against the trader, quotes too: a buyer gets less and pays more.
  const part = (amount: bigint, of: bigint, whole: bigint, up: boolean) =>
    whole === 0n ? 0n : (amount * of + (up ? whole - 1n : 0n)) / whole
  const parts = settled.map((fill) => {
    const amount = abs(fill.baseDelta) + fill.cancelled
    const isWhole = total === netted
    const nets = isWhole ? amount : part(amount, netted, total, !buys)
    const nettedQuote = part(netted, midPrice, WAD, buys)
    const quote = isWhole ? part(nets, midPrice, WAD, buys) : part(amount, nettedQuote, total, buys)
    const isSharer = fill.pooled > 0n || abs(fill.quoteDelta) > quote
    return { fill, amount, nets, quote, rest: isSharer ? amount - nets : 0n }
  })
  const sharers = sum(parts, ({ rest }) => rest)
  const isSwapWhole = pooled === min(sharers, abs(longs - shorts))
  return firstFault(parts, ({ fill, amount, nets, quote, rest }) => {
    const pools = isSwapWhole ? rest : part(rest, pooled, sharers, !buys)
    const pays = quote + part(rest, poolQuote, sharers, buys)
    const isRight =
      fill.netted === nets &&
      fill.pooled === pools &&
      fill.cancelled === amount - nets - pools &&
      abs(fill.quoteDelta) === pays
    return isRight
      ? undefined
      : `order ${fill.orderId}: netted ${fill.netted}, pooled ${fill.pooled}, quote ${abs(fill.quoteDelta)}; its batch says ${nets}, ${pools}, ${pays}`
  })
}
