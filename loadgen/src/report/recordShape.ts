import type { MarketCourse, MarketObservation } from '../core/priceCourse.js'
import { EXECUTORS, type Phases, type Sending } from '../core/sending.js'
import {
  type BlockSample,
  type BlockSchedule,
  type CalleeConflict,
  type ChainEvent,
  type ChainSnapshot,
  type InsuranceSnapshot,
  type MarketAddresses,
  type MarketRiskSnapshot,
  MODES,
  type ModeRecord,
  type PairAddresses,
  type PerpDeployment,
  type PositionSnapshot,
  REJECT_REASONS,
  type SpotDeployment,
  type SubmitSample,
  type TokenAmounts,
  type TxReceipt,
} from '../core/types.js'
import { GAS_MODEL } from './gasModelShape.js'
import { PHASES, RAMP } from './sendingShape.js'
import {
  bigint,
  boolean,
  hex,
  integer,
  list,
  number,
  object,
  oneOf,
  optional,
  type Shape,
  text,
} from './shape.js'

/** Version of the files of a record that this code writes and reads. */
export const RECORD_VERSION = 2

/** What record.json holds: all of a record but its lists and the plan, which all modes of a run share. */
export type Head = Pick<
  ModeRecord,
  'mode' | 'traders' | 'deployment' | 'before' | 'after' | 'gasModel' | 'sending' | 'market'
> & {
  recordVersion: typeof RECORD_VERSION
  /** Lines of each list; of the optional ones where they are there. */
  counts: Record<Exclude<ListName, OptionalList>, number> &
    Partial<Record<OptionalList, number | undefined>>
}

export type ListName =
  | 'signed'
  | 'submitted'
  | 'receipts'
  | 'settlements'
  | 'blocks'
  | 'events'
  | OptionalList

type OptionalList = 'healed' | 'schedules'

const receipt = object<TxReceipt>({
  hash: hex,
  blockNumber: integer,
  index: integer,
  ok: boolean,
  gasUsed: bigint,
})

const order = { orderId: hex, trader: hex, market: integer }

const EVENTS: Record<ChainEvent['type'], Record<string, Shape>> = {
  OrderQueued: {
    ...order,
    isOpen: boolean,
    isLong: boolean,
    size: bigint,
    limitPrice: bigint,
    deadline: bigint,
    pid: hex,
  },
  OrderSettled: {
    ...order,
    baseDelta: bigint,
    quoteDelta: bigint,
    netted: bigint,
    pooled: bigint,
    cancelled: bigint,
    realizedPnl: bigint,
  },
  OrderRejected: { ...order, reason: oneOf(REJECT_REASONS) },
  BatchCleared: {
    market: integer,
    midPrice: bigint,
    longs: bigint,
    shorts: bigint,
    netted: bigint,
    pooled: bigint,
    poolQuote: bigint,
    sqrtPriceX96: bigint,
    orders: bigint,
  },
  LiquidationQueued: { ...order, isLong: boolean, size: bigint, keeper: hex, pid: hex },
  Liquidated: { ...order, keeper: hex, fee: bigint, reward: bigint },
  FeePaid: { ...order, nettedFee: bigint, pooledFee: bigint },
  FundingPaid: { trader: hex, market: integer, amount: bigint },
  BadDebt: { trader: hex, amount: bigint },
  Deposited: { trader: hex, amount: bigint },
  Withdrawn: { trader: hex, amount: bigint },
  Swap: { pool: hex, market: integer, amount0: bigint, amount1: bigint, sqrtPriceX96: bigint },
}

const eventHead = object<Pick<ChainEvent, 'type' | 'blockNumber' | 'logIndex' | 'transactionHash'>>(
  {
    type: oneOf(Object.keys(EVENTS)),
    blockNumber: integer,
    logIndex: integer,
    transactionHash: hex,
  },
)

/** One item of each list. */
export const LISTS: Record<ListName, Shape> = {
  signed: object<ModeRecord['signed'][number]>({ intent: integer, hash: hex }),
  healed: object<NonNullable<ModeRecord['healed']>[number]>({
    intent: integer,
    replaced: hex,
    hash: hex,
  }),
  submitted: object<SubmitSample>({
    intent: integer,
    hash: hex,
    plannedMs: number,
    sentMs: number,
    acceptedMs: optional(number),
    error: optional(text),
    unsent: optional(oneOf(['dropped', 'ended'])),
  }),
  receipts: receipt,
  settlements: receipt,
  blocks: object<BlockSample>({
    number: integer,
    timestamp: integer,
    seenMs: number,
    transactions: integer,
    gasUsed: bigint,
  }),
  schedules: object<BlockSchedule>({
    block: integer,
    generations: list(
      object<BlockSchedule['generations'][number]>({
        isDeferred: boolean,
        sequences: list(list(integer)),
      }),
    ),
    aborted: list(integer),
    conflicts: list(
      object<CalleeConflict>({
        winner: text,
        loser: text,
        aborted: integer,
        owner: hex,
        space: oneOf(['slot', 'balance', 'code', 'container', 'cumulative']),
        key: text,
        winnerKind: text,
        loserKind: text,
        example: object<CalleeConflict['example']>({ winner: hex, loser: hex }),
      }),
    ),
    jobs: list(object<BlockSchedule['jobs'][number]>({ transaction: integer, gas: list(integer) })),
    sampled: list(text),
    analysisMs: number,
  }),
  events: (value, path) =>
    eventHead(value, path) ?? object(EVENTS[(value as ChainEvent).type])(value, path),
}

const tokens = object<TokenAmounts>({ base: bigint, quote: bigint })

export const SNAPSHOT = object<ChainSnapshot>({
  blockNumber: integer,
  markets: list(
    object<ChainSnapshot['markets'][number]>({
      midPrice: bigint,
      sqrtPriceX96: bigint,
      poolBase: bigint,
      poolQuote: bigint,
      dustBase: bigint,
      dustQuote: bigint,
      queued: bigint,
      totals: bigint,
      held: optional(tokens),
      risk: optional(
        object<MarketRiskSnapshot>({
          ...{ protocolFees: bigint, insuranceFees: bigint, protocolShareBps: integer },
          ...{ fundingCollected: bigint, longs: bigint, shorts: bigint },
        }),
      ),
    }),
  ),
  positions: list(
    list(
      object<PositionSnapshot>({
        base: bigint,
        quote: bigint,
        realizedPnl: bigint,
        claimable: optional(tokens),
      }),
    ),
  ),
  balances: list(bigint),
  fund: bigint,
  vaultTokens: bigint,
  insurance: optional(
    object<InsuranceSnapshot>({ fund: bigint, uncovered: bigint, badDebt: bigint, paidIn: bigint }),
  ),
})

const addresses = {
  mode: oneOf(['netting', 'direct']),
  chainId: integer,
  house: hex,
  registry: hex,
  engine: optional(hex),
  netting: optional(hex),
  deployedAtBlock: integer,
}

const pair = { pool: hex, baseToken: hex, quoteToken: hex }

const PERP_DEPLOYMENT = object<PerpDeployment>({
  ...addresses,
  product: optional(oneOf(['perp'])),
  vault: hex,
  collateralToken: hex,
  collateralDecimals: integer,
  router: hex,
  risk: optional(hex),
  admission: optional(hex),
  lens: optional(hex),
  markets: list(object<MarketAddresses>({ ...pair, tracker: hex, feed: optional(hex) })),
})

const SPOT_DEPLOYMENT = object<SpotDeployment>({
  ...addresses,
  product: oneOf(['spot']),
  router: optional(hex),
  markets: list(object<PairAddresses>(pair)),
})

export const DEPLOYMENT: Shape = (value, path) =>
  ((value as SpotDeployment | null)?.product === 'spot' ? SPOT_DEPLOYMENT : PERP_DEPLOYMENT)(
    value,
    path,
  )

const MARKET_COURSE = object<MarketCourse>({
  observed: list(
    object<MarketObservation>({
      block: integer,
      batch: integer,
      prices: list(object<MarketObservation['prices'][number]>({ index: bigint, mark: bigint })),
      below: list(integer),
    }),
  ),
  transactions: list(receipt),
})

export const HEAD = object<Head>({
  recordVersion: oneOf([RECORD_VERSION]),
  mode: oneOf(MODES),
  traders: list(hex),
  deployment: DEPLOYMENT,
  before: SNAPSHOT,
  after: SNAPSHOT,
  gasModel: optional(GAS_MODEL),
  market: optional(MARKET_COURSE),
  sending: optional(
    object<Sending>({
      executor: oneOf(EXECUTORS),
      perSecond: optional(number),
      phases: optional(object<Phases>(PHASES)),
      ramp: optional(RAMP),
    }),
  ),
  counts: object<Head['counts']>({
    signed: integer,
    submitted: integer,
    receipts: integer,
    settlements: integer,
    blocks: integer,
    events: integer,
    healed: optional(integer),
    schedules: optional(integer),
  }),
})
