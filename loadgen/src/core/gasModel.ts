/** What a transaction was for. `queue`: an order that waits for a settlement. `swap`: an order that swaps at once. */
export type GasRole = 'queue' | 'swap' | 'settlement' | 'transfer'

/** Transactions of one function, purpose and outcome, by Arcology's gas schedule. Gas figures are modelled unless said. */
export type GasKind = {
  /** Name of the function called. */
  call: string
  role: GasRole
  /** `aborted`: lost a conflict. It ran before it lost, so it is taken to have used what successful calls of its kind use. */
  status: 'ok' | 'failed' | 'aborted'
  transactions: number
  /** Transactions whose trace was modelled; the others are taken to be like them. */
  sampled: number
  /** Orders that ended in them. */
  orders: number
  /** Mean of the samples; null without any. */
  meanGas: number | null
  /** Parts of meanGas: the transaction's own and its jobs' intrinsic gas, call data included; EVM instructions; calls of precompiles; what is given back for cleared storage. */
  parts: { intrinsic: number; evm: number; precompiles: number; refund: number } | null
  /** Mean gas of the same samples by the node's receipts, on emulated precompiles. */
  meanReceiptGas: number | null
  /** Of all transactions; null when there is nothing to model them by. */
  totalGas: number | null
  /** Of totalGas: inside the pools' swaps. null where that is; absent in records of older versions. */
  poolGas?: number | null | undefined
  /** Calls of precompiles, a transaction on average, and their gas. */
  operations: { name: string; calls: number; gas: number }[]
}

/** How the gas of a deferred transaction is shared out, in one block. */
export type DeferralGas = {
  block: number
  /** Calls of the deferrable function that did not fail, the deferred one included: they share its gas equally. */
  callers: number
  orders: number
  /** Gas of the deferred transaction without that of its jobs. */
  deferredGas: number
  /** Gas of its parallel jobs, which its sender alone pays. */
  jobGas: number
  /** deferredGas ÷ callers. */
  share: number
  /** What one of the others is charged in the end: its own gas and its share. The rest of what it prepaid is refunded. */
  charged: number
  /** deferredGas ÷ all that the callers prepaid. Beyond 1 the runtime misbehaves. */
  prepaidUse: number
}

/** What a mode of a run would use on Arcology's own gas schedule. Modelled from traces of samples. */
export type GasModel = {
  kinds: GasKind[]
  /** Orders that settled. */
  settledOrders: number
  /** All order transactions (failed and aborted ones too) and settlements; deposits and withdrawals are apart. */
  totalGas: number
  queueGas: number
  swapGas: number
  settlementGas: number
  transferGas: number
  /** Of totalGas, and so of swapGas or settlementGas: inside the pools' swaps. Absent in records of older versions. */
  poolGas?: number | undefined
  /** totalGas ÷ settledOrders; null without any. */
  perOrder: number | null
  /** Where orders settle by deferral; null elsewhere. */
  deferral: {
    /** Gas that each call pays in advance. */
    prepaidGas: number
    /** Blocks whose deferred transaction was modelled. */
    blocks: number
    /** The block of the median share. */
    typical: DeferralGas
    /** Largest of all modelled blocks. */
    largestPrepaidUse: number
  } | null
}
