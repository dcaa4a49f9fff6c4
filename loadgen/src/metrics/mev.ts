import type { ChainSnapshot, ModeRecord } from '../core/types.js'
import { divide } from './numbers.js'
import { fillsOf } from './prices.js'
import type { TxTrace } from './trace.js'

const WAD = 10n ** 18n
const BPS = 10_000

/** What an attack that brackets other traders' orders was worth. Amounts in USDC. */
export type MevMetrics = {
  /** Accounts of the attacker. */
  attackers: number
  /**
   * What the attacker's positions gained during the run, by the chain's own state: realised profit and loss, and base × the pools'
   * mid price + quote for what is open at the end. Pool fees are in it; gas is not.
   */
  attackerProfit: number
  /** Orders of everybody else. */
  victims: {
    orders: number
    settled: number
    /**
     * What their fills cost more than base × the mid price at the start of their batch, pool fees and their own impact
     * included: of the same orders in two modes, the difference is what the mode did.
     */
    extraCost: number
    /** The same in basis points of base × mid. null without a fill whose mid price is known. */
    extraCostBps: number | null
  }
}

/** Computes what an attack was worth; null for a plan without an attacker. `traces` are the record's transactions. */
export function mevMetrics(record: ModeRecord, traces: readonly TxTrace[]): MevMetrics | null {
  const attackers = new Set(record.plan.attackers)
  if (attackers.size === 0) return null
  let profit = 0n
  for (const trader of attackers)
    profit += equity(record.after, trader) - equity(record.before, trader)
  const others = traces.filter(({ isOrder, intent }) => isOrder && !attackers.has(intent.trader))
  return {
    attackers: attackers.size,
    attackerProfit: toUsd(profit),
    victims: { orders: others.length, ...costOf(record, others) },
  }
}

/** Realised and unrealised profit of a trader over all markets, WAD. */
function equity({ markets, positions }: ChainSnapshot, trader: number): bigint {
  let sum = 0n
  for (const [market, position] of (positions[trader] ?? []).entries()) {
    const { base, quote, realizedPnl } = position
    sum += realizedPnl + quote + (base * (markets[market]?.midPrice ?? 0n)) / WAD
  }
  return sum
}

function costOf(record: ModeRecord, traces: readonly TxTrace[]) {
  const mids = new Map(fillsOf(record).map(({ order, mid }) => [order, mid]))
  let [settled, cost, value] = [0, 0n, 0n]
  for (const { end } of traces) {
    if (end?.type !== 'OrderSettled') continue
    settled++
    const mid = mids.get(end)
    if (mid === undefined) continue
    // A buyer's base is positive and its quote negative: what it paid beyond base × mid. A seller's the other way round.
    const atMid = (end.baseDelta * mid) / WAD
    cost -= atMid + end.quoteDelta
    value += atMid < 0n ? -atMid : atMid
  }
  const share = divide(cost, value)
  return { settled, extraCost: toUsd(cost), extraCostBps: share === null ? null : share * BPS }
}

function toUsd(wad: bigint): number {
  return divide(wad, WAD) as number
}
