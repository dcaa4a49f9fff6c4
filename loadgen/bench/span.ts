import type { Ledger } from '../src/submit/ledger.js'

/** Milliseconds from the first request of a submission to its last answer. */
export function sentFor({ sentMs, answeredMs }: Ledger): number {
  const first = sentMs.reduce((least, ms) => Math.min(least, ms), Number.POSITIVE_INFINITY)
  return answeredMs.reduce((most, ms) => Math.max(most, ms), 0) - first
}
