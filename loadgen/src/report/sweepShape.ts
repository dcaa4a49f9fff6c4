import { MODES, type Mode } from '../core/types.js'
import type { ThresholdResult } from '../metrics/thresholds.js'
import type { CheckResult, Verification } from '../metrics/verify.js'
import { parseVersioned } from './parseVersioned.js'
import { ENVIRONMENT } from './runReportShape.js'
import {
  boolean,
  dictionary,
  integer,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  type Shape,
  text,
} from './shape.js'
import {
  SWEEP_VERSION,
  type SweepInfo,
  type SweepPoint,
  type SweepReport,
  type SweepVariable,
} from './sweep.js'

const figures = dictionary(nullable(number))

/** What a sweep.json of {@link SWEEP_VERSION} must look like. */
const SWEEP_REPORT = object<SweepReport>({
  schemaVersion: oneOf([SWEEP_VERSION]),
  sweep: object<SweepInfo>({
    id: text,
    commit: text,
    command: text,
    words: list(text),
    startedAt: text,
  }),
  modes: list(oneOf(MODES)),
  variables: list(object<SweepVariable>({ name: text, values: list(text) })),
  size: integer,
  points: list(
    object<SweepPoint>({
      values: dictionary(text),
      run: text,
      environment: ENVIRONMENT,
      failedChecks: list(text),
      expected: nullable(number),
      modes: object<SweepPoint['modes']>(
        Object.fromEntries(MODES.map((mode) => [mode, optional(figures)])) as Record<Mode, Shape>,
      ),
      thresholds: list(
        object<ThresholdResult>({
          threshold: text,
          mode: oneOf(MODES),
          actual: nullable(number),
          ok: boolean,
        }),
      ),
    }),
  ),
  verification: object<Verification>({
    ok: boolean,
    checks: list(object<CheckResult>({ name: text, ok: boolean, detail: text })),
  }),
})

/**
 * Reads a sweep.
 * @param json Content of a sweep.json.
 * @param where Its path, for messages.
 * @throws UsageError for what is no sweep, a broken one, or one of a newer version.
 */
export function parseSweepReport(json: string, where: string): SweepReport {
  return parseVersioned(json, {
    ...{ where, what: 'sweep', version: SWEEP_VERSION, shape: SWEEP_REPORT },
  }) as SweepReport
}
