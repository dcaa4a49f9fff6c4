import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DEFAULT_RISK, toFeedAnswer } from './marketRisk.js'

const source = (path: string) =>
  readFileSync(new URL(`../../../contracts/${path}`, import.meta.url), 'utf8').replace(
    /\/\/.*$/gm,
    '',
  )

test('default: the parameters are those of MarketRisk.sol, but for the feed', () => {
  const body = /struct MarketRisk \{([^}]*)\}/.exec(source('types/MarketRisk.sol'))?.[1] ?? ''
  const names = [...body.matchAll(/\w+ (\w+);/g)].map(([, name]) => name)
  expect(names).toContain('feed')
  expect(Object.keys(DEFAULT_RISK)).toEqual(names.filter((name) => name !== 'feed'))
})

test('default: the values are those of RiskBounds.defaults()', () => {
  const body =
    /function defaults\(\)[^{]*\{([^}]*)\}/.exec(source('risk/RiskBounds.sol'))?.[1] ?? ''
  const set = [...body.matchAll(/risk\.(\w+) = (\d+);/g)].map(([, name, value]) => [
    name as string,
    Number(value),
  ])
  expect(set.length).toBeGreaterThan(0)
  const ours = Object.entries(DEFAULT_RISK).map(([name, value]) => [name, Number(value)])
  expect(ours.filter(([, value]) => value !== 0)).toEqual(set)
})

test('behavior: a price in the units of a feed', () => {
  // 2,000.123456789 with 8 decimals, as Chainlink's dollar feeds have: the ninth digit is cut off.
  expect(toFeedAnswer(2_000_123_456_789n * 10n ** 9n, 8)).toBe(200_012_345_678n)
  expect(toFeedAnswer(2n * 10n ** 18n, 0)).toBe(2n)
  expect(toFeedAnswer(1n, 36)).toBe(10n ** 18n)
})
