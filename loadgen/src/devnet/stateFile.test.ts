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
