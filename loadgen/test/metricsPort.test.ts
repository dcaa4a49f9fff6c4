import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { loadgen, PAID, serveDevnet, startCli, temporaryFolder } from './support/cli.js'
import { readAll } from './support/runs.js'

const folder = temporaryFolder()

/** The value of a metric of the mode `netting`; 0 when it is not there. */
function figureOf(text: string, name: string, state: string): number {
  const line = new RegExp(`^${name}\\{mode="netting",state="${state}"\\} (\\S+)$`, 'm')
  return Number(line.exec(text)?.[1] ?? 0)
}

test('--metrics-port: counters, latencies and stages for Prometheus while a run goes on', async () => {
  const port = await freePort()
  const { url: rpcUrl, cli: devnet } = await serveDevnet('--block-time', '100')
  const workload = ['--traders', '50', '--orders', '600', '--per-block', '50', '--mix', 'open=1']
  const cli = startCli(
    [
      ...['run', '--mode', 'netting', ...workload, '--rpc-url', rpcUrl],
      ...['--metrics-port', port, '--reports', join(folder, 'run')],
    ],
    PAID,
  )
  const output = cli.ended
  const url = `http://127.0.0.1:${port}/metrics`
  await cli.says(`"url":"${url}"`)
  let end: Awaited<typeof output> | undefined
  void output.then((ended) => {
    end = ended
  })
  const total = (text: string, state: string) => figureOf(text, 'loadgen_transactions_total', state)

  let before = ''
  await vi.waitUntil(
    async () => {
      before = await (await fetch(url)).text()
      return total(before, 'included') > 0 || end !== undefined
    },
    { timeout: 60_000, interval: 20 },
  )
  expect(total(before, 'included')).toBeGreaterThan(0)
  expect(total(before, 'included')).toBeLessThan(600)
  expect(total(before, 'refused')).toBe(0)
  expect(figureOf(before, 'loadgen_latency_seconds_count', 'included')).toBeGreaterThan(0)
  expect(before).toMatch(/^loadgen_stage\{mode="netting",stage="submit"\} 1$/m)
  expect(before).toMatch(/^loadgen_stage_total\{mode="netting",stage="submit"\} 600$/m)

  const { code, complaint } = await output
  expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
  await expect(fetch(url)).rejects.toThrow()
  devnet.interrupt('process')
  await devnet.ended
})

test('--metrics-port: a port that is in use: one sentence, exit code 2, nothing written', async () => {
  const { port, close } = await takePort()
  const reports = join(folder, 'refused')
  const output = await loadgen([
    ...['run', '--traders', '4', '--orders', '4', '--mix', 'open=1'],
    ...['--metrics-port', port, '--reports', reports],
  ])
  await close()
  expect(output).toMatchObject({
    code: 2,
    stdout: '',
    complaint: `Port ${port} of 127.0.0.1 is in use; give another one with --metrics-port, or 0 for any that is free.`,
  })
  expect(await readAll(reports)).toEqual(new Map())
})

/** Listens on a port that was free. */
async function takePort(): Promise<{ port: string; close: () => Promise<unknown> }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { port: String(port), close: () => new Promise((resolve) => server.close(resolve)) }
}

async function freePort(): Promise<string> {
  const { port, close } = await takePort()
  await close()
  return port
}
