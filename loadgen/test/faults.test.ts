import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createRng } from '../src/core/rng.js'
import { LOCK } from '../src/run/lock.js'
import { loadgen, PAID, startCli, temporaryFolder } from './support/cli.js'
import {
  type Fault,
  type FaultProxy,
  type SeenRequest,
  startFaultProxy,
} from './support/faultProxy.js'
import {
  ask,
  expectGoodEnd,
  expectWhole,
  type LiveNode,
  modeFolder,
  newRun,
  startLiveNode,
} from './support/liveRun.js'

const folder = temporaryFolder()

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A node, and a run on it by way of a proxy. */
async function prepare(
  decide: (node: LiveNode, request: SeenRequest) => Fault | undefined | Promise<Fault | undefined>,
  options: { args?: readonly string[]; isRestarted?: boolean } = {},
): Promise<{ node: LiveNode; proxy: FaultProxy; reports: string; args: string[] }> {
  const node = await startLiveNode(options.isRestarted === true ? { folder } : {})
  closing.push(node.stop)
  const proxy = await startFaultProxy(node.url, (request) => decide(node, request))
  closing.push(proxy.close)
  return { node, proxy, ...newRun({ folder, seed: 'faults', url: proxy.url, ...options }) }
}

/** A fault for a share of the requests, at most `most` of them; which, follows from the label. */
function someOf(
  label: string,
  fault: Fault,
  { share, most = 1e9 }: { share: number; most?: number },
) {
  const rng = createRng('faults', label)
  let left = most
  return (): Fault | undefined => (rng.next() < share && left-- > 0 ? fault : undefined)
}

describe('answers', () => {
  test('one in ten is lost after the node has acted', async () => {
    const lost = someOf('lost', { kind: 'lost' }, { share: 0.1 })
    const { node, proxy, reports, args } = await prepare(lost)
    await expectGoodEnd(args)
    const { faults, requests } = proxy.seen()
    expect(faults).toBeGreaterThan(0.05 * requests)
    await expectWhole(reports, node.url)
  })

  test('one in ten is 429, and a transaction is not sent again before the time that it asks for', async () => {
    const busy = someOf('busy', { kind: 'status', status: 429, retryAfter: '1' }, { share: 0.1 })
    const refusedMs = new Map<string, number>()
    const waitsMs: number[] = []
    const { node, reports, args } = await prepare((_, { raws }) => {
      const fault = busy()
      for (const raw of raws) {
        const before = refusedMs.get(raw)
        if (before !== undefined) waitsMs.push(performance.now() - before)
        if (fault === undefined) refusedMs.delete(raw)
        else refusedMs.set(raw, performance.now())
      }
      return fault
    })
    await expectGoodEnd(args)
    expect(waitsMs.length).toBeGreaterThan(0)
    // A timer may end a moment early.
    expect(Math.min(...waitsMs)).toBeGreaterThan(990)
    await expectWhole(reports, node.url)
  })

  test('some are five seconds late', async () => {
    const late = someOf('late', { kind: 'late', ms: 5_000 }, { share: 0.05, most: 4 })
    const { node, proxy, reports, args } = await prepare(late)
    await expectGoodEnd(args)
    expect(proxy.seen().faults).toBe(4)
    await expectWhole(reports, node.url)
  })
})

describe('the node is killed, and started again on its chain', () => {
  /**
   * At the n-th request of those that call a function. `before`: the node never gets it. `after`: it takes the transactions, says
   * so, and is killed before a block holds them.
   */
  test.each([
    ['in the set-up', 'before', 'approve', 1, 'netting'],
    ['in the set-up', 'after', 'mint', 2, 'netting'],
    ['as orders are sent', 'before', 'changePosition', 3, 'netting'],
    ['with orders in its pool', 'after', 'changePosition', 5, 'netting'],
    ['with a settlement in its pool', 'after', 'settle', 10, 'keeper'],
  ] as const)('%s: %s request "%s" %i, mode %s', async (_, when, callee, at, mode) => {
    let calls = 0
    let restarts = 0
    const { node, reports, args } = await prepare(
      async (node, request) => {
        if (!request.calls.includes(callee) || ++calls !== at) return undefined
        restarts++
        if (when === 'before') {
          await node.restart()
          return { kind: 'status', status: 502 }
        }
        await ask(node.url, 'evm_setIntervalMining', [0])
        const answer = await (await fetch(node.url, { method: 'POST', body: request.body })).text()
        await node.restart()
        return { kind: 'answered', answer }
      },
      { args: ['--mode', mode], isRestarted: true },
    )
    await expectGoodEnd(args)
    expect(restarts).toBe(1)
    await expectWhole(reports, node.url)
  })

  test('the generator talks to it directly, and finds nobody there for a while', async () => {
    const node = await startLiveNode({ folder })
    closing.push(node.stop)
    const { reports, args } = newRun({ folder, seed: 'faults', url: node.url })
    const cli = startCli(args, PAID)
    const journal = () => readFileSync(join(modeFolder(reports), 'journal.jsonl'), 'utf8')
    await cli.says('"msg":"submit"')
    await expect
      .poll(() => journal().split('"kind":"answered"').length - 1, { timeout: 60_000, interval: 1 })
      .toBeGreaterThanOrEqual(3)
    await node.restart()
    const { code, complaint } = await cli.ended
    expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
    await expectWhole(reports, node.url)
  })
})

describe('the generator is killed', () => {
  test('at a request whose answer is lost, behind a proxy that loses one in ten, and goes on there', async () => {
    let kill = () => {}
    const lost = someOf('killed', { kind: 'lost' }, { share: 0.1 })
    let sends = 0
    const { node, reports, args } = await prepare((_, { calls }) => {
      if (!calls.includes('changePosition') || ++sends !== 4) return lost()
      kill()
      return { kind: 'lost' }
    })
    const cli = startCli(args, PAID)
    kill = cli.kill
    expect((await cli.ended).code).toBe(null)
    // What it left there does not keep the next one out.
    expect(existsSync(join(modeFolder(reports), '..', LOCK))).toBe(true)
    await expectGoodEnd(['run', '--resume', '--reports', reports])
    await expectWhole(reports, node.url)
  })

  test('two that go on with the same run at once: one does', async () => {
    let kill = () => {}
    let meet = (_: SeenRequest): Promise<void> | undefined => undefined
    const { node, reports, args } = await prepare(async (_, request) => {
      await meet(request)
      return undefined
    })
    meet = ({ calls }) => {
      if (calls.includes('changePosition')) kill()
      return undefined
    }
    const cli = startCli(args, PAID)
    kill = cli.kill
    await cli.ended
    let other: Awaited<ReturnType<typeof loadgen>> | undefined
    const resume = ['run', '--resume', '--reports', reports]
    meet = async () => {
      meet = () => undefined
      other = await loadgen(resume, PAID)
    }
    await expectGoodEnd(resume)
    expect(other).toMatchObject({ code: 2, stdout: '' })
    expect(other?.complaint).toMatch(/^Process \d+ works on ".*"; wait for it or end it .*\.$/)
    await expectWhole(reports, node.url)
  })
})
