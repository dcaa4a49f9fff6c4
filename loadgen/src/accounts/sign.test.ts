import { type Hex, serializeTransaction, keccak256 as viemKeccak } from 'viem'
import { privateKeyToAccount, signTransaction as viemSign } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { createRng } from '../core/rng.js'
import { deriveKey } from './derive.js'
import { hashRaw, signTransaction, type UnsignedTx } from './sign.js'

const rng = createRng('sign', 'fields')
const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}` as Hex
const randomBytes = (length: number) => hex(Uint8Array.from({ length }, () => rng.int(256)))
/** Of every magnitude, zero included: where encodings differ is where lengths change. */
const randomAmount = () => rng.bigint(1n << BigInt(1 + rng.int(256))) >> BigInt(rng.int(8))

/** Lengths at which the form of an RLP header changes, and some between. */
const DATA_LENGTHS = [
  0, 1, 4, 31, 54, 55, 56, 57, 100, 196, 255, 256, 257, 300, 1000, 65_530, 65_536, 70_000,
]

function randomTx(): { tx: UnsignedTx; chainId: number } {
  const common = {
    nonce: Number(rng.bigint(1n << BigInt(1 + rng.int(40)))),
    to: rng.int(8) === 0 ? undefined : randomBytes(20),
    data: rng.int(20) === 0 ? (`0x0${rng.int(8)}` as Hex) : randomBytes(rng.pick(DATA_LENGTHS)),
    gas: rng.bigint(1n << BigInt(1 + rng.int(40))),
    value: randomAmount(),
  }
  const chainId = 1 + rng.int(rng.pick([2, 118, 65_536, 2 ** 31]))
  if (rng.int(2) === 0) return { tx: { ...common, gasPrice: randomAmount() }, chainId }
  const maxPriorityFeePerGas = rng.bigint(1n << 60n)
  return {
    tx: {
      ...common,
      maxPriorityFeePerGas,
      maxFeePerGas: maxPriorityFeePerGas + rng.bigint(1n << 60n),
    },
    chainId,
  }
}

describe('signTransaction', () => {
  test('behavior: byte for byte what viem signs, over random fields of both types', async () => {
    for (let i = 0; i < 400; i++) {
      const { tx, chainId } = randomTx()
      const privateKey = deriveKey('sign', i)
      const type = 'gasPrice' in tx ? 'legacy' : 'eip1559'
      const theirs = await viemSign({
        privateKey: hex(privateKey),
        transaction: { ...tx, chainId, type } as never,
      })
      const ours = signTransaction(tx, { chainId, privateKey })
      expect(ours.raw, JSON.stringify({ i, nonce: tx.nonce, type })).toBe(theirs)
      expect(ours.hash).toBe(viemKeccak(theirs))
      expect(hashRaw(ours.raw)).toBe(ours.hash)
    }
  }, 60_000)

  test('behavior: byte for byte what viem serializes, signatures with leading zeros included', async () => {
    const account = (index: number) => privateKeyToAccount(hex(deriveKey('serialize', index)))
    let shortened = 0
    for (let nonce = 0; nonce < 600; nonce++) {
      const tx = {
        nonce,
        to: randomBytes(20),
        data: '0x' as Hex,
        gas: 21_000n,
        value: 0n,
        gasPrice: 1n,
      }
      const ours = signTransaction(tx, {
        chainId: 118,
        privateKey: deriveKey('serialize', nonce % 3),
      })
      const theirs = await account(nonce % 3).signTransaction(
        { ...tx, chainId: 118, type: 'legacy' },
        {
          serializer: (unsigned, signature) => {
            if (signature?.r.startsWith('0x00') || signature?.s.startsWith('0x00')) shortened++
            return serializeTransaction(unsigned, signature)
          },
        },
      )
      expect(ours.raw).toBe(theirs)
    }
    // About one signature in 128 has a leading zero byte in r or s.
    expect(shortened).toBeGreaterThan(0)
  }, 60_000)

  test.each([
    ['nonce', { nonce: -1 }, 'A transaction cannot hold the number -1.'],
    ['fractional nonce', { nonce: 1.5 }, 'A transaction cannot hold the number 1.5.'],
    ['gas', { gas: -5n }, 'A transaction cannot hold the number -5.'],
    ['short address', { to: '0x1234' }, '"0x1234" is not 20 hexadecimal bytes.'],
    ['odd data', { data: '0x123' }, '"0x123" is not 1.5 hexadecimal bytes.'],
    ['data that is not hexadecimal', { data: '0x12zz' }, '"0x12zz" is not 2 hexadecimal bytes.'],
  ] as [string, Partial<UnsignedTx>, string][])('error: %s', (_, fault, message) => {
    const tx = {
      nonce: 0,
      to: randomBytes(20),
      data: '0x',
      gas: 21_000n,
      value: 0n,
      gasPrice: 1n,
    } as const
    expect(() =>
      signTransaction({ ...tx, ...fault } as UnsignedTx, {
        chainId: 118,
        privateKey: deriveKey('x', 0),
      }),
    ).toThrow(message)
  })
})
