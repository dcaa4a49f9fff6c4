import type { GasModel } from './gasModel.js'
import type { MarketCourse, PriceCourse } from './priceCourse.js'
import type { Sending } from './sending.js'
import type { Shard } from './shard.js'

/**
 * The words between the stages: plan → sign → submit → collect → verify → report. Stages import these, never each other.
 *
 * Amounts on the chain are `bigint`: base, quote and prices in WAD (1e18), collateral in units of its token. Times are
 * milliseconds of the run's clock (`core/clock.ts`), an integer or a fraction.
 */

/** 0x-prefixed hexadecimal. */
export type Hex = `0x${string}`

/** How a workload is settled. `netting`: deferred, in the same block. `keeper`: queued, one settle() a block, a block later. `direct`: every order swaps with the pool. */
export const MODES = ['netting', 'keeper', 'direct'] as const
export type Mode = (typeof MODES)[number]

/** What is traded. `perp`: positions on collateral. `spot`: pairs of ERC-20 tokens. */
export const PRODUCTS = ['perp', 'spot'] as const
export type Product = (typeof PRODUCTS)[number]

/** What a trader of perpetuals does. */
export const PERP_ACTIONS = ['open', 'close', 'deposit', 'withdraw'] as const
export type PerpAction = (typeof PERP_ACTIONS)[number]

/** `swap` is what a trader of tokens does. */
export const ACTIONS = [...PERP_ACTIONS, 'swap'] as const
export type Action = (typeof ACTIONS)[number]

/** One thing that one trader wants to do. The same intents drive every mode. */
export type Intent = {
  /** Position in the plan, from 0. */
  index: number
  /** Batch of the plan, from 0: the intents of one batch are meant for one block. */
  batch: number
  /** Index of the derived account, from 0. */
  trader: number
  action: Action
  /** Market index, from 0. 0 for deposit and withdraw. */
  market: number
  /** Side of the position that it opens or closes; a swap that buys base is long. */
  isLong: boolean
  /** Base amount in WAD for open, close and swap; collateral units for deposit and withdraw. > 0. */
  size: bigint
  /** Worst price accepted, WAD; 0n for none. */
  limitPrice: bigint
}

/** A seeded workload. */
export type Plan = {
  scenario: string
  seed: string
  /** What is traded. Absent: perpetuals. */
  product?: Product | undefined
  /** Number of accounts. */
  traders: number
  /** Number of markets. */
  markets: number
  /** Number of batches. */
  batches: number
  /** Collateral that each trader deposits before the measured part, in token units; 0n for spot. */
  collateral: bigint
  /** Traders, by index, that bracket the orders of others. Absent when nobody does. */
  attackers?: readonly number[] | undefined
  /** How the price feeds go while it is carried out. Absent: they stand, or there are none. */
  priceCourse?: PriceCourse | undefined
  /** True when the order of a batch's intents matters: they are to reach the node in that order. */
  ordered?: boolean | undefined
  /** Present when this is the part of one of several generators; traders count from 0 within it. */
  shard?: Shard | undefined
  intents: readonly Intent[]
}

/** A signed transaction and the intent that it carries out. */
export type SignedTx = {
  /** Index of the intent. */
  intent: number
  /** Batch of the plan that it belongs to. */
  batch: number
  trader: number
  nonce: number
  hash: Hex
  raw: Hex
}

/** What became of a signed transaction on its way into the node. */
export type SubmitSample = {
  intent: number
  hash: Hex
  /** When it was meant to be sent. Latency counts from here. */
  plannedMs: number
  /** When the request that carried it was written. */
  sentMs: number
  /** When the node answered. Absent when it never did. */
  acceptedMs?: number | undefined
  /** The node's own sentence when it refused the transaction. */
  error?: string | undefined
  /** Why it was never sent: its time had passed, or the submission was ended before it, as a ramp is that breaks. */
  unsent?: 'dropped' | 'ended' | undefined
}

/** What became of a transaction on the chain. */
export type TxReceipt = {
  hash: Hex
  blockNumber: number
  /** Position in the block. */
  index: number
  /** Status 1. */
  ok: boolean
  gasUsed: bigint
}

/** A block as the collector saw it. */
export type BlockSample = {
  number: number
  /** Unix seconds, from the header. */
  timestamp: number
  /** When the collector learnt of it. */
  seenMs: number
  transactions: number
  gasUsed: bigint
}

/** Where an event stands. */
export type EventPosition = { blockNumber: number; logIndex: number; transactionHash: Hex }

export const REJECT_REASONS = [
  'None',
  'Expired',
  'LimitPrice',
  'MarginTooLow',
  'NothingToClose',
  'NoLiquidity',
  'MarketClosed',
  'TooSmall',
  'OpenInterest',
  'NotLiquidatable',
  'NonceUsed',
] as const
export type RejectReason = (typeof REJECT_REASONS)[number]

/**
 * The protocol's events and the pools' Swap, decoded. Amounts in WAD unless said. A swap request of the spot side is an order that
 * opens, long when it buys base, and realises nothing.
 */
export type ChainEvent = EventPosition &
  (
    | {
        type: 'OrderQueued'
        orderId: Hex
        trader: Hex
        market: number
        isOpen: boolean
        isLong: boolean
        size: bigint
        limitPrice: bigint
        deadline: bigint
        pid: Hex
      }
    | {
        type: 'OrderSettled'
        orderId: Hex
        trader: Hex
        market: number
        baseDelta: bigint
        quoteDelta: bigint
        netted: bigint
        pooled: bigint
        cancelled: bigint
        realizedPnl: bigint
      }
    | { type: 'OrderRejected'; orderId: Hex; trader: Hex; market: number; reason: RejectReason }
    | {
        type: 'BatchCleared'
        market: number
        midPrice: bigint
        longs: bigint
        shorts: bigint
        netted: bigint
        pooled: bigint
        poolQuote: bigint
        sqrtPriceX96: bigint
        orders: bigint
      }
    /** A forced order that reduces the position of `trader`; it ends like any other. `isLong` is the side of the position. */
    | {
        type: 'LiquidationQueued'
        orderId: Hex
        trader: Hex
        market: number
        isLong: boolean
        size: bigint
        keeper: Hex
        pid: Hex
      }
    /** What a liquidation that filled cost, beside its OrderSettled: the fee, and what of it the keeper got. */
    | {
        type: 'Liquidated'
        orderId: Hex
        trader: Hex
        market: number
        keeper: Hex
        fee: bigint
        reward: bigint
      }
    /** Taker fees of an order. */
    | {
        type: 'FeePaid'
        orderId: Hex
        trader: Hex
        market: number
        nettedFee: bigint
        pooledFee: bigint
      }
    /** Funding that was booked: positive from the trader, negative to it. */
    | { type: 'FundingPaid'; trader: Hex; market: number; amount: bigint }
    /** A loss that the trader's collateral did not cover. */
    | { type: 'BadDebt'; trader: Hex; amount: bigint }
    /** Collateral units of the token. */
    | { type: 'Deposited' | 'Withdrawn'; trader: Hex; amount: bigint }
    /** A pool's own event; amounts in wei of token0 (base) and token1 (quote), positive into the pool. */
    | {
        type: 'Swap'
        pool: Hex
        market: number
        amount0: bigint
        amount1: bigint
        sqrtPriceX96: bigint
      }
  )

export type EventOf<T extends ChainEvent['type']> = Extract<ChainEvent, { type: T }>

/** The pool of a market and its two tokens. token0 of the pool is the base token. */
export type PairAddresses = { pool: Hex; baseToken: Hex; quoteToken: Hex }

/** One market of a deployment of perpetuals. */
export type MarketAddresses = PairAddresses & {
  tracker: Hex
  /** The benchmark's price feed of the index; absent for a market that lives by its pool alone. */
  feed?: Hex | undefined
}

/** Where a mode's contracts are. */
export type Deployment = PerpDeployment | SpotDeployment

type CommonAddresses = {
  mode: 'netting' | 'direct'
  chainId: number
  /** The only door for users: the clearing house, or the spot side's engine or baseline. */
  house: Hex
  registry: Hex
  /** Engine and netting of a house that nets; absent for the baseline. */
  engine?: Hex | undefined
  netting?: Hex | undefined
  /** Block after which the deployment is complete. */
  deployedAtBlock: number
}

export type PerpDeployment = CommonAddresses & {
  product?: 'perp' | undefined
  vault: Hex
  collateralToken: Hex
  /** Decimals of the collateral token. */
  collateralDecimals: number
  router: Hex
  /** Parameters, states and prices of the markets; absent in records of older versions. */
  risk?: Hex | undefined
  /** Admits orders; absent for the baseline, which does it itself. */
  admission?: Hex | undefined
  /** Views of a house that nets. */
  lens?: Hex | undefined
  markets: readonly MarketAddresses[]
}

/** Each market has two tokens of its own, of 18 decimals, so that what a trader holds of them tells its fills. */
export type SpotDeployment = CommonAddresses & {
  product: 'spot'
  /** Where residuals are swapped; absent for the baseline, which swaps by itself. */
  router?: Hex | undefined
  markets: readonly PairAddresses[]
}

/**
 * A position read from the chain, WAD. Spot: the tokens of the market's pair that the trader holds or can claim; nothing of them is
 * ever realised.
 */
export type PositionSnapshot = {
  base: bigint
  quote: bigint
  realizedPnl: bigint
  /** Spot that nets: how much of base and quote the netting contract still holds for the trader. */
  claimable?: TokenAmounts | undefined
}

/** Amounts of the two tokens of a pair, wei. */
export type TokenAmounts = { base: bigint; quote: bigint }

/** State of the chain at one block, read by calls: what verification compares with the events. */
export type ChainSnapshot = {
  blockNumber: number
  /** For each market. */
  markets: readonly {
    midPrice: bigint
    sqrtPriceX96: bigint
    /** Base and quote tokens that the pool holds, wei. */
    poolBase: bigint
    poolQuote: bigint
    /** What rounding left with the fund: base and quote, WAD, signed. */
    dustBase: bigint
    dustQuote: bigint
    /** Entries of both queues that are not settled. */
    queued: bigint
    /** Sums of the commutative totals of both queues, WAD. */
    totals: bigint
    /** Spot that nets: the tokens that the netting contract holds. */
    held?: TokenAmounts | undefined
    /** Fees and funding of a market of perpetuals; absent in records of older versions. */
    risk?: MarketRiskSnapshot | undefined
  }[]
  /** By trader index, then market index. */
  positions: readonly (readonly PositionSnapshot[])[]
  /** Vault balance by trader index, WAD; empty for spot, which has no vault. */
  balances: readonly bigint[]
  /** The fund of the vault, WAD, signed. */
  fund: bigint
  /** Collateral tokens that the vault holds, token units. */
  vaultTokens: bigint
  /** What covers bad debt; absent for spot and in records of older versions. */
  insurance?: InsuranceSnapshot | undefined
}

/** What a market has taken from its traders so far, WAD. */
export type MarketRiskSnapshot = {
  /** Fees: the protocol's, and the insurance fund's. */
  protocolFees: bigint
  insuranceFees: bigint
  /** What of a taker fee goes to the protocol, bps. */
  protocolShareBps: number
  /** Funding that traders paid less what they received. */
  fundingCollected: bigint
  /** Base open on each side. */
  longs: bigint
  shorts: bigint
}

/** The insurance fund of a clearing house, WAD. */
export type InsuranceSnapshot = {
  /** Its share of all fees and what was paid in, less all bad debt; not below 0. */
  fund: bigint
  /** Bad debt that it could not cover. */
  uncovered: bigint
  /** All bad debt ever. */
  badDebt: bigint
  /** What was paid into it. */
  paidIn: bigint
}

/** A conflict between the calls of two functions in one block, as the embedded node found it. */
export type CalleeConflict = {
  /** `callee:selector` of the one that stood and of the one that was aborted. */
  winner: string
  loser: string
  /** Transactions that were aborted for it. */
  aborted: number
  /** The account that has the state, what kind of state it is, and which: a slot, or the hash of a key. */
  owner: Hex
  space: 'slot' | 'balance' | 'code' | 'container' | 'cumulative'
  key: Hex | ''
  winnerKind: string
  loserKind: string
  /** One transaction of each. */
  example: { winner: Hex; loser: Hex }
}

/** How the runtime would run a block: what the embedded node decided in strict mode. */
export type BlockSchedule = {
  block: number
  /** One after the other; in each, sequences run beside each other. Transactions by their index in the block. */
  generations: readonly { isDeferred: boolean; sequences: readonly (readonly number[])[] }[]
  /** Transactions that lost a conflict, by index in the block. */
  aborted: readonly number[]
  conflicts: readonly CalleeConflict[]
  /** Gas of the parallel jobs inside a transaction (Multiprocess), as the embedded node measured it. */
  jobs: readonly { transaction: number; gas: readonly number[] }[]
  /** Kinds of call whose writes were taken from samples, not from each transaction. */
  sampled: readonly string[]
  /** How long the analysis took. */
  analysisMs: number
}

/** Everything that one mode of a run left behind; what verification and metrics work on. */
export type ModeRecord = {
  mode: Mode
  plan: Plan
  /** Address of each trader, by index; behind the plan's, where its prices have a course, the arbitrageur's and the keepers'. */
  traders: readonly Hex[]
  deployment: Deployment
  /** State before the first and after the last measured transaction. */
  before: ChainSnapshot
  after: ChainSnapshot
  signed: readonly { intent: number; hash: Hex }[]
  /**
   * What was signed anew because its nonce was used up, in that order: `hash` took the place of `replaced`, and the last one of an
   * intent stands in `signed`. Absent where there is none.
   */
  healed?: readonly { intent: number; replaced: Hex; hash: Hex }[] | undefined
  submitted: readonly SubmitSample[]
  receipts: readonly TxReceipt[]
  /** Transactions of keepers: settle(). */
  settlements: readonly TxReceipt[]
  blocks: readonly BlockSample[]
  events: readonly ChainEvent[]
  /** How Arcology's runtime would run each block; absent where the node does not say. */
  schedules?: readonly BlockSchedule[] | undefined
  /** How it was sent; absent in records of older versions. */
  sending?: Sending | undefined
  /** What the run would use by Arcology's gas schedule, modelled from traces; absent where there are none. */
  gasModel?: GasModel | undefined
  /** Prices, who was below the maintenance margin, and what was done about it; where the plan's prices have a course. */
  market?: MarketCourse | undefined
}
