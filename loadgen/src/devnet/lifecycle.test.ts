import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { EMULATION, SYSTEM_ADDRESS } from '../chain/abi.generated.js'
import { createRpc } from '../chain/rpc.js'
import { NodeError, UsageError } from '../core/errors.js'
import { startDevnet } from './devnet.js'

const options = {
  emulation: EMULATION,
  systemAddress: SYSTEM_ADDRESS,
  log: { debug() {}, info() {}, warn() {} },
}

/** Whether a process runs. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('default: starts on a free port, serves chain 118, and leaves nothing behind', async () => {
  const devnet = await startDevnet(options)
  const rpc = createRpc(devnet.url)
  expect(await rpc.call('eth_chainId')).toBe('0x76')
  expect(devnet).toMatchObject({ chainId: 118, url: `http://127.0.0.1:${devnet.port}` })
  for (const { address, code } of EMULATION)
    expect(await rpc.call('eth_getCode', [address, 'latest'])).toBe(code)
  expect(isRunning(devnet.anvilPid)).toBe(true)
  await Promise.all([devnet.stop(), devnet.stop()])
  expect(await devnet.exited).toBe(undefined)
  expect(isRunning(devnet.anvilPid)).toBe(false)
  await rpc.close()
  const late = createRpc(devnet.url)
  await expect(late.call('eth_chainId')).rejects.toThrow('cannot be reached (ECONNREFUSED)')
  await late.close()
})

test('behavior: blocks are made when nothing waits', async () => {
  const devnet = await startDevnet({ ...options, blockTimeMs: 10 })
  const rpc = createRpc(devnet.url)
  while (Number(await rpc.call('eth_blockNumber')) < 3);
  await rpc.close()
  await devnet.stop()
})

test('behavior: stop() answers calls that wait', async () => {
  const devnet = await startDevnet({ ...options, blockTimeMs: 86_400_000, blockSize: 1 })
  const rpc = createRpc(devnet.url)
  const accounts = (await rpc.call('eth_accounts')) as string[]
  const transaction = { from: accounts[0], to: accounts[1], gas: '0x5208' }
  const forReceipt = rpc.call('eth_sendTransactionSync', [transaction])
  const told = expect(forReceipt).rejects.toThrow(/refused.*: The node .* cannot be reached/)
  while (devnet.counters().taken === 0) await rpc.call('eth_chainId')
  // The block is full: this one waits for a place in the next, the call before it in the batch does not.
  const forPlace = rpc.batch([
    { method: 'anvil_setBalance', params: [accounts[2], '0x7'] },
    { method: 'eth_sendTransaction', params: [transaction] },
  ])
  while ((await rpc.call('eth_getBalance', [accounts[2], 'latest'])) !== '0x7');
  await devnet.stop()
  await told
  expect((await forPlace).map(({ error }) => error?.message)).toEqual([
    undefined,
    'The devnet was stopped.',
  ])
  await rpc.close()
})

test('error: Anvil ends by itself', async () => {
  const devnet = await startDevnet(options)
  process.kill(devnet.anvilPid, 'SIGKILL')
  const error = await devnet.exited
  expect(error).toBeInstanceOf(NodeError)
  expect(error?.message).toBe('Anvil ended by itself with SIGKILL.')
  await devnet.stop()
})

test('behavior: a process that is killed leaves no Anvil behind', async () => {
  const built = new URL('../../dist/', import.meta.url)
  const script = `
    const { startAnvil } = await import('${new URL('devnet/anvil.js', built)}')
    const { systemClock: clock } = await import('${new URL('core/clock.js', built)}')
    const { url } = await startAnvil({ chainId: 118, clock })
    process.stdout.write(url)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>((resolve) => {
    child.stdout.once('data', (text: Buffer) => resolve(text.toString()))
  })
  const rpc = createRpc(url)
  expect(await rpc.call('eth_chainId')).toBe('0x76')
  child.kill('SIGKILL')
  const answers = () =>
    rpc.call('eth_chainId').then(
      () => true,
      () => false,
    )
  while (await answers());
  await rpc.close()
})

test('error: the port is in use', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const start = startDevnet({ ...options, port })
  await expect(start).rejects.toThrow(UsageError)
  await expect(start).rejects.toThrow(
    `Port ${port} of 127.0.0.1 is in use; give another one, or 0 for any that is free.`,
  )
  await new Promise((resolve) => server.close(resolve))
})

test('error: options out of range', async () => {
  const messages = await Promise.all(
    [{ port: 65_536 }, { blockTimeMs: -1 }, { blockSize: 0 }, { blockSize: 1.5 }].map((wrong) =>
      startDevnet({ ...options, ...wrong }).then(
        () => 'started',
        (error: Error) => `${error.name}: ${error.message}`,
      ),
    ),
  )
  expect(messages).toMatchInlineSnapshot(`
    [
      "UsageError: The port is a whole number from 0 to 65535, not 65536.",
      "UsageError: The block time in milliseconds is a whole number from 0 to 2147483647, not -1.",
      "UsageError: The block size is a whole number from 1 to 1000000, not 0.",
      "UsageError: The block size is a whole number from 1 to 1000000, not 1.5.",
    ]
  `)
})

test('error: an emulation without a runtime', async () => {
  await expect(startDevnet({ ...options, emulation: [] })).rejects.toThrow(
    'does not answer deferrals(): it is not the emulated runtime',
  )
})
