import { build, type Histogram } from 'hdr-histogram-js'

/**
 * The course of a count and of latencies over time, in steps of equal length. A longer run has longer steps, never more of them, so
 * that it takes the same memory whatever it lasts.
 */
export type Timeline = {
  /** So many came between two moments, evenly. @param fromMs not before the start. */
  add(kind: string, amount: number, fromMs: number, toMs: number): void
  /** Latencies of what came at a moment, milliseconds. */
  addLatencies(latenciesMs: readonly number[], atMs: number): void
  read(): Course
}

export type Course = {
  stepMs: number
  /** By kind: how many came in each step. All lists of a course are of one length. */
  counts: Readonly<Record<string, readonly number[]>>
  /** Latency of what came in each step; null: none. */
  p50Ms: (number | null)[]
  p99Ms: (number | null)[]
  /** Latency of all that came, by percentile; null: none came. */
  percentiles: { percentile: number; ms: number }[] | null
}

/** Denser at the tail, where latencies differ. */
const PERCENTILES = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 97.5, 99, 99.5, 99.9, 99.99]

export function createTimeline(options: createTimeline.Options): Timeline {
  const { startMs, kinds, firstStepMs = 500, maxSteps = 120 } = options
  let stepMs = firstStepMs
  /** Steps that have begun. */
  let length = 0
  const counts = new Map(kinds.map((kind) => [kind, new Array<number>(maxSteps).fill(0)]))
  let latencies = new Array<Histogram | undefined>(maxSteps).fill(undefined)
  const whole = createHistogram()
  /** What was read last, as long as nothing is new. */
  let known: Course | undefined

  function stepOf(atMs: number): number {
    const elapsedMs = Math.max(0, atMs - startMs)
    while (elapsedMs >= stepMs * maxSteps) widen()
    const step = Math.floor(elapsedMs / stepMs)
    length = Math.max(length, step + 1)
    return step
  }

  /** Makes one step of every two. */
  function widen(): void {
    stepMs *= 2
    length = Math.ceil(length / 2)
    for (const list of counts.values()) {
      const merged = list.map((_, i) => (list[2 * i] ?? 0) + (list[2 * i + 1] ?? 0))
      list.splice(0, maxSteps, ...merged)
    }
    latencies = latencies.map((_, i) => merge(latencies[2 * i], latencies[2 * i + 1]))
  }

  function readCourse(): Course {
    const steps = latencies.slice(0, length)
    const percentile = (percent: number) => (histogram: Histogram | undefined) =>
      histogram === undefined ? null : histogram.getValueAtPercentile(percent)
    return {
      stepMs,
      counts: Object.fromEntries([...counts].map(([kind, list]) => [kind, list.slice(0, length)])),
      p50Ms: steps.map(percentile(50)),
      p99Ms: steps.map(percentile(99)),
      percentiles:
        whole.totalCount === 0
          ? null
          : PERCENTILES.map((percent) => ({
              percentile: percent,
              ms: whole.getValueAtPercentile(percent),
            })),
    }
  }

  return {
    add(kind, amount, fromMs, toMs) {
      const list = counts.get(kind)
      if (list === undefined) return
      known = undefined
      const last = stepOf(toMs)
      const first = Math.min(stepOf(fromMs), last)
      for (let step = first; step <= last; step++) {
        const begin = Math.max(fromMs, startMs + step * stepMs)
        const end = Math.min(toMs, startMs + (step + 1) * stepMs)
        const share = toMs > fromMs ? Math.max(0, end - begin) / (toMs - fromMs) : 1
        list[step] = (list[step] as number) + amount * share
      }
    },
    addLatencies(latenciesMs, atMs) {
      known = undefined
      const step = stepOf(atMs)
      const histogram = latencies[step] ?? createHistogram()
      latencies[step] = histogram
      for (const ms of latenciesMs) {
        const value = Math.max(0, Math.round(ms))
        histogram.recordValue(value)
        whole.recordValue(value)
      }
    },
    read() {
      known ??= readCourse()
      return known
    },
  }
}

export declare namespace createTimeline {
  type Options = {
    /** Begin of the first step, milliseconds since the epoch. */
    startMs: number
    /** What is counted. */
    kinds: readonly string[]
    /** Length of a step as long as all fit. Default 500. */
    firstStepMs?: number | undefined
    /** An even number. Default 120. */
    maxSteps?: number | undefined
  }
}

/** Milliseconds with two significant digits: a few kilobytes a step. */
function createHistogram(): Histogram {
  return build({
    bitBucketSize: 32,
    autoResize: true,
    highestTrackableValue: 60_000,
    numberOfSignificantValueDigits: 2,
  })
}

function merge(one: Histogram | undefined, other: Histogram | undefined): Histogram | undefined {
  if (one === undefined || other === undefined) return one ?? other
  one.add(other)
  return one
}
