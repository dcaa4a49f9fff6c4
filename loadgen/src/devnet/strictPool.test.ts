import type { Hex } from 'viem'
import { type HDAccount, mnemonicToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import type { Rpc } from '../chain/rpc.js'
import type { PoolEntry } from './mempool.js'
import { createStrictPool } from './strictPool.js'

const MNEMONIC = 'test test test test test test test test test test test junk'
const accounts = [0, 1, 2].map((addressIndex) => mnemonicToAccount(MNEMONIC, { addressIndex }))
const [alice, bob, carol] = accounts as [HDAccount, HDAccount, HDAccount]
const HOUSE = `0x${'aa'.repeat(20)}` as const

async function signed(
  from: HDAccount,
  nonce: number,
  data: Hex = '0x11111111',
): Promise<PoolEntry> {
  const raw = await from.signTransaction({
    type: 'eip1559',
    chainId: 118,
    ...{ nonce, data, to: HOUSE, gas: 100_000n, maxFeePerGas: 3n },
  })
  return { hash: `0x${from.address.slice(2, 6)}-${nonce}`, raw, envelope: undefined }
}

/** Anvil's part: what it holds ready, and its answers for what it is asked of. */
function setUp(ready: readonly [HDAccount, number][], known: Record<string, object> = {}) {
  const asked: string[] = []
  const pending: Record<string, Record<string, string>> = {}
  for (const [{ address }, nonce] of ready) {
    const from = address.toLowerCase()
    pending[from] = { ...pending[from], [nonce]: 'some words' }
  }
  const rpc = {
    call: async () => ({ pending, queued: {} }),
    batch: async (calls: readonly { params: readonly unknown[] }[]) =>
      calls.map(({ params: [hash] }) => {
        asked.push(String(hash))
        return { result: known[String(hash)] ?? null }
      }),
  } as unknown as Rpc
  return { pool: createStrictPool(rpc), asked }
}

const show = (calls: readonly { id: number; entry: PoolEntry; isFixed: boolean }[]) =>
  calls.map(({ id, entry, isFixed }) => `${id} ${entry.hash}${isFixed ? ' fixed' : ''}`)

test('default: calls as they were signed, without asking Anvil for any', async () => {
  const { pool, asked } = setUp([
    [alice, 5],
    [bob, 0],
  ])
  const entries = [await signed(alice, 5), await signed(bob, 0, '0x112233')]
  const calls = await pool.read(entries)
  expect(calls[0]).toEqual({
    ...{ id: 0, entry: entries[0], isFixed: false, callee: `${HOUSE}:0x11111111` },
    ...{ from: alice.address.toLowerCase(), nonce: 5, to: HOUSE, data: '0x11111111' },
    ...{ value: 0n, gas: 100_000n, gasPrice: 3n },
  })
  expect(calls[1]).toMatchObject({ id: 1, callee: undefined })
  expect(asked).toEqual([])
})

test('behavior: what Anvil does not hold ready waits', async () => {
  const { pool } = setUp([[alice, 1]])
  const entries = [await signed(alice, 3), await signed(alice, 1), await signed(bob, 1)]
  expect(show(await pool.read(entries))).toEqual([`0 ${entries[1]?.hash}`])
})

test('behavior: in order of arrival, but of nonces among those of one sender', async () => {
  const { pool } = setUp([
    [alice, 1],
    [alice, 2],
    [bob, 0],
  ])
  const [late, other, early] = [
    await signed(alice, 2),
    await signed(bob, 0),
    await signed(alice, 1),
  ]
  expect(show(await pool.read([late, other, early]))).toEqual([
    `0 ${early.hash}`,
    `1 ${other.hash}`,
    `2 ${late.hash}`,
  ])
})

test('behavior: what Anvil signed, and what comes before it, is fixed and first', async () => {
  const byAnvil: PoolEntry = { hash: '0xanvil', raw: undefined, envelope: undefined }
  const answer = { from: alice.address, nonce: '0x2', to: HOUSE, input: '0x11111111' }
  const { pool } = setUp(
    [
      [alice, 1],
      [alice, 2],
      [alice, 3],
      [bob, 0],
    ],
    { '0xanvil': { ...answer, value: '0x0', gas: '0x1', gasPrice: '0x1' } },
  )
  const entries = [await signed(bob, 0), await signed(alice, 1), byAnvil, await signed(alice, 3)]
  expect(show(await pool.read(entries))).toEqual([
    `0 ${entries[1]?.hash} fixed`,
    '1 0xanvil fixed',
    `2 ${entries[0]?.hash}`,
    `3 ${entries[3]?.hash}`,
  ])
})

test('behavior: of two with the same nonce, the one that Anvil still knows', async () => {
  const replaced = { ...(await signed(carol, 0)), hash: '0xold' as const }
  const replacing = { ...(await signed(carol, 0, '0x22222222')), hash: '0xnew' as const }
  const { pool, asked } = setUp([[carol, 0]], { '0xnew': {} })
  expect(show(await pool.read([replaced, replacing]))).toEqual(['0 0xnew'])
  expect(asked).toEqual(['0xold', '0xnew'])
})
