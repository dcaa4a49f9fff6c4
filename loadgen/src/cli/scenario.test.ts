import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, describe, expect, test } from 'vitest'
import { isOrderIntent } from '../metrics/trace.js'
import { scenarioNames } from '../scenario/scenario.js'
import { toPlan } from '../scenario/source.js'
import {
  addMarketOptions,
  addWorkloadOptions,
  type MarketOptions,
  type WorkloadOptions,
} from './options.js'
import { openWorkload } from './workload.js'

type Options = WorkloadOptions & MarketOptions

const folder = mkdtempSync(join(tmpdir(), 'scenario-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function parse(...args: string[]): Promise<Options> {
  const command = new Command().exitOverride().configureOutput({ writeErr() {} })
  addMarketOptions(addWorkloadOptions(command))
  let found: Options | undefined
  command.action((options: Options) => {
    found = options
  })
  await command.parseAsync(args, { from: 'user' })
  return found as Options
}

const WAD = 10n ** 18n

describe('--scenario', () => {
  test('default: its values take the place of the defaults', async () => {
    const { scenario, ...options } = await parse('--scenario', 'skewed')
    const { scenario: _, ...plain } = await parse()
    expect(options).toEqual({
      ...plain,
      mix: { open: 80, close: 20, deposit: 0, withdraw: 0 },
      longShare: 0.7,
    })
    expect(scenario?.name).toBe('skewed')
    const { perBlock, collateral } = await parse('--scenario', 'whale')
    expect({ perBlock, collateral }).toEqual({
      ...{ perBlock: 250, collateral: 1_000_000n * 10n ** 6n },
    })
  })
  test('default: what is given overrides it', async () => {
    const options = await parse(
      ...['--traders', '70', '--scenario', 'zipf', '--markets', '2', '--sizes', '1..3'],
      ...['--mix', 'open=1', '--seed', 'x', '--price', '7', '--collateral', '5'],
    )
    expect(options).toMatchObject({
      traders: 70,
      orders: 5_000,
      markets: 2,
      sizes: { min: WAD, max: 3n * WAD },
      mix: { open: 1, close: 0, deposit: 0, withdraw: 0 },
      seed: 'x',
      price: 7n * WAD,
      collateral: 5_000_000n,
    })
  })
  test('default: a value that is given stands even if it is the default', async () => {
    expect((await parse('--scenario', 'bursts', '--collateral', '20000')).collateral).toBe(
      20_000n * 10n ** 6n,
    )
    expect((await parse('--scenario', 'whale', '--collateral', '20000')).collateral).toBe(
      20_000n * 10n ** 6n,
    )
  })
  test('behavior: without it nothing changes', async () => {
    expect(await parse()).toMatchObject({ traders: 1_000, orders: 5_000, longShare: 0.5 })
    expect((await parse()).scenario).toBeUndefined()
  })
  test.each([
    [
      ['sandwich', '--mix', 'open=1'],
      '--mix does not apply to the scenario "sandwich": its kind is sandwich.',
    ],
    [
      ['sandwich', '--markets', '2'],
      '--markets does not apply to the scenario "sandwich": its kind is sandwich.',
    ],
    [
      ['balanced', '--replay', 'x.csv'],
      '--replay does not apply to the scenario "balanced": its kind is mix.',
    ],
    [
      ['panic', '--mix', 'open=1'],
      '--mix does not apply to the scenario "panic": its phases name their own.',
    ],
    [
      ['replay', '--orders', '5'],
      '--orders does not apply to the scenario "replay": its kind is replay.',
    ],
  ])('error: %j', async (args, message) => {
    await expect(parse('--scenario', ...args)).rejects.toMatchObject({
      name: 'UsageError',
      message,
    })
  })
})

describe('openWorkload', () => {
  test.each(scenarioNames())('default: %s can be planned, and again the same', async (name) => {
    const options = await parse('--scenario', name)
    const { source, markets } = await openWorkload(options)
    const plan = toPlan(source)
    expect(plan.scenario).toBe(name)
    expect(markets.markets).toHaveLength(plan.markets)
    expect(plan.intents.at(-1)?.batch).toBe(plan.batches - 1)
    expect(toPlan((await openWorkload(options)).source)).toEqual(plan)
    const counted = plan.intents.filter(isOrderIntent)
    if (name !== 'replay') expect(counted).toHaveLength(options.orders)
  })
  test('default: a scenario with prices gives every market a feed, and the bounds that it needs', async () => {
    const { source, markets } = await openWorkload(
      await parse('--scenario', 'panic', '--markets', '2', '--price', '50'),
    )
    expect(source.head.priceCourse).toEqual({
      ...{ blockSeconds: 2, path: [{ fromBatch: 5, batches: 20, to: 0.7 }], arbitrage: true },
    })
    expect(markets.markets.map(({ risk }) => risk)).toEqual(
      [0, 1].map(() => ({
        ...{ nettedFeePpm: 100, pooledFeePpm: 500, protocolShareBps: 3_000, twapSeconds: 2 },
        ...{ priceBandBps: 500, maxDeviationBps: 2_000, feedMaxAge: 172_800 },
        feed: { price: 50n * WAD, decimals: 8 },
      })),
    )
    const { source: calm } = await openWorkload(await parse('--scenario', 'funding'))
    expect(calm.head.priceCourse).toMatchObject({ blockSeconds: 3_600, arbitrage: false })
  })
  test('default: without risk or prices the markets are as the registry has them', async () => {
    const { source, markets } = await openWorkload(await parse('--scenario', 'zipf'))
    expect(markets.markets[0]).not.toHaveProperty('risk')
    expect(source.head).not.toHaveProperty('priceCourse')
  })
  test('default: amounts of risk are base, and without prices there is no feed', async () => {
    const { markets } = await openWorkload(await parse('--scenario', 'whale'))
    expect(markets.markets[0]?.risk).toEqual({
      ...{ minOrderSize: WAD / 100n, maxOpenInterest: 300n * WAD, maxSkew: 80n * WAD },
    })
  })
  test('behavior: where a batch may move a pool less than the usual band, the band is that', async () => {
    const narrow = await parse('--scenario', 'panic', '--max-price-move', '120')
    const { markets } = await openWorkload(narrow)
    expect(markets.markets[0]?.risk).toMatchObject({ priceBandBps: 120, maxDeviationBps: 2_000 })
  })
  const mine = (fields: object) => ({
    ...{ name: 'mine', description: 'x', kind: 'mix', orders: 4, ...fields },
  })
  const prices = { blockSeconds: 2, path: [{ fromBlock: 0, blocks: 1, to: 0.5 }] }
  test.each([
    [
      { risk: { initialMarginBps: 400 } },
      'risk.maintenanceMarginBps must be from 1 to 399 (below initialMarginBps, 400); it is 500 by default.',
    ],
    [
      { risk: { priceBandBps: 501 }, prices },
      'risk.priceBandBps must be from 1 to 500 (at most 2000, and maxPriceMoveBps, 500); it is 501.',
    ],
    [
      { risk: { minOrderSize: '80000000000' } },
      /^The scenario "mine": risk\.minOrderSize must be from 0 to \d+ \(WAD\); it is \d+\.$/,
    ],
    [
      { price: '1.5', prices: { ...prices, feedDecimals: 0 } },
      'A feed of 0 decimals cannot say the price 750000000000000000 (WAD).',
    ],
    [
      { price: '1', prices: { ...prices, feedDecimals: 37 } },
      'prices.feedDecimals must be a whole number from 0 to 36; it is 37.',
    ],
  ])('error: %j', async (fields, says) => {
    const path = join(folder, 'mine.json')
    writeFileSync(path, JSON.stringify(mine(fields)))
    await expect(parse('--scenario', path).then(openWorkload)).rejects.toMatchObject({
      name: 'UsageError',
      exitCode: 2,
      message:
        typeof says === 'string' ? expect.stringContaining(says) : expect.stringMatching(says),
    })
  })
  test('default: the replay starts at the price of its first trade', async () => {
    const { source, markets } = await openWorkload(await parse('--scenario', 'replay'))
    expect(source.head).toMatchObject({ scenario: 'replay', traders: 200, batches: 60 })
    expect(markets.markets[0]?.price).toBeGreaterThan(36_000n * WAD)
  })
})
