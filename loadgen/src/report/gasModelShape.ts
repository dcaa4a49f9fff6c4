import type { DeferralGas, GasKind, GasModel } from '../core/gasModel.js'
import { integer, list, nullable, number, object, oneOf, optional, text } from './shape.js'

const figure = nullable(number)

const deferral = object<DeferralGas>({
  block: integer,
  callers: integer,
  orders: integer,
  deferredGas: number,
  jobGas: number,
  share: number,
  charged: number,
  prepaidUse: number,
})

/** A gas model, as records and reports hold it. */
export const GAS_MODEL = object<GasModel>({
  kinds: list(
    object<GasKind>({
      call: text,
      role: oneOf(['queue', 'swap', 'settlement', 'transfer']),
      status: oneOf(['ok', 'failed', 'aborted']),
      transactions: integer,
      sampled: integer,
      orders: integer,
      meanGas: figure,
      parts: nullable(
        object<NonNullable<GasKind['parts']>>({
          intrinsic: number,
          evm: number,
          precompiles: number,
          refund: number,
        }),
      ),
      meanReceiptGas: figure,
      totalGas: figure,
      poolGas: optional(figure),
      operations: list(
        object<GasKind['operations'][number]>({ name: text, calls: number, gas: number }),
      ),
    }),
  ),
  settledOrders: integer,
  totalGas: number,
  queueGas: number,
  swapGas: number,
  settlementGas: number,
  transferGas: number,
  poolGas: optional(number),
  perOrder: figure,
  deferral: nullable(
    object<NonNullable<GasModel['deferral']>>({
      prepaidGas: integer,
      blocks: integer,
      typical: deferral,
      largestPrepaidUse: number,
    }),
  ),
})
