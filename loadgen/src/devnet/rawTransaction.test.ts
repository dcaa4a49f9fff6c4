import type { TransactionSerializable } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { legacyChainId, peekRawTransaction } from './rawTransaction.js'

const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const to = '0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045'
const callee = to.toLowerCase()
const envelopes: Record<string, Partial<TransactionSerializable>> = {
  legacy: { type: 'legacy', gasPrice: 10n ** 9n },
  eip2930: {
    type: 'eip2930',
    gasPrice: 1n,
    accessList: [{ address: to, storageKeys: [`0x${'22'.repeat(32)}`] }],
  },
  eip1559: { type: 'eip1559', maxFeePerGas: 3n, maxPriorityFeePerGas: 0n },
}

async function sign(type: string, fields: object): Promise<string> {
  return account.signTransaction({
    chainId: 118,
    gas: 600_000n,
    ...envelopes[type],
    ...fields,
  } as TransactionSerializable)
}

for (const type of Object.keys(envelopes)) {
  test(`default: ${type} call`, async () => {
    const raw = await sign(type, { nonce: 300, to, value: 5n, data: '0xAABBCCDD0011' })
    expect(peekRawTransaction(raw)).toEqual({ to: callee, selector: '0xaabbccdd', nonce: 300 })
  })

  test(`behavior: ${type} with nonce 0, nonce 1 and the largest short nonce`, async () => {
    for (const nonce of [0, 1, 127, 128, 2 ** 40])
      expect(peekRawTransaction(await sign(type, { nonce, to }))).toEqual({
        to: callee,
        selector: undefined,
        nonce,
      })
  })

  test(`behavior: ${type} contract creation, long data`, async () => {
    const data = `0x60806040${'5b'.repeat(70_000)}`
    expect(peekRawTransaction(await sign(type, { nonce: 2, data }))).toEqual({
      to: undefined,
      selector: '0x60806040',
      nonce: 2,
    })
  })

  test(`behavior: ${type} with fewer than four bytes of data has no selector`, async () => {
    for (const data of ['0x', '0x7f', '0x80', '0xaabbcc'])
      expect(peekRawTransaction(await sign(type, { nonce: 2, to, data }))?.selector).toBe(undefined)
    expect(
      peekRawTransaction(await sign(type, { nonce: 2, to, data: '0xaabbccdd' }))?.selector,
    ).toBe('0xaabbccdd')
  })

  test(`behavior: ${type} in upper case`, async () => {
    const raw = await sign(type, { nonce: 7, to, data: '0xaabbccdd' })
    expect(peekRawTransaction(`0x${raw.slice(2).toUpperCase()}`)).toEqual(peekRawTransaction(raw))
  })

  test(`error: ${type} cut short or with something behind it`, async () => {
    const raw = await sign(type, { nonce: 7, to, data: '0xaabbccdd' })
    for (let end = 0; end < raw.length; end++)
      expect(peekRawTransaction(raw.slice(0, end))).toBe(undefined)
    expect(peekRawTransaction(`${raw}00`)).toBe(undefined)
  })
}

test('error: what is no transaction', () => {
  for (const raw of [
    '',
    '0x',
    '0x05c0',
    '0x02',
    '0x02c0',
    '0xc0',
    '0xzz',
    '0x0z',
    `02c0`,
    '0xb801',
  ])
    expect(peekRawTransaction(raw)).toBe(undefined)
})

test('error: a callee that is no address', () => {
  // nonce, gas price, gas, a callee of 19 bytes, value, data
  const fields = `80018093${'ab'.repeat(19)}8080`
  const length = (fields.length / 2 + 0xc0).toString(16)
  expect(peekRawTransaction(`0x${length}${fields}`)).toBe(undefined)
})

test('default: the chain of a legacy transaction', async () => {
  for (const chainId of [1, 46, 47, 118, 2 ** 40])
    for (const data of ['0x', `0x${'ab'.repeat(300)}`])
      expect(legacyChainId(await sign('legacy', { nonce: 1, to, data, chainId }))).toBe(chainId)
})

test('behavior: a legacy transaction for any chain, and other types, say nothing of it', async () => {
  expect(legacyChainId(await sign('legacy', { nonce: 1, to, chainId: undefined }))).toBe(undefined)
  expect(legacyChainId(await sign('eip2930', { nonce: 1, to }))).toBe(undefined)
  expect(legacyChainId(await sign('eip1559', { nonce: 1, to }))).toBe(undefined)
})

test('error: the chain of what is no transaction', async () => {
  const raw = await sign('legacy', { nonce: 7, to })
  // Without its last two fields it still has a `v`.
  for (let end = 0; end < raw.length - 132; end++)
    expect(legacyChainId(raw.slice(0, end))).toBe(undefined)
  // Seven items, the last of them the `v`.
  const withV = (v: string) => `0x${(0xc6 + v.length / 2).toString(16)}010101010101${v}`
  expect(legacyChainId(withV('81ff'))).toBe(110)
  for (const v of ['', '81zz', '80', 'c0', '83ffff'])
    expect(legacyChainId(withV(v))).toBe(undefined)
})
