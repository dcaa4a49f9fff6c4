import type { ChainEvent, Deployment, ModeRecord } from '../core/types.js'
import { type Finding, firstFault } from './check.js'
import { groupBy } from './numbers.js'
import { realizedBy } from './realized.js'
import { inChainOrder } from './trace.js'

/** WAD in one unit of the collateral token; spot has none. */
export function unitOf(deployment: Deployment): bigint {
  return deployment.product === 'spot' ? 1n : 10n ** BigInt(18 - deployment.collateralDecimals)
}

/**
 * A balance changes by deposits, withdrawals and realised profit and loss. The house may move realised amounts into the vault
 * later than it realises them, but then all up to that moment: what moved is 0 or one of the running sums of the
 * trader's realised amounts, less what of a loss the balance did not cover. A trader who had realised something before the run
 * cannot be told, and is counted as such.
 */
export function balances(record: ModeRecord): Finding {
  const unit = unitOf(record.deployment)
  const changes = groupBy(
    inChainOrder(record.events).flatMap((event) => balanceChanges(event, unit)),
    ({ account }) => account,
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
    for (const change of changes.get(trader.toLowerCase()) ?? []) {
      moved -= change.paid
      realized += change.realized
      sums.add(realized)
    }
    return sums.has(moved)
      ? undefined
      : `the balance of ${trader} changed by ${moved} (WAD) beyond its transfers, which it never realised`
  })
  const untoldText = untold === 0 ? '' : `, ${untold} not checked (realised profit before the run)`
  return { looked: `${record.traders.length} balances${untoldText}`, fault }
}

/** What an event pays into a balance at once (a deposit, a loss that it did not cover), and what it realises. WAD. */
type BalanceChange = { account: string; paid: bigint; realized: bigint }

/** @param unit WAD in one unit of the collateral token. */
function balanceChanges(event: ChainEvent, unit: bigint): BalanceChange[] {
  const paid = (amount: bigint, trader: string): BalanceChange[] => [
    { account: trader.toLowerCase(), paid: amount, realized: 0n },
  ]
  if (event.type === 'Deposited') return paid(event.amount * unit, event.trader)
  if (event.type === 'Withdrawn') return paid(-event.amount * unit, event.trader)
  if (event.type === 'BadDebt') return paid(event.amount, event.trader)
  return realizedBy(event).map(({ account, amount }) => ({ account, paid: 0n, realized: amount }))
}
