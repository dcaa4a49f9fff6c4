import { decodeFunctionData } from 'viem'
import { describe, expect, test } from 'vitest'
import { CALLS } from '../chain/encode.js'
import { liquidityFor, toSqrtPriceX96 } from '../chain/uniswap.js'
import { DEFAULT_RISK } from '../core/marketRisk.js'
import type { Hex } from '../core/types.js'
import { marketCalls } from './marketOrders.js'
import type { MarketView } from './marketView.js'

const WAD = 10n ** 18n
const wad = (value: number) => BigInt(value) * WAD
const house: Hex = `0x${'a'.repeat(40)}`
const trader: Hex = `0x${'b'.repeat(40)}`
const sqrtPriceX96 = toSqrtPriceX96(wad(2_500))
const pool = { sqrtPriceX96, liquidity: liquidityFor({ sqrtPriceX96, quoteDepth: wad(2_500_000) }) }
/** An account with nothing left that is long 40. */
const view: MarketView = {
  block: 1,
  prices: [{ index: wad(2_500), mark: wad(2_500) }],
  pools: [pool],
  below: [
    {
      ...{ index: 0, trader, positions: [{ market: 0, base: wad(40) }] },
      state: { equity: 0n, openNotional: 1n, initialMargin: 1n, maintenanceMargin: 1n },
    },
  ],
}
const options = { house, risks: [DEFAULT_RISK], targets: [wad(2_500)], maxPriceMoveBps: 500n }

function decoded(calls: readonly { to: Hex; data: Hex }[]) {
  return calls.map(({ to, data }) => {
    expect(to).toBe(house)
    return decodeFunctionData({ abi: CALLS, data })
  })
}

describe('marketCalls', () => {
  test('default: when netting a liquidation is a word of changePosition, and the trade takes the other side', () => {
    const { liquidations, trades } = marketCalls(view, { ...options, mode: 'netting' })
    const word = (BigInt(trader) << 96n) | wad(40)
    expect(decoded(liquidations)).toEqual([
      { functionName: 'changePosition', args: [0, false, true, word, 0n, 0n] },
    ])
    // The pool is where it should be: what is liquidated, 40 sold, is bought.
    expect(decoded(trades)).toEqual([
      { functionName: 'changePosition', args: [0, true, true, wad(40), 0n, 0n] },
    ])
  })

  test('default: elsewhere it is liquidate, checked at once', () => {
    const { liquidations, trades } = marketCalls(view, { ...options, mode: 'direct' })
    expect(decoded(liquidations)).toMatchObject([
      { functionName: 'liquidate', args: [expect.stringMatching(/b{40}/i), 0, wad(40)] },
    ])
    expect(decoded(trades)).toMatchObject([{ functionName: 'openPosition' }])
  })

  test('behavior: nobody trades without a target, nor for a hundredth of a percent', () => {
    expect(marketCalls(view, { ...options, mode: 'netting', targets: undefined }).trades).toEqual(
      [],
    )
    const calm = { ...view, below: [] }
    const tradesTo = (price: bigint) =>
      marketCalls(calm, { ...options, mode: 'netting', targets: [price] }).trades.length
    expect([wad(2_500), (wad(2_500) * 99_995n) / 100_000n].map(tradesTo)).toEqual([0, 0])
    expect(tradesTo((wad(2_500) * 9_997n) / 10_000n)).toBe(1)
  })
})
