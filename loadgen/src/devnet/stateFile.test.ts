import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EMULATION, SYSTEM_ADDRESS } from '../chain/abi.generated.js'
import { createRpc } from '../chain/rpc.js'
import { UsageError } from '../core/errors.js'
import type { Hex } from '../core/types.js'
import { type Devnet, startDevnet } from './devnet.js'

const options = {
  emulation: EMULATION,
  systemAddress: SYSTEM_ADDRESS,
  log: { debug() {}, info() {}, warn() {} },
  blockTimeMs: 86_400_000,
}

let folder = ''
let statePath = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-'))
  statePath = join(folder, 'chain.state')
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Anvil is killed as it would be with its devnet. */
async function kill(devnet: Devnet): Promise<void> {
  process.kill(devnet.anvilPid, 'SIGKILL')
  expect((await devnet.exited)?.message).toMatch(/^Anvil ended by itself with SIGKILL/)
}

test('default: a node that was killed goes on with its chain, without what waited', async () => {
  const first = await startDevnet({ ...options, statePath })
  const rpc = createRpc(first.url)
  const [from, to] = (await rpc.call('eth_accounts')) as [Hex, Hex]
  const send = () => rpc.call('eth_sendTransaction', [{ from, to, value: '0x7', gas: '0x5208' }])
  const mined = await send()
  await rpc.call('evm_mine')
  const waiting = await send()
  expect(await rpc.call('eth_getTransactionByHash', [waiting])).toMatchObject({ blockHash: null })
  const seen = async (client: typeof rpc) =>
    client.batch([
      { method: 'eth_getBlockByNumber', params: ['0x1', true] },
      { method: 'eth_getTransactionReceipt', params: [mined] },
      { method: 'eth_getTransactionByHash', params: [mined] },
      { method: 'eth_getTransactionCount', params: [from, 'latest'] },
      { method: 'eth_getBalance', params: [to, 'latest'] },
      { method: 'eth_blockNumber', params: [] },
    ])
  const results = (answers: Awaited<ReturnType<typeof seen>>) => answers.map(({ result }) => result)
  const before = results(await seen(rpc))
  await kill(first)
  await rpc.close()

  const second = await startDevnet({ ...options, statePath })
  const again = createRpc(second.url)
  expect(results(await seen(again))).toEqual(before)
  expect(await again.call('eth_getTransactionByHash', [waiting])).toBe(null)
  const next = await again.call('eth_sendTransaction', [{ from, to, value: '0x7', gas: '0x5208' }])
  await again.call('evm_mine')
  expect(await again.call('eth_getTransactionReceipt', [next])).toMatchObject({
    ...{ blockNumber: '0x2', status: '0x1' },
  })
  await again.close()
  await second.stop()
})

test('behavior: what a client has seen in a block is in the file', async () => {
  const devnet = await startDevnet({ ...options, blockTimeMs: 1, statePath })
  const rpc = createRpc(devnet.url)
  for (let seen = 0; seen < 10; ) {
    seen = Number(await rpc.call('eth_blockNumber'))
    const state = JSON.parse(gunzipSync(readFileSync(statePath)).toString())
    expect(Number(state.best_block_number)).toBeGreaterThanOrEqual(seen)
  }
  await rpc.close()
  await devnet.stop()
})

/** What the set-up of a run gives traders on an emulated node; the block after it may never come. */
test('behavior: accounts that a client changed without a block are as it was told, after a SIGKILL', async () => {
  const first = await startDevnet({ ...options, statePath })
  const rpc = createRpc(first.url)
  const address = (digit: number): Hex => `0x${String(digit).repeat(40)}`
  const wei = [5n, 6n, 7n].map((ether) => `0x${(ether * 10n ** 18n).toString(16)}`)
  await rpc.batch(
    wei.map((value, i) => ({ method: 'anvil_setBalance', params: [address(i + 1), value] })),
  )
  await rpc.call('hardhat_setNonce', [address(1), '0x9'])
  await rpc.call('anvil_setCode', [address(2), '0x6001'])
  await rpc.call('anvil_setStorageAt', [address(2), '0x0', `0x${'1'.padStart(64, '0')}`])
  await kill(first)
  await rpc.close()

  const second = await startDevnet({ ...options, statePath })
  const again = createRpc(second.url)
  const answers = await again.batch([
    ...[1, 2, 3].map((i) => ({ method: 'eth_getBalance', params: [address(i), 'latest'] })),
    { method: 'eth_getTransactionCount', params: [address(1), 'latest'] },
    { method: 'eth_getCode', params: [address(2), 'latest'] },
    { method: 'eth_getStorageAt', params: [address(2), '0x0', 'latest'] },
  ])
  expect(answers.map(({ result }) => result)).toEqual([
    ...[...wei, '0x9', '0x6001', `0x${'1'.padStart(64, '0')}`],
  ])
  await again.close()
  await second.stop()
})

test('behavior: accounts that change beside blocks are in the file as soon as that is answered', async () => {
  const devnet = await startDevnet({ ...options, blockTimeMs: 1, statePath })
  const rpc = createRpc(devnet.url)
  const set = async (i: number) => {
    const address = `0x${String(i).padStart(40, 'a')}`
    await rpc.call('anvil_setBalance', [address, '0x7'])
    const { accounts } = JSON.parse(gunzipSync(readFileSync(statePath)).toString())
    return accounts[address]?.balance
  }
  const balances = await Promise.all(Array.from({ length: 20 }, (_, i) => set(i)))
  expect(balances.map(Number)).toEqual(new Array(20).fill(7))
  await rpc.close()
  await devnet.stop()
  expect(await devnet.exited).toBe(undefined)
})

test('behavior: a block that a client took back is gone, after a SIGKILL', async () => {
  const first = await startDevnet({ ...options, statePath })
  const rpc = createRpc(first.url)
  const snapshot = await rpc.call('evm_snapshot')
  await rpc.call('evm_mine')
  await rpc.call('evm_revert', [snapshot])
  await kill(first)
  await rpc.close()

  const second = await startDevnet({ ...options, statePath })
  const again = createRpc(second.url)
  expect(await again.call('eth_blockNumber')).toBe('0x0')
  await again.close()
  await second.stop()
})

test('error: a file that is no state, and a folder that is not there', async () => {
  writeFileSync(statePath, 'not a state')
  await expect(startDevnet({ ...options, statePath })).rejects.toEqual(
    new UsageError(
      `"${statePath}" holds no state of a devnet; give the file that --state wrote, or one that is not there yet.`,
    ),
  )
  expect(readFileSync(statePath, 'utf8')).toBe('not a state')
  const nowhere = join(folder, 'nowhere', 'chain.state')
  await expect(startDevnet({ ...options, statePath: nowhere })).rejects.toEqual(
    new UsageError(`The state file "${nowhere}" cannot be written (ENOENT).`),
  )
  await expect(startDevnet({ ...options, statePath: folder })).rejects.toEqual(
    new UsageError(`The state file "${folder}" cannot be read (EISDIR).`),
  )
})
