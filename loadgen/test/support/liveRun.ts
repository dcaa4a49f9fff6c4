import { mkdtempSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { loadgen, PAID, type RunningCli, serveDevnet } from './cli.js'
import { readRecord, readReport } from './runs.js'

/** Ten blocks of ten orders, and some transfers. */
export const ORDERS = 100
const WORKLOAD = ['--traders', '20', '--orders', String(ORDERS)]

/** A devnet as a process of its own. */
export type LiveNode = {
  url: string
  /** Kills it, and starts it again on its chain and its port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** @param options.folder where the chain is kept; without it there is nothing to start again with. */
export async function startLiveNode(options: { folder?: string } = {}): Promise<LiveNode> {
  const { folder } = options
  const state =
    folder === undefined
      ? []
      : ['--state', join(mkdtempSync(join(folder, 'state-')), 'chain.state')]
  const how = ['--block-time', '100', ...state]
  const first = await serveDevnet(...how)
  let cli: RunningCli = first.cli
  return {
    url: first.url,
    async restart() {
      cli.kill()
      await cli.ended
      cli = (await serveDevnet(...how, '--port', new URL(first.url).port)).cli
    },
    async stop() {
      cli.interrupt('process')
      await cli.ended
    },
  }
}

/** One call to a node. */
export async function ask(
  url: string,
  method: string,
  params: readonly unknown[] = [],
): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const answer = await fetch(url, { method: 'POST', body })
  const { result, error } = (await answer.json()) as { result?: unknown; error?: unknown }
  if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`)
  return result
}

/** The arguments of a run, and the folder that they name. */
export function newRun(options: {
  folder: string
  seed: string
  url: string
  args?: readonly string[]
}): { reports: string; args: string[] } {
  const { folder, seed, url, args = [] } = options
  const reports = mkdtempSync(join(folder, 'reports-'))
  const node = ['--rpc-url', url, '--reports', reports]
  return { reports, args: ['run', ...WORKLOAD, '--seed', seed, ...node, ...args] }
}

/** The folder of the mode `netting` of the only run, as soon as there is one. */
export function modeFolder(reports: string): string {
  const [run] = readdirSync(reports, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  if (run === undefined) throw new Error(`${reports} holds no run.`)
  return join(reports, run.name, 'netting')
}

/** Carries a command out to its end, which has to be a good one. */
export async function expectGoodEnd(args: readonly string[]): Promise<void> {
  const { code, complaint } = await loadgen(args, PAID)
  expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
}

/** Every signed transaction is in one block, once; every order settled once; and the node's chain agrees. */
export async function expectWhole(reports: string, url: string): Promise<void> {
  const { modes, verification } = await readReport(reports)
  expect(verification.ok).toBe(true)
  const [mode = ''] = Object.keys(modes)
  expect(modes[mode as keyof typeof modes]?.orders).toMatchObject({
    ...{ signed: ORDERS, settled: ORDERS, lost: 0, failed: 0 },
  })
  const { signed, receipts, submitted } = await readRecord(reports, mode)
  const hashes = signed.map(({ hash }) => hash).sort()
  expect(receipts.map(({ hash }) => hash).sort()).toEqual(hashes)
  expect(receipts.every(({ ok }) => ok)).toBe(true)
  expect(submitted.filter(({ acceptedMs }) => acceptedMs !== undefined).length).toBe(hashes.length)
  const verified = await loadgen(['verify', '--rpc-url', url, '--reports', reports])
  expect({ code: verified.code, complaint: verified.complaint }).toEqual({
    ...{ code: 0, complaint: '' },
  })
  expect(verified.stdout).not.toContain('FAIL')
}
