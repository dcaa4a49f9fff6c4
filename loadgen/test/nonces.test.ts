import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { deriveAccounts } from '../src/accounts/derive.js'
import { hashRaw, signTransaction } from '../src/accounts/sign.js'
import type { Hex } from '../src/core/types.js'
import type { Note } from '../src/run/ledger.js'
import { PAID, startCli, temporaryFolder } from './support/cli.js'
import { type SeenRequest, startFaultProxy } from './support/faultProxy.js'
import {
  ask,
  expectGoodEnd,
  expectWhole,
  type LiveNode,
  modeFolder,
  newRun,
  startLiveNode,
} from './support/liveRun.js'
import { readRecord } from './support/runs.js'

const folder = temporaryFolder()
const SEED = 'nonces'
/** What `run` derives the traders' keys from: scenario and seed. */
const traders = deriveAccounts({ seed: `mix:${SEED}`, count: 20 })
/** Whether it carries orders, which the run has signed beforehand. */
const isMeasured = ({ calls }: SeenRequest) => calls.includes('changePosition')

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

type Signed = { intent: number; trader: number; nonce: number; hash: Hex }
const readLines = <T>(reports: string, name: string): T[] =>
  readFileSync(join(modeFolder(reports), name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

const nonceOf = async (node: LiveNode, address: Hex): Promise<number> =>
  Number(await ask(node.url, 'eth_getTransactionCount', [address, 'latest']))

/** What the deferred transaction's parallel jobs do to its sender, so many at once. */
async function raiseNonce(node: LiveNode, { address }: { address: Hex }, by: number) {
  const nonce = await nonceOf(node, address)
  await ask(node.url, 'anvil_setNonce', [address, `0x${(nonce + by).toString(16)}`])
  return nonce
}

/** A node, and a run on it whose n-th request with measured transactions is `met` before the node gets it. */
async function prepare(
  at: number,
  meet: (node: LiveNode, request: SeenRequest) => Promise<string | undefined>,
  ...args: string[]
) {
  const node = await startLiveNode()
  closing.push(node.stop)
  let measured = 0
  const proxy = await startFaultProxy(node.url, async (request) => {
    if (!isMeasured(request) || ++measured !== at) return undefined
    const answer = await meet(node, request)
    return answer === undefined ? undefined : { kind: 'answered', answer }
  })
  closing.push(proxy.close)
  return { node, ...newRun({ folder, seed: SEED, url: proxy.url, args }) }
}

test.each(['standard', 'arcology'])(
  'nonces that jump in the middle of a run: what was signed for them is signed anew, and nothing else (%s)',
  async (method) => {
    const moved = traders.slice(0, 3)
    const before = new Map<number, number>()
    const { node, args, reports } = await prepare(
      3,
      async (node) => {
        for (const trader of moved) before.set(trader.index, await raiseNonce(node, trader, 2))
        return undefined
      },
      ...['--submit', method],
    )
    await expectGoodEnd(args)
    await expectWhole(reports, node.url)

    const { healed = [], signed } = await readRecord(reports, 'netting')
    const originals = readLines<Signed>(reports, 'signed.jsonl')
    const dead = originals.filter(
      ({ trader, nonce }) =>
        moved.some(({ index }) => index === trader) && nonce >= (before.get(trader) as number),
    )
    expect(dead.length).toBeGreaterThan(6)
    // Each later one gives its nonce to the one before, so all of these traders' are, and nobody else's.
    expect(healed.map(({ replaced }) => replaced).sort()).toEqual(
      dead.map(({ hash }) => hash).sort(),
    )
    const known = new Map(originals.map(({ intent, hash }) => [intent, hash]))
    for (const { intent, hash } of signed)
      expect(hash === known.get(intent)).toBe(!healed.some((tx) => tx.intent === intent))
    // Nothing of what was given up is on the chain.
    for (const { replaced } of healed)
      expect(await ask(node.url, 'eth_getTransactionReceipt', [replaced])).toBe(null)
    const journal = readLines<Note>(reports, 'journal.jsonl')
    const raws = journal.flatMap((note) => (note.kind === 'healed' ? note.transactions : []))
    expect(raws.map(({ raw }) => hashRaw(raw))).toEqual(healed.map(({ hash }) => hash))
  },
)

test('a transaction of somebody else with the same key: the one that is late is signed anew', async () => {
  const [trader] = traders.slice(4) as [(typeof traders)[number]]
  const { node, args, reports } = await prepare(4, async (node) => {
    const nonce = await nonceOf(node, trader.address)
    const foreign = signTransaction(
      { nonce, to: trader.address, data: '0x', gas: 21_000n, gasPrice: 1n, value: 0n },
      { chainId: 118, privateKey: trader.privateKey },
    )
    await ask(node.url, 'eth_sendRawTransaction', [foreign.raw])
    return undefined
  })
  await expectGoodEnd(args)
  await expectWhole(reports, node.url)
  const { healed = [] } = await readRecord(reports, 'netting')
  expect(healed.length).toBeGreaterThan(0)
})

test('taken, and never included because the nonce jumped in the block: signed anew after a while', async () => {
  let lost: Hex[] = []
  const { node, args, reports } = await prepare(3, async (node, { body, raws }) => {
    await ask(node.url, 'evm_setIntervalMining', [0])
    const answer = await (await fetch(node.url, { method: 'POST', body })).text()
    const hashes = raws.map(hashRaw)
    const own = readLines<Signed>(reports, 'signed.jsonl').filter((tx) => hashes.includes(tx.hash))
    const [first] = own as [Signed]
    lost = own.filter(({ trader }) => trader === first.trader).map(({ hash }) => hash)
    await raiseNonce(node, traders[first.trader] as (typeof traders)[number], 5)
    await ask(node.url, 'evm_setAutomine', [true])
    await ask(node.url, 'evm_mine')
    return answer
  })
  await expectGoodEnd(args)
  await expectWhole(reports, node.url)
  const { healed = [] } = await readRecord(reports, 'netting')
  expect(lost.length).toBeGreaterThan(0)
  expect(healed.map(({ replaced }) => replaced)).toEqual(expect.arrayContaining(lost))
})

test('killed with SIGKILL as what it signed anew goes out: what the journal has of it is sent, not another one', async () => {
  let kill = () => {}
  const node = await startLiveNode()
  closing.push(node.stop)
  const known = new Set<string>()
  let measured = 0
  const proxy = await startFaultProxy(node.url, async (request) => {
    if (!isMeasured(request)) return undefined
    if (measured++ === 0) {
      for (const { hash } of readLines<Signed>(reports, 'signed.jsonl')) known.add(hash)
      await raiseNonce(node, traders[0] as (typeof traders)[number], 1)
    }
    if (request.raws.every((raw) => known.has(hashRaw(raw)))) return undefined
    kill()
    return { kind: 'status', status: 503 }
  })
  closing.push(proxy.close)
  const { args, reports } = newRun({ folder, seed: SEED, url: proxy.url })
  const cli = startCli(args, PAID)
  kill = cli.kill
  expect((await cli.ended).code).toBe(null)
  const healedOf = () =>
    readLines<Note>(reports, 'journal.jsonl').flatMap((note) =>
      note.kind === 'healed' ? note.transactions : [],
    )
  const left = healedOf()
  expect(left.length).toBe(1)

  await expectGoodEnd(['run', '--resume', '--rpc-url', node.url, '--reports', reports])
  await expectWhole(reports, node.url)
  expect(healedOf().slice(0, 1)).toEqual(left)
  expect(healedOf().filter(({ position }) => position === left[0]?.position)).toEqual(left)
  const receipt = await ask(node.url, 'eth_getTransactionReceipt', [left[0]?.hash])
  expect(receipt).toMatchObject({ status: '0x1' })
})
