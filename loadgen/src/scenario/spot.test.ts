import { expect, test } from 'vitest'
import { toPlan } from './source.js'
import { openSpot } from './spot.js'

const WAD = 10n ** 18n
const options: openSpot.Options = {
  ...{ scenario: 'spot', seed: 'seed', traders: 30, orders: 200, markets: 3, perBatch: 12 },
  ...{ longShare: 0.6, sizes: { min: WAD / 100n, max: 2n * WAD } },
  ...{ price: 2_000n * WAD, toleranceBps: 1_000 },
}
const planOf = (changes: Partial<openSpot.Options> = {}) =>
  toPlan(openSpot({ ...options, ...changes }))
const countOf = <T>(items: readonly T[], isCounted: (item: T) => boolean) =>
  items.filter(isCounted).length

test('default: swaps in batches, a trader once in each', () => {
  const { intents, ...head } = planOf()
  expect(head).toEqual({
    ...{ scenario: 'spot', seed: 'seed', product: 'spot', traders: 30, markets: 3 },
    ...{ batches: 17, collateral: 0n },
  })
  expect(intents.map(({ index }) => index)).toEqual(intents.map((_, i) => i))
  for (let batch = 0; batch < 17; batch++) {
    const traders = intents.filter((intent) => intent.batch === batch).map(({ trader }) => trader)
    expect(traders).toHaveLength(batch === 16 ? 8 : 12)
    expect(new Set(traders).size).toBe(traders.length)
    expect(traders.every((trader) => trader < 30)).toBe(true)
  }
  expect(new Set(intents.map(({ action }) => action))).toEqual(new Set(['swap']))
  for (const { size } of intents) {
    expect(size).toBeGreaterThanOrEqual(WAD / 100n)
    expect(size).toBeLessThanOrEqual(2n * WAD)
  }
})

test('default: markets evenly, sides by their share, in all of the plan and in every part', () => {
  const { intents } = planOf()
  expect([0, 1, 2].map((id) => countOf(intents, ({ market }) => market === id))).toEqual([
    67, 67, 66,
  ])
  expect(countOf(intents, ({ isLong }) => isLong)).toBe(120)
  expect(countOf(intents.slice(0, 120), ({ isLong }) => isLong)).toBe(72)
  const oneSided = planOf({ longShare: 0 }).intents
  expect(countOf(oneSided, ({ isLong }) => isLong)).toBe(0)
})

test('default: every limit is so far from the initial price', () => {
  for (const { isLong, limitPrice } of planOf().intents)
    expect(limitPrice).toBe(isLong ? 2_200n * WAD : 1_800n * WAD)
})

test('default: the same seed gives the same plan, another seed another one', () => {
  expect(planOf()).toEqual(planOf())
  expect(planOf({ seed: 'other' }).intents).not.toEqual(planOf().intents)
})

test.each([
  [
    { perBatch: 31 },
    'perBatch (at most one swap a trader and batch) must be an integer from 1 to 30; it is 31.',
  ],
  [{ markets: 33 }, 'markets must be an integer from 1 to 32; it is 33.'],
  [{ longShare: 1.1 }, 'longShare must be a number from 0 to 1; it is 1.1.'],
  [{ toleranceBps: 0 }, 'toleranceBps must be an integer from 1 to 5000; it is 0.'],
  [
    { sizes: { min: 2n, max: 1n } },
    'sizes.min (WAD, at most sizes.max) must be an integer from 1 to 1; it is 2.',
  ],
])('error: %o', (changes, message) => {
  expect(() => openSpot({ ...options, ...changes })).toThrow(
    expect.objectContaining({ name: 'UsageError', message }),
  )
})
