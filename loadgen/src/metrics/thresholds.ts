import { UsageError } from '../core/errors.js'
import { MODES, type Mode, REJECT_REASONS } from '../core/types.js'
import type { ModeMetrics } from './modeMetrics.js'

const OPERATORS = ['<=', '>=', '==', '!=', '<', '>'] as const
type Operator = (typeof OPERATORS)[number]

/** Short names of what thresholds are mostly about; any other figure goes by its place in a mode of report.json. */
const SHORT: Readonly<Record<string, string>> = {
  inclusion: 'latencyMs.inclusion',
  settlement: 'latencyMs.settlement',
  slippage: 'slippageBps',
  touches: 'poolTouches',
  aborted: 'conflicts.aborted',
  gas: 'gas.perOrder',
  ratio: 'netting.ratioVolume',
}

/** A bound on a figure of a run. */
export type Threshold = {
  /** As it was given. */
  text: string
  /** The mode that it is about; undefined for every mode. */
  mode: Mode | undefined
  /** Place of the figure in a mode of report.json, such as `latencyMs.settlement.p99`. */
  figure: string
  operator: Operator
  value: number
}

/**
 * Reads a bound such as `settlement.p99 < 2000` or `netting.touches <= 10`: a figure of a mode of report.json by its place (or by a
 * short name), the mode before it when it is about one mode only, an operator and a number. Units are those of the report.
 * @throws UsageError when it is none.
 */
export function parseThreshold(text: string): Threshold {
  const match = /^\s*([A-Za-z]\w*(?:\.\w+)*)\s*(<=|>=|==|!=|<|>)\s*(-?\d+(?:\.\d+)?)\s*$/.exec(text)
  if (match === null)
    throw new UsageError(
      `"${text}" is no threshold: it is a figure, one of ${OPERATORS.join(' ')}, and a number, like "settlement.p99 < 2000".`,
    )
  const [, path = '', operator, value] = match
  const words = path.split('.')
  // `netting` is also a figure: it names the mode only where a figure of that mode follows.
  const named = MODES.find((mode) => mode === words[0])
  const isMode =
    named !== undefined && !(named === 'netting' && words[1] !== undefined && RATIOS.has(words[1]))
  const rest = isMode ? words.slice(1) : words
  const [head = '', ...tail] = rest
  return {
    text: text.trim(),
    mode: isMode ? named : undefined,
    figure: [SHORT[head] ?? head, ...tail].join('.'),
    operator: operator as Operator,
    value: Number(value),
  }
}

/** Figures below `netting` of a mode, which is also the name of a mode. */
const RATIOS: ReadonlySet<string> = new Set(['ratioVolume', 'ratioOrders', 'optimum', 'efficiency'])

/** What became of a threshold in one mode. */
export type ThresholdResult = {
  threshold: string
  mode: Mode
  /** The figure that was measured; null where the run has none, which misses the threshold. */
  actual: number | null
  ok: boolean
}

/**
 * Holds the figures of a run against thresholds.
 * @throws UsageError for a mode that did not run, or a figure that no mode has.
 */
export function checkThresholds(
  modes: Partial<Record<Mode, ModeMetrics>>,
  thresholds: readonly Threshold[],
): ThresholdResult[] {
  const ran = MODES.flatMap((mode) => {
    const metrics = modes[mode]
    return metrics === undefined ? [] : [{ mode, metrics }]
  })
  return thresholds.flatMap((threshold) => {
    const about = ran.filter(({ mode }) => (threshold.mode ?? mode) === mode)
    if (about.length === 0)
      throw new UsageError(
        `The threshold "${threshold.text}" is about the mode ${threshold.mode}, which does not run; it may name ${ran.map(({ mode }) => mode).join(', ')}.`,
      )
    return about.map(({ mode, metrics }) => {
      const actual = readFigure(metrics, threshold)
      const ok = actual !== null && holds(actual, threshold)
      return { threshold: threshold.text, mode, actual, ok }
    })
  })
}

/** Counts that a report names only where they are above 0: whether a word may stand below. */
const COUNTED: Readonly<Record<string, (word: string) => boolean>> = {
  'orders.rejectedBy': (word) => REJECT_REASONS.some((reason) => reason === word),
  'orders.failedBy': () => true,
}

function readFigure(metrics: ModeMetrics, { figure, text }: Threshold): number | null {
  const [, group = '', last = ''] = /^(.*)\.(\w+)$/.exec(figure) ?? []
  const other = COUNTED[group]?.(last) === true ? 0 : undefined
  let value: unknown = metrics
  for (const word of figure.split('.')) {
    // What a run does not have as a whole, such as conflicts on a lenient node, it does not have in part.
    if (value === null) return null
    value = isRecord(value) && Object.hasOwn(value, word) ? value[word] : other
  }
  if (value === null || typeof value === 'number') return value
  throw new UsageError(
    `The threshold "${text}" names "${figure}", which is no figure of a mode in report.json; one is ${Object.values(SHORT)[1]}.p99.`,
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function holds(actual: number, { operator, value }: Threshold): boolean {
  switch (operator) {
    case '<':
      return actual < value
    case '<=':
      return actual <= value
    case '>':
      return actual > value
    case '>=':
      return actual >= value
    case '==':
      return actual === value
    case '!=':
      return actual !== value
  }
}
