import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { amount, defaults, WAD } from '../../test/fixtures/mixOptions.js'
import { PERP_ACTIONS, type Plan } from '../core/types.js'
import { createPlan, openMix } from './plan.js'

const bytes = (plan: Plan) =>
  JSON.stringify(plan, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))

test('default: shape of the plan', () => {
  const plan = createPlan(defaults)
  expect(plan).toMatchObject({
    scenario: 'mix',
    seed: 'seed',
    traders: 100,
    markets: 3,
    batches: 13,
  })
  expect(plan.intents.map(({ index }) => index)).toEqual(plan.intents.map((_, i) => i))
  expect(PERP_ACTIONS.map((action) => amount(plan, action))).toEqual([647, 353, 118, 59])
  const batches = plan.intents.map(({ batch }) => batch)
  expect(batches).toEqual([...batches].sort((a, b) => a - b))
  for (let batch = 0; batch < 12; batch++)
    expect(
      plan.intents.filter((i) => i.batch === batch && ['open', 'close'].includes(i.action)),
    ).toHaveLength(80)
})

test('args: the course of the prices stands in the plan; without one it has none', () => {
  const path = [
    { fromBatch: 2, batches: 3, to: 0.5 },
    { fromBatch: 5, batches: 1, to: 1 },
  ]
  const priceCourse = { blockSeconds: 2, path, arbitrage: true }
  const { intents, ...head } = createPlan({ ...defaults, priceCourse })
  const { intents: plain, ...without } = createPlan(defaults)
  expect(head).toEqual({ ...without, priceCourse })
  expect(intents).toEqual(plain)
  expect(without).not.toHaveProperty('priceCourse')
})

test.each([
  [
    [
      { fromBatch: 2, batches: 3, to: 0.5 },
      { fromBatch: 4, batches: 1, to: 1 },
    ],
    'path[1].fromBatch must be an integer from 5 to 1000000; it is 4.',
  ],
  [
    [{ fromBatch: 0, batches: 0, to: 1 }],
    'path[0].batches must be an integer from 1 to 1000000; it is 0.',
  ],
  [[{ fromBatch: 0, batches: 1, to: 0 }], 'path[0].to must be a number from 0.01 to 100; it is 0.'],
])('error: a course that cannot be, %j', (path, says) => {
  const priceCourse = { blockSeconds: 2, path, arbitrage: true }
  expect(() => openMix({ ...defaults, priceCourse })).toThrow(`prices.${says}`)
})

test('error: a leverage out of its range', () => {
  for (const leverage of [0, 21])
    expect(() => openMix({ ...defaults, leverage })).toThrow('leverage must be a number from 0.1')
})

test('behavior: the same seed gives the same bytes, another seed others', () => {
  expect(bytes(createPlan(defaults))).toBe(bytes(createPlan({ ...defaults })))
  expect(bytes(createPlan({ ...defaults, seed: 'other' }))).not.toBe(bytes(createPlan(defaults)))
})

test('behavior: sides, markets and sizes are spread as asked', () => {
  const opens = createPlan(defaults).intents.filter(({ action }) => action === 'open')
  expect(opens.filter(({ isLong }) => isLong)).toHaveLength(Math.round(opens.length * 0.6))
  for (const market of [0, 1, 2]) {
    const share = opens.filter((intent) => intent.market === market).length
    expect(Math.abs(share - opens.length / 3)).toBeLessThan(1)
  }
  const sizes = opens.map(({ size }) => Number(size) / 1e18)
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(0.01)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(5)
  // Log-uniform: as many below the geometric mean of the bounds as above it.
  const below = sizes.filter((size) => size < Math.sqrt(0.01 * 5)).length / sizes.length
  expect(below).toBeGreaterThan(0.45)
  expect(below).toBeLessThan(0.55)
})

test('args: equal bounds of the size', () => {
  const size = 123_456_789n
  const plan = createPlan({ ...defaults, sizes: { min: size, max: size } })
  expect(new Set(plan.intents.filter((i) => i.action === 'open').map((i) => i.size))).toEqual(
    new Set([size]),
  )
})

/** Plays the plan by the rules of the slowest mode: an order settles a batch later than it is queued. */
function play(plan: Plan, { prices, decimals }: { prices: readonly bigint[]; decimals: number }) {
  const unit = 10n ** BigInt(18 - decimals)
  const base = new Map<string, bigint>()
  const at = (trader: number, market: number) => base.get(`${trader}/${market}`) ?? 0n
  const cash = Array.from({ length: plan.traders }, () => plan.collateral * unit)
  const notional = (trader: number) =>
    prices.reduce((sum, price, market) => {
      const held = at(trader, market)
      return sum + ((held < 0n ? -held : held) * price) / WAD
    }, 0n)
  let queued: Plan['intents'] = []
  for (let batch = 0; batch <= plan.batches; batch++) {
    const intents = plan.intents.filter((intent) => intent.batch === batch)
    const traders = intents.filter((i) => i.action === 'open' || i.action === 'close')
    expect(new Set(traders.map(({ trader }) => trader)).size, 'one order a trader').toBe(
      traders.length,
    )
    for (const { action, trader, market, isLong, size } of intents) {
      if (action === 'deposit') cash[trader] = (cash[trader] as bigint) + size * unit
      if (action === 'withdraw') cash[trader] = (cash[trader] as bigint) - size * unit
      if (action !== 'close') continue
      const held = at(trader, market)
      expect(held !== 0n && held > 0n === isLong, 'closes what is open').toBe(true)
      expect(size <= (held < 0n ? -held : held), 'closes no more than is open').toBe(true)
    }
    for (const { action, trader, market, isLong, size } of queued) {
      const delta = (action === 'open') === isLong ? size : -size
      base.set(`${trader}/${market}`, at(trader, market) + delta)
    }
    for (let trader = 0; trader < plan.traders; trader++)
      expect(notional(trader) <= 2n * (cash[trader] as bigint), `leverage of ${trader}`).toBe(true)
    queued = intents.filter((i) => i.action === 'open' || i.action === 'close')
  }
}

describe('behavior: what is planned can be done', () => {
  test('with room to spare', () => {
    play(createPlan(defaults), { prices: defaults.prices, decimals: 6 })
  })
  test('with hardly any', () => {
    const tight = {
      ...defaults,
      traders: 7,
      perBatch: 7,
      orders: 300,
      mix: { open: 50, close: 50, deposit: 5, withdraw: 20 },
      collateral: 700_000n * 10n ** 18n,
      collateralDecimals: 18,
    } satisfies openMix.Options
    play(createPlan(tight), { prices: tight.prices, decimals: 18 })
  })
})

test.each([
  [{ traders: 0 }, 'traders must be an integer from 1 to 1000000; it is 0.'],
  [{ orders: 1.5 }, 'orders must be an integer from 1 to 10000000; it is 1.5.'],
  [{ markets: 0 }, 'markets must be an integer from 1 to 1000; it is 0.'],
  [
    { perBatch: 101 },
    'perBatch (at most one order a trader and batch) must be an integer from 1 to 100; it is 101.',
  ],
  [
    { mix: { ...defaults.mix, deposit: -1 } },
    'mix.deposit must be a number from 0 to 1000000; it is -1.',
  ],
  [
    { mix: { ...defaults.mix, close: 56 } },
    'mix.open must be above 0 and at least mix.close, for only what was opened can be closed; they are 55 and 56.',
  ],
  [{ longShare: Number.NaN }, 'longShare must be a number from 0 to 1; it is NaN.'],
  [
    { sizes: { min: 2n, max: 1n } },
    'sizes.min (WAD, at most sizes.max) must be an integer from 1 to 1; it is 2.',
  ],
  [{ prices: [WAD] }, 'prices must name 3 markets; it names 1.'],
  [
    { prices: [WAD, 0n, WAD] },
    `prices[1] (WAD) must be an integer from 1 to ${2n ** 127n}; it is 0.`,
  ],
  [
    { orders: 100, perBatch: 50 },
    'mix.close asks for 35 closes, but only 0 find a position opened 2 batches before; take more batches (orders ÷ perBatch, now 2) or a smaller share of closes.',
  ],
  [
    { collateral: 1n, sizes: { min: WAD, max: WAD } },
    /^No trader's collateral carries one more open of 1000000000000000000 \(WAD\) in market \d; raise collateral or traders, or lower sizes or orders\.$/,
  ],
  [
    { traders: 1, perBatch: 1, mix: { open: 1, close: 0, deposit: 0, withdraw: 100 }, orders: 10 },
    /^No trader can spare a withdrawal of \d+ token units; raise collateral, or lower sizes, orders or mix\.withdraw\.$/,
  ],
])('error: %o', (bad, message) => {
  expect(() => createPlan({ ...defaults, ...bad })).toThrow(
    expect.objectContaining({
      name: 'UsageError',
      exitCode: 2,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    }),
  )
})

describe('behavior: what a seed gives never changes', () => {
  // The workload of `loadgen run` without options, and three others. Whoever changes one of these changes every stored run.
  const cli = {
    scenario: 'mix',
    seed: '1',
    mix: { open: 60, close: 30, deposit: 6, withdraw: 4 },
    longShare: 0.5,
    sizes: { min: WAD / 100n, max: 2n * WAD },
    collateral: 20_000n * 10n ** 6n,
  }
  const prices = (markets: number) => new Array<bigint>(markets).fill(2_000n * WAD)
  test.each([
    {
      options: { traders: 1_000, orders: 5_000, perBatch: 500, markets: 1 },
      hash: '4268be77ccbb2467bb130baba7e9e795e674626c3d4950b776c447c2a1a31017',
    },
    {
      options: { traders: 20, orders: 60, perBatch: 10, markets: 1 },
      hash: 'c7c46617f490e15196a77ee70c78f70952e733038afec192529c160be0b444ea',
    },
    {
      options: { traders: 50, orders: 900, perBatch: 25, markets: 3, seed: 'x', longShare: 0.8 },
      hash: '23b0103bff8cd54761f194c7d48214a56918777f4c9ed84a3546457368f56a6c',
    },
    {
      options: {
        traders: 7,
        orders: 300,
        perBatch: 7,
        markets: 3,
        mix: { open: 50, close: 50, deposit: 5, withdraw: 20 },
        collateral: 700_000n * 10n ** 6n,
      },
      hash: 'c06e91d26ae955303b8e5481f43f28f6ad5a9dcd8876dcbd716f29a6d475f503',
    },
  ])('$hash', ({ options, hash }) => {
    const plan = createPlan({ ...cli, ...options, prices: prices(options.markets) })
    expect(createHash('sha256').update(bytes(plan)).digest('hex')).toBe(hash)
  })
})

test('openMix: intents are made one by one, and again the same', () => {
  const { head, intents } = openMix(defaults)
  const [first] = intents()
  const plan = createPlan(defaults)
  expect(first).toEqual(plan.intents[0])
  expect({ ...head, intents: [...intents()] }).toEqual(plan)
})
