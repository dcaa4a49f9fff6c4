import type { Mode } from '../core/types.js'
import type { SweepPoint, SweepReport } from '../report/sweep.js'
import { DASHES, LOOKS, type Look } from './looks.js'
import type { Axis } from './plot.js'

/** What a sweep draws: its points along one variable, a line for each mode, value of another variable, and sweep. */
export type SweepSeries = {
  name: string
  mode: Mode
  look: Look
  points: readonly SweepPoint[]
}

/** The variable that the x axis shows: the first of numbers; undefined where all are words. */
export function axisVariable({ variables }: SweepReport): string | undefined {
  return variables.find(({ values }) => values.length > 1 && values.every(isNumeric))?.name
}

function isNumeric(value: string): boolean {
  return value.trim() !== '' && Number.isFinite(Number(value))
}

/** Variables of milliseconds. */
const UNITS: Readonly<Record<string, string>> = { batchInterval: ', ms' }

/** `batchInterval` is `batch interval, ms`. */
export function wordsOf(variable: string): string {
  const words = variable.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return `${words}${UNITS[variable] ?? ''}`
}

/** Ratio of its ends from which on an axis goes by factors. */
const LOG_FROM = 10
/** Most values that each get a tick. */
const MOST_TICKS = 7

/** The axis of a variable over all sweeps. */
export function axisOf(variable: string, sweeps: readonly SweepReport[]): Axis {
  const values = sweeps.flatMap(({ points }) => points.map((point) => valueAt(point, variable)))
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const distinct = [...new Set(values)].sort((a, b) => a - b)
  return {
    label: wordsOf(variable),
    format: (value) => value.toLocaleString('en-US', { maximumSignificantDigits: 4 }),
    scale: low > 0 && high / low >= LOG_FROM ? 'log' : 'linear',
    ...(distinct.length <= MOST_TICKS && { ticks: distinct }),
  }
}

export function valueAt({ values }: SweepPoint, variable: string): number {
  return Number(values[variable])
}

/** The lines of some sweeps along a variable; sweeps are told apart by their letters where there are several. */
export function seriesOf(sweeps: readonly SweepReport[], variable: string): SweepSeries[] {
  const groups = sweeps.flatMap((sweep, i) => {
    const letter = sweeps.length > 1 ? [letterOf(i)] : []
    const byOthers = new Map<string, SweepPoint[]>()
    for (const point of sweep.points) {
      const others = Object.entries(point.values).filter(([name]) => name !== variable)
      const key = others.map(([name, value]) => `${wordsOf(name)} ${value}`).join(', ')
      byOthers.set(key, [...(byOthers.get(key) ?? []), point])
    }
    return [...byOthers].map(([others, points]) => ({
      modes: sweep.modes,
      words: [others, ...letter].filter((word) => word !== ''),
      points: [...points].sort((a, b) => valueAt(a, variable) - valueAt(b, variable)),
    }))
  })
  return groups.flatMap(({ modes, words, points }, i) =>
    modes.map((mode) => ({
      ...{ name: [mode, ...words].join(', '), mode, points },
      look: groups.length === 1 ? LOOKS[mode] : lookAt(mode, i),
    })),
  )
}

const SYMBOLS = ['circle', 'square', 'diamond', 'triangle'] as const

/** A mode keeps its colour; the groups differ by dashes and points. */
function lookAt(mode: Mode, group: number): Look {
  return {
    color: LOOKS[mode].color,
    dash: DASHES[group % DASHES.length],
    symbol: SYMBOLS[group % SYMBOLS.length] ?? 'circle',
  }
}

export function letterOf(sweep: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + sweep)
}
