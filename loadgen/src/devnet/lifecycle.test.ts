import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, test, vi } from 'vitest'
import { EMULATION, SYSTEM_ADDRESS } from '../chain/abi.generated.js'
import { createRpc } from '../chain/rpc.js'
import { systemClock } from '../core/clock.js'
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

const started: ChildProcess[] = []

afterAll(() => {
  for (const child of started) child.kill('SIGKILL')
})

/** `loadgen devnet`, a process of its own, and its Anvil. */
async function serve() {
  const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
  const args = [main, 'devnet', '--port', '0', '--log-level', 'silent']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(child)
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  const ended = new Promise<{ code: number | null; complaint: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, complaint }))
  })
  const url = await Promise.race([
    new Promise<string>((resolve) => {
      child.stdout.once('data', (text: Buffer) => resolve(text.toString().trim()))
    }),
    ended.then(({ code }) => {
      throw new Error(`It did not start (exit code ${code}): ${complaint}`)
    }),
  ])
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,comm='])
  const anvil = stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([, parent, command]) => Number(parent) === child.pid && command?.endsWith('anvil'))
  return {
    url,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    ended,
    anvilPid: Number(anvil?.[0]),
  }
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'behavior: %s ends the command soon, whatever clients do, with exit code 0 and Anvil gone',
  async (signal) => {
    const { url, kill, ended, anvilPid } = await serve()
    expect(isRunning(anvilPid)).toBe(true)
    const half = connect(Number(new URL(url).port), '127.0.0.1')
    await new Promise((sent) =>
      half.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{', sent),
    )
    const closed = new Promise((resolve) => half.once('close', resolve))
    const rpc = createRpc(url)
    await rpc.call('eth_chainId')
    const before = systemClock.now()
    kill(signal)
    expect(await ended).toEqual({ code: 0, complaint: '' })
    // A connection that is left alone lives for a minute and more.
    expect(systemClock.now() - before).toBeLessThan(10_000)
    expect(isRunning(anvilPid)).toBe(false)
    await closed
    await rpc.close()
  },
)

test('behavior: SIGKILL, which nobody can answer, leaves no Anvil behind either', async () => {
  const { kill, ended, anvilPid } = await serve()
  expect(isRunning(anvilPid)).toBe(true)
  kill('SIGKILL')
  await ended
  await vi.waitUntil(() => !isRunning(anvilPid), { interval: 5, timeout: 10_000 })
})

test('error: Anvil is killed under the command: one sentence, exit code 4', async () => {
  const { url, ended, anvilPid } = await serve()
  process.kill(anvilPid, 'SIGKILL')
  expect(await ended).toEqual({ code: 4, complaint: 'Anvil ended by itself with SIGKILL.\n' })
  const late = createRpc(url)
  await expect(late.call('eth_chainId')).rejects.toThrow('ECONNREFUSED')
  await late.close()
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
