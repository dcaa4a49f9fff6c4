import { expect, test } from 'vitest'
import { createMempool, type PoolEntry } from './mempool.js'

const entry = (n: number): PoolEntry => ({ hash: `0x${n}`, raw: '0x', envelope: undefined })
/** Whether a promise is still open once everything ran that can. */
async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol('open')
  const later = new Promise((resolve) => setImmediate(() => resolve(open)))
  return (await Promise.race([promise, later])) === open
}

test('default: reserves what fits, then waits for the next block', async () => {
  const mempool = createMempool({ blockSize: 5 })
  expect(await mempool.reserve(3)).toBe(3)
  expect(await mempool.reserve(3)).toBe(2)
  mempool.settle(3, [entry(1), entry(2), entry(3)])
  mempool.settle(2, [entry(4), entry(5)])
  const late = mempool.reserve(9)
  expect(await isOpen(late)).toBe(true)
  expect(mempool.entries().map(({ hash }) => hash)).toEqual(['0x1', '0x2', '0x3', '0x4', '0x5'])
  mempool.nextBlock({ moved: [entry(5)], blocked: [] })
  expect(await late).toBe(4)
})

test('behavior: places of refused transactions are free again', async () => {
  const mempool = createMempool({ blockSize: 2 })
  await mempool.reserve(2)
  const late = mempool.reserve(2)
  expect(await isOpen(late)).toBe(true)
  mempool.settle(2, [entry(1)])
  expect(await late).toBe(1)
})

test('behavior: of several that wait, no more get in than there is room', async () => {
  const mempool = createMempool({ blockSize: 3 })
  await mempool.reserve(3)
  mempool.settle(3, [entry(1), entry(2), entry(3)])
  const late = [mempool.reserve(2), mempool.reserve(2), mempool.reserve(2)]
  mempool.nextBlock({ moved: [], blocked: [] })
  expect(await Promise.all(late.slice(0, 2))).toEqual([2, 1])
  expect(await isOpen(late[2] as Promise<number>)).toBe(true)
})

test('behavior: blocked transactions stay listed first and take no place', async () => {
  const mempool = createMempool({ blockSize: 2 })
  mempool.nextBlock({ moved: [entry(2)], blocked: [entry(1)] })
  expect(await mempool.reserve(5)).toBe(1)
  expect(mempool.entries().map(({ hash }) => hash)).toEqual(['0x1', '0x2'])
})

test('error: close ends every wait, and later ones', async () => {
  const mempool = createMempool({ blockSize: 1 })
  await mempool.reserve(1)
  const late = mempool.reserve(1)
  mempool.close(new Error('gone'))
  await expect(late).rejects.toThrow('gone')
  await expect(mempool.reserve(1)).rejects.toThrow('gone')
})

test('behavior: tells of what came to stand, refused transactions are none of it', async () => {
  const told: PoolEntry[] = []
  const mempool = createMempool({ blockSize: 5, onTaken: (entries) => told.push(...entries) })
  await mempool.reserve(3)
  mempool.settle(3, [entry(1), entry(2)])
  expect(told).toEqual(mempool.entries())
})
