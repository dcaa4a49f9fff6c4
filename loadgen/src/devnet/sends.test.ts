import type { TransactionSerializable } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DerivedAccount, deriveAccounts } from '../accounts/derive.js'
import { signTransaction } from '../accounts/sign.js'
import { EMULATION, SYSTEM_ADDRESS } from '../chain/abi.generated.js'
import { createRpc, type Rpc, type RpcAnswer } from '../chain/rpc.js'
import type { Hex } from '../core/types.js'
import { type Devnet, startDevnet } from './devnet.js'

const RECEIVER = '0x000000000000000000000000000000000000beef'
const MANY = 20_000
/** The first 1,000 send many, each of the others is for one test. */
const accounts = deriveAccounts({ seed: 'sends', count: 1_020 })
const senders = accounts.slice(0, 1_000)
let unused = senders.length

/** What transactions meet on a real node: Anvil and all. */
let devnet: Devnet
let rpc: Rpc

beforeAll(async () => {
  devnet = await startDevnet({
    emulation: EMULATION,
    systemAddress: SYSTEM_ADDRESS,
    log: { debug() {}, info() {}, warn() {} },
    blockTimeMs: 86_400_000,
    emptyBlocks: false,
  })
  rpc = createRpc(devnet.url)
  await rpc.batch(
    accounts.map(({ address }) => ({
      method: 'anvil_setBalance',
      params: [address, '0xffffffffffffffff'],
    })),
  )
})

afterAll(async () => {
  await rpc.close()
  await devnet.stop()
  expect(await devnet.exited).toBe(undefined)
})

/** A transfer. */
function sign(
  from: DerivedAccount,
  nonce: number,
  fields: { gasPrice?: bigint; chainId?: number } = {},
): Hex {
  const { gasPrice = 10n, chainId = 118 } = fields
  const transaction = {
    nonce,
    to: RECEIVER,
    data: '0x',
    gas: 21_000n,
    value: 1n,
    gasPrice,
  } as const
  return signTransaction(transaction, { chainId, privateKey: from.privateKey }).raw
}

/** An account that has sent nothing yet. */
function fresh(): DerivedAccount {
  unused += 1
  return accounts[unused - 1] as DerivedAccount
}

async function send(...raws: unknown[]): Promise<RpcAnswer[]> {
  return rpc.batch(raws.map((raw) => ({ method: 'eth_sendRawTransaction', params: [raw] })))
}

/** `ok`, or code and words of the refusal. */
async function outcomes(...raws: unknown[]): Promise<string[]> {
  const answers = await send(...raws)
  return answers.map(({ error }) => (error === undefined ? 'ok' : `${error.code} ${error.message}`))
}

/** Makes a block and returns its transactions. */
async function mine(): Promise<Hex[]> {
  await rpc.call('evm_mine')
  const block = (await rpc.call('eth_getBlockByNumber', ['latest', false])) as {
    transactions: Hex[]
  }
  return block.transactions
}

/** What the counters and the chain say of some sends and a block. */
async function effect(
  work: () => Promise<unknown>,
): Promise<{ taken: number; refused: number; evicted: number; mined: number }> {
  const before = devnet.counters()
  await work()
  const mined = (await mine()).length
  const after = devnet.counters()
  return {
    taken: after.taken - before.taken,
    refused: after.refused - before.refused,
    evicted: after.evicted - before.evicted,
    mined,
  }
}

test('default: 20,000 raw transactions in a batch, and 20,000 by arn_sendRawTransactions, half of them the same', async () => {
  const raws = Array.from({ length: 1.5 * MANY }, (_, i) =>
    sign(senders[i % senders.length] as DerivedAccount, Math.floor(i / senders.length)),
  )
  const result = await effect(async () => {
    const answers = await send(...raws.slice(0, MANY))
    expect(new Set(answers.map(({ result }) => result)).size).toBe(MANY)
    expect(await rpc.call('arn_sendRawTransactions', raws.slice(MANY / 2))).toBe(MANY / 2)
  })
  expect(result).toEqual({ taken: 1.5 * MANY, refused: MANY / 2, evicted: 0, mined: 1.5 * MANY })
}, 60_000)

test('behavior: a transaction that is sent again, at once, later, in any case, is taken and mined once', async () => {
  const raw = sign(fresh(), 0)
  const upper = `0x${raw.slice(2).toUpperCase()}`
  const result = await effect(async () => {
    const together = await Promise.all([outcomes(raw), outcomes(raw), outcomes(raw, raw, upper)])
    const all = together.flat()
    expect(all.filter((outcome) => outcome === 'ok')).toHaveLength(1)
    expect(new Set(all)).toEqual(new Set(['ok', '-32003 transaction already imported']))
    expect(await rpc.call('arn_sendRawTransactions', [raw, raw])).toBe(0)
  })
  expect(result).toEqual({ taken: 1, refused: 6, evicted: 0, mined: 1 })
  expect(await outcomes(raw)).toEqual(['-32003 nonce too low'])
})

test('behavior: a higher price replaces, any other does not', async () => {
  const from = fresh()
  const [first, cheaper, dearer] = [10n, 9n, 20n].map((gasPrice) => sign(from, 0, { gasPrice }))
  const result = await effect(async () => {
    expect(await outcomes(first, cheaper, dearer)).toEqual([
      'ok',
      '-32003 replacement transaction underpriced',
      'ok',
    ])
  })
  expect(result).toEqual({ taken: 2, refused: 1, evicted: 1, mined: 1 })
})

test('behavior: a gap holds back what follows it, until it is filled', async () => {
  const from = fresh()
  const raws = [0, 1, 2, 3].map((nonce) => sign(from, nonce))
  expect(await effect(() => send(raws[0], raws[2], raws[3]))).toEqual({
    taken: 3,
    refused: 0,
    evicted: 0,
    mined: 1,
  })
  expect(await effect(() => send(raws[1]))).toEqual({ taken: 1, refused: 0, evicted: 0, mined: 3 })
})

test('error: what can never be mined is refused, with a reason', async () => {
  const from = fresh()
  const poor = deriveAccounts({ seed: 'poor', count: 1 })[0] as DerivedAccount
  const raw = sign(from, 0)
  const result = await effect(async () => {
    expect(await outcomes(sign(poor, 0))).toEqual([
      '-32003 Insufficient funds for gas * price + value',
    ])
    expect(await outcomes(sign(from, 0, { chainId: 1 }))).toEqual([
      '-32003 invalid chain id for signer: signed for chain 1, this is chain 118',
    ])
    expect(
      await outcomes(
        '0xdeadbeef',
        '0x',
        raw.slice(0, -2),
        `${raw.slice(0, -64)}${'00'.repeat(32)}`,
      ),
    ).toEqual([
      '-32602 Failed to decode transaction',
      '-32602 Empty transaction data',
      '-32602 Failed to decode transaction',
      '-32602 Failed to decode transaction',
    ])
    const [notHex, ...others] = await outcomes(
      '0xzz',
      '0xc901010101010182zzzz',
      [1, 2],
      5,
      null,
      {},
    )
    expect(notHex).toMatch(/^-32602 invalid value: string "0xzz"/)
    expect(others.slice(1)).toEqual(
      Array(4).fill('-32602 A raw transaction is a hexadecimal string.'),
    )
    // Another signature is another sender's, who owns nothing.
    const flipped = raw.endsWith('0') ? '1' : '0'
    expect(await outcomes(`${raw.slice(0, -1)}${flipped}`)).toEqual([
      '-32003 Insufficient funds for gas * price + value',
    ])
  })
  expect(result).toMatchObject({ taken: 0, refused: 13, evicted: 0, mined: 0 })
})

/** Signed by viem, which knows every type. */
async function signAs(fields: object): Promise<Hex> {
  const account = privateKeyToAccount(`0x${Buffer.from(fresh().privateKey).toString('hex')}`)
  const common = { chainId: 118, nonce: 0, gas: 21_000n, to: RECEIVER, value: 1n }
  return account.signTransaction({ ...common, ...fields } as TransactionSerializable)
}

test('behavior: types 0, 1 and 2, and a legacy transaction for any chain, are mined; blobs are refused', async () => {
  const fees = { maxFeePerGas: 5n, maxPriorityFeePerGas: 1n }
  const blobs = { maxFeePerBlobGas: 1n, blobVersionedHashes: [`0x01${'22'.repeat(31)}`] }
  const raws = [
    await signAs({ type: 'legacy', gasPrice: 1n }),
    await signAs({ type: 'legacy', gasPrice: 1n, chainId: undefined }),
    await signAs({ type: 'eip2930', gasPrice: 1n }),
    await signAs({ type: 'eip1559', ...fees }),
  ]
  const foreign = [
    await signAs({ type: 'eip4844', ...fees, ...blobs }),
    await signAs({ type: 'eip1559', ...fees, chainId: 1 }),
  ]
  const result = await effect(async () => {
    expect(await outcomes(...raws, ...foreign)).toEqual([
      ...Array(4).fill('ok'),
      '-32003 transaction type not supported: the runtime has types 0, 1 and 2, not 3',
      '-32003 invalid chain id for signer',
    ])
  })
  expect(result).toEqual({ taken: 4, refused: 2, evicted: 0, mined: 4 })
})

test('behavior: the prefix 0x may be left out', async () => {
  const result = await effect(async () => {
    expect(await outcomes(sign(fresh(), 0).slice(2))).toEqual(['ok'])
  })
  expect(result).toMatchObject({ taken: 1, mined: 1 })
})
