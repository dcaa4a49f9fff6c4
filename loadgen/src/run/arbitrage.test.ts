import { describe, expect, test } from 'vitest'
import { liquidityFor, toSqrtPriceX96, toWadPrice } from '../chain/uniswap.js'
import { arbitrage, expectedCloses, withinReach } from './arbitrage.js'

const WAD = 10n ** 18n
const wad = (value: number) => (BigInt(Math.round(value * 1e6)) * WAD) / 1_000_000n
const toNumber = (value: bigint) => Number(value) / 1e18

/** 1,000 base at 2,500 beside 2,500,000 quote: √P is 50, L is 50,000. */
const sqrtPriceX96 = toSqrtPriceX96(wad(2_500))
const pool = { sqrtPriceX96, liquidity: liquidityFor({ sqrtPriceX96, quoteDepth: wad(2_500_000) }) }

describe('arbitrage', () => {
  test('default: sells into a pool that is too dear, and buys from one that is too cheap', () => {
    // 50,000 × (1 ÷ 50 − 1 ÷ 40) = 1,000 − 1,250; 50,000 × (1 ÷ 50 − 1 ÷ 62.5) = 1,000 − 800.
    const down = arbitrage({ pool, target: wad(1_600), others: 0n })
    expect(toNumber(down)).toBeCloseTo(-250, 9)
    expect(toNumber(arbitrage({ pool, target: wad(3_906.25), others: 0n }))).toBeCloseTo(200, 9)
    // What it sells brings the pool there: L ÷ (base + 250) is the new √P.
    const root = (pool.liquidity << 96n) / ((pool.liquidity << 96n) / sqrtPriceX96 - down)
    expect(toNumber(toWadPrice(root))).toBeCloseTo(1_600, 6)
  })

  test('behavior: leaves to others what they trade, and takes what is too much', () => {
    const target = wad(1_600)
    expect(toNumber(arbitrage({ pool, target, others: wad(-100) }))).toBeCloseTo(-150, 9)
    expect(toNumber(arbitrage({ pool, target, others: wad(-300) }))).toBeCloseTo(50, 9)
    expect(toNumber(arbitrage({ pool, target: wad(2_500), others: wad(7) }))).toBeCloseTo(-7, 9)
  })
})

describe('withinReach', () => {
  const risk = { maintenanceMarginBps: 500, liquidationFeeBps: 150 }
  const of = (target: number, mid: number, mark: number) =>
    toNumber(
      withinReach(wad(target), { mid: wad(mid), mark: wad(mark), risk, maxPriceMoveBps: 500n }),
    )

  test('default: a target inside is the target', () => {
    expect(of(1_970, 2_000, 1_990)).toBe(1_970)
  })

  test('behavior: no farther from the mark than 5 % less 1.5 % and the fee of 0.05 %, a basis point inside', () => {
    expect(of(1_800, 2_000, 2_010)).toBeCloseTo(2_010 * 0.9656, 9)
    expect(of(2_200, 2_000, 1_990)).toBeCloseTo(1_990 * 1.0344, 9)
  })

  test('behavior: nor than 5 % from the mid; that alone where the mark is the mid', () => {
    expect(of(1_500, 2_000, 1_900)).toBeCloseTo(2_000 * 0.9501, 9)
    expect(of(1_500, 2_000, 2_000)).toBeCloseTo(2_000 * 0.9501, 9)
  })

  test('behavior: a pool beyond the bound stays, and may come back', () => {
    expect(of(1_700, 1_900, 2_000)).toBe(1_900)
    expect(of(1_950, 1_900, 2_000)).toBe(1_950)
  })
})

describe('expectedCloses', () => {
  const risk = { initialMarginBps: 1_000, liquidationFeeBps: 150 }
  const markets = [
    { mark: wad(10), risk },
    { mark: wad(20), risk },
  ]

  test('default: as much as restores the initial margin', () => {
    // 100 base at 10: initial margin 100, 40 there. x × 10 × (10 % − 1.5 %) = 60.
    const options = { equity: wad(40), initialMargin: wad(100), markets }
    const [closed = 0n] = expectedCloses([{ market: 0, base: wad(100) }], options)
    expect(toNumber(closed)).toBeCloseTo(60 / 0.85, 6)
    const short = expectedCloses([{ market: 0, base: wad(-100) }], options)
    expect(short).toEqual([closed])
  })

  test('behavior: all of it where that is not enough, and then of the next market', () => {
    // Margin 100 + 40. Closing all 100 base costs 15 and frees 100: 15 − 15 = 0 is left, so the second goes too.
    const positions = [
      { market: 0, base: wad(100) },
      { market: 1, base: wad(-20) },
    ]
    const all = { equity: wad(15), initialMargin: wad(140), markets }
    expect(expectedCloses(positions, all)).toEqual([wad(100), wad(20)])
    // With 52 the first restores: 140 − 52 = 88 > 85, so all of it: 37 is left of 40. 3 = x × 20 × 8.5 %.
    const [first, second = 0n] = expectedCloses(positions, { ...all, equity: wad(52) })
    expect(first).toBe(wad(100))
    expect(toNumber(second)).toBeCloseTo(3 / 1.7, 6)
  })

  test('behavior: nothing where nothing is missing, all where nothing is left', () => {
    const one = [{ market: 0, base: wad(100) }]
    expect(expectedCloses(one, { equity: wad(100), initialMargin: wad(100), markets })).toEqual([
      0n,
    ])
    expect(expectedCloses(one, { equity: -1n, initialMargin: wad(100), markets })).toEqual([
      wad(100),
    ])
  })
})
