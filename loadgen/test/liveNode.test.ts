import { join } from 'node:path'
import { createPublicClient, createWalletClient, http, parseAbi } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { beforeAll, describe, expect, test } from 'vitest'
import { deriveAccounts } from '../src/accounts/derive.js'
import type { Hex } from '../src/core/types.js'
import {
  FUNDED_KEY,
  KEY_VARIABLE,
  loadgen,
  PAID,
  POOR_KEY,
  serveDevnet,
  startCli,
  temporaryFolder,
} from './support/cli.js'
import { readAll, readRecord, readReport } from './support/runs.js'

const folder = temporaryFolder()
const WORKLOAD = '--traders 6 --orders 12 --mix open=3,close=1,deposit=1,withdraw=1'.split(' ')

/** A devnet that makes blocks by itself, as a live node does: nothing of the run's making but transactions. */
describe('a node that makes its own blocks', () => {
  let url: string
  beforeAll(async () => {
    const devnet = await serveDevnet('--block-time', '100')
    url = devnet.url
    return async () => {
      devnet.cli.interrupt('terminal')
      await devnet.cli.ended
    }
  })

  test('compare: three modes, deployed side by side on one chain, and audited against it', async () => {
    const reports = join(folder, 'compare')
    const node = ['--rpc-url', url, '--reports', reports]
    const modes = ['--modes', 'netting,keeper,direct']
    const { code, complaint } = await loadgen(['compare', ...modes, ...WORKLOAD, ...node], PAID)
    expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
    const report = await readReport(reports)
    expect(report.verification.ok).toBe(true)
    for (const mode of ['netting', 'keeper', 'direct'] as const)
      expect(report.modes[mode]?.orders).toMatchObject({ settled: 12, rejected: 0, lost: 0 })
    expect(report.modes.netting?.netting.efficiency).toBeCloseTo(1, 6)
    expect(report.modes.keeper?.netting.efficiency).toBeCloseTo(1, 6)
    const houses = await Promise.all(
      ['netting', 'keeper', 'direct'].map(
        async (mode) => (await readRecord(reports, mode)).deployment.house,
      ),
    )
    expect(new Set(houses).size).toBe(3)

    const verified = await loadgen(['verify', 'latest', ...node])
    expect({ code: verified.code, complaint: verified.complaint }).toEqual({
      code: 0,
      complaint: '',
    })
    const lines = verified.stdout.trimEnd().split('\n')
    expect(lines.length).toBe(report.verification.checks.length)
    for (const line of lines) expect(line).toMatch(/^ok {3}(netting|keeper|direct): /)
  })

  test('run: by arn_sendRawTransactions, then changed behind its back, which verify finds', async () => {
    const reports = join(folder, 'arcology')
    const node = ['--rpc-url', url, '--reports', reports]
    const how = ['--submit', 'arcology', '--receipts', 'block', '--seed', 'arcology']
    const { code, complaint } = await loadgen(['run', ...how, ...WORKLOAD, ...node], PAID)
    expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
    expect((await loadgen(['verify', ...node])).code).toBe(0)

    const [trader] = deriveAccounts({ seed: 'mix:arcology', count: 1 })
    const { deployment, traders } = await readRecord(reports, 'netting')
    expect(trader?.address).toBe(traders[0])
    const client = createWalletClient({ transport: http(url) })
    const hash = await client.writeContract({
      account: privateKeyToAccount(`0x${Buffer.from(trader?.privateKey ?? '').toString('hex')}`),
      chain: null,
      address: deployment.house,
      abi: parseAbi(['function withdraw(uint256 amount)']),
      functionName: 'withdraw',
      args: [1n],
      gas: 3_000_000n,
      type: 'legacy',
      gasPrice: 1n,
    })
    await untilIncluded(url, hash)
    const { code: later, stdout } = await loadgen(['verify', ...node])
    expect(later).toBe(1)
    expect(stdout).toContain(
      `FAIL netting: every balance is what its events add up to: the balance of ${trader?.address} `,
    )
    // The stored records alone are as they were.
    expect((await loadgen(['verify', '--reports', reports])).code).toBe(0)
  })

  test('run: a key on the command line is written nowhere', async () => {
    const reports = join(folder, 'secret')
    for (const key of [['--private-key', FUNDED_KEY], [`--private-key=${FUNDED_KEY}`]]) {
      const { code, stdout, stderr } = await loadgen([
        ...['run', '--mode', 'direct', '--traders', '2', '--orders', '2', '--mix', 'open=1'],
        ...['--rpc-url', url, '--reports', reports, '--log-level', 'trace', ...key],
      ])
      expect(code).toBe(0)
      const files = await readAll(reports)
      expect(files.size).toBeGreaterThan(0)
      for (const [path, text] of [...files, ['stdout', stdout], ['stderr', stderr]] as const)
        expect(text.includes(FUNDED_KEY.slice(2)), path).toBe(false)
    }
  })

  test.each([
    {
      name: 'another chain id',
      args: ['--chain-id', '1'],
      key: FUNDED_KEY,
      complaint: () => `The node at ${url} is on chain 118, not on 1; give its id with --chain-id.`,
    },
    {
      name: 'an account without funds',
      args: [],
      key: POOR_KEY,
      complaint: () =>
        'The deployer 0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a has 0 wei; a deployment needs at least 240000000 wei for gas.',
    },
  ])('run: $name: one sentence, exit code 2, nothing written', async ({ args, key, complaint }) => {
    const reports = join(folder, 'refused')
    const output = await loadgen(
      ['run', ...WORKLOAD, '--rpc-url', url, '--reports', reports, ...args],
      { env: { [KEY_VARIABLE]: key } },
    )
    expect(output).toMatchObject({ code: 2, stdout: '', complaint: complaint() })
    expect(await readAll(reports)).toEqual(new Map())
  })

  test('devnet: a second one on the same port', async () => {
    const { port } = new URL(url)
    expect(await loadgen(['devnet', '--port', port])).toMatchObject({
      code: 2,
      stdout: '',
      complaint: `Port ${port} of 127.0.0.1 is in use; give another one, or 0 for any that is free.`,
    })
  })
})

test('verify: against a chain that never saw the run', async () => {
  const reports = join(folder, 'elsewhere')
  const workload = ['--traders', '2', '--orders', '2', '--mix', 'open=1']
  const ran = await loadgen(['run', '--mode', 'direct', ...workload, '--reports', reports])
  expect(ran.code).toBe(0)
  const { url, cli } = await serveDevnet('--block-time', '0')
  const { code, stdout, complaint } = await loadgen([
    'verify',
    '--rpc-url',
    url,
    '--reports',
    reports,
  ])
  cli.interrupt('process')
  await cli.ended
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(complaint).toMatch(/^[^\n]*no contract[^\n]*\.$/)
})

test.each(['process', 'terminal'] as const)(
  'devnet: SIGINT to the %s ends it with exit code 0',
  async (target) => {
    const { url, cli } = await serveDevnet('--block-time', '100')
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    cli.interrupt(target)
    expect(await cli.ended).toMatchObject({ code: 0, stdout: `${url}\n`, stderr: '' })
  },
)

test('devnet: SIGINT as soon as it is ready ends it as well', async () => {
  const cli = startCli(['devnet', '--port', '0'])
  await cli.says('the devnet is ready')
  cli.interrupt('process')
  expect(await cli.ended).toMatchObject({ code: 0, complaint: '' })
})

async function untilIncluded(url: string, hash: Hex): Promise<void> {
  const client = createPublicClient({ transport: http(url), pollingInterval: 50 })
  const { status } = await client.waitForTransactionReceipt({ hash })
  expect(status).toBe('success')
}
