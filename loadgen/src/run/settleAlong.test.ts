import { expect, test } from 'vitest'
import type { Hex } from '../core/types.js'
import { settleAlong } from './settleAlong.js'

/** A chain whose blocks a test makes, with a keeper on it whose settle() is in the next one that takes it. */
function startChain() {
  const blocks: { number: number; transactions: number }[] = []
  const hashes: Hex[] = []
  const again: Hex[] = []
  const included = new Map<Hex, number>()
  let wake = () => {}
  let change = new Promise<void>((resolve) => {
    wake = resolve
  })
  const ending = new AbortController()
  const settling = settleAlong(
    {
      collector: {
        blocks: () => blocks,
        blockOf: (hash: Hex) => included.get(hash),
        async reach(number: number) {
          while ((blocks.at(-1)?.number ?? 0) < number) await change
        },
      },
      keeper: {
        hashes: () => hashes,
        send: async () => void hashes.push(`0x${hashes.length}`),
        sendAgain: async (lost: Hex[]) => void again.push(...lost),
      },
    } as unknown as Parameters<typeof settleAlong>[0],
    { fromBlock: 1, signal: ending.signal },
  )
  return {
    again,
    /** Makes a block with so many orders and, if it is to take it, the settle() that waits. */
    async mine(orders: number, { takes = true } = {}): Promise<number> {
      const number = blocks.length + 1
      const waiting = takes ? hashes.filter((hash) => !included.has(hash)) : []
      for (const hash of waiting) included.set(hash, number)
      blocks.push({ number, transactions: orders + waiting.length })
      wake()
      change = new Promise((resolve) => {
        wake = resolve
      })
      await new Promise(setImmediate)
      return hashes.length
    },
    async end() {
      ending.abort()
      await settling
    },
  }
}

test('a settle() follows each block with orders, and none a block without', async () => {
  const { mine, end } = startChain()
  expect(await mine(0)).toBe(0)
  expect(await mine(3)).toBe(1)
  expect(await mine(2)).toBe(2)
  // Its own alone is in the next.
  expect(await mine(0)).toBe(2)
  expect(await mine(0)).toBe(2)
  await end()
  expect(await mine(1)).toBe(2)
})

test('while one is on its way no other is sent, and then it is made up for', async () => {
  const { mine, end } = startChain()
  expect(await mine(1)).toBe(1)
  expect(await mine(1, { takes: false })).toBe(1)
  expect(await mine(0, { takes: false })).toBe(1)
  expect(await mine(0)).toBe(2)
  await end()
})

test('one that no block takes is sent again, the same one', async () => {
  const { mine, again, end } = startChain()
  await mine(1)
  for (let block = 0; block < 4; block++) await mine(1, { takes: false })
  expect(again).toEqual([])
  expect(await mine(1, { takes: false })).toBe(1)
  expect(again).toEqual(['0x0'])
  for (let block = 0; block < 5; block++) await mine(0, { takes: false })
  expect(again).toEqual(['0x0', '0x0'])
  expect(await mine(0)).toBe(2)
  await end()
})
