import type { ChainSnapshot, ModeRecord } from '../core/types.js'
import { type Check, type Finding, firstFault } from './check.js'
import { groupBy, sum } from './numbers.js'
import { realizedBy } from './realized.js'
import { eventsOf } from './trace.js'
import { balances, unitOf } from './verifyBalances.js'

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
    run: ({ record }) => {
      const traders = new Set(record.traders.map((trader) => trader.toLowerCase()))
      // Anyone may liquidate; what a stranger earned is in no position that was read.
      const rewards = eventsOf(record.events, 'Liquidated').filter(
        ({ keeper }) => !traders.has(keeper.toLowerCase()),
      )
      return conserved(record, (snapshot, market) => {
        const { poolQuote, dustQuote, risk } = snapshot.markets[
          market
        ] as (typeof snapshot.markets)[number]
        const held = sum(
          snapshot.positions,
          (positions) => (positions[market]?.quote ?? 0n) + (positions[market]?.realizedPnl ?? 0n),
        )
        const taken =
          risk === undefined ? 0n : risk.protocolFees + risk.insuranceFees + risk.fundingCollected
        const strangers =
          snapshot === record.before
            ? 0n
            : sum(rewards, (event) => (event.market === market ? event.reward : 0n))
        return poolQuote + dustQuote + held + taken + strangers
      })
    },
  },
  {
    name: 'every position is what its events add up to',
    run: ({ record }) => {
      const settled = eventsOf(record.events, 'OrderSettled')
      const traders = new Set(record.traders.map((trader) => trader.toLowerCase()))
      const byPlace = groupBy(settled, ({ trader, market }) => `${trader.toLowerCase()}/${market}`)
      const realizedAt = groupBy(
        record.events.flatMap((event) => realizedBy(event)),
        ({ account, market }) => `${account}/${market}`,
      )
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
            const place = `${trader.toLowerCase()}/${market}`
            const fills = byPlace.get(place) ?? []
            const expected = sum(realizedAt.get(place) ?? [], ({ amount }) => amount)
            // Fees, funding and rewards: what is realised beside the price.
            const charges = expected - sum(fills, (fill) => fill.realizedPnl)
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
                sum(fills, (fill) => fill.quoteDelta) + charges,
              ) ??
              differs('realised profit', realized, expected)
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
