import type { Course } from './timeline.js'

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

/** A run at one moment, to be drawn. */
export type LiveView = {
  /** The mode that runs; undefined before the first. */
  mode: string | undefined
  stage: StageView | undefined
  /** In the order in which they began. */
  modes: ModeView[]
}

export type StageView = {
  name: string
  /** In its own unit. */
  done: number
  total: number
  /** Over the last 10 s; undefined at the very start. */
  perSecond: number | undefined
  /** Estimate; undefined when nothing moves. */
  remainingMs: number | undefined
}

export type ModeView = {
  mode: string
  /** undefined: not told yet. */
  counts: Readonly<Record<LiveKind, number | undefined>>
  /** Over the last 10 s; undefined at the very start. */
  perSecond: Readonly<Record<LiveKind, number | undefined>>
  /** Since the first transaction of the mode; null before it. Of {@link COURSE_KINDS}. */
  course: Course | null
}

/** Whose course is kept: of the others only totals are told while they happen, or all at once at the end. */
export const COURSE_KINDS = ['sent', 'included'] as const
