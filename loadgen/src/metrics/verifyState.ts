import type { ChainSnapshot, Deployment, EventOf, ModeRecord } from '../core/types.js'
import { type Check, type Finding, firstFault } from './check.js'
import { groupBy, sum } from './numbers.js'
import { eventsOf, inChainOrder } from './trace.js'

/** Checks of the chain's state: conservation, positions, balances, the vault, the queue. */
export const STATE_CHECKS: readonly Check[] = [
  {
    name: 'every event lies between the two snapshots',
    run: ({ record: { events, before, after } }) => ({
      looked: `${events.length} events, blocks ${before.blockNumber + 1} to ${after.blockNumber}`,
      fault: firstFault(events, ({ type, blockNumber, logIndex }) =>
        blockNumber > before.blockNumber && blockNumber <= after.blockNumber
          ? undefined
          : `${type} in block ${blockNumber}, log ${logIndex}`,
      ),
    }),
  },
  {
    name: 'base is conserved',
    needs: 'all traders',
    run: ({ record }) =>
      conserved(record, (snapshot, market) => {
        const { poolBase, dustBase } = snapshot.markets[market] as (typeof snapshot.markets)[number]
        return poolBase + dustBase + sum(snapshot.positions, (held) => held[market]?.base ?? 0n)
      }),
  },
  {
    name: 'quote is conserved',
    needs: 'all traders',
    run: ({ record }) =>
      conserved(record, (snapshot, market) => {
        const { poolQuote, dustQuote } = snapshot.markets[
          market
        ] as (typeof snapshot.markets)[number]
        const held = sum(
          snapshot.positions,
          (positions) => (positions[market]?.quote ?? 0n) + (positions[market]?.realizedPnl ?? 0n),
        )
        return poolQuote + dustQuote + held
      }),
  },
  {
    name: 'every position is what its events add up to',
    run: ({ record }) => {
      const settled = eventsOf(record.events, 'OrderSettled')
      const traders = new Set(record.traders.map((trader) => trader.toLowerCase()))
      const byPlace = groupBy(settled, ({ trader, market }) => `${trader.toLowerCase()}/${market}`)
      const places = record.traders.flatMap((trader, index) =>
        record.after.markets.map((_, market) => ({ trader, index, market })),
      )
      return {
        looked: `${places.length} positions of ${settled.length} fills`,
        fault:
          firstFault(settled, ({ orderId, trader }) =>
            traders.has(trader.toLowerCase())
              ? undefined
              : `order ${orderId} belongs to ${trader}, who is no trader of the run`,
          ) ??
          firstFault(places, ({ trader, index, market }) => {
            const fills = byPlace.get(`${trader.toLowerCase()}/${market}`) ?? []
            const before = record.before.positions[index]?.[market]
            const after = record.after.positions[index]?.[market]
            if (before === undefined || after === undefined)
              return `the position of ${trader} in market ${market} was not read`
            const differs = (name: string, changed: bigint, expected: bigint) =>
              changed === expected
                ? undefined
                : `${name} of ${trader} in market ${market} changed by ${changed}, its events by ${expected}`
            const realized = after.realizedPnl - before.realizedPnl
            return (
              differs(
                'base',
                after.base - before.base,
                sum(fills, (fill) => fill.baseDelta),
              ) ??
              differs(
                'quote',
                after.quote - before.quote + realized,
                sum(fills, (fill) => fill.quoteDelta),
              ) ??
              differs(
                'realised profit',
                realized,
                sum(fills, (fill) => fill.realizedPnl),
              )
            )
          }),
      }
    },
  },
  {
    name: 'every balance is what its events add up to',
    product: 'perp',
    run: ({ record }) => balances(record),
  },
  {
    name: 'the vault holds all balances and the fund',
    product: 'perp',
    needs: 'all traders',
    run: ({ record: { before, after, deployment } }) => {
      const unit = unitOf(deployment)
      const owed = (snapshot: ChainSnapshot) =>
        sum(snapshot.balances, (balance) => balance) + snapshot.fund
      const tokens = (after.vaultTokens - before.vaultTokens) * unit
      const change = owed(after) - owed(before)
      return {
        looked: `${after.balances.length} balances, change of ${tokens}`,
        fault:
          tokens === change
            ? undefined
            : `the vault's tokens changed by ${tokens} (WAD), balances and fund by ${change}`,
      }
    },
  },
  {
    name: 'the queue is empty at the end',
    needs: 'all traders',
    run: ({ record }) => ({
      looked: `${record.after.markets.length} markets`,
      fault: firstFault(record.after.markets.entries(), ([market, { queued, totals }]) =>
        queued === 0n && totals === 0n
          ? undefined
          : `market ${market} holds ${queued} orders and totals of ${totals}`,
      ),
    }),
  },
]

/** WAD in one unit of the collateral token; spot has none. */
function unitOf(deployment: Deployment): bigint {
  return deployment.product === 'spot' ? 1n : 10n ** BigInt(18 - deployment.collateralDecimals)
}

/** Compares a sum over traders, pool and fund before and after, market by market. */
function conserved(
  { before, after }: ModeRecord,
  total: (snapshot: ChainSnapshot, market: number) => bigint,
): Finding {
  return {
    looked: `${before.markets.length} markets, ${before.positions.length} traders`,
    fault: firstFault(before.markets.keys(), (market) => {
      if (after.markets[market] === undefined) return `market ${market} was not read at the end`
      const change = total(after, market) - total(before, market)
      return change === 0n ? undefined : `market ${market} has ${change} more than before`
    }),
  }
}

/**
 * A balance changes by deposits, withdrawals and realised profit and loss. The house may move realised amounts into the vault
 * later than it realises them, but then all up to that moment: what moved is 0 or one of the running sums of the
 * trader's realised amounts. A trader who had realised something before the run cannot be told, and is counted as such.
 */
function balances(record: ModeRecord): Finding {
  const unit = unitOf(record.deployment)
  const events = groupBy(
    inChainOrder(record.events).filter(
      (event): event is EventOf<'Deposited' | 'Withdrawn' | 'OrderSettled'> =>
        event.type === 'Deposited' || event.type === 'Withdrawn' || event.type === 'OrderSettled',
    ),
    ({ trader }) => trader.toLowerCase(),
  )
  let untold = 0
  const fault = firstFault(record.traders.entries(), ([index, trader]) => {
    const [before, after] = [record.before.balances[index], record.after.balances[index]]
    if (before === undefined || after === undefined) return `the balance of ${trader} was not read`
    if (record.before.positions[index]?.some(({ realizedPnl }) => realizedPnl !== 0n)) {
      untold++
      return undefined
    }
    let moved = after - before
    let realized = 0n
    const sums = new Set([0n])
    for (const event of events.get(trader.toLowerCase()) ?? []) {
      if (event.type === 'OrderSettled') {
        realized += event.realizedPnl
        sums.add(realized)
      } else moved += event.type === 'Deposited' ? -event.amount * unit : event.amount * unit
    }
    return sums.has(moved)
      ? undefined
      : `the balance of ${trader} changed by ${moved} (WAD) beyond its transfers, which it never realised`
  })
  const untoldText = untold === 0 ? '' : `, ${untold} not checked (realised profit before the run)`
  return { looked: `${record.traders.length} balances${untoldText}`, fault }
}
