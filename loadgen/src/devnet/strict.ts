import type { Rpc } from '../chain/rpc.js'
import type { Clock } from '../core/clock.js'
import type { Hex } from '../core/types.js'
import { createScheduler } from '../parallel/scheduler.js'
import type { DevnetLog } from './log.js'
import type { Mempool } from './mempool.js'
import type { Deferral, EmulatedCode, Runtime } from './runtime.js'
import type { Arrangement, BlockMaker } from './seal.js'
import { type AccessSource, type Analysis, analyse } from './strictAnalysis.js'
import { createEligibility } from './strictDeferrals.js'
import { createExtensions, type Extensions } from './strictExtensions.js'
import { createGates } from './strictGates.js'
import { readJobs } from './strictJobs.js'
import { moveCalls } from './strictMoves.js'
import { wantedOrder } from './strictOrder.js'
import type { StrictPool, WaitingCall } from './strictPool.js'
import { describeBlock, emptySchedule } from './strictSchedule.js'
import { createScheduleStore } from './strictStore.js'

/**
 * Blocks as Arcology's runtime would make them: its generations, one after the other; of each, the losers of conflicts fail with
 * nothing but their nonce and gas spent; what conflicted is kept apart from the next block on.
 *
 * Anvil runs a block one by one. That comes to the same: in a generation that holds no conflict any more, the order has no
 * effect. What Anvil's pool holds in the wanted order stays there, the rest is sent again (see {@link moveCalls}).
 *
 * Approximations: a generation is judged on the state before the block, so that a later one's accesses are those it would have
 * without the earlier ones; an aborted transaction pays for the gas that its abort takes, a few thousand above its intrinsic gas;
 * callees that lose in a block cost all their callers of that block a few thousand gas more.
 */
export function createStrictMaker(options: createStrictMaker.Options): StrictMaker {
  const { rpc, mempool, pool, runtime, source, emulation, clock, log } = options
  const scheduler = createScheduler()
  const eligibility = createEligibility(rpc)
  const gates = createGates({ rpc, gate: options.gate })
  const schedules = createScheduleStore()
  const emulated = new Set(emulation.map(({ address }) => address.toLowerCase()))
  let deferrals: readonly Deferral[] = []
  let plan: Plan | undefined

  async function learnDeferrals(fromBlock?: number): Promise<void> {
    deferrals = await eligibility.pick(await runtime.deferrals(), fromBlock)
    for (const { callee } of deferrals) scheduler.addDeferrable(callee)
  }

  /** Anvil's clock is ours and what clients moved it by. A time that they set for the next block alone is not seen. */
  async function nextTimestamp(): Promise<number> {
    const { currentBlockTimestamp } = (await rpc.call('anvil_nodeInfo')) as NodeInfo
    const offset = Number(await rpc.call('evm_increaseTime', [0]))
    return Math.max(currentBlockTimestamp + 1, Math.floor(clock.now() / 1_000) + offset)
  }

  /** Of those that fail on the runtime, those that can be made to fail here; and the code of their callees. */
  async function findAbortable(failing: readonly WaitingCall[]) {
    const targets = new Set(failing.flatMap(({ to }) => (to === undefined ? [] : [to])))
    const asked = [...targets].filter((target) => !emulated.has(target))
    const answers = await rpc.batch(
      asked.map((target) => ({ method: 'eth_getCode', params: [target, 'latest'] })),
    )
    const codes = new Map<Hex, Hex>()
    asked.forEach((target, i) => {
      const code = answers[i]?.result as Hex | undefined
      if (code !== undefined && code !== '0x') codes.set(target, code)
    })
    const isAbortable = ({ to, isFixed }: WaitingCall) =>
      to !== undefined && codes.has(to) && !isFixed
    const standing = failing.filter((call) => !isAbortable(call))
    if (standing.length > 0)
      log.warn(
        { count: standing.length, first: standing[0]?.entry.hash },
        'transactions that Arcology would abort stand here: they have no callee with code, or Anvil signed them',
      )
    return { aborted: new Set(failing.filter(isAbortable).map(({ id }) => id)), codes }
  }

  async function arrange({ block, disturb }: BlockMaker.Coming): Promise<Arrangement> {
    const begun = clock.now()
    const calls = await pool.read(mempool.entries())
    const coming = { number: block, timestamp: await nextTimestamp() }
    const analysis = await analyse({ block: coming, calls, scheduler, source, deferrals })
    const failing = calls.filter(({ id }) => analysis.losers.has(id) || analysis.unpaid.has(id))
    const { aborted, codes } = await findAbortable(failing)
    const order = wantedOrder({ calls, generations: analysis.generations, aborted })
    plan = { calls, analysis, aborted, analysisMs: clock.now() - begun }
    if (order.steps.length > 0) disturb()
    if (aborted.size > 0) await gates.install(codes)
    const system = await moveCalls({ rpc, runtime, calls, order, log })
    log.debug(
      {
        block,
        generations: analysis.generations.length,
        aborted: aborted.size,
        unpaid: analysis.unpaid.size,
        kept: order.kept.length,
        analysisMs: plan.analysisMs,
        arrangedMs: clock.now() - begun,
      },
      'block arranged',
    )
    return {
      system,
      deferred: analysis.generations
        .filter(({ isDeferred }) => isDeferred)
        .reduce((sum, { sequences }) => sum + sequences.flat().length, 0),
      moved: [],
      isWhole: aborted.size === 0,
      restore: async () => {
        if (aborted.size > 0) await gates.remove()
      },
    }
  }

  /** Keeps what was found out about a block. */
  async function record(
    { calls, analysis, aborted, analysisMs }: Plan,
    { block, transactions }: BlockMaker.Made,
  ): Promise<void> {
    for (const { winner, loser } of analysis.conflicts) {
      const [first, second] = [calls[winner]?.callee, calls[loser]?.callee]
      if (first !== undefined && second !== undefined) scheduler.learn(first, second)
    }
    const deferred = new Set(
      analysis.generations.flatMap(({ isDeferred, sequences, flagged }) =>
        isDeferred ? sequences.flat() : flagged,
      ),
    )
    const mined = new Set(transactions)
    const candidates = calls
      .filter(({ id, entry }) => mined.has(entry.hash) && !aborted.has(id))
      .map(({ id, callee, entry }) => ({
        hash: entry.hash,
        callee,
        isDeferred: deferred.has(id),
      }))
    const jobs = await readJobs(rpc, candidates)
    schedules.add(
      describeBlock({ block, transactions, calls, analysis, aborted, jobs, analysisMs }),
    )
  }

  return {
    arrange,
    async made(block) {
      if (plan !== undefined) await record(plan, block)
      plan = undefined
      if (block.creations.length > 0) await learnDeferrals(block.block)
      // A client's call can make several: the others are empty.
      const latest = Number(await rpc.call('eth_blockNumber'))
      for (let empty = block.block + 1; empty <= latest; empty++)
        schedules.add(emptySchedule(empty))
    },
    async resync() {
      const pairs = scheduler.pairs()
      scheduler.reset()
      await learnDeferrals()
      for (const [winner, loser] of pairs) scheduler.learn(winner, loser)
      schedules.turnBack(Number(await rpc.call('eth_blockNumber')))
    },
    forget() {
      scheduler.reset()
      eligibility.forget()
      source.forget()
      schedules.turnBack(-1)
    },
    extensions: createExtensions({ schedules, pairs: scheduler.pairs }),
  }
}

export type StrictMaker = BlockMaker & {
  /** JSON-RPC methods that tell what it decided. */
  extensions: Extensions
}

export declare namespace createStrictMaker {
  type Options = {
    rpc: Rpc
    mempool: Mempool
    pool: StrictPool
    runtime: Runtime
    source: AccessSource
    emulation: readonly EmulatedCode[]
    gate: createGates.Gate
    clock: Clock
    log: DevnetLog
  }
}

type NodeInfo = { currentBlockTimestamp: number }

/** What was decided for the coming block. */
type Plan = {
  calls: readonly WaitingCall[]
  analysis: Analysis
  aborted: ReadonlySet<number>
  analysisMs: number
}
