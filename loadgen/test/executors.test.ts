import { readdir, readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ModeRecord } from '../src/core/types.js'
import type { ModeMetrics } from '../src/metrics/modeMetrics.js'
import {
  loadgen,
  type Output,
  PAID,
  type RunningCli,
  serveDevnet,
  startCli,
  temporaryFolder,
} from './support/cli.js'
import { testRefusals } from './support/refusal.js'
import { readRecord, readReport } from './support/runs.js'

const folder = temporaryFolder()
const OPENS = ['--traders', '40', '--mix', 'open=1', '--sizes', '0.01..0.02']
let node: { url: string; cli: RunningCli }

beforeAll(async () => {
  node = await serveDevnet('--block-time', '100')
})
afterAll(async () => {
  node.cli.interrupt('process')
  await node.cli.ended
})

type Sent = Output & { report: Awaited<ReturnType<typeof readReport>>; record: ModeRecord } & {
  metrics: ModeMetrics & { sending: NonNullable<ModeMetrics['sending']> }
}

/** Runs orders on the node; every transaction must be in exactly one class, and every check hold. */
async function run(name: string, ...words: string[]): Promise<Sent> {
  const reports = join(folder, name)
  const args = ['run', ...OPENS, '--seed', name, '--rpc-url', node.url, '--reports', reports]
  return readRun(reports, await loadgen([...args, ...words], PAID))
}

async function readRun(reports: string, output: Output): Promise<Sent> {
  expect(output.complaint).toBe('')
  const report = await readReport(reports)
  expect(report.verification.checks.filter(({ ok }) => !ok)).toEqual([])
  const metrics = report.modes.netting as Sent['metrics']
  const { settled, rejected, failed, dropped, unsent, lost, unended, signed } = metrics.orders
  const classes = [settled, rejected, failed, dropped, unsent, lost, unended]
  expect(classes.reduce((sum: number, count) => sum + (count as number), 0)).toBe(signed)
  return { ...output, report, metrics, record: await readRecord(reports, 'netting') }
}

async function freePort(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return String(port)
}

const plannedOf = ({ submitted }: ModeRecord) =>
  submitted
    .filter(({ unsent }) => unsent === undefined)
    .map(({ plannedMs }) => plannedMs)
    .sort((a, b) => a - b)

describe('closed', () => {
  /** Hands every request on to the node, and counts those that carry transactions. */
  async function startSecondNode(): Promise<{ url: string; server: Server; sends: () => number }> {
    let sends = 0
    const server = createServer(async (request, response) => {
      const body = (await request.toArray()).join('')
      if (body.includes('eth_sendRawTransaction')) sends++
      const answer = await fetch(node.url, {
        ...{ method: 'POST', body, headers: { 'content-type': 'application/json' } },
      })
      response.setHeader('content-type', 'application/json').end(await answer.text())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    return { url: `http://127.0.0.1:${port}`, server, sends: () => sends }
  }

  test('sends to two nodes, from two threads, everything once', async () => {
    const second = await startSecondNode()
    const { code, metrics, record } = await run(
      ...(['closed', '--orders', '300', '--executor', 'closed', '--batch-size', '10'] as const),
      ...['--endpoint', second.url, '--send-workers', '2'],
    )
    await new Promise((resolve) => second.server.close(resolve))
    expect(code).toBe(0)
    expect(metrics.orders).toMatchObject({ signed: 300, included: 300, dropped: 0, lost: 0 })
    expect(metrics.sending).toMatchObject({ executor: 'closed', measured: 300, ramp: null })
    expect(new Set(record.receipts.map(({ hash }) => hash)).size).toBe(300)
    // Half of the lanes begin with it: at least a tenth of the 30 requests.
    expect(second.sends()).toBeGreaterThanOrEqual(3)
  })
})

describe('rate', () => {
  test('intended times stand equally apart, a warm-up is in no figure, a missed bound is exit code 3', async () => {
    const { code, metrics, record, report, stdout } = await run(
      ...(['rate', '--orders', '300', '--executor', 'rate', '--rate', '200'] as const),
      ...[
        '--warmup',
        '0.5',
        '--threshold',
        'settlement.p99 < 0.001',
        '--threshold',
        'orders.lost == 0',
      ],
      ...['--threshold', 'orders.rejectedBy.NoLiquidity == 0'],
    )
    const planned = plannedOf(record)
    expect(planned).toHaveLength(300)
    const [startMs] = planned as [number]
    for (const [k, ms] of planned.entries()) expect(ms - startMs).toBeCloseTo(5 * k, 1)

    const { sending, latencyMs } = metrics
    expect(sending).toMatchObject({ executor: 'rate', perSecond: 200, dropped: 0, unsent: 0 })
    expect(sending.phases?.measureMs).toBe((sending.phases?.startMs as number) + 500)
    expect(sending.measured).toBe(planned.filter((ms) => ms >= startMs + 500).length)
    // Of what is measured, the longest wait.
    const seen = new Map(record.blocks.map(({ number, seenMs }) => [number, seenMs]))
    const receipts = new Map(record.receipts.map((receipt) => [receipt.hash, receipt.blockNumber]))
    const waits = record.submitted
      .filter(({ plannedMs }) => plannedMs >= startMs + 500)
      .map(({ hash, plannedMs }) => (seen.get(receipts.get(hash) as number) as number) - plannedMs)
    expect(latencyMs.inclusion.max).toBeCloseTo(Math.max(...waits), 3)

    expect(code).toBe(3)
    expect(report.thresholds?.map(({ ok }) => ok)).toEqual([false, true, true])
    expect(stdout).toContain('FAIL netting: settlement.p99 < 0.001: ')
    expect(stdout).toContain('ok   netting: orders.rejectedBy.NoLiquidity == 0: 0')
  })

  test('what cannot be sent in time is dropped, apart from what failed', async () => {
    const { code, metrics, record, stdout } = await run(
      ...(['dropped', '--orders', '600', '--executor', 'rate', '--rate', '4000'] as const),
      // One at a time: far less than is asked for.
      ...['--max-delay', '1', '--connections', '1', '--batch-size', '1'],
    )
    expect(code).toBe(0)
    const { dropped = 0, included, failed, lost } = metrics.orders
    expect(dropped).toBeGreaterThan(0)
    expect({ failed, lost, sum: dropped + included }).toEqual({ failed: 0, lost: 0, sum: 600 })
    expect(record.submitted.filter(({ unsent }) => unsent === 'dropped')).toHaveLength(dropped)
    expect(metrics.sending).toMatchObject({ dropped, unsent: 0, measured: included })
    expect(stdout).toMatch(new RegExp(`^ +dropped +${dropped}$`, 'm'))
  })

  test('after a kill it goes on at the rate, and sends nothing twice', async () => {
    const reports = join(folder, 'killed')
    const words = ['--orders', '400', '--seed', 'killed', '--executor', 'rate', '--rate', '100']
    const args = ['run', ...OPENS, ...words, '--rpc-url', node.url, '--reports', reports]
    const cli = startCli(args, PAID)
    const journal = async () => {
      const id = (await readdir(reports)).find((name) => name !== 'latest') ?? ''
      return readFile(join(reports, id, 'netting', 'journal.jsonl'), 'utf8')
    }
    await vi.waitUntil(async () => (await journal().catch(() => '')).includes('"answered"'), {
      ...{ timeout: 60_000, interval: 2 },
    })
    cli.kill()
    await cli.ended
    expect(await journal()).not.toContain('"executed"')

    const resumed = await loadgen(['run', '--resume', '--reports', reports], PAID)
    const { metrics, record } = await readRun(reports, resumed)
    expect(resumed.code).toBe(0)
    expect(metrics.orders).toMatchObject({ signed: 400, included: 400, dropped: 0 })
    expect(metrics.sending).toMatchObject({ executor: 'rate', perSecond: 100, measured: 400 })
    expect(new Set(record.receipts.map(({ hash }) => hash)).size).toBe(400)
  })
})

describe('ramp', () => {
  test('finds the rate at which it breaks, keeps the last good one, and sends no more', async () => {
    const { code, metrics, stdout } = await run(
      // One request at a time with one transaction: 8,000 a second are out of reach on any node.
      ...(['ramp', '--orders', '8200', '--executor', 'ramp', '--ramp', '20..8000'] as const),
      ...['--ramp-step', '7980', '--ramp-hold', '1', '--connections', '1', '--batch-size', '1'],
      ...['--ramp-min-accepted', '0.5', '--ramp-max-latency', '60000'],
    )
    expect(code).toBe(0)
    const { ramp, unsent, dropped } = metrics.sending
    expect(ramp?.steps.map(({ perSecond }) => perSecond)).toEqual([20, 8_000])
    expect(ramp?.lastGoodPerSecond).toBe(20)
    expect(ramp?.breaking).toEqual({
      perSecond: 8_000,
      reason: expect.stringMatching(/^\d+ of 8000 a second were accepted, less than 50 %$/),
    })
    expect({ unsent, dropped }).toEqual({ unsent: 8_200 - metrics.orders.submitted, dropped: 0 })
    expect(unsent).toBeGreaterThan(0)
    expect(stdout).toContain('netting: broke at 8,000 a second: ')
  })
})

describe('stage by stage', () => {
  test('submit takes the executor, serves live figures, and report holds its bounds', async () => {
    const reports = join(folder, 'stages')
    const stage = (...words: string[]) => loadgen([...words, '--reports', reports], PAID)
    const orders = ['--orders', '120', '--seed', 'stages']
    expect((await stage('plan', ...OPENS, ...orders)).code).toBe(0)
    expect((await stage('sign', '--rpc-url', node.url)).code).toBe(0)
    const port = await freePort()
    const submitting = startCli(
      [
        ...['submit', '--executor', 'rate', '--rate', '40', '--metrics-port', port],
        ...['--reports', reports],
      ],
      PAID,
    )
    // It goes on for three seconds.
    await submitting.says('"msg":"metrics"')
    const sent = /^loadgen_transactions_total\{mode="netting",state="sent"\} [1-9]/m
    const read = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    await vi.waitUntil(async () => sent.test(await read()), { timeout: 60_000, interval: 20 })
    expect((await submitting.ended).code).toBe(0)
    expect((await stage('collect')).code).toBe(0)
    const reported = await stage('report', '--threshold', 'netting.touches < 0')
    expect(reported.code).toBe(3)
    const { metrics, report } = await readRun(reports, reported)
    expect(metrics.sending).toMatchObject({ executor: 'rate', perSecond: 40, measured: 120 })
    expect(report.thresholds).toMatchObject([{ threshold: 'netting.touches < 0', ok: false }])
    // Drawn again it is held against other bounds, and stays as it is stored.
    expect((await stage('report', '--threshold', 'netting.touches >= 0')).code).toBe(0)
    expect((await stage('report')).code).toBe(3)
  })
})

describe('bad input', () => {
  const reports = join(folder, 'refused')
  const small = ['run', '--traders', '4', '--orders', '8', '--reports', reports]
  testRefusals(reports, [
    { args: [...small, '--rate', '5'], says: '--rate needs --executor rate.' },
    {
      args: [...small, '--executor', 'rate', '--rate', '5'],
      says: '--executor rate needs a node that makes blocks by itself; give one with --rpc-url (loadgen devnet serves one).',
    },
    {
      args: [...small, '--threshold', 'orders.losst == 0'],
      says: /^The threshold "orders\.losst == 0" names "orders\.losst", which is no figure/,
    },
  ])
})
