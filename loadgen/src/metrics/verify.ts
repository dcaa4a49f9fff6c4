import type { ModeRecord } from '../core/types.js'
import type { Check } from './check.js'
import { judgeable } from './mergeShard.js'
import { traceTransactions } from './trace.js'
import { BATCH_CHECKS } from './verifyBatches.js'
import { MARKET_CHECKS } from './verifyMarket.js'
import { ORDER_CHECKS } from './verifyOrders.js'
import { RISK_CHECKS } from './verifyRisk.js'
import { SPOT_CHECKS } from './verifySpot.js'
import { STATE_CHECKS } from './verifyState.js'
import { TRANSACTION_CHECKS } from './verifyTransactions.js'

/** One thing that must hold of a run. */
export type CheckResult = {
  name: string
  ok: boolean
  /** What was looked at, or the first thing that is wrong, by its id. */
  detail: string
}

export type Verification = {
  /** True when every check holds. */
  ok: boolean
  checks: CheckResult[]
}

/**
 * Audits one mode of a run by its record alone: recomputes from the signed transactions and the events what the chain's state
 * must be, and compares. Of one of several generators, or of their merged record, what can be judged on it (mergeShard.ts). Pure.
 */
export function verifyRecord(
  whole: ModeRecord,
  { isMerged = false }: verifyRecord.Options = {},
): Verification {
  const { record, checks: judged } = judgeable(whole, { checks: CHECKS, isMerged })
  const evidence = { record, traces: traceTransactions(record) }
  const checks = judged
    .filter(
      ({ modes, product }) =>
        (modes?.includes(record.mode) ?? true) &&
        (product === undefined || product === (record.plan.product ?? 'perp')),
    )
    .map(({ name, run }) => {
      const { looked, fault } = run(evidence)
      return { name, ok: fault === undefined, detail: fault ?? looked }
    })
  return { ok: checks.every(({ ok }) => ok), checks }
}

export declare namespace verifyRecord {
  type Options = {
    /** True for a record that mergeRecords made: its times are of several clocks. Default false. */
    isMerged?: boolean | undefined
  }
}

const CHECKS: readonly Check[] = [
  ...TRANSACTION_CHECKS,
  ...ORDER_CHECKS,
  ...STATE_CHECKS,
  ...RISK_CHECKS,
  ...BATCH_CHECKS,
  ...SPOT_CHECKS,
  ...MARKET_CHECKS,
]
