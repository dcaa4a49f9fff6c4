import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadSetup } from '../src/report/runFiles.js'
import {
  loadgen,
  PAID,
  type RunningCli,
  serveDevnet,
  startCli,
  temporaryFolder,
} from './support/cli.js'
import { latestFolder } from './support/runs.js'

const folder = temporaryFolder()
let url: string
let devnet: RunningCli

beforeAll(async () => {
  ;({ url, cli: devnet } = await serveDevnet('--block-time', '100'))
})
afterAll(async () => {
  devnet.interrupt('process')
  await devnet.ended
})

/** Plans and signs eight opens of one block in the mode `keeper`: sent, they wait in the queues. */
async function prepare(name: string): Promise<{ reports: string; house: string }> {
  const reports = join(folder, name)
  const workload = ['--traders', '8', '--orders', '8', '--per-block', '8', '--mix', 'open=1']
  await succeed(['plan', ...workload, '--reports', reports])
  await succeed(['sign', '--mode', 'keeper', '--rpc-url', url, '--reports', reports])
  const { deployment } = await loadSetup(join(await latestFolder(reports), 'keeper'))
  return { reports, house: deployment.house }
}

async function succeed(args: readonly string[]): Promise<string> {
  const { code, stdout, complaint } = await loadgen(args, PAID)
  expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
  return stdout
}

test('--once settles what a run left, says what it did, and then finds nothing more', async () => {
  const { reports, house } = await prepare('once')
  await succeed(['submit', '--reports', reports])
  const stdout = await succeed(['keeper', '--once', '--run', 'latest', '--reports', reports])
  expect(stdout).toMatch(/^block \d+: 8 settled, 0 rejected, 0 left, \d+ gas \(0x[0-9a-f]{64}\)\n$/)
  expect(await succeed(['keeper', '--once', '--house', house, '--rpc-url', url])).toBe('')
})

test('settles what comes until it is interrupted', async () => {
  const { reports, house } = await prepare('until')
  const args = ['keeper', '--house', house, '--rpc-url', url, '--poll', '50', '--json']
  const keeper = startCli(args, PAID)
  await keeper.says('"msg":"keeping"')
  await succeed(['submit', '--reports', reports])
  await keeper.says('"left":0')
  keeper.interrupt('process')
  const { code, stdout, stderr, complaint } = await keeper.ended
  expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
  const settlements = stdout
    .trimEnd()
    .split('\n')
    .map((line): { settled: number; rejected: number; left: number } => JSON.parse(line))
  expect(settlements.reduce((sum, { settled }) => sum + settled, 0)).toBe(8)
  expect(settlements.at(-1)?.left).toBe(0)
  expect(stderr).toContain('"settled":8,"rejected":0')
})

test('a keeper whose node goes away for good: --once ends with exit code 4, else it goes on asking', async () => {
  const own = await serveDevnet('--block-time', '100')
  const deployed = await loadgen(['deploy', '--rpc-url', own.url], PAID)
  const { house } = JSON.parse(deployed.stdout)
  const keeper = startCli(['keeper', '--house', house, '--rpc-url', own.url, '--poll', '50'], PAID)
  await keeper.says('"msg":"keeping"')
  own.cli.interrupt('process')
  await own.cli.ended
  await keeper.says('"level":40')
  keeper.interrupt('process')
  expect(await keeper.ended).toMatchObject({ code: 0, stdout: '', complaint: '' })
  const once = await loadgen(['keeper', '--once', '--house', house, '--rpc-url', own.url], PAID)
  expect(once).toMatchObject({ code: 4, stdout: '' })
})

test('bad input: one sentence, exit code 2', async () => {
  const house = '0x000000000000000000000000000000000000dead'
  const refusals = [
    {
      args: ['--rpc-url', url],
      says: 'keeper needs a clearing house; give its address with --house, or a run with --run.',
    },
    { args: ['--house', house], says: 'keeper needs a node; give its address with --rpc-url.' },
    {
      args: ['--house', '0xdead'],
      says: "option '--house <address>' argument '0xdead' is invalid. It is an address: 0x and 40 hexadecimal digits.",
    },
    {
      args: ['--house', house, '--run', 'x'],
      says: "option '--house <address>' cannot be used with option '--run <id>'",
    },
    {
      args: ['--house', house, '--rpc-url', url],
      says: `The node at ${url} has no contract at ${house}; give another --house.`,
    },
  ]
  for (const { args, says } of refusals) {
    const { code, stdout, complaint } = await loadgen(['keeper', ...args], PAID)
    expect({ code, stdout, complaint }).toEqual({ code: 2, stdout: '', complaint: says })
  }
  const direct = await loadgen(['deploy', '--house', 'direct', '--rpc-url', url], PAID)
  const { house: pool, vault } = JSON.parse(direct.stdout)
  for (const wrong of [pool, vault])
    expect(await loadgen(['keeper', '--house', wrong, '--rpc-url', url], PAID)).toMatchObject({
      code: 2,
      stdout: '',
      complaint: `The contract at ${wrong} is no clearing house with queues: it does not answer ENGINE() and REGISTRY() as one would.`,
    })
})
