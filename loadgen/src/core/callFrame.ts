import type { Hex } from './types.js'

/** A call inside a transaction, with the calls that it made. */
export type CallFrame = {
  type: 'call' | 'callcode' | 'delegatecall' | 'staticcall' | 'create'
  /** The account that calls, lower case. */
  from: Hex
  /** The account whose code runs (for `create`, the new one), lower case; 0x for a creation that failed. */
  to: Hex
  /** Call data; for `create`, the code that ran. */
  input: Hex
  /** What it answered; 0x for a creation. */
  output: Hex
  /** Gas that it used, its own calls included, without intrinsic gas and refunds. */
  gasUsed: number
  /** It reverted, or ran out of gas. */
  failed: boolean
  /** In the order in which it made them. */
  calls: readonly CallFrame[]
}
