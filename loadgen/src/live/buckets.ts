import type { Sample } from './exposition.js'

/** Upper bounds of the buckets, seconds: from one fast block to a minute. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const

/** How many latencies fall below each bound. */
export type Buckets = {
  /** By bucket, the last without a bound. */ counts: number[]
  sumMs: number
}

export function createBuckets(): Buckets {
  return { counts: [...BUCKETS, 0].map(() => 0), sumMs: 0 }
}

export function record(buckets: Buckets, ms: number): void {
  const at = BUCKETS.findIndex((bound) => ms <= bound * 1_000)
  const bucket = at === -1 ? BUCKETS.length : at
  buckets.counts[bucket] = (buckets.counts[bucket] as number) + 1
  buckets.sumMs += ms
}

/** A histogram of Prometheus, whose buckets are cumulative. */
export function bucketSamples(labels: Sample['labels'], { counts, sumMs }: Buckets): Sample[] {
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
