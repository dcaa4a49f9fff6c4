import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { JsonRpcProvider, Wallet } from 'ethers'
import {
  createPublicClient,
  createTestClient,
  createWalletClient,
  defineChain,
  http,
  parseEther,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EMULATION, SYSTEM_ADDRESS } from '../chain/abi.generated.js'
import { nativeBinary } from '../core/nativeBinary.js'
import { type Devnet, startDevnet } from './devnet.js'

/** Keys of the first three accounts of the well-known phrase. */
const KEYS = [
  '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
  '0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a',
] as const
const RECEIVER = '0x000000000000000000000000000000000000bEEF'

let devnet: Devnet

beforeAll(async () => {
  devnet = await startDevnet({
    emulation: EMULATION,
    systemAddress: SYSTEM_ADDRESS,
    log: { debug() {}, info() {}, warn() {} },
    blockTimeMs: 50,
  })
})

afterAll(() => devnet.stop())

test('default: viem sends, waits, reads, and drives the node as a test client', async () => {
  const chain = defineChain({
    id: 118,
    name: 'Arcology',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [devnet.url] } },
  })
  const account = privateKeyToAccount(KEYS[0])
  const transport = http(devnet.url, { batch: true })
  const reader = createPublicClient({ chain, transport, pollingInterval: 20 })
  const wallet = createWalletClient({ account, chain, transport })
  const before = await reader.getBalance({ address: RECEIVER })
  const hash = await wallet.sendTransaction({ to: RECEIVER, value: parseEther('1') })
  const receipt = await reader.waitForTransactionReceipt({ hash })
  expect(receipt).toMatchObject({ status: 'success', transactionHash: hash })
  expect((await reader.getBalance({ address: RECEIVER })) - before).toBe(parseEther('1'))
  const block = await reader.getBlock({ blockNumber: receipt.blockNumber })
  expect(block).toMatchObject({ transactions: [hash], baseFeePerGas: 0n })
  const admin = createTestClient({ mode: 'anvil', chain, transport })
  await admin.mine({ blocks: 2 })
  expect(await reader.getBlockNumber({ cacheTime: 0 })).toBeGreaterThanOrEqual(
    receipt.blockNumber + 2n,
  )
})

test('default: cast sends and reads', async () => {
  const cast = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)(nativeBinary('cast'), [
      ...args,
      '--rpc-url',
      devnet.url,
    ])
    return stdout.trim()
  }
  expect(await cast('chain-id')).toBe('118')
  const before = BigInt(await cast('balance', RECEIVER))
  const send = ['send', RECEIVER, '--value', '1ether', '--private-key', KEYS[1], '--json']
  const receipt = JSON.parse(await cast(...send)) as { status: string; transactionHash: string }
  expect(receipt.status).toBe('0x1')
  expect(await cast('receipt', receipt.transactionHash, 'status')).toBe('true')
  expect(BigInt(await cast('balance', RECEIVER)) - before).toBe(parseEther('1'))
  expect(
    await cast('call', '0x00000000000000000000000000000000000000a0', 'isInDeferred()(bool)'),
  ).toBe('false')
})

test('default: ethers sends, waits and reads', async () => {
  const provider = new JsonRpcProvider(devnet.url, 118, {
    staticNetwork: true,
    pollingInterval: 20,
  })
  const wallet = new Wallet(KEYS[2], provider)
  const before = await provider.getBalance(RECEIVER)
  const sent = await wallet.sendTransaction({ to: RECEIVER, value: parseEther('1') })
  const receipt = await sent.wait()
  expect(receipt?.status).toBe(1)
  // By block number: ethers answers a repeated read from its cache.
  const after = await provider.getBalance(RECEIVER, receipt?.blockNumber)
  expect(after - before).toBe(parseEther('1'))
  provider.destroy()
})
