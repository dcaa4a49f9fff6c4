import type { ChainSnapshot, EventOf, ModeRecord } from '../core/types.js'
import { type Check, firstFault, isSameAddress } from './check.js'
import { abs, sum } from './numbers.js'
import { eventsOf, type OrderEnd, orderEnds } from './trace.js'

const BPS = 10_000n

/** Checks of liquidations, fees, funding and bad debt. */
export const RISK_CHECKS: readonly Check[] = [
  {
    name: 'every liquidation is a close of no more than was asked for, with one fee',
    product: 'perp',
    run: ({ record }) => {
      const asked = new Map(
        eventsOf(record.events, 'LiquidationQueued').map((event) => [event.orderId, event]),
      )
      const liquidated = eventsOf(record.events, 'Liquidated')
      const fees = new Map(liquidated.map((event) => [event.orderId, event]))
      const ends = new Map(orderEnds(record.events).map((end) => [end.orderId, end]))
      return {
        looked: `${asked.size} queued, ${liquidated.length} filled`,
        fault:
          (fees.size === liquidated.length ? undefined : 'a liquidation was paid for twice') ??
          firstFault(asked.values(), (request) => {
            const { orderId } = request
            const [end, fee] = [ends.get(orderId), fees.get(orderId)]
            if (end?.type !== 'OrderSettled')
              return fee && `liquidation ${orderId} did not fill and was paid for`
            if (fee === undefined) return `liquidation ${orderId} filled without its fee`
            return departure(request, end, fee)
          }) ??
          firstFault(liquidated, ({ orderId, trader, fee, reward }) => {
            if (reward > fee) return `liquidation ${orderId} paid ${reward} of a fee of ${fee}`
            if (record.mode !== 'direct' && !asked.has(orderId))
              return `liquidation ${orderId} was never queued`
            return isFillOf(ends.get(orderId), trader)
              ? undefined
              : `liquidation ${orderId} is no fill of ${trader}`
          }),
      }
    },
  },
  {
    name: 'open interest is what positions add up to',
    product: 'perp',
    needs: 'all traders',
    run: ({ record: { before, after } }) => ({
      looked: hasRisk(after) ? `${after.markets.length} markets` : NOT_RECORDED,
      fault: firstFault(after.markets.entries(), ([market, { risk }]) => {
        const first = before.markets[market]?.risk
        if (risk === undefined || first === undefined) return undefined
        const differs = (name: string, changed: bigint, side: 1n | -1n) => {
          const expected = openOn(after, market, side) - openOn(before, market, side)
          return changed === expected
            ? undefined
            : `${name} of market ${market} changed by ${changed}, positions by ${expected}`
        }
        return (
          differs('longs', risk.longs - first.longs, 1n) ??
          differs('shorts', risk.shorts - first.shorts, -1n)
        )
      }),
    }),
  },
  {
    name: 'fees, funding and bad debt are what their events add up to',
    product: 'perp',
    needs: 'all traders',
    run: ({ record }) => ({
      looked: hasRisk(record.after) ? describe(record) : NOT_RECORDED,
      fault:
        firstFault(record.after.markets.keys(), (market) => marketFault(record, market)) ??
        insuranceFault(record),
    }),
  },
]

const NOT_RECORDED = 'not recorded'

function hasRisk({ insurance }: ChainSnapshot): boolean {
  return insurance !== undefined
}

function departure(
  request: EventOf<'LiquidationQueued'>,
  end: EventOf<'OrderSettled'>,
  fee: EventOf<'Liquidated'>,
): string | undefined {
  const { orderId, trader, market, isLong, size, keeper } = request
  const filled = abs(end.baseDelta)
  const faults = {
    account: !isSameAddress(trader, end.trader) || !isSameAddress(trader, fee.trader),
    keeper: !isSameAddress(keeper, fee.keeper),
    market: market !== end.market || market !== fee.market,
    side: filled !== 0n && end.baseDelta > 0n === isLong,
    size: filled !== end.netted + end.pooled || filled + end.cancelled !== size,
  }
  const [broken] = Object.entries(faults).find(([, isBroken]) => isBroken) ?? []
  return broken && `liquidation ${orderId} is of another ${broken} than was asked for`
}

function isFillOf(end: OrderEnd | undefined, trader: string): boolean {
  return end?.type === 'OrderSettled' && isSameAddress(end.trader, trader)
}

/** Base that traders hold on one side of a market. */
function openOn({ positions }: ChainSnapshot, market: number, side: 1n | -1n): bigint {
  return sum(positions, (held) => {
    const base = (held[market]?.base ?? 0n) * side
    return base > 0n ? base : 0n
  })
}

function describe({ events }: ModeRecord): string {
  const count = (type: Parameters<typeof eventsOf>[1]) => eventsOf(events, type).length
  return `${count('FeePaid')} fees, ${count('FundingPaid')} payments of funding, ${count('BadDebt')} bad debts`
}

/** A fee is split order by order: the protocol's share rounded down, the rest to the insurance fund. */
function marketFault({ before, after, events }: ModeRecord, market: number): string | undefined {
  const [first, last] = [before.markets[market]?.risk, after.markets[market]?.risk]
  if (first === undefined || last === undefined) return undefined
  const isHere = (event: { market: number }) => event.market === market
  const fees = eventsOf(events, 'FeePaid')
    .filter(isHere)
    .map(({ nettedFee, pooledFee }) => nettedFee + pooledFee)
  const protocol = sum(fees, (fee) => (fee * BigInt(last.protocolShareBps)) / BPS)
  const liquidated = eventsOf(events, 'Liquidated').filter(isHere)
  const insurance =
    sum(fees, (fee) => fee) - protocol + sum(liquidated, ({ fee, reward }) => fee - reward)
  const funding = eventsOf(events, 'FundingPaid').filter(isHere)
  const differs = (name: string, changed: bigint, expected: bigint) =>
    changed === expected
      ? undefined
      : `${name} of market ${market} changed by ${changed}, its events by ${expected}`
  return (
    differs('protocol fees', last.protocolFees - first.protocolFees, protocol) ??
    differs('insurance fees', last.insuranceFees - first.insuranceFees, insurance) ??
    differs(
      'funding',
      last.fundingCollected - first.fundingCollected,
      sum(funding, ({ amount }) => amount),
    )
  )
}

function insuranceFault({ before, after, events }: ModeRecord): string | undefined {
  const [first, last] = [before.insurance, after.insurance]
  if (first === undefined || last === undefined) return undefined
  const announced = sum(eventsOf(events, 'BadDebt'), ({ amount }) => amount)
  if (last.badDebt - first.badDebt !== announced)
    return `bad debt changed by ${last.badDebt - first.badDebt}, its events by ${announced}`
  const held =
    sum(after.markets, ({ risk }) => risk?.insuranceFees ?? 0n) + last.paidIn - last.badDebt
  return last.fund - last.uncovered === held && (last.fund === 0n || last.uncovered === 0n)
    ? undefined
    : `the insurance fund holds ${last.fund} and lacks ${last.uncovered}, its fees, payments and bad debt leave ${held}`
}
