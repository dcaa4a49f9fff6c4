import { expect, test } from 'vitest'
import type { Rpc } from '../chain/rpc.js'
import { readJobs } from './strictJobs.js'

const JOBS = '0x00000000000000000000000000000000000000b0'
const RUNTIME = '0x00000000000000000000000000000000000000a0'
const HOUSE = `0x${'aa'.repeat(20)}`

const frame = (traceAddress: readonly number[], from: string, to: string, gas: number) => ({
  traceAddress,
  action: { from, to },
  result: { gasUsed: `0x${gas.toString(16)}` },
})

/** Two jobs, the first of which runs one itself. */
const WORKING = [
  frame([], '0x01', HOUSE, 900),
  frame([0], HOUSE, JOBS, 800),
  frame([0, 0], JOBS, RUNTIME, 1),
  frame([0, 1], JOBS, HOUSE, 300),
  frame([0, 1, 0], HOUSE, JOBS, 200),
  frame([0, 1, 0, 1], JOBS, HOUSE, 100),
  frame([0, 2], JOBS, RUNTIME, 1),
  frame([0, 10], JOBS, HOUSE, 400),
]
const IDLE = [frame([], '0x01', HOUSE, 900)]

function setUp(working: readonly string[]) {
  const traced: string[] = []
  const rpc = {
    batch: async (calls: readonly { params: readonly unknown[] }[]) =>
      calls.map(({ params: [hash] }) => {
        traced.push(String(hash))
        return { result: working.includes(String(hash)) ? WORKING : IDLE }
      }),
  } as unknown as Rpc
  return { rpc, traced }
}

const call = (hash: `0x${string}`, callee: string | undefined, isDeferred = false) => ({
  ...{ hash, callee, isDeferred },
})

test('default: gas of the outermost jobs; all calls of a callee that runs some', async () => {
  const { rpc, traced } = setUp(['0x1', '0x3'])
  const jobs = await readJobs(rpc, [
    call('0x1', 'settle'),
    call('0x2', 'open'),
    call('0x3', 'settle'),
    call('0x4', 'open'),
    call('0x5', undefined),
  ])
  expect([...jobs]).toEqual([
    ['0x1', [300, 400]],
    ['0x3', [300, 400]],
  ])
  expect(traced).toEqual(['0x1', '0x2', '0x3'])
})

test('behavior: a deferred call is looked at for itself, and is no sample of the others', async () => {
  const { rpc, traced } = setUp(['0x3'])
  const jobs = await readJobs(rpc, [
    call('0x1', 'open'),
    call('0x2', 'open'),
    call('0x3', 'open', true),
  ])
  expect([...jobs.keys()]).toEqual(['0x3'])
  expect(traced).toEqual(['0x3', '0x1'])
})

test('error: Anvil does not trace', async () => {
  const rpc = {
    batch: async () => [{ error: { code: 1, message: 'no' } }],
  } as unknown as Rpc
  await expect(readJobs(rpc, [call('0x1', 'open')])).rejects.toThrow(
    'Anvil does not tell what a transaction called: no',
  )
})
