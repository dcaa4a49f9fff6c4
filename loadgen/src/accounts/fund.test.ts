import type { Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeApprove, encodeMint, encodeTransfer } from '../chain/encode.js'
import { getLogs } from '../chain/logs.js'
import { createRpc, type Rpc } from '../chain/rpc.js'
import { systemClock } from '../core/clock.js'
import { type Anvil, startAnvil } from '../devnet/anvil.js'
import { accountFromKey, type DerivedAccount, deriveAccounts } from './derive.js'
import {
  approveFromAll,
  callFromAll,
  mintToAll,
  setBalances,
  transferToAll,
  transferTokenToAll,
} from './fund.js'
import { getNonces } from './nonces.js'
import { createSignPool, type SignPool } from './signPool.js'

/** Writes its call data into a log whose topic is the caller. */
const ECHO = '365f5f3733365fa100'
const contracts = {
  echo: { address: '0x00000000000000000000000000000000000000e1', code: `0x${ECHO}` },
  /** While its slot 0 is 1, reverts for callers with an odd address, as if they had lost a conflict. */
  flaky: {
    address: '0x00000000000000000000000000000000000000e2',
    code: `0x336001165f5416601357${ECHO}5b5f5ffd`,
  },
  broken: { address: '0x00000000000000000000000000000000000000e3', code: '0x5f5ffd' },
} as const

const chain = { chainId: 118, gasPrice: 1_000_000_000n }
const ether = 10n ** 18n
const accounts = deriveAccounts({ seed: 'fund', count: 12 })
const addresses = accounts.map(({ address }) => address)
let anvil: Anvil
let rpc: Rpc
let pool: SignPool
let funder: DerivedAccount

beforeAll(async () => {
  anvil = await startAnvil({ chainId: 118, clock: systemClock })
  rpc = createRpc(anvil.url)
  pool = createSignPool({ seed: 'fund', chainId: 118, workers: 1 })
  // Anvil's first account.
  funder = accountFromKey('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80')
  await rpc.call('evm_setAutomine', [true])
  for (const { address, code } of Object.values(contracts))
    await rpc.call('anvil_setCode', [address, code])
})
afterAll(async () => {
  await pool.close()
  await rpc.close()
  await anvil.stop()
})

const balance = async (address: Hex) =>
  BigInt((await rpc.call('eth_getBalance', [address, 'latest'])) as Hex)
const height = async () => Number(await rpc.call('eth_blockNumber'))

/** Who called a contract with what since a block. */
async function callsSince(block: number, to: Hex): Promise<{ from: Hex; data: Hex }[]> {
  const logs = await getLogs(rpc, {
    fromBlock: block + 1,
    toBlock: await height(),
    addresses: [to],
  })
  return logs.map((log) => ({ from: `0x${log.topics[0]?.slice(26)}`, data: log.data }))
}

describe('gas money', () => {
  test('default: setBalances', async () => {
    await setBalances(rpc, { addresses, wei: 5n * ether })
    expect(await Promise.all(addresses.map(balance))).toEqual(addresses.map(() => 5n * ether))
  })

  test('default: transferToAll', async () => {
    const strangers = deriveAccounts({ seed: 'strangers', count: 30 }).map(({ address }) => address)
    const progress: number[] = []
    await transferToAll(rpc, {
      ...chain,
      funder,
      addresses: strangers,
      wei: 7n,
      onProgress: (done) => progress.push(done),
    })
    expect(await Promise.all(strangers.map(balance))).toEqual(strangers.map(() => 7n))
    expect(progress).toEqual([30])
  })

  test('error: a funder that cannot pay, found out before anything is sent', async () => {
    const poor = deriveAccounts({ seed: 'poor', count: 1 })[0] as DerivedAccount
    await setBalances(rpc, { addresses: [poor.address], wei: ether })
    await expect(
      transferToAll(rpc, { ...chain, funder: poor, addresses, wei: ether }),
    ).rejects.toMatchObject({
      exitCode: 2,
      message: `The account ${poor.address} has 1000000000000000000 wei, and funding 12 accounts takes 12001200000000000000 wei.`,
    })
    expect(await getNonces(rpc, [poor.address])).toEqual([0])
  })

  test('error: a node without anvil_setBalance', async () => {
    const plain: Rpc = { ...rpc, call: () => rpc.call('no_such_method') }
    await expect(setBalances(plain, { addresses, wei: 1n })).rejects.toMatchObject({
      exitCode: 2,
      message:
        'The node cannot set balances; give the private key of an account that pays for the others.',
    })
  })
})

describe('collateral', () => {
  const token = contracts.echo.address
  const amount = 123n

  test('default: mintToAll and transferTokenToAll call the token for each account, from the signer', async () => {
    const start = await height()
    await mintToAll(rpc, { ...chain, signer: funder, token, addresses, amount })
    await transferTokenToAll(rpc, { ...chain, signer: funder, token, addresses, amount })
    expect(await callsSince(start, token)).toEqual(
      [
        ...addresses.map((recipient) => ({
          from: funder.address,
          ...encodeMint({ token, recipient, amount }),
        })),
        ...addresses.map((recipient) => ({
          from: funder.address,
          ...encodeTransfer({ token, recipient, amount }),
        })),
      ].map(({ from, data }) => ({ from, data })),
    )
  })

  test('default: approveFromAll calls the token from each account', async () => {
    const start = await height()
    const vault = '0x00000000000000000000000000000000000000f1'
    await approveFromAll(rpc, { ...chain, pool, addresses, token, vault })
    const { data } = encodeApprove({ token, spender: vault, amount: 2n ** 256n - 1n })
    const calls = await callsSince(start, token)
    expect(calls.toSorted((a, b) => a.from.localeCompare(b.from))).toEqual(
      addresses.toSorted().map((from) => ({ from, data })),
    )
  })

  test('behavior: what failed is sent again, and only that, until each account has succeeded once', async () => {
    const start = await height()
    const call = { to: contracts.flaky.address, data: '0xab' } as const
    const setConflict = (on: 0 | 1) =>
      rpc.call('anvil_setStorageAt', [call.to, '0x0', `0x${String(on).padStart(64, '0')}`])
    await setConflict(1)
    const rounds: number[][] = []
    const watched: SignPool = {
      ...pool,
      sign: async (txs) => {
        rounds.push(txs.map(({ trader }) => trader))
        if (rounds.length === 3) await setConflict(0)
        return pool.sign(txs)
      },
    }
    const progress: number[] = []
    await callFromAll(rpc, {
      ...chain,
      pool: watched,
      addresses,
      what: 'deposit',
      gas: 100_000n,
      call,
      onProgress: (done) => progress.push(done),
    })
    const callers = (await callsSince(start, call.to)).map(({ from }) => from)
    expect(callers.toSorted()).toEqual(addresses.toSorted())
    const odd = addresses.flatMap((address, i) => (BigInt(address) % 2n === 1n ? [i] : []))
    expect(odd.length).toBeGreaterThan(0)
    expect(rounds).toEqual([addresses.map((_, i) => i), odd, odd])
    expect(progress).toEqual([12 - odd.length, 12 - odd.length, 12])
  })

  test('error: what always fails is told with its count and a transaction', async () => {
    const call = { to: contracts.broken.address, data: '0x' } as const
    await expect(
      callFromAll(rpc, {
        ...chain,
        pool,
        addresses: addresses.slice(0, 3),
        what: 'deposit',
        gas: 100_000n,
        call,
      }),
    ).rejects.toThrow(
      /^The deposit failed for 3 of 3 accounts in 4 rounds; the first failed transaction is 0x[0-9a-f]{64}\.$/,
    )
  })
})
