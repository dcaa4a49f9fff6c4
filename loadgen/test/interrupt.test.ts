import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PAID, serveDevnet, startCli, temporaryFolder } from './support/cli.js'
import { readAll } from './support/runs.js'

const folder = temporaryFolder()

/** Enough that every stage lasts until the signal arrives. */
const LONG = ['run', '--traders', '200', '--orders', '6000']

/** Ctrl-C on a terminal reaches Anvil too; a signal of another program may reach the run alone. */
test.each([
  ['running', 'terminal'],
  ['deploy', 'terminal'],
  ['deposits', 'terminal'],
  ['sign', 'terminal'],
  ['submit', 'terminal'],
  ['deploy', 'process'],
  ['submit', 'process'],
] as const)(
  'SIGINT in the stage "%s" to the %s ends a run with exit code 130 and leaves nothing behind',
  async (stage, target) => {
    const reports = join(folder, `${stage} ${target}`)
    const cli = startCli([...LONG, '--reports', reports])
    await cli.says(`"msg":"${stage}"`)
    cli.interrupt(target)
    // `ended` fails when Anvil, or anything else that the run started, is left.
    const { code, stdout, complaint } = await cli.ended
    expect({ code, stdout, complaint }).toEqual({ code: 130, stdout: '', complaint: '' })
    expect(await readAll(reports)).toEqual(new Map())
  },
)

test('SIGINT ends a run on a live node with exit code 130, and the node goes on', async () => {
  const reports = join(folder, 'live')
  const { url, cli: devnet } = await serveDevnet('--block-time', '100')
  const cli = startCli([...LONG, '--rpc-url', url, '--reports', reports], PAID)
  await cli.says('"msg":"deploy"')
  cli.interrupt('terminal')
  expect(await cli.ended).toMatchObject({ code: 130, stdout: '', complaint: '' })
  expect(await readAll(reports)).toEqual(new Map())
  const body = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}'
  const answer = await fetch(url, { method: 'POST', body })
  expect(await answer.json()).toMatchObject({ result: '0x76' })
  devnet.interrupt('process')
  expect((await devnet.ended).code).toBe(0)
})

test('a run whose node goes away ends with one sentence and exit code 4', async () => {
  const reports = join(folder, 'gone')
  const { url, cli: devnet } = await serveDevnet('--block-time', '100')
  const cli = startCli([...LONG, '--rpc-url', url, '--reports', reports], PAID)
  await cli.says('"msg":"deploy"')
  devnet.interrupt('terminal')
  expect((await devnet.ended).code).toBe(0)
  const { code, stdout, complaint } = await cli.ended
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
  expect(complaint).toMatch(/^[^\n]+\.$/)
  expect(await readAll(reports)).toEqual(new Map())
})
