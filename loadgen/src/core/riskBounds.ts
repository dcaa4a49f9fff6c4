import { DEFAULT_RISK, type MarketRisk, type MarketRiskTerms } from './marketRisk.js'

/** The constants of RiskBounds.sol, under their names there. */
export const RISK_LIMITS = {
  /** Millionths. */
  MAX_FEE_PPM: 10_000,
  MAX_BAND_BPS: 2_000,
  MAX_DEVIATION_BPS: 5_000,
  /** Seconds: a day. */
  MAX_TWAP: 86_400,
  /** Seconds: two days. */
  MAX_FEED_AGE: 172_800,
} as const

const BPS = 10_000

/** What a parameter may be, both included. `because` names what else the bound comes from. */
export type RiskBound = {
  name: keyof MarketRisk
  least: number
  most: number | bigint
  because?: string
}

/**
 * What is wrong with the parameters of a market, in one sentence without its full stop that begins with the parameter's name;
 * undefined when the registry takes them. The bounds, and the order in which they are looked at, are those of RiskBounds.check; the
 * amounts' are the widths of their fields in MarketRisk.sol.
 * @param terms of which the integers are integers.
 */
export function riskFault(
  terms: MarketRiskTerms,
  options: { /** How far a batch may move the pool. */ maxPriceMoveBps: number },
): string | undefined {
  const { feed, ...given } = terms
  const risk = { ...DEFAULT_RISK, ...given }
  const bounds = boundsOf(risk, { ...options, hasFeed: feed !== undefined })
  const broken = bounds.find(({ name, least, most }) => risk[name] < least || risk[name] > most)
  if (broken === undefined) return undefined
  const { name, least, most, because } = broken
  const origin = given[name] === undefined ? ' by default' : ''
  const reason = because === undefined ? '' : ` (${because})`
  return `${name} must be from ${least} to ${most}${reason}; it is ${risk[name]}${origin}`
}

export function boundsOf(
  risk: MarketRisk,
  { hasFeed, maxPriceMoveBps }: { hasFeed: boolean; maxPriceMoveBps: number },
): RiskBound[] {
  const { MAX_FEE_PPM, MAX_BAND_BPS, MAX_DEVIATION_BPS, MAX_TWAP, MAX_FEED_AGE } = RISK_LIMITS
  const { initialMarginBps, maintenanceMarginBps, pooledFeePpm, priceBandBps } = risk
  const share = { least: 0, most: BPS }
  const all: RiskBound[] = [
    { name: 'initialMarginBps', least: 2, most: BPS },
    {
      name: 'maintenanceMarginBps',
      least: 1,
      most: initialMarginBps - 1,
      because: `below initialMarginBps, ${initialMarginBps}`,
    },
    { name: 'pooledFeePpm', least: 0, most: MAX_FEE_PPM },
    { name: 'nettedFeePpm', least: 0, most: pooledFeePpm, because: 'at most pooledFeePpm' },
    { name: 'protocolShareBps', ...share },
    {
      name: 'liquidationFeeBps',
      least: 0,
      most: maintenanceMarginBps,
      because: 'at most maintenanceMarginBps',
    },
    { name: 'keeperShareBps', ...share },
    { name: 'maxFundingBpsPerDay', ...share },
    { name: 'twapSeconds', least: 0, most: MAX_TWAP },
  ]
  const ofFeed: RiskBound[] = [
    {
      name: 'priceBandBps',
      least: 1,
      most: Math.min(MAX_BAND_BPS, maxPriceMoveBps),
      because: `at most ${MAX_BAND_BPS}, and maxPriceMoveBps, ${maxPriceMoveBps}`,
    },
    {
      name: 'maxDeviationBps',
      least: priceBandBps + 1,
      most: MAX_DEVIATION_BPS,
      because: `above priceBandBps, ${priceBandBps}`,
    },
    { name: 'feedMaxAge', least: 1, most: MAX_FEED_AGE },
  ]
  const withoutFeed: RiskBound[] = [{ name: 'priceBandBps', least: 0, most: MAX_BAND_BPS }]
  return [
    ...all,
    ...(hasFeed ? ofFeed : withoutFeed),
    { name: 'minOrderSize', least: 0, most: 2n ** 96n - 1n, because: 'WAD' },
    { name: 'maxOpenInterest', least: 0, most: 2n ** 128n - 1n, because: 'WAD' },
    { name: 'maxSkew', least: 0, most: 2n ** 128n - 1n, because: 'WAD' },
  ]
}
