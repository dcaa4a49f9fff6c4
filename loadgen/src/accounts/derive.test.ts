import { keccak256 as viemKeccak } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { keccak256 } from '../core/keccak.js'
import { accountFromKey, deriveAccounts, deriveKey } from './derive.js'

const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}` as const

describe('keccak256', () => {
  test('behavior: equals viem for every length around the block size of 136', () => {
    for (let length = 0; length < 300; length++) {
      const bytes = new Uint8Array(length).map((_, i) => i * 7 + length)
      expect(hex(keccak256(bytes))).toBe(viemKeccak(bytes))
    }
  })
})

describe('deriveAccounts', () => {
  test('default', () => {
    expect(
      deriveAccounts({ seed: '7', count: 2 }).map(({ index, address }) => ({ index, address })),
    ).toMatchInlineSnapshot(`
      [
        {
          "address": "0x6a0609bc0fd602de57b9552f8bf1d64be8bea1bd",
          "index": 0,
        },
        {
          "address": "0xe6edddd3d406649b189ccf0842c581bdf314fd29",
          "index": 1,
        },
      ]
    `)
  })

  test('behavior: addresses are those that viem finds for the keys', () => {
    for (const account of deriveAccounts({ seed: 'addresses', count: 50 }))
      expect(account.address).toBe(
        privateKeyToAccount(hex(account.privateKey)).address.toLowerCase(),
      )
  })

  test('args: offset', () => {
    const all = deriveAccounts({ seed: 'x', count: 10 })
    expect(deriveAccounts({ seed: 'x', count: 4, offset: 6 })).toEqual(all.slice(6))
  })

  test('behavior: no two accounts are the same, within a seed and between seeds', () => {
    const seeds = ['1', '2', '1\0', '10']
    const addresses = seeds.flatMap((seed) =>
      deriveAccounts({ seed, count: 500 }).map(({ address }) => address),
    )
    expect(new Set(addresses).size).toBe(2000)
  })

  test('error: index', () => {
    expect(() => deriveKey('x', -1)).toThrow('An account cannot have the index -1.')
    expect(() => deriveKey('x', 0.5)).toThrow('An account cannot have the index 0.5.')
  })
})

describe('accountFromKey', () => {
  const key = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'

  test('default: with and without 0x', () => {
    expect(accountFromKey(key).address).toBe('0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266')
    expect(accountFromKey(key.slice(2))).toEqual(accountFromKey(key))
  })

  test.each([
    ['too short', key.slice(0, -1)],
    ['too long', `${key}0`],
    ['no hexadecimal', `${key.slice(0, -1)}g`],
    ['zero', `0x${'0'.repeat(64)}`],
    [
      'the order of the group',
      '0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141',
    ],
  ])('error: %s, and the message does not hold the key', (_, bad) => {
    let message = ''
    try {
      accountFromKey(bad)
    } catch (error) {
      expect(error).toMatchObject({ name: 'UsageError', exitCode: 2 })
      message = (error as Error).message
    }
    expect(message).toContain('The private key is not valid')
    expect(message).not.toContain(bad.slice(2, 20))
  })
})
