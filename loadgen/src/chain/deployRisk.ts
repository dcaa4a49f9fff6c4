import { UsageError } from '../core/errors.js'
import {
  DEFAULT_RISK,
  type FeedTerms,
  type MarketRiskTerms,
  toFeedAnswer,
} from '../core/marketRisk.js'
import type { Hex } from '../core/types.js'
import { call, create, type Step } from './deployer.js'

const NO_FEED: Hex = `0x${'0'.repeat(40)}`
const MAX_DECIMALS = 36

/** Creates the price feed of a market. @throws UsageError for a price that the feed cannot say. */
export function createFeed({ price, decimals }: FeedTerms, owner: Hex): Step {
  if (!Number.isInteger(decimals) || decimals < 0 || decimals > MAX_DECIMALS)
    throw new UsageError(`A price feed has 0 to ${MAX_DECIMALS} decimals, not ${decimals}.`)
  const answer = toFeedAnswer(price, decimals)
  if (answer < 1n || answer >= 2n ** 255n)
    throw new UsageError(`A feed of ${decimals} decimals cannot say the price ${price} (WAD).`)
  return create('TestPriceFeed', [owner, decimals, answer])
}

/** Sets the parameters of a market that was just listed. Whatever is not given is as it would be without. */
export function initializeRisk(options: initializeRisk.Options): Step {
  const { risk, market, terms, feed = NO_FEED } = options
  const { feed: _, ...given } = terms
  return call('RiskRegistry', risk, 'initialize', [market, { ...DEFAULT_RISK, ...given, feed }])
}

export declare namespace initializeRisk {
  type Options = {
    /** The RiskRegistry. */
    risk: Hex
    market: number
    terms: MarketRiskTerms
    /** The market's price feed, where it has one. */
    feed?: Hex | undefined
  }
}
