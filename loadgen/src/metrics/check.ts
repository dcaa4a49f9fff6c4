import type { Mode, ModeRecord, Product } from '../core/types.js'
import type { Needs } from './mergeShard.js'
import type { TxTrace } from './trace.js'

/** What a check works on. */
export type Evidence = { record: ModeRecord; traces: readonly TxTrace[] }

/** What a check found: how much it looked at and, when something is wrong, the first fault. */
export type Finding = { looked: string; fault: string | undefined }

export type Check = {
  name: string
  /** Modes that it applies to. Absent: all. */
  modes?: readonly Mode[]
  /** The product that it applies to. Absent: all. */
  product?: Product
  /** What a record must have, or it is not judged on it. Absent: nothing. */
  needs?: Needs
  run(evidence: Evidence): Finding
}

/** What `judge` says of the first item that it finds at fault; undefined when all are right. */
export function firstFault<T>(
  items: Iterable<T>,
  judge: (item: T) => string | undefined,
): string | undefined {
  for (const item of items) {
    const fault = judge(item)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** The first key that two items share. */
export function firstDuplicate<T>(
  items: Iterable<T>,
  key: (item: T) => string | number,
): string | number | undefined {
  const seen = new Set<string | number>()
  for (const item of items) {
    if (seen.has(key(item))) return key(item)
    seen.add(key(item))
  }
  return undefined
}

/** True when two addresses are the same, whatever their case. */
export function isSameAddress(a: string, b: string | undefined): boolean {
  return a.toLowerCase() === b?.toLowerCase()
}
