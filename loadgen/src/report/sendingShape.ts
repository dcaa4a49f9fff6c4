import { EXECUTORS, type RampResult, type RampStep } from '../core/sending.js'
import type { SendingMetrics } from '../metrics/sending.js'
import { integer, list, nullable, number, object, oneOf, optional, text } from './shape.js'

/** The keys of the phases of a submission. */
export const PHASES = { startMs: number, measureMs: number, drainMs: number }

/** What a ramp found. */
export const RAMP = object<RampResult>({
  steps: list(
    object<RampStep>({
      perSecond: number,
      acceptedPerSecond: number,
      p99Ms: number,
      errorShare: number,
    }),
  ),
  breaking: optional(
    object<NonNullable<RampResult['breaking']>>({ perSecond: number, reason: text }),
  ),
  lastGoodPerSecond: optional(number),
})

/** How a report tells how a mode was sent. */
export const SENDING = object<SendingMetrics>({
  executor: oneOf(EXECUTORS),
  perSecond: nullable(number),
  phases: nullable(object<NonNullable<SendingMetrics['phases']>>({ ...PHASES, endMs: number })),
  measured: integer,
  dropped: integer,
  unsent: integer,
  ramp: nullable(RAMP),
})
