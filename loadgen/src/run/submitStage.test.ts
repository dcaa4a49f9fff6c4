import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { hashRaw } from '../accounts/sign.js'
import { createRpc } from '../chain/rpc.js'
import type { Shard } from '../core/shard.js'
import { hashAt, toTxTable } from '../core/txTable.js'
import type { Hex, Intent, Mode, SignedTx } from '../core/types.js'
import { OUTCOME } from '../submit/ledger.js'
import { openJournal } from './journal.js'
import { samplesOf } from './ledger.js'
import type { Node } from './node.js'
import type { Submission } from './submission.js'
import { submitStage } from './submitStage.js'

const TRADERS = 4
const BATCHES = 3
/** Two transactions of each trader in each batch. */
const signed = Array.from({ length: 2 * TRADERS * BATCHES }, (_, i): SignedTx => {
  const raw: Hex = `0x${(i + 1).toString(16).padStart(4, '0')}`
  const batch = Math.floor(i / (2 * TRADERS))
  return { intent: i, batch, trader: i % TRADERS, nonce: i, raw, hash: hashRaw(raw) }
})
const table = toTxTable(signed)
const intents = signed.map(
  ({ intent, batch, trader }): Intent => ({
    ...{ index: intent, batch, trader, action: 'open', market: 0, isLong: true },
    ...{ size: 1n, limitPrice: 0n },
  }),
)

const folder = mkdtempSync(join(tmpdir(), 'submit-stage-'))
const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  rmSync(folder, { recursive: true, force: true })
})

type Call = { id: number; method: string; params: [Hex] }
/** What goes wrong with a request: it never arrives, or its answer is lost. */
type Fault = 'request' | 'answer' | undefined

/** A node that includes what it is sent at once. */
async function startNode(
  options: {
    has?: readonly Hex[]
    fault?: (sends: number) => Fault
    forgets?: readonly Hex[]
    chainId?: number
  } = {},
) {
  const { fault = () => undefined } = options
  const known = new Set<Hex>(options.has)
  const forgotten = new Set<Hex>(options.forgets)
  /** Transactions that came in, in their order, and those that it had already. */
  const arrived: Hex[] = []
  const again: Hex[] = []
  let sends = 0

  function answer({ method, params: [subject] }: Call): object {
    if (method === 'eth_chainId') return { result: options.chainId ?? 118 }
    if (method === 'eth_getTransactionCount' || method === 'eth_blockNumber')
      return { result: '0x0' }
    if (method === 'eth_getTransactionByHash') return { result: known.has(subject) ? {} : null }
    const hash = hashRaw(subject)
    if (known.has(hash)) {
      again.push(hash)
      return { error: { code: -32000, message: 'already known' } }
    }
    arrived.push(hash)
    // Taken, and lost before a block holds it.
    if (!forgotten.delete(hash)) known.add(hash)
    return { result: hash }
  }
  const server = createServer(async (request, response: ServerResponse) => {
    const body = JSON.parse((await request.toArray()).join('')) as Call | Call[]
    const calls = [body].flat()
    const isSend = calls[0]?.method === 'eth_sendRawTransaction'
    const wrong = isSend ? fault(++sends) : undefined
    if (wrong === 'request') return void request.socket.destroy()
    const answers = calls.map((call) => ({ jsonrpc: '2.0', id: call.id, ...answer(call) }))
    if (wrong === 'answer') return void request.socket.destroy()
    response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, known, arrived, again }
}
type FakeNode = Awaited<ReturnType<typeof startNode>>

/** Submits as a process does that finds this journal. */
async function submit(
  fake: FakeNode,
  options: {
    journal?: string
    mode?: Mode
    batchSize?: number
    sending?: submitStage.Options['sending']
    shard?: Shard
  } = {},
) {
  const path = join(mkdtempSync(join(tmpdir(), 'submit-stage-')), 'journal.jsonl')
  writeFileSync(path, options.journal ?? '')
  const journal = openJournal(path, { count: table.count })
  const settled: number[] = []
  const submission = {
    ...{ mode: options.mode ?? 'netting', intents: () => intents, table, journal },
    ...{ shard: options.shard, setup: { traders: signed.map(({ trader }) => `0x${trader}`) } },
    collector: {
      reach: async () => {},
      blockOf: (hash: Hex) => (fake.known.has(hash) ? 1 : undefined),
      waitFor: async (hashes: readonly Hex[]) => hashes.filter((hash) => !fake.known.has(hash)),
    },
    keeper: { send: async () => void settled.push(fake.known.size) },
  } as unknown as Submission
  const rpc = createRpc(fake.url)
  const node = { rpc, chainId: 118, makesBlocks: false } as Node
  const progress: number[] = []
  await submitStage(node, submission, {
    ...{ method: 'standard', batchSize: options.batchSize ?? 3, inFlight: 2, timeoutMs: 5_000 },
    sending: { workers: 0, retry: { baseMs: 1 }, ...options.sending },
    onProgress: (_, done) => progress.push(done),
  })
  journal.close()
  await rpc.close()
  const lines = readFileSync(path, 'utf8')
  rmSync(join(path, '..'), { recursive: true })
  return { ledger: journal.ledger, lines, settled, progress }
}

const all = signed.map(({ hash }) => hash)

describe('submitStage', () => {
  test('default: batch by batch, each when the one before is in a block', async () => {
    const node = await startNode()
    const { ledger, settled, progress } = await submit(node)
    expect([...node.arrived].sort()).toEqual([...all].sort())
    expect(node.arrived.map((hash) => signed.find((tx) => tx.hash === hash)?.batch)).toEqual(
      signed.map(({ batch }) => batch),
    )
    const samples = samplesOf(ledger, table)
    expect(samples.map(({ hash }) => hash)).toEqual(all)
    for (const [i, { plannedMs, sentMs, acceptedMs }] of samples.entries()) {
      expect(plannedMs).toBe(ledger.gateOf(signed[i]?.batch as number))
      expect(sentMs).toBeGreaterThanOrEqual(plannedMs)
      expect(acceptedMs).toBeGreaterThanOrEqual(sentMs)
    }
    expect(settled).toEqual([])
    expect(progress.at(-1)).toBe(table.count)
  })

  test('args: sending: at a rate, each at its own time, and the journal tells how', async () => {
    const node = await startNode()
    const { ledger } = await submit(node, {
      sending: { executor: { type: 'rate', perSecond: 1_000 }, warmupMs: 5 },
    })
    expect([...node.arrived].sort()).toEqual([...all].sort())
    const { plannedMs } = ledger.transactions
    for (const [k, ms] of plannedMs.entries())
      expect(ms - (plannedMs[0] as number)).toBeCloseTo(k, 2)
    expect(ledger.execution()).toEqual({
      ...{ executor: 'rate', perSecond: 1_000, warmupMs: 5, isDone: true, ramp: undefined },
    })
  })

  test('behavior: of several generators each sends its share of the rate', async () => {
    const { ledger } = await submit(await startNode(), {
      sending: { executor: { type: 'rate', perSecond: 1_000 } },
      shard: { index: 1, count: 4 },
    })
    const { plannedMs } = ledger.transactions
    for (const [k, ms] of plannedMs.entries())
      expect(ms - (plannedMs[0] as number)).toBeCloseTo(4 * k, 2)
  })

  test('error: a further node that is on another chain; nothing is sent', async () => {
    const [node, other] = [await startNode(), await startNode({ chainId: 5 })]
    const submission = submit(node, { sending: { endpoints: [other.url] } })
    await expect(submission).rejects.toMatchObject({
      name: 'UsageError',
      message: `The node at ${other.url} is on chain 5, not on 118 as the others are; leave out its --endpoint.`,
    })
    expect(node.arrived).toEqual([])
  })

  test('behavior: a batch that fits one request arrives in the order of the plan', async () => {
    const node = await startNode()
    await submit(node, { batchSize: 2 * TRADERS })
    expect(node.arrived).toEqual(all)
  })

  test('behavior: a keeper settles between batches', async () => {
    const { settled } = await submit(await startNode(), { mode: 'keeper' })
    expect(settled).toEqual([2 * TRADERS, 4 * TRADERS])
  })

  test.each(['request', 'answer'] as const)(
    'behavior: every third %s is lost, and nothing is sent twice that the node has',
    async (lost) => {
      const node = await startNode({ fault: (sends) => (sends % 3 === 0 ? lost : undefined) })
      const { ledger } = await submit(node)
      expect([...node.known].sort()).toEqual([...all].sort())
      expect(node.again).toEqual([])
      const { outcomes } = ledger.transactions
      expect(outcomes.every((outcome) => outcome === OUTCOME.taken)).toBe(true)
    },
  )

  test('behavior: what the node took and lost is sent again', async () => {
    const forgets = [all[1], all[10], all[23]] as Hex[]
    const node = await startNode({ forgets })
    await submit(node)
    expect([...node.known].sort()).toEqual([...all].sort())
    expect(node.again).toEqual([])
    expect(node.arrived.length).toBe(all.length + forgets.length)
  })
})

describe('a submission that was killed', () => {
  const { taken, pending } = OUTCOME

  /** The journals that a kill can leave behind: whole lines, and with the next one cut off. */
  async function leftJournals(sending?: submitStage.Options['sending']): Promise<string[]> {
    const { lines } = await submit(await startNode(), { sending })
    const ends = [...lines.matchAll(/\n/g)].map(({ index }) => index + 1)
    return [0, ...ends].flatMap((end) => {
      const rest = lines.slice(end).split('\n')[0] ?? ''
      return [lines.slice(0, end), lines.slice(0, end) + rest.slice(0, rest.length / 2)]
    })
  }
  function stateOf(journal: string) {
    const path = join(mkdtempSync(join(tmpdir(), 'submit-stage-')), 'journal.jsonl')
    writeFileSync(path, journal)
    const { ledger, close } = openJournal(path, { count: table.count })
    close()
    rmSync(join(path, '..'), { recursive: true })
    const { outcomes, doubts } = ledger.transactions
    const where = (isIt: (position: number) => boolean) =>
      [...outcomes.keys()].filter(isIt).map((position) => hashAt(table, position))
    return {
      ledger,
      answered: where((i) => outcomes[i] === taken),
      doubtful: where((i) => outcomes[i] === pending && doubts[i] === 1),
    }
  }

  const some = (_: Hex, i: number) => i % 2 === 0
  const atRate = { executor: { type: 'rate', perSecond: 2_000 } } as const
  test.each([
    ['per-block', 'all', () => true, {}],
    ['per-block', 'none', () => false, {}],
    ['per-block', 'every other one', some, {}],
    ['closed', 'every other one', some, { executor: { type: 'closed' } }],
    ['rate', 'every other one', some, atRate],
  ] as const)(
    '%s: goes on wherever it was, when of what was sent without an answer the node has %s',
    async (_, __, arrivedBefore, sending) => {
      let doubts = 0
      for (const journal of await leftJournals(sending)) {
        const before = stateOf(journal)
        const { answered, doubtful } = before
        doubts += doubtful.length
        const has = [...answered, ...doubtful.filter(arrivedBefore)]
        const node = await startNode({ has })
        const { ledger } = await submit(node, { journal, sending })
        // Nothing is sent that the node has, and everything else once.
        expect(node.again).toEqual([])
        expect(new Set(node.arrived).size).toBe(node.arrived.length)
        expect([...has, ...node.arrived].sort()).toEqual([...all].sort())
        const samples = samplesOf(ledger, table)
        expect(samples.filter(({ acceptedMs }) => acceptedMs !== undefined).length).toBe(all.length)
        // Latency counts from the first intended time, and what was answered keeps all its times.
        const earlier = new Map(
          samplesOf(before.ledger, table).map((sample) => [sample.hash, sample]),
        )
        for (const sample of samples) {
          const first = earlier.get(sample.hash)
          if (first?.acceptedMs !== undefined) expect(sample).toEqual(first)
          else if (first !== undefined) expect(sample.plannedMs).toBe(first.plannedMs)
        }
        expect(ledger.doneMs('submitted')).toBeDefined()
      }
      expect(doubts).toBeGreaterThan(0)
    },
  )

  test('error: with another executor than it was begun with', async () => {
    const [, , first = ''] = await leftJournals(atRate)
    const node = await startNode()
    await expect(submit(node, { journal: first })).rejects.toMatchObject({
      name: 'UsageError',
      message: 'It was begun with --executor rate; go on with the same.',
    })
    expect(node.arrived).toEqual([])
  })

  test('is not sent again when it was done', async () => {
    const { lines } = await submit(await startNode())
    const node = await startNode({ has: all })
    const { lines: after } = await submit(node, { journal: lines })
    expect(node.again).toEqual([])
    expect(after).toBe(lines)
  })
})
