import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { DEFAULT_RISK, type MarketRiskTerms } from './marketRisk.js'
import { boundsOf, RISK_LIMITS, riskFault } from './riskBounds.js'

const source = readFileSync(
  new URL('../../../contracts/risk/RiskBounds.sol', import.meta.url),
  'utf8',
).replace(/\/\/.*$/gm, '')
const feed = { price: 2_000n * 10n ** 18n, decimals: 8 }
/** What a market with a feed needs besides the defaults. */
const FED = { feed, priceBandBps: 500, maxDeviationBps: 2_000, feedMaxAge: 172_800 }
const fault = (terms: MarketRiskTerms, maxPriceMoveBps = 500) =>
  riskFault(terms, { maxPriceMoveBps })

describe('RiskBounds.sol', () => {
  test('its constants are ours', () => {
    const seconds = { '1 days': 86_400, '2 days': 172_800 }
    const found = [...source.matchAll(/ constant (\w+) = ([^;]+);/g)].map(([, name, value]) => [
      name,
      seconds[value as keyof typeof seconds] ?? Number(value?.replaceAll('_', '')),
    ])
    expect(found.length).toBeGreaterThanOrEqual(4)
    for (const [name, value] of found)
      expect(RISK_LIMITS, String(name)).toHaveProperty(String(name), value)
  })

  test('it looks at the same parameters in the same order', () => {
    const body = /function check\([^{]*\{([\s\S]*?)\n {4}\}/.exec(source)?.[1] ?? ''
    const [before = '', ...branches] = body.split(/if \(risk\.feed == address\(0\)\)|return;\n/)
    const names = (part: string) => [...part.matchAll(/within\("(\w+)"/g)].map(([, name]) => name)
    const [without = '', withFeed = ''] = branches
    const ours = (hasFeed: boolean) =>
      boundsOf(DEFAULT_RISK, { hasFeed, maxPriceMoveBps: 500 })
        .map(({ name }) => name)
        // Their fields are as wide as their bounds.
        .filter((name) => !['minOrderSize', 'maxOpenInterest', 'maxSkew'].includes(name))
    expect(names(before).length).toBe(9)
    expect(ours(false)).toEqual([...names(before), ...names(without)])
    expect(ours(true)).toEqual([...names(before), ...names(withFeed)])
  })
})

test('default: the defaults stand, with a feed those that it needs', () => {
  expect(fault({})).toBe(undefined)
  expect(fault(FED)).toBe(undefined)
})

test.each<[MarketRiskTerms, MarketRiskTerms, string]>([
  [
    { initialMarginBps: 10_000 },
    { initialMarginBps: 10_001 },
    'initialMarginBps must be from 2 to 10000; it is 10001',
  ],
  [
    { initialMarginBps: 501 },
    { initialMarginBps: 500 },
    'maintenanceMarginBps must be from 1 to 499 (below initialMarginBps, 500); it is 500 by default',
  ],
  [
    { maintenanceMarginBps: 1, liquidationFeeBps: 1 },
    { maintenanceMarginBps: 0, liquidationFeeBps: 0 },
    'maintenanceMarginBps must be from 1 to 999 (below initialMarginBps, 1000); it is 0',
  ],
  [
    { pooledFeePpm: 10_000 },
    { pooledFeePpm: 10_001 },
    'pooledFeePpm must be from 0 to 10000; it is 10001',
  ],
  [
    { nettedFeePpm: 300, pooledFeePpm: 300 },
    { nettedFeePpm: 301, pooledFeePpm: 300 },
    'nettedFeePpm must be from 0 to 300 (at most pooledFeePpm); it is 301',
  ],
  [
    { protocolShareBps: 10_000, keeperShareBps: 10_000 },
    { protocolShareBps: 10_001 },
    'protocolShareBps must be from 0 to 10000; it is 10001',
  ],
  [
    { keeperShareBps: 0 },
    { keeperShareBps: 10_001 },
    'keeperShareBps must be from 0 to 10000; it is 10001',
  ],
  [
    { liquidationFeeBps: 500 },
    { liquidationFeeBps: 501 },
    'liquidationFeeBps must be from 0 to 500 (at most maintenanceMarginBps); it is 501',
  ],
  [
    { maxFundingBpsPerDay: 10_000 },
    { maxFundingBpsPerDay: 10_001 },
    'maxFundingBpsPerDay must be from 0 to 10000; it is 10001',
  ],
  [
    { twapSeconds: 86_400 },
    { twapSeconds: 86_401 },
    'twapSeconds must be from 0 to 86400; it is 86401',
  ],
  [
    { priceBandBps: 2_000 },
    { priceBandBps: 2_001 },
    'priceBandBps must be from 0 to 2000; it is 2001',
  ],
  [
    { ...FED, priceBandBps: 1 },
    { ...FED, priceBandBps: 0 },
    'priceBandBps must be from 1 to 500 (at most 2000, and maxPriceMoveBps, 500); it is 0',
  ],
  [
    { ...FED, priceBandBps: 500 },
    { ...FED, priceBandBps: 501 },
    'priceBandBps must be from 1 to 500 (at most 2000, and maxPriceMoveBps, 500); it is 501',
  ],
  [
    { ...FED, maxDeviationBps: 501 },
    { ...FED, maxDeviationBps: 500 },
    'maxDeviationBps must be from 501 to 5000 (above priceBandBps, 500); it is 500',
  ],
  [
    { ...FED, maxDeviationBps: 5_000 },
    { ...FED, maxDeviationBps: 5_001 },
    'maxDeviationBps must be from 501 to 5000 (above priceBandBps, 500); it is 5001',
  ],
  [
    { ...FED, feedMaxAge: 1 },
    { ...FED, feedMaxAge: 0 },
    'feedMaxAge must be from 1 to 172800; it is 0',
  ],
  [
    { ...FED, feedMaxAge: 172_800 },
    { ...FED, feedMaxAge: 172_801 },
    'feedMaxAge must be from 1 to 172800; it is 172801',
  ],
  [
    { minOrderSize: 2n ** 96n - 1n },
    { minOrderSize: 2n ** 96n },
    `minOrderSize must be from 0 to ${2n ** 96n - 1n} (WAD); it is ${2n ** 96n}`,
  ],
  [
    { maxOpenInterest: 2n ** 128n - 1n },
    { maxOpenInterest: 2n ** 128n },
    `maxOpenInterest must be from 0 to ${2n ** 128n - 1n} (WAD); it is ${2n ** 128n}`,
  ],
  [
    { maxSkew: 2n ** 128n - 1n },
    { maxSkew: 2n ** 128n },
    `maxSkew must be from 0 to ${2n ** 128n - 1n} (WAD); it is ${2n ** 128n}`,
  ],
])('a bound: %o stands, %o does not', (good, bad, says) => {
  expect(fault(good)).toBe(undefined)
  expect(fault(bad)).toBe(says)
})

test('behavior: where a batch may move the pool further, the band ends at 2,000', () => {
  const wide = { ...FED, priceBandBps: 2_000, maxDeviationBps: 2_001 }
  expect(fault(wide, 5_000)).toBe(undefined)
  expect(fault({ ...wide, priceBandBps: 2_001 }, 5_000)).toBe(
    'priceBandBps must be from 1 to 2000 (at most 2000, and maxPriceMoveBps, 5000); it is 2001',
  )
})

test('behavior: a market without a feed needs nothing of one', () => {
  expect(fault({ priceBandBps: 600, maxDeviationBps: 1, feedMaxAge: 999_999 }, 100)).toBe(undefined)
})
