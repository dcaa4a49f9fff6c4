import type { GasModel } from '../core/gasModel.js'
import type { ModeRecord } from '../core/types.js'
import { ratio } from './numbers.js'
import { orderEnds, settlingBeside, type TxTrace } from './trace.js'

/** Gas as the node charged it. total = queueing + settlement. */
export type GasMetrics = {
  /**
   * All order transactions (failed ones too) and all keepers' settlements. Deposits and withdrawals are apart, and so is what went on
   * beside the workload; but the deferred transaction that settled a block's orders counts whoever sent it.
   */
  total: number
  /** total ÷ settled orders; null without settled orders. */
  perOrder: number | null
  /** Order transactions in which no order ended. */
  queueing: number
  /**
   * Transactions in which orders ended: keepers' settlements, deferred transactions (whose receipt also holds the queueing of
   * their own order), and in `direct` every order's own.
   */
  settlement: number
  /** Deposits and withdrawals; in no other figure. */
  transfers: number
  /** Modelled: perOrder by Arcology's own gas schedule; null where nothing was traced. */
  perOrderArcologyModel: number | null
  /** What that figure consists of. */
  arcologyModel: GasModel | null
}

/** Adds up the gas of a record's receipts; `traces` are its transactions. */
export function gasMetrics(
  record: Pick<ModeRecord, 'mode' | 'events' | 'settlements' | 'gasModel' | 'market'>,
  traces: readonly TxTrace[],
): GasMetrics {
  const orders = traces.filter(({ isOrder }) => isOrder)
  const settling = new Set(orderEnds(record.events).map(({ transactionHash }) => transactionHash))
  const used = (some: readonly TxTrace[]) =>
    some.reduce((total, { receipt }) => total + Number(receipt?.gasUsed ?? 0n), 0)
  const keepers = record.settlements.reduce((total, { gasUsed }) => total + Number(gasUsed), 0)
  const queueing = used(orders.filter(({ hash }) => !settling.has(hash)))
  const beside = settlingBeside(record).reduce((total, { gasUsed }) => total + Number(gasUsed), 0)
  const settlement = used(orders.filter(({ hash }) => settling.has(hash))) + keepers + beside
  const settled = orders.filter(({ end }) => end?.type === 'OrderSettled').length
  return {
    total: queueing + settlement,
    perOrder: ratio(queueing + settlement, settled),
    queueing,
    settlement,
    transfers: used(traces.filter(({ isOrder }) => !isOrder)),
    perOrderArcologyModel: record.gasModel?.perOrder ?? null,
    arcologyModel: record.gasModel ?? null,
  }
}
