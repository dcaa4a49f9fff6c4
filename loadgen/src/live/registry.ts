import { type Clock, systemClock } from '../core/clock.js'
import type { Family, Sample } from './exposition.js'
import { createPace, type Pace } from './pace.js'

/**
 * What becomes of transactions while a run goes on. `sent`: once a transaction, however often its request is repeated. `accepted`,
 * `refused`: what the node said. `dropped`: send times that passed unused. `included`: in a block, whatever the status; `failed`: of
 * those, with status 0. `settled`: orders that were filled. The last two are known when receipts and events are collected.
 */
export const LIVE_KINDS = [
  'sent',
  'accepted',
  'refused',
  'dropped',
  'included',
  'failed',
  'settled',
] as const
export type LiveKind = (typeof LIVE_KINDS)[number]

/** How many transactions of a mode have come to a state. */
export type LiveSample = {
  kind: LiveKind
  /** So far, in this mode. */
  total: number
  /** Milliseconds since the intended send time of those that came to it just now, where they are known. */
  latenciesMs?: readonly number[] | undefined
}

/** Live figures of a process. A stage never waits for it. */
export type LiveRegistry = {
  /** What follows belongs to this mode. */
  startMode(mode: string): void
  onProgress(stage: string, done: number, total: number): void
  onSample(sample: LiveSample): void
  /** The figures of this moment. */
  families(): Family[]
}

/** Upper bounds of the buckets, seconds: from one fast block to a minute. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const

type Histogram = { /** By bucket, the last without a bound. */ counts: number[]; sumMs: number }
type ModeFigures = {
  counts: Record<LiveKind, number>
  paces: Record<LiveKind, Pace>
  latencies: Map<LiveKind, Histogram>
}

export function createLiveRegistry(options: createLiveRegistry.Options = {}): LiveRegistry {
  const { clock = systemClock } = options
  const modes = new Map<string, ModeFigures>()
  let mode: string | undefined
  let stage: { name: string; done: number; total: number; pace: Pace } | undefined

  function figuresOf(name: string): ModeFigures {
    const known = modes.get(name)
    if (known !== undefined) return known
    const fresh: ModeFigures = {
      counts: byKind(() => 0),
      paces: byKind(() => createPace({ clock })),
      latencies: new Map(),
    }
    modes.set(name, fresh)
    return fresh
  }

  function samples(read: (figures: ModeFigures, kind: LiveKind) => number | undefined): Sample[] {
    return [...modes].flatMap(([name, figures]) =>
      LIVE_KINDS.flatMap((kind) => {
        const value = read(figures, kind)
        return value === undefined ? [] : [{ labels: { mode: name, state: kind }, value }]
      }),
    )
  }

  function stageSample(value: number | undefined): Sample[] {
    if (stage === undefined || value === undefined) return []
    return [{ labels: { ...(mode !== undefined && { mode }), stage: stage.name }, value }]
  }

  return {
    startMode(name) {
      mode = name
      stage = undefined
      figuresOf(name)
    },
    onProgress(name, done, total) {
      if (stage?.name !== name)
        stage = { name, done, total, pace: createPace({ clock, start: done }) }
      stage.done = done
      stage.total = total
      stage.pace.reach(done)
    },
    onSample({ kind, total, latenciesMs }) {
      const { counts, paces, latencies } = figuresOf(mode ?? '')
      // A counter never goes back.
      counts[kind] = Math.max(counts[kind], total)
      paces[kind].reach(counts[kind])
      if (latenciesMs === undefined) return
      const histogram = latencies.get(kind) ?? { counts: [...BUCKETS, 0].map(() => 0), sumMs: 0 }
      latencies.set(kind, histogram)
      for (const ms of latenciesMs) record(histogram, ms)
    },
    families: () => [
      {
        name: 'loadgen_transactions_total',
        help: 'Transactions (settled: orders) that came to a state.',
        type: 'counter',
        samples: samples(({ counts }, kind) => counts[kind]),
      },
      {
        name: 'loadgen_transactions_per_second',
        help: 'Transactions that come to a state each second, over the last 10 s.',
        type: 'gauge',
        samples: samples(({ paces }, kind) => paces[kind].perSecond()),
      },
      {
        name: 'loadgen_latency_seconds',
        help: 'Time from the intended sending to a state; included: until the block is seen.',
        type: 'histogram',
        samples: [...modes].flatMap(([name, { latencies }]) =>
          [...latencies].flatMap(([kind, histogram]) =>
            histogramSamples({ mode: name, state: kind }, histogram),
          ),
        ),
      },
      {
        name: 'loadgen_stage',
        help: 'The stage that runs now: 1.',
        type: 'gauge',
        samples: stageSample(1),
      },
      {
        name: 'loadgen_stage_done',
        help: 'What the stage has done, in its own unit.',
        type: 'gauge',
        samples: stageSample(stage?.done),
      },
      {
        name: 'loadgen_stage_total',
        help: 'What the stage has to do, in its own unit.',
        type: 'gauge',
        samples: stageSample(stage?.total),
      },
      {
        name: 'loadgen_stage_per_second',
        help: 'What the stage does each second, over the last 10 s.',
        type: 'gauge',
        samples: stageSample(stage?.pace.perSecond()),
      },
      {
        name: 'loadgen_stage_remaining_seconds',
        help: 'Estimate of the time until the stage is done; absent when nothing moves.',
        type: 'gauge',
        samples: stageSample(seconds(stage?.pace.remainingMs(stage.total))),
      },
    ],
  }
}

export declare namespace createLiveRegistry {
  type Options = { clock?: Pick<Clock, 'now'> | undefined }
}

function byKind<T>(make: () => T): Record<LiveKind, T> {
  return Object.fromEntries(LIVE_KINDS.map((kind) => [kind, make()])) as Record<LiveKind, T>
}

function record(histogram: Histogram, ms: number): void {
  const at = BUCKETS.findIndex((bound) => ms <= bound * 1_000)
  const bucket = at === -1 ? BUCKETS.length : at
  histogram.counts[bucket] = (histogram.counts[bucket] as number) + 1
  histogram.sumMs += ms
}

/** Buckets of the format are cumulative. */
function histogramSamples(labels: Sample['labels'], { counts, sumMs }: Histogram): Sample[] {
  let below = 0
  const buckets = counts.map((count, i) => {
    below += count
    const bound = BUCKETS[i]
    const le = bound === undefined ? '+Inf' : String(bound)
    return { suffix: '_bucket', labels: { ...labels, le }, value: below }
  })
  return [
    ...buckets,
    { suffix: '_sum', labels, value: sumMs / 1_000 },
    { suffix: '_count', labels, value: below },
  ]
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1_000
}
