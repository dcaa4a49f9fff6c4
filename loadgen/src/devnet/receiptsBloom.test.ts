import { expect, test } from 'vitest'
import { receiptsBloom } from './receiptsBloom.js'

/** An order of the netting clearing house, and the bloom that Anvil 1.7.1 gave its receipt. */
const ORDER = {
  address: '0x0165878a594ca255338adfa4d48449f69242eb8f',
  topics: [
    '0x6cc680622c380c824be6153150fbf0d82f4f8b402c84a5d7a39ecf146234d07a',
    '0x062418b17a0cd62e1b671b7d1896a580f518db4a6bfd17db22b26233f10e4293',
    '0x00000000000000000000000045a67e88a1e3a736e81daaf4ec863573b34707c7',
    '0x0000000000000000000000000000000000000000000000000000000000000000',
  ],
} as const
const ORDER_BLOOM =
  '0x00000000000000000000000000000000000000000000000000000000000000000000000008000000000000000000000000000000020000000000004000000000001040000000000000000000000000000000000000000000000000000000000000000000020000000000000000000800000000000000000000000000000000040000000000000000000000000000000000000800000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000004000000000040040000000000800000000000000000000000000020000000000000000000000000000000000002000000000000000000000000000000'

test('default: as the node has it', () => {
  expect(receiptsBloom([ORDER])).toBe(ORDER_BLOOM)
})

test('behavior: no logs, and the same log twice', () => {
  expect(receiptsBloom([])).toBe(`0x${'00'.repeat(256)}`)
  expect(receiptsBloom([ORDER, ORDER])).toBe(ORDER_BLOOM)
})

test('behavior: another address, or another topic, has other bits', () => {
  const { address, topics } = ORDER
  const others = [
    { address, topics: [] },
    { address, topics: topics.slice(0, 1) },
  ]
  const blooms = [[ORDER], ...others.map((log) => [log])].map(receiptsBloom)
  expect(new Set(blooms).size).toBe(3)
})
