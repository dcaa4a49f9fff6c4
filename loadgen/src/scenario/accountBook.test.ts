import { beforeEach, describe, expect, test } from 'vitest'
import { type AccountBook, createAccountBook } from './accountBook.js'

const WAD = 10n ** 18n
const wad = (value: number) => BigInt(value) * WAD
let book: AccountBook
beforeEach(() => {
  book = createAccountBook({
    traders: 2,
    markets: 2,
    prices: [wad(100), wad(10)],
    collateral: wad(1_000),
  })
})

describe('closable', () => {
  test('default: only what was opened two batches before', () => {
    book.trade(0, 0, wad(3))
    const seen = [0, 1, 2].map((batch) => {
      book.startBatch(batch)
      return book.closable(0, 0)
    })
    expect(seen).toEqual([0n, 0n, wad(3)])
    expect([book.closable(0, 1), book.closable(1, 0)]).toEqual([0n, 0n])
  })
  test('behavior: less what waits to be closed, without what waits to be opened', () => {
    book.trade(0, 0, wad(-3))
    book.startBatch(2)
    book.trade(0, 0, wad(1))
    expect(book.closable(0, 0)).toBe(wad(-2))
    book.startBatch(3)
    book.trade(0, 0, wad(-5))
    expect(book.closable(0, 0)).toBe(wad(-2))
  })
  test('behavior: nothing while an order that turns the position waits', () => {
    book.trade(0, 0, wad(3))
    book.startBatch(2)
    book.trade(0, 0, wad(-4))
    expect(book.closable(0, 0)).toBe(0n)
    expect(book.planned(0, 0)).toBe(wad(-1))
    book.startBatch(4)
    expect(book.closable(0, 0)).toBe(wad(-1))
  })
})

describe('carries', () => {
  test('default: exposure of all markets up to twice the collateral', () => {
    book.trade(0, 1, wad(50))
    expect(book.carries(0, 0, wad(15))).toBe(true)
    expect(book.carries(0, 0, wad(-15))).toBe(true)
    expect(book.carries(0, 0, wad(15) + 1n)).toBe(false)
  })
  test('behavior: a close frees its room only when it is settled', () => {
    book.trade(0, 0, wad(20))
    book.startBatch(2)
    book.trade(0, 0, wad(-10))
    expect(book.carries(0, 1, wad(1))).toBe(false)
    book.startBatch(4)
    // 1,000 less the 20 % of 1,000 that closing may have lost carries 1,600.
    expect(book.carries(0, 1, wad(60))).toBe(true)
    expect(book.carries(0, 1, wad(61))).toBe(false)
  })
  test('behavior: an open against the position is charged for what it closes', () => {
    book.trade(0, 0, wad(5))
    book.startBatch(1)
    book.trade(0, 0, wad(-8))
    // Closed 5 × 100: 100 of the 1,000 may be lost.
    expect(book.spare(0)).toBe(wad(1_000 - 100 - 250) - 1n)
  })
})

describe('several orders of one batch', () => {
  test('behavior: either side alone must be carried, for they fill in any order', () => {
    book.trade(0, 0, wad(15))
    book.trade(0, 0, wad(-10))
    expect(book.planned(0, 0)).toBe(wad(5))
    expect(book.carries(0, 0, wad(1))).toBe(true)
    // 21 × 100 is more than twice the 1,000 less what closing 10 may have lost, in whichever order.
    expect(book.carries(0, 0, wad(2))).toBe(false)
    expect(book.carries(0, 0, wad(-6))).toBe(true)
    expect(book.carries(0, 0, wad(-7))).toBe(false)
  })
  test('behavior: what either side alone could take away is not closable', () => {
    book.trade(0, 0, wad(5))
    book.startBatch(2)
    book.trade(0, 0, wad(4))
    book.trade(0, 0, wad(-5))
    expect(book.closable(0, 0)).toBe(0n)
    book.startBatch(4)
    expect(book.closable(0, 0)).toBe(wad(4))
  })
})

test('args: the leverage that a plan asks for', () => {
  const terms = { traders: 1, markets: 1, prices: [wad(100)], collateral: wad(1_000) }
  for (const [leverage, most] of [
    [8.5, 85],
    [0.5, 5],
  ] as const) {
    const book = createAccountBook({ ...terms, leverage })
    expect([most, most + 1].map((base) => book.carries(0, 0, wad(base)))).toEqual([true, false])
    book.trade(0, 0, wad(-most))
    expect(book.spare(0)).toBe(0n)
  }
})

describe('spare', () => {
  test('default: what half the exposure leaves', () => {
    expect(book.spare(0)).toBe(wad(1_000) - 1n)
    book.trade(0, 0, wad(4))
    expect(book.spare(0)).toBe(wad(800) - 1n)
    book.trade(0, 1, wad(-160))
    expect(book.spare(0)).toBe(0n)
  })
  test('behavior: withdrawals count at once, deposits from the next batch on', () => {
    book.withdraw(0, wad(300))
    book.deposit(0, wad(100))
    expect(book.spare(0)).toBe(wad(700) - 1n)
    book.startBatch(1)
    expect(book.spare(0)).toBe(wad(800) - 1n)
    book.startBatch(2)
    expect(book.spare(0)).toBe(wad(800) - 1n)
  })
})
