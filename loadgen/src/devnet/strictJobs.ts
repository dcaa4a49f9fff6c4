import type { Rpc } from '../chain/rpc.js'
import { NodeError } from '../core/errors.js'
import type { Hex } from '../core/types.js'
import { isSystem } from './accessesMarkers.js'
import { groupBy } from './strictGroups.js'

/** Where the runtime's precompile of parallel jobs is, and so its emulation. */
const MULTIPROCESS = '0x00000000000000000000000000000000000000b0'

/** Traces in one request. */
const TRACES = 250

export type JobCandidate = {
  hash: Hex
  callee: string | undefined
  /** Looked at by itself: it is deferred, and may do what other calls of its callee do not. */
  isDeferred: boolean
}

/**
 * Gas of the parallel jobs of mined transactions, by hash; only of those that ran any. Looked at are the deferred ones and one of
 * each callee; when that ran jobs, all of its callee.
 */
export async function readJobs(
  rpc: Rpc,
  candidates: readonly JobCandidate[],
): Promise<Map<Hex, number[]>> {
  const jobs = new Map<Hex, number[]>()
  const ordinary = groupBy(
    candidates.filter(({ callee, isDeferred }) => callee !== undefined && !isDeferred),
    ({ callee }) => callee,
  )
  const samples = [...ordinary.values()].flatMap((calls) => calls.slice(0, 1))
  await look(rpc, [...candidates.filter(({ isDeferred }) => isDeferred), ...samples], jobs)
  const others = samples.flatMap(({ hash, callee }) =>
    jobs.has(hash) ? (ordinary.get(callee)?.slice(1) ?? []) : [],
  )
  await look(rpc, others, jobs)
  return jobs
}

async function look(
  rpc: Rpc,
  candidates: readonly JobCandidate[],
  jobs: Map<Hex, number[]>,
): Promise<void> {
  for (let at = 0; at < candidates.length; at += TRACES) {
    const part = candidates.slice(at, at + TRACES)
    const answers = await rpc.batch(
      part.map(({ hash }) => ({ method: 'trace_transaction', params: [hash] })),
    )
    answers.forEach(({ result, error }, i) => {
      if (error !== undefined)
        throw new NodeError(`Anvil does not tell what a transaction called: ${error.message}`)
      const gas = gasOfJobs(result as Frame[])
      if (gas.length > 0) jobs.set((part[i] as JobCandidate).hash, gas)
    })
  }
}

/** A call inside a transaction; those that it makes have its address and one number more. */
type Frame = {
  traceAddress: number[]
  action: { from?: Hex; to?: Hex }
  result?: { gasUsed: Hex } | null
}

/** Of the outermost jobs: those inside a job are part of its gas. */
function gasOfJobs(frames: readonly Frame[]): number[] {
  const jobs: Frame[] = []
  for (const frame of frames) {
    const { from, to } = frame.action
    if (from?.toLowerCase() !== MULTIPROCESS || to === undefined || isSystem(to)) continue
    const isInner = jobs.some(({ traceAddress }) =>
      traceAddress.every((step, depth) => frame.traceAddress[depth] === step),
    )
    if (!isInner) jobs.push(frame)
  }
  return jobs.map(({ result }) => Number(result?.gasUsed ?? 0))
}
