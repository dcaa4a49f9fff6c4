import { describe, expect, test } from 'vitest'
import type { Intent } from '../core/types.js'
import { openSandwich } from './sandwich.js'
import { toPlan } from './source.js'

const WAD = 10n ** 18n
const defaults: openSandwich.Options = {
  scenario: 'sandwich',
  seed: 's',
  traders: 60,
  orders: 245,
  perBatch: 12,
  side: 'alternate',
  toleranceBps: 300,
  sizes: { min: 2n * WAD, max: 10n * WAD },
  price: 2_000n * WAD,
  depth: 20_000_000n * WAD,
  poolFee: 500,
  maxPriceMoveBps: 500,
  collateral: 1_000_000n * 10n ** 6n,
}
const plan = toPlan(openSandwich(defaults))

function batchesOf(intents: readonly Intent[]): Intent[][] {
  const batches: Intent[][] = []
  for (const intent of intents) {
    const batch = batches[intent.batch] ?? []
    batches[intent.batch] = [...batch, intent]
  }
  return batches
}

test('default: shape of the plan', () => {
  const { intents, ...head } = plan
  expect(head).toEqual({
    scenario: 'sandwich',
    seed: 's',
    traders: 60,
    markets: 1,
    batches: 20,
    collateral: defaults.collateral,
    attackers: [0, 1],
    ordered: true,
  })
  expect(intents.map(({ index }) => index)).toEqual(intents.map((_, i) => i))
})

test('default: the attacker stands before and behind the victims, and ends flat', () => {
  for (const [batch, intents] of batchesOf(plan.intents).entries()) {
    const [front, ...rest] = intents as [Intent, ...Intent[]]
    const back = rest.pop() as Intent
    const isLong = batch % 2 === 0
    expect(intents).toHaveLength(12)
    expect(new Set([front.trader, back.trader])).toEqual(new Set([0, 1]))
    expect([front.isLong, back.isLong]).toEqual([isLong, !isLong])
    expect(back.size).toBe(front.size)
    expect([front.limitPrice, back.limitPrice]).toEqual([0n, 0n])
    for (const victim of rest) {
      expect(victim.trader).toBeGreaterThan(1)
      expect(victim).toMatchObject({ action: 'open', isLong })
      expect(victim.limitPrice > 0n).toBe(true)
    }
    expect(new Set(intents.map(({ trader }) => trader)).size).toBe(12)
  }
})

test('behavior: its accounts change places, so that neither grows', () => {
  let held = 0n
  let largest = 0n
  for (const { trader, isLong, size } of plan.intents) {
    if (trader !== 0) continue
    held += isLong ? size : -size
    if (size > largest) largest = size
    expect(held < 0n ? -held : held).toBeLessThanOrEqual(largest)
  }
})

test('behavior: the victims’ limit is their tolerance from the price of their batch', () => {
  const [first] = batchesOf(plan.intents)
  expect(first?.[1]?.limitPrice).toBe(2_060n * WAD)
  const down = [...openSandwich({ ...defaults, side: 'short' }).intents()]
  expect(down[1]?.limitPrice).toBe(1_940n * WAD)
  // Twenty batches of sellers later the pool stands lower, and so does the limit.
  expect(down.at(-2)?.limitPrice).toBeLessThan(1_940n * WAD)
})

test('behavior: the same seed gives the same intents, another seed others', () => {
  expect(toPlan(openSandwich({ ...defaults }))).toEqual(plan)
  expect(toPlan(openSandwich({ ...defaults, seed: 't' })).intents).not.toEqual(plan.intents)
})

test('behavior: an attack that would not pay is left out', () => {
  const intents = [...openSandwich({ ...defaults, poolFee: 10_000 }).intents()]
  expect(intents.some(({ trader }) => trader < 2)).toBe(false)
  expect(intents).toHaveLength(20 * 10)
})

describe('error:', () => {
  test.each([
    [{ traders: 2 }, 'traders must be an integer from 3 to 1000000; it is 2.'],
    [
      { perBatch: 61 },
      'perBatch (two orders are the attacker’s, and at most one a trader and batch) must be an integer from 3 to 60; it is 61.',
    ],
    [{ orders: 11 }, 'orders must be an integer from 12 to 10000000; it is 11.'],
    [
      { toleranceBps: 500 },
      "toleranceBps must be below the market's bound of a price move, for the pool would stop the attack first; they are 500 and 500.",
    ],
  ])('%o', (bad, message) => {
    expect(() => openSandwich({ ...defaults, ...bad })).toThrow(
      expect.objectContaining({ name: 'UsageError', message }),
    )
  })
})
