import { UsageError } from '../core/errors.js'
import {
  DEFAULT_RISK,
  type FeedTerms,
  feedFault,
  type MarketRiskTerms,
  toFeedAnswer,
} from '../core/marketRisk.js'
import type { Hex } from '../core/types.js'
import { call, create, type Step } from './deployer.js'

const NO_FEED: Hex = `0x${'0'.repeat(40)}`

/** Creates the price feed of a market. @throws UsageError for a price that the feed cannot say. */
export function createFeed(feed: FeedTerms, owner: Hex): Step {
  const fault = feedFault(feed)
  if (fault !== undefined) throw new UsageError(`${fault}.`)
  const { price, decimals } = feed
  return create('TestPriceFeed', [owner, decimals, toFeedAnswer(price, decimals)])
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
