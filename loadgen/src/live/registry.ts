import { type Clock, systemClock } from '../core/clock.js'
import { type Buckets, bucketSamples, createBuckets, record } from './buckets.js'
import type { Family, Sample } from './exposition.js'
import { createPace, type Pace } from './pace.js'
import { createTimeline, type Timeline } from './timeline.js'
import { COURSE_KINDS, LIVE_KINDS, type LiveKind, type LiveView } from './view.js'

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
  /** The same and how they came about, to be drawn. */
  view(): LiveView
}

type ModeFigures = {
  counts: Record<LiveKind, number>
  paces: Record<LiveKind, Pace>
  latencies: Map<LiveKind, Buckets>
  timeline: Timeline | undefined
  /** When the mode's samples of a kind came last. */
  lastMs: Map<LiveKind, number>
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
      timeline: undefined,
      lastMs: new Map(),
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

  /** Notes down when it came. What was sent is looked at now and then, so it came since the last look; a block comes at once. */
  function follow(figures: ModeFigures, sample: Omit<LiveSample, 'total'> & { growth: number }) {
    const { kind, growth, latenciesMs = [] } = sample
    const now = clock.now()
    const sinceMs = kind === 'sent' ? (figures.lastMs.get(kind) ?? now) : now
    figures.lastMs.set(kind, now)
    if (growth === 0 && latenciesMs.length === 0) return
    figures.timeline ??= createTimeline({ startMs: sinceMs, kinds: COURSE_KINDS })
    figures.timeline.add(kind, growth, sinceMs, now)
    if (latenciesMs.length > 0) figures.timeline.addLatencies(latenciesMs, now)
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
      const figures = figuresOf(mode ?? '')
      const { counts, paces, latencies } = figures
      // A counter never goes back.
      const growth = Math.max(0, total - counts[kind])
      counts[kind] += growth
      paces[kind].reach(counts[kind])
      follow(figures, { kind, growth, latenciesMs })
      if (latenciesMs === undefined) return
      const buckets = latencies.get(kind) ?? createBuckets()
      latencies.set(kind, buckets)
      for (const ms of latenciesMs) record(buckets, ms)
    },
    view: () => ({
      mode,
      stage: stage && {
        ...{ name: stage.name, done: stage.done, total: stage.total },
        perSecond: stage.pace.perSecond(),
        remainingMs: stage.pace.remainingMs(stage.total),
      },
      modes: [...modes].map(([name, { counts, paces, lastMs, timeline }]) => ({
        mode: name,
        counts: byKind((kind) => (lastMs.has(kind) ? counts[kind] : undefined)),
        perSecond: byKind((kind) => paces[kind].perSecond()),
        course: timeline?.read() ?? null,
      })),
    }),
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
          [...latencies].flatMap(([kind, buckets]) =>
            bucketSamples({ mode: name, state: kind }, buckets),
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

function byKind<T>(make: (kind: LiveKind) => T): Record<LiveKind, T> {
  return Object.fromEntries(LIVE_KINDS.map((kind) => [kind, make(kind)])) as Record<LiveKind, T>
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1_000
}
