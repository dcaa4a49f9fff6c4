/** What bounds the risk of a market: MarketRisk.sol, but for the feed. Ratios in bps, fees in millionths of the notional. */
export type MarketRisk = {
  /** Equity that new risk needs. More than maintenance. */
  initialMarginBps: number
  /** Equity below which an account is liquidated. */
  maintenanceMarginBps: number
  /** Taker fees on what nets and on what the pool fills; the first is not more than the second. At most 10,000. */
  nettedFeePpm: number
  pooledFeePpm: number
  /** What of a taker fee goes to the protocol; the rest goes to the insurance fund. */
  protocolShareBps: number
  /** Fee on what a liquidation closes. */
  liquidationFeeBps: number
  /** What of it goes to the keeper. */
  keeperShareBps: number
  /** How far the mark price may lie from the index price. At most 2,000, and what a batch may move the pool; counts with a feed alone. */
  priceBandBps: number
  /** Distance between the pool's average price and the index beyond which the feed is not believed. More than the band. */
  maxDeviationBps: number
  /** Most that funding takes in a day. */
  maxFundingBpsPerDay: number
  /** Seconds over which the pool's price is averaged, at most a day; 0 takes the spot price. */
  twapSeconds: number
  /** Oldest answer of the feed that is believed, seconds. */
  feedMaxAge: number
  /** Least base of an order that opens, WAD. */
  minOrderSize: bigint
  /** Most base open on one side, WAD; 0n for no bound. */
  maxOpenInterest: bigint
  /** Largest difference between the sides, WAD of base; 0n for no bound. */
  maxSkew: bigint
}

/** What holds of a market whose parameters nobody has set: RiskBounds.defaults(). */
export const DEFAULT_RISK: MarketRisk = {
  initialMarginBps: 1_000,
  maintenanceMarginBps: 500,
  nettedFeePpm: 0,
  pooledFeePpm: 0,
  protocolShareBps: 0,
  liquidationFeeBps: 150,
  keeperShareBps: 5_000,
  priceBandBps: 0,
  maxDeviationBps: 0,
  maxFundingBpsPerDay: 1_000,
  twapSeconds: 900,
  feedMaxAge: 0,
  minOrderSize: 0n,
  maxOpenInterest: 0n,
  maxSkew: 0n,
}

/** A price feed of the benchmark, whose owner says the price. */
export type FeedTerms = {
  /** What it says first: quote per base, WAD. */
  price: bigint
  /** Decimals of its answers, 0 to 36. */
  decimals: number
}

/** The parameters of a market that are not the defaults, and its price feed if it has one. */
export type MarketRiskTerms = Partial<MarketRisk> & { feed?: FeedTerms | undefined }

/** A price in the units of a feed, rounded down. @param price quote per base, WAD. */
export function toFeedAnswer(price: bigint, decimals: number): bigint {
  return (price * 10n ** BigInt(decimals)) / 10n ** 18n
}

const MAX_DECIMALS = 36

/** Why no feed can say a price, in one sentence without its full stop; undefined when one can. */
export function feedFault({ price, decimals }: FeedTerms): string | undefined {
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > MAX_DECIMALS)
    return `A price feed has 0 to ${MAX_DECIMALS} decimals, not ${decimals}`
  const answer = toFeedAnswer(price, decimals)
  if (answer >= 1n && answer < 2n ** 255n) return undefined
  return `A feed of ${decimals} decimals cannot say the price ${price} (WAD)`
}
