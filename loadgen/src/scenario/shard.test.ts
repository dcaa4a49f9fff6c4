import { describe, expect, test } from 'vitest'
import { deriveAccounts } from '../accounts/derive.js'
import { UsageError } from '../core/errors.js'
import { countTraders, shareOf, toWholeTrader } from '../core/shard.js'
import type { Intent } from '../core/types.js'
import { createPlan, type openMix } from './plan.js'
import { parseShard, shardPlan, shareOfRate } from './shard.js'
import type { PlanSource } from './source.js'

const WAD = 10n ** 18n

function mix(options: Partial<openMix.Options>): PlanSource {
  const { intents, ...head } = createPlan({
    scenario: 'mix',
    seed: '1',
    traders: 20,
    orders: 300,
    markets: 2,
    perBatch: 10,
    mix: { open: 60, close: 25, deposit: 10, withdraw: 5 },
    longShare: 0.5,
    sizes: { min: WAD / 100n, max: WAD },
    prices: [2_000n * WAD, 2_000n * WAD],
    collateral: 20_000n * 10n ** 6n,
    ...options,
  })
  return { head, intents: () => intents }
}

const shardsOf = (plan: PlanSource, count: number) =>
  Array.from({ length: count }, (_, index) => shardPlan(plan, { index, count }))

describe('property: the shards of a plan are the plan', () => {
  for (const traders of [1, 2, 7, 20, 33])
    for (const count of [1, 2, 3, 7, 20].filter((n) => n <= traders))
      test(`${traders} traders, ${count} shards`, () => {
        const plan = mix({
          ...{ traders, seed: `${traders}/${count}`, perBatch: Math.min(traders, 10) },
          mix: { open: 1, close: 0, deposit: 1, withdraw: 0 },
        })
        const shards = shardsOf(plan, count)
        const union = shards.flatMap(({ head, intents }) =>
          [...intents()].map((intent) => {
            expect(intent.trader).toBeLessThan(head.traders)
            return { ...intent, trader: toWholeTrader(intent.trader, head.shard) }
          }),
        )
        expect(union.sort((a, b) => a.index - b.index)).toEqual([...plan.intents()])
        expect(shards.reduce((sum, { head }) => sum + head.traders, 0)).toBe(traders)
      })
})

test('each shard keeps the order of the plan, its batches and all else of its head', () => {
  const plan = mix({})
  for (const { head, intents } of shardsOf(plan, 3)) {
    const indices = [...intents()].map(({ index }) => index)
    expect(indices.length).toBeGreaterThan(0)
    expect(indices).toEqual(indices.toSorted((a, b) => a - b))
    expect(head).toEqual({ ...plan.head, traders: head.traders, shard: head.shard })
  }
})

test('the accounts of the shards are those of the whole, each once', () => {
  const whole = deriveAccounts({ seed: 'mix:1', count: 10 }).map(({ address }) => address)
  const shards = [0, 1, 2, 3].map((index) => ({ index, count: 4 }))
  for (const shard of shards) {
    const own = shareOf(whole, shard)
    const { index: offset, count: stride } = shard
    const derived = deriveAccounts({
      seed: 'mix:1',
      count: countTraders(10, shard),
      offset,
      stride,
    })
    expect(derived.map(({ address }) => address)).toEqual(own)
    for (const [trader, address] of own.entries())
      expect(address).toBe(whole[toWholeTrader(trader, shard)])
  }
  expect(shards.flatMap((shard) => shareOf(whole, shard)).toSorted()).toEqual(whole.toSorted())
})

test('rates add up to that of the whole', () => {
  const rates = [0, 1, 2, 3].map((index) => shareOfRate(1_000, { index, count: 4 }))
  expect(rates).toEqual([250, 250, 250, 250])
})

describe('a plan that cannot be shared', () => {
  test('fewer traders than shards', () => {
    expect(() => shardPlan(mix({ traders: 3, perBatch: 3 }), { index: 0, count: 4 })).toThrow(
      new UsageError('3 traders cannot be shared by 4 generators: each needs one at least.'),
    )
  })
  test('an attacker who brackets the orders of others', () => {
    const plan = mix({})
    const attacked = { ...plan, head: { ...plan.head, attackers: [0], ordered: true } }
    expect(() => shardPlan(attacked, { index: 0, count: 2 })).toThrow(
      'The scenario "mix" cannot be shared by generators: its orders must reach the node in the plan\'s order.',
    )
  })
})

describe('i/n', () => {
  test.each([
    ['0/1', { index: 0, count: 1 }],
    ['3/4', { index: 3, count: 4 }],
    ['99/100', { index: 99, count: 100 }],
  ])('%s', (text, shard) => {
    expect(parseShard(text)).toEqual(shard)
  })
  test.each(['4/4', '1/0', '0/0', '-1/4', '1', '1/', '/4', '1/4/2', 'a/4', '1.5/4', '1/10001', ''])(
    '%s is none',
    (text) => {
      expect(() => parseShard(text)).toThrow(
        `"${text}" is no shard: it is i/n, i from 0 to n − 1 and n at most 10000, like 0/4, 1/4, 2/4 and 3/4 for four generators.`,
      )
    },
  )
})

test('the intents can be read again', () => {
  const { intents } = shardPlan(mix({}), { index: 1, count: 3 })
  const [first, second]: Intent[][] = [[...intents()], [...intents()]]
  expect(second).toEqual(first)
})
