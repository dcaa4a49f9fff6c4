import { mkdtempSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { FUNDED_KEY, KEY_VARIABLE, POOR_KEY, temporaryFolder } from './support/cli.js'
import { expectRefusal, type Refusal, testRefusals } from './support/refusal.js'

const folder = temporaryFolder()
const reports = join(folder, 'reports')
const small = ['--traders', '4', '--orders', '8']

/** A refused `run`, in a folder of its own: one that is refused late has begun to write beside the others. */
async function expectRefusedRun({ args, ...refusal }: Refusal): Promise<void> {
  const own = mkdtempSync(join(folder, 'own-'))
  await expectRefusal(own, { ...refusal, args: ['run', '--reports', own, ...args] })
}

describe.concurrent('nodes and keys', () => {
  /** Where nobody listens. */
  let nobody: string
  beforeAll(async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    nobody = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await new Promise((resolve) => server.close(resolve))
  })
  const key = (value: string) => ({ [KEY_VARIABLE]: value })

  test('an unreachable node', () =>
    expectRefusedRun({
      args: [...small, '--rpc-url', nobody],
      env: key(FUNDED_KEY),
      code: 4,
      says: `The node at ${nobody} cannot be reached (ECONNREFUSED).`,
    }))

  test('a live node without a key', () =>
    expectRefusedRun({
      args: [...small, '--rpc-url', nobody],
      says: 'A live node needs an account that pays; give its key in LOADGEN_PRIVATE_KEY.',
    }))

  test.each(['nowhere', 'ftp://127.0.0.1'])('an address that is none: %s', (url) =>
    expectRefusedRun({
      args: [...small, '--rpc-url', url],
      env: key(FUNDED_KEY),
      says: `"${url}" is no address of a node; give one like http://127.0.0.1:8545.`,
    }),
  )

  test.each([
    { malformed: 'zz', isLive: true },
    { malformed: '', isLive: true },
    { malformed: FUNDED_KEY.slice(0, -1), isLive: false },
    // Zero, and a number above the order of the curve: 32 bytes, but no keys.
    { malformed: `0x${'0'.repeat(64)}`, isLive: true },
    { malformed: `0x${'f'.repeat(64)}`, isLive: false },
  ])('a malformed key, which is not repeated: $malformed', ({ malformed, isLive }) =>
    expectRefusedRun({
      args: [...small, ...(isLive ? ['--rpc-url', nobody] : [])],
      env: key(malformed),
      says: /^The private key (?!.*(zz|ac0974|0{9}|f{9}|\d{20}))[^\n]*\.$/,
    }),
  )

  test('a key that pays for nothing on the embedded node', () =>
    expectRefusedRun({
      args: [...small],
      env: key(POOR_KEY),
      says: 'The deployer 0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a has 0 wei; a deployment needs at least 240000000 wei for gas.',
    }))

  test('the embedded node is on chain 118 alone', () =>
    expectRefusedRun({
      args: [...small, '--chain-id', '1'],
      says: /^The node at http:\/\/127\.0\.0\.1:\d+ is on chain 118, not on 1; give its id with --chain-id\.$/,
    }))
})

describe.concurrent('stored runs', () => {
  testRefusals(
    reports,
    ['report', 'verify'].flatMap((command) => [
      {
        args: [command, '--reports', reports],
        says: `"${reports}" holds no run yet; make one with run or compare.`,
      },
      {
        args: [command, 'mix-0', '--reports', reports],
        says: `There is no run "mix-0" in "${reports}"; give the id of a run, or latest.`,
      },
      {
        args: [command, '../..', '--reports', reports],
        says: `There is no run "../.." in "${reports}"; give the id of a run, or latest.`,
      },
    ]),
  )
})

describe.concurrent('what cannot be stored or deployed', () => {
  test('a folder of reports that is a file', async () => {
    const file = join(folder, 'file')
    await writeFile(file, 'not a folder')
    await expectRefusal(reports, {
      args: ['run', ...small, '--reports', file],
      says: new RegExp(`^[^\\n]*"${file}"[^\\n]*\\.$`),
    })
    expect(await readFile(file, 'utf8')).toBe('not a folder')
  })

  test('a price that no pool can have', () =>
    expectRefusedRun({
      args: [...small, '--price', '0.000000000000000001'],
      says: /^[^\n]*price[^\n]*\.$/,
    }))
})
