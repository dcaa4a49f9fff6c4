import { UsageError } from '../core/errors.js'
import { MODES, type Mode } from '../core/types.js'
import type { ModeMetrics } from '../metrics/modeMetrics.js'
import { rowOf } from './figures.js'
import type { Row } from './rows.js'
import type { Environment, RunReport } from './runReport.js'

/** What a change means; `changed` of a figure of which neither more nor less is better. */
export type Verdict = 'better' | 'worse' | 'same' | 'changed'

export type FigureDiff = {
  label: string
  definition: string
  source: Row<ModeMetrics>['source']
  /** null where the run has no such figure. */
  a: number | null
  b: number | null
  /** As reports write them; a dash for null. */
  aText: string
  bText: string
  /** (b − a) ÷ |a|: −0.1 is a tenth less. null where either is missing or a is 0. */
  change: number | null
  /** null where either is missing. */
  verdict: Verdict | null
}

/** Two runs held against each other: what B changed. */
export type ReportDiff = {
  a: DiffedRun
  b: DiffedRun
  /** What was different besides the code; empty when only the code, or nothing, was. */
  workload: Difference[]
  machine: Difference[]
  /** Modes that both ran. */
  modes: { mode: Mode; figures: FigureDiff[] }[]
  /** Modes of one of them alone. */
  onlyA: Mode[]
  onlyB: Mode[]
}

export type DiffedRun = { id: string; commit: string; startedAt: string; isVerified: boolean }
export type Difference = { what: string; a: string; b: string }

/** Part by which a measured time or rate may differ between two runs of the same code: less is no change. */
export const NOISE = 0.05

/** Which way is better, by the labels of reports. */
const DIRECTIONS = {
  'netting ratio (volume)': 'higher',
  optimum: 'neutral',
  efficiency: 'higher',
  'pool touches': 'lower',
  'slippage mean (bps)': 'lower',
  'slippage p99 (bps)': 'lower',
  'price impact (bps)': 'lower',
  'gas / order': 'lower',
  'gas / order, Arcology': 'lower',
  'submitted / s': 'higher',
  'included / s': 'higher',
  'settled / s': 'higher',
  'inclusion p50 (ms)': 'lower',
  'inclusion p99 (ms)': 'lower',
  'settlement p50 (ms)': 'lower',
  'settlement p99 (ms)': 'lower',
  settled: 'higher',
  rejected: 'lower',
  failed: 'lower',
  dropped: 'lower',
  lost: 'lower',
  aborted: 'lower',
  'generations / block': 'lower',
  'speed-up, 16 threads': 'higher',
  "attacker's profit (USDC)": 'lower',
  "victims' extra cost (USDC)": 'lower',
} as const satisfies Record<string, 'higher' | 'lower' | 'neutral'>

type Direction = (typeof DIRECTIONS)[keyof typeof DIRECTIONS]

const FIGURES = Object.entries(DIRECTIONS).map(([label, direction]) => ({
  ...{ row: rowOf(label), direction },
}))

/**
 * Holds the main figures of two reports against each other, mode by mode. Figures that neither run has are left out. Pure.
 * @throws UsageError when they have no mode in common.
 */
export function diffReports(a: RunReport, b: RunReport): ReportDiff {
  const [modesA, modesB] = [a, b].map(({ modes }) => MODES.filter((mode) => modes[mode])) as [
    Mode[],
    Mode[],
  ]
  const modes = modesA.flatMap((mode) => {
    const [of, to] = [a.modes[mode], b.modes[mode]]
    return of === undefined || to === undefined ? [] : [{ mode, figures: diffModes(of, to) }]
  })
  if (modes.length === 0)
    throw new UsageError(
      `The runs have no mode in common: ${a.run.id} ran ${modesA.join(', ')}, ${b.run.id} ran ${modesB.join(', ')}.`,
    )
  return {
    a: toRun(a),
    b: toRun(b),
    workload: differences(workloadOf(a), workloadOf(b)),
    machine: differences(machineOf(a.environment), machineOf(b.environment)),
    modes,
    onlyA: modesA.filter((mode) => !modesB.includes(mode)),
    onlyB: modesB.filter((mode) => !modesA.includes(mode)),
  }
}

function diffModes(a: ModeMetrics, b: ModeMetrics): FigureDiff[] {
  return FIGURES.flatMap(({ row, direction }) => {
    const { label, definition, source, format } = row
    const [of, to] = [row.value(a), row.value(b)]
    if (of === null && to === null) return []
    const [aText, bText] = [of, to].map((value) => (value === null ? '–' : format(value))) as [
      string,
      string,
    ]
    const change = of === null || to === null || of === 0 ? null : (to - of) / Math.abs(of)
    const isNoise = source === 'time' && change !== null && Math.abs(change) < NOISE
    const verdict =
      of === null || to === null
        ? null
        : aText === bText || isNoise
          ? 'same'
          : judge(to - of, direction)
    return [{ label, definition, source, a: of, b: to, aText, bText, change, verdict }]
  })
}

function judge(difference: number, direction: Direction): Verdict {
  if (direction === 'neutral') return 'changed'
  return difference > 0 === (direction === 'higher') ? 'better' : 'worse'
}

function toRun({ run, verification }: RunReport): DiffedRun {
  const { id, commit, startedAt } = run
  return { id, commit, startedAt, isVerified: verification.ok }
}

function workloadOf({ run, workload }: RunReport): Record<string, string | number> {
  const { scenario, traders, orders, transfers, markets, batches } = workload
  return { scenario, seed: run.seed, traders, orders, transfers, markets, batches }
}

function machineOf({ platform, cpus, memoryBytes, node, client }: Environment) {
  return {
    ...{ platform, CPUs: cpus, memory: `${(memoryBytes / 2 ** 30).toFixed(1)} GiB` },
    ...{ 'Node.js': node, node: client },
  }
}

function differences(
  a: Record<string, string | number>,
  b: Record<string, string | number>,
): Difference[] {
  return Object.entries(a).flatMap(([what, of]) => {
    const [from, to] = [String(of), String(b[what])]
    return from === to ? [] : [{ what, a: from, b: to }]
  })
}
