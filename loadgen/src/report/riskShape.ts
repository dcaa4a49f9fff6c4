import type { RiskMetrics, RiskPoint } from '../metrics/risk.js'
import type { ShortfallMetrics } from '../metrics/shortfalls.js'
import { integer, list, nullable, number, object, optional } from './shape.js'

/** Liquidations, funding and bad debt of a mode, as reports hold them. */
export const RISK = object<RiskMetrics>({
  liquidations: integer,
  liquidationsNettedShare: nullable(number),
  badDebt: number,
  fundingPaid: number,
  insuranceFund: number,
  shortfalls: optional(
    object<ShortfallMetrics>({
      ...{ accounts: integer, times: integer, late: integer, longestBlocks: integer },
    }),
  ),
  blocks: list(
    object<RiskPoint>({
      ...{ block: integer, liquidations: integer, closed: number, netted: number },
      ...{ badDebt: number, fundingPaid: number, insuranceFund: nullable(number) },
    }),
  ),
})
