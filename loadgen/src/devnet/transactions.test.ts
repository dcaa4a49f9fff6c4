import {
  type Hex,
  parseTransaction,
  recoverTransactionAddress,
  serializeTransaction,
  type TransactionSerializable,
  type TransactionSerialized,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { createRng } from '../core/rng.js'
import { decodeRawTransaction } from './transactions.js'

const rng = createRng('transactions', 'fields')
const randomBytes = (length: number) =>
  `0x${Buffer.from(Uint8Array.from({ length }, () => rng.int(256))).toString('hex')}` as Hex
const randomAmount = () => rng.bigint(1n << BigInt(1 + rng.int(200)))
const accounts = Array.from({ length: 8 }, () => privateKeyToAccount(randomBytes(32)))

/** Lengths at which the form of an RLP header changes, and some between. */
const DATA_LENGTHS = [0, 1, 4, 31, 54, 55, 56, 57, 100, 196, 255, 256, 300, 1000, 65_536, 70_000]
const TYPES = ['unprotected', 'legacy', 'eip2930', 'eip1559'] as const

function randomTransaction(type: (typeof TYPES)[number]): TransactionSerializable {
  const common = {
    nonce: Number(rng.bigint(1n << BigInt(1 + rng.int(40)))),
    to: rng.int(8) === 0 ? undefined : randomBytes(20),
    data: randomBytes(rng.pick(DATA_LENGTHS)),
    gas: rng.bigint(1n << BigInt(1 + rng.int(40))),
    value: randomAmount(),
  }
  const chainId = 1 + rng.int(rng.pick([2, 118, 65_536, 2 ** 31]))
  const accessList = Array.from({ length: rng.int(3) }, () => ({
    address: randomBytes(20),
    storageKeys: Array.from({ length: rng.int(3) }, () => randomBytes(32)),
  }))
  if (type === 'unprotected') return { ...common, type: 'legacy', gasPrice: randomAmount() }
  if (type === 'legacy') return { ...common, type, chainId, gasPrice: randomAmount() }
  if (type === 'eip2930') return { ...common, type, chainId, accessList, gasPrice: randomAmount() }
  const maxPriorityFeePerGas = randomAmount()
  const maxFeePerGas = maxPriorityFeePerGas + randomAmount()
  return { ...common, type, chainId, accessList, maxPriorityFeePerGas, maxFeePerGas }
}

async function sign(tx: TransactionSerializable): Promise<TransactionSerialized> {
  return (await rng.pick(accounts).signTransaction(tx as never)) as TransactionSerialized
}

describe('decodeRawTransaction', () => {
  test.each(TYPES)('behavior: what viem finds in a transaction, %s', async (type) => {
    for (let i = 0; i < 60; i++) {
      const raw = await sign(randomTransaction(type))
      const parsed = parseTransaction(raw) as TransactionSerializable
      const from = await recoverTransactionAddress({ serializedTransaction: raw })
      expect(decodeRawTransaction(raw)).toEqual({
        from: from.toLowerCase(),
        to: parsed.to?.toLowerCase(),
        data: parsed.data ?? '0x',
        value: parsed.value ?? 0n,
        gas: parsed.gas ?? 0n,
        gasPrice: parsed.maxFeePerGas ?? parsed.gasPrice ?? 0n,
        nonce: parsed.nonce ?? 0,
      })
    }
  })

  test('behavior: signatures with leading zeros', async () => {
    const [account] = accounts
    let shortened = 0
    for (let nonce = 0; nonce < 600; nonce++) {
      const raw = await account!.signTransaction(
        { type: 'legacy', chainId: 118, nonce, to: randomBytes(20), gas: 21_000n, gasPrice: 1n },
        {
          serializer: (unsigned, signature) => {
            if (signature?.r.startsWith('0x00') || signature?.s.startsWith('0x00')) shortened++
            return serializeTransaction(unsigned, signature)
          },
        },
      )
      expect(decodeRawTransaction(raw)?.from).toBe(account?.address.toLowerCase())
    }
    // About one signature in 128 has a leading zero byte in r or s.
    expect(shortened).toBeGreaterThan(0)
  })

  test('behavior: upper case', async () => {
    const raw = await sign(randomTransaction('legacy'))
    expect(decodeRawTransaction(`0x${raw.slice(2).toUpperCase()}`)).toEqual(
      decodeRawTransaction(raw),
    )
  })

  test('behavior: nothing for what is no transaction', async () => {
    const raw = await sign(randomTransaction('eip1559'))
    for (const other of [
      '0x',
      '0x02',
      '0x02c0',
      '0xc0',
      `0x03${raw.slice(4)}`,
      `0x01${raw.slice(4)}`,
      raw.slice(0, -2),
      raw.slice(0, -1),
      `${raw}00`,
      `${raw.slice(0, -2)}zz`,
      `0xff${'ff'.repeat(20)}`,
    ])
      expect(decodeRawTransaction(other), other.slice(0, 20)).toBeUndefined()
  })

  test('behavior: nothing for a signature that nobody can have made', async () => {
    const raw = await sign({ type: 'legacy', chainId: 118, nonce: 0, gas: 1n, gasPrice: 1n })
    const withoutR = serializeTransaction(
      { type: 'legacy', chainId: 118, nonce: 0, gas: 1n, gasPrice: 1n },
      { r: `0x${'ff'.repeat(32)}`, s: `0x${'11'.repeat(32)}`, v: 271n },
    )
    expect(decodeRawTransaction(raw)).toBeDefined()
    expect(decodeRawTransaction(withoutR)).toBeUndefined()
  })
})
