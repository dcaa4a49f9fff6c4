import { describe, expect, test } from 'vitest'
import { amount, defaults, WAD } from '../../test/fixtures/mixOptions.js'
import { createPlan } from './plan.js'

describe('args: zipf', () => {
  const wide = { ...defaults, traders: 40, orders: 20_000, perBatch: 200, markets: 5 }
  const zipf = { markets: 1, traders: 0.8 }
  const options = {
    ...wide,
    zipf,
    prices: new Array<bigint>(5).fill(WAD),
    mix: { open: 1, close: 0, deposit: 0, withdraw: 0 },
  }
  const { intents } = createPlan(options)

  test.each(['markets', 'traders'] as const)('%s: frequencies follow the law', (of) => {
    const count = options[of]
    const weights = Array.from({ length: count }, (_, rank) => (rank + 1) ** -zipf[of])
    const whole = weights.reduce((sum, weight) => sum + weight)
    for (const [rank, weight] of weights.entries()) {
      const share = weight / whole
      const seen = intents.filter((i) => (of === 'markets' ? i.market : i.trader) === rank).length
      // Four standard deviations of a binomial share.
      const bound = 4 * Math.sqrt((share * (1 - share)) / intents.length)
      expect(Math.abs(seen / intents.length - share), `${of} ${rank}`).toBeLessThan(bound)
    }
  })
  test('a batch may hold more orders than there are traders', () => {
    expect(intents.filter(({ batch }) => batch === 0)).toHaveLength(200)
  })
  test('what is planned can be done: a trader closes nothing beside another order', () => {
    const mixed = createPlan({ ...options, mix: { open: 6, close: 1, deposit: 0, withdraw: 0 } })
    const closers = new Map(
      mixed.intents
        .filter(({ action }) => action === 'close')
        .map(({ batch, trader, index }) => [`${batch}/${trader}`, index]),
    )
    expect(closers.size).toBe(amount(mixed, 'close'))
    for (const { action, batch, trader } of mixed.intents)
      if (action === 'open') expect(closers.has(`${batch}/${trader}`)).toBe(false)
  })
})

describe('args: whale', () => {
  const whale = { everyBatches: 3, sizes: { min: 50n * WAD, max: 90n * WAD } }
  const { intents } = createPlan({ ...defaults, whale, collateral: 10_000_000n * 10n ** 6n })
  test('one huge open of trader 0 in every third batch, and no other order of it', () => {
    const own = intents.filter(
      ({ trader, action }) => trader === 0 && (action === 'open' || action === 'close'),
    )
    expect(own.map(({ batch }) => batch)).toEqual([0, 3, 6, 9, 12])
    for (const { action, size } of own) {
      expect(action).toBe('open')
      expect(size >= whale.sizes.min && size <= whale.sizes.max).toBe(true)
    }
    expect(intents.some((i) => i.action === 'open' && i.trader !== 0 && i.size > 5n * WAD)).toBe(
      false,
    )
  })
  test('counts among the orders', () => {
    const orders = intents.filter(({ action }) => action === 'open' || action === 'close')
    expect(orders).toHaveLength(1_000)
  })
})

describe('args: bursts, phases', () => {
  test('phases have their own terms, in order', () => {
    const plan = createPlan({
      ...defaults,
      mix: { open: 1, close: 0, deposit: 0, withdraw: 0 },
      longShare: 1,
      phases: [
        { share: 0.8 },
        { share: 0.1, batches: 1, longShare: 0 },
        { share: 0.1, batches: 2, mix: { open: 0, close: 1, deposit: 0, withdraw: 0 } },
      ],
    })
    const kinds = (batch: number) =>
      plan.intents
        .filter((i) => i.batch === batch)
        .map(({ action, isLong }) => (action === 'open' ? (isLong ? 'long' : 'short') : action))
    expect(plan.batches).toBe(13)
    expect(new Set(kinds(9))).toEqual(new Set(['long']))
    expect(kinds(10)).toEqual(new Array(100).fill('short'))
    expect(kinds(11)).toEqual(new Array(50).fill('close'))
    expect(kinds(12)).toEqual(new Array(50).fill('close'))
  })
  test.each([
    [[{ share: 0.5 }], 'The shares of phases must add up to 1; they add up to 0.5.'],
    [
      [{ share: 1, mix: { open: 0, close: 0, deposit: 1, withdraw: 0 } }],
      'phases[0].mix.open and phases[0].mix.close must not both be 0.',
    ],
    [
      [{ share: 1, mix: { open: 1, close: 2, deposit: 0, withdraw: 0 } }],
      'phases[0].mix.open must be above 0 and at least mix.close, for only what was opened can be closed; they are 1 and 2.',
    ],
    [
      [{ share: 1, batches: 1 }],
      'Orders of a batch of phases[0] must be an integer from 1 to 100; it is 1000.',
    ],
  ])('error: %j', (phases, message) => {
    expect(() => createPlan({ ...defaults, phases })).toThrow(
      expect.objectContaining({ name: 'UsageError', message }),
    )
  })
})
