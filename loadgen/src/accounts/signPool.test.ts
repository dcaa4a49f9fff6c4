import { afterAll, beforeAll, expect, test } from 'vitest'
import { deriveKey } from './derive.js'
import { signTransaction } from './sign.js'
import { createSignPool, type SignPool } from './signPool.js'
import type { TraderTx } from './signWorker.js'

const tx = (i: number): TraderTx => ({
  trader: i % 97,
  nonce: Math.floor(i / 97),
  to: '0x00000000000000000000000000000000000000aa',
  data: `0x${i.toString(16).padStart(8, '0')}`,
  gas: 200_000n,
  gasPrice: 1n,
  value: 0n,
})
const txs = Array.from({ length: 1733 }, (_, i) => tx(i))
let pool: SignPool

beforeAll(() => {
  pool = createSignPool({ seed: 'pool', chainId: 118, offset: 3, workers: 2 })
})
afterAll(() => pool.close())

test('default: signs every transaction with the key of its trader, in order', async () => {
  const signed = await pool.sign(txs)
  expect(signed).toEqual(
    txs.map((each) =>
      signTransaction(each, { chainId: 118, privateKey: deriveKey('pool', 3 + each.trader) }),
    ),
  )
})

test('behavior: the number of workers changes nothing', async () => {
  const alone = createSignPool({ seed: 'pool', chainId: 118, offset: 3, workers: 1 })
  expect(await alone.sign(txs)).toEqual(await pool.sign(txs))
  await alone.close()
})

test('args: onProgress', async () => {
  const seen: number[] = []
  await pool.sign(txs, { onProgress: (signed) => seen.push(signed) })
  expect(seen).toHaveLength(4)
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
  expect(seen.at(-1)).toBe(1733)
})

test('behavior: nothing to sign', async () => {
  expect(await pool.sign([])).toEqual([])
})

test('error: a transaction that cannot be encoded is refused, and the pool lives on', async () => {
  await expect(pool.sign([{ ...tx(0), nonce: -1 }])).rejects.toThrow(
    'A transaction cannot hold the number -1.',
  )
  expect(await pool.sign([tx(0)])).toHaveLength(1)
})
