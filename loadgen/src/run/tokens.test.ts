import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Intent } from '../core/types.js'
import { tokenNeeds } from './tokens.js'

const WAD = 10n ** 18n
const swap = (trader: number, market: number, isLong: boolean, size: bigint): Intent => ({
  ...{ index: 0, batch: 0, action: 'swap', trader, market, isLong, size },
  limitPrice: 2_000n * WAD + 1n,
})

/** SpotRules.escrow of a buyer, as a fraction rounded up. */
const escrow = (size: bigint) => ((size + 4_096n) * (2_000n * WAD + 1n) - 1n) / WAD + 1n + 12_288n

test('default: sizes of a seller and escrows of a buyer add up, and who needs most decides', () => {
  const intents = [
    swap(0, 0, true, 3n * WAD),
    swap(0, 0, true, WAD),
    swap(1, 0, true, 2n * WAD),
    swap(1, 0, false, 5n),
    swap(2, 0, false, 3n),
    swap(2, 0, false, 4n),
    swap(2, 1, false, 1n),
  ]
  const [first, second] = tokenNeeds({ traders: 3, markets: 2, intents })
  expect(first?.base).toBe(7n)
  const needed = escrow(3n * WAD) + escrow(WAD)
  expect(first?.quote).toBeGreaterThanOrEqual(needed)
  expect(first?.quote).toBeLessThanOrEqual(needed + 2n)
  expect(second).toEqual({ base: 1n, quote: 0n })
})

test('default: who trades nothing needs nothing', () => {
  expect(tokenNeeds({ traders: 3, markets: 1, intents: [] })).toEqual([{ base: 0n, quote: 0n }])
})

test('behavior: the steps of a swap are those of SpotRules.sol', () => {
  const source = readFileSync(
    new URL('../../../contracts/spot/SpotRules.sol', import.meta.url),
    'utf8',
  )
  expect(source).toContain('MAX_STEPS = 4096;')
  expect(source).toContain(
    'fullMulDivUp(size + MAX_STEPS, limitPrice, PriceLib.WAD) + 3 * MAX_STEPS',
  )
})
