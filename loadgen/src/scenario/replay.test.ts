import { describe, expect, test } from 'vitest'
import type { Trade } from './csv.js'
import { nettableShare, openReplay, toBatches } from './replay.js'
import { toPlan } from './source.js'

const WAD = 10n ** 18n
const trade = (timeMs: number, isBuy: boolean, qty: bigint, price = 100n): Trade => ({
  line: timeMs,
  id: String(timeMs),
  price: price * WAD,
  qty: qty * WAD,
  timeUs: timeMs * 1_000,
  isBuy,
})
/** 0–999: 5 bought, 3 sold; 1000–1999: 4 sold; 5000–5999: 2 bought, 2 sold. */
const trades = [
  trade(0, true, 5n),
  trade(999, false, 3n, 120n),
  trade(1_000, false, 4n),
  trade(5_000, true, 2n),
  trade(5_999, false, 2n),
]

test('toBatches: by floor of the time, no empty ones, in order of time', () => {
  const sizes = (interval: number) => toBatches(trades, interval).map((batch) => batch.length)
  expect(sizes(1_000)).toEqual([2, 1, 2])
  expect(sizes(6_000)).toEqual([5])
  const late = [trade(2_000, true, 1n), trade(0, true, 1n)]
  expect(toBatches(late, 1_000).map(([first]) => first?.timeUs)).toEqual([0, 2_000_000])
})

describe('nettableShare', () => {
  test('default: by hand', () => {
    // 2 × (3 + 0 + 2) of 16; all in one batch: 2 × min(7, 9) of 16.
    expect(nettableShare(trades, 1_000)).toBe(10 / 16)
    expect(nettableShare(trades, 6_000)).toBe(14 / 16)
    expect(nettableShare(trades, 1)).toBe(0)
  })
  test('args: no trades', () => {
    expect(nettableShare([], 1_000)).toBe(0)
  })
})

describe('openReplay', () => {
  test('default: an open for each trade', () => {
    const { source, initialPrice } = openReplay({
      trades,
      seed: 's',
      traders: 2,
      intervalMs: 1_000,
    })
    const plan = toPlan(source)
    expect(initialPrice).toBe(100n * WAD)
    expect(plan.intents.map((i) => [i.batch, i.trader, i.isLong, i.size / WAD])).toEqual([
      [0, 0, true, 5n],
      [0, 1, false, 3n],
      [1, 0, false, 4n],
      [2, 1, true, 2n],
      [2, 0, false, 2n],
    ])
    expect(plan).toMatchObject({
      scenario: 'replay',
      seed: 's',
      traders: 2,
      markets: 1,
      batches: 3,
    })
    // Trader 0 trades 11 at up to 120: half of 1,320, and one token for rounding.
    expect(plan.collateral).toBe(661n * 10n ** 6n)
  })
  test('args: limit, sizeScale', () => {
    const { source } = openReplay({
      trades,
      seed: 's',
      traders: 1,
      intervalMs: 1_000,
      limit: 2,
      sizeScale: WAD / 10n,
    })
    expect([...source.intents()].map(({ size }) => size)).toEqual([WAD / 2n, (3n * WAD) / 10n])
  })
  test.each([
    [{ trades: [] }, 'A replay needs at least one trade.'],
    [
      { intervalMs: 0.5 },
      'The batch interval (ms) must be an integer from 1 to 86400000; it is 0.5.',
    ],
    [{ limit: 0 }, 'limit must be an integer from 1 to 9007199254740991; it is 0.'],
    [{ traders: 0 }, 'traders must be an integer from 1 to 1000000; it is 0.'],
    [
      { trades: [{ ...trade(7, true, 1n), qty: 1n }], sizeScale: 1n },
      'The scaled size (WAD) of the trade in line 7 must be an integer from 1 to 79228162514264337593543950335; it is 0.',
    ],
  ])('error: %o', (bad, message) => {
    const options = { trades, seed: 's', traders: 2, intervalMs: 1_000 }
    expect(() => openReplay({ ...options, ...bad })).toThrow(
      expect.objectContaining({ name: 'UsageError', message }),
    )
  })
})
