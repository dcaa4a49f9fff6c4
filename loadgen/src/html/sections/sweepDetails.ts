import type { SweepReport } from '../../report/sweep.js'
import { RATIO, SWEEP_FIGURES } from '../../report/sweepFigures.js'
import { html } from '../escape.js'
import { facts, type Section, verdict } from '../parts.js'
import { letterOf, wordsOf } from '../sweepSeries.js'
import { table } from '../table.js'

const MAIN = [
  RATIO,
  'poolTouches',
  'slippageBps.mean',
  'gas.perOrder',
  'throughput.settledPerSecond',
]

/** The points of sweeps with links to their runs, what was checked, and where they ran. */
export function sweepDetails(sweeps: readonly SweepReport[]): Section[] {
  return [
    {
      id: 'runs',
      title: 'Points',
      body: html`${sweeps.map((sweep, i) => points(sweep, i, sweeps.length))}`,
    },
    { id: 'verification', title: 'Verification', body: html`${sweeps.map(checks)}` },
    { id: 'environment', title: 'Environment', body: html`${sweeps.map(environment)}` },
  ]
}

function points(sweep: SweepReport, index: number, count: number) {
  const figures = SWEEP_FIGURES.filter(({ key }) => MAIN.includes(key))
  return html`${count > 1 && html`<h3>${letterOf(index)}: ${sweep.sweep.id}</h3>`}${table({
    label: `Points of ${sweep.sweep.id}`,
    header: [
      ...sweep.variables.map(({ name }) => wordsOf(name)),
      'mode',
      ...figures.map(({ label }) => label),
      'run',
    ],
    rows: sweep.points.flatMap((point) =>
      sweep.modes.map((mode) => [
        ...sweep.variables.map(({ name }) => point.values[name]),
        mode,
        ...figures.map(({ key, format }) => {
          const value = point.modes[mode]?.[key]
          return value == null ? '–' : format(value)
        }),
        html`<a href="../${point.run}/report.html">report</a>`,
      ]),
    ),
    ...{ numbersFrom: sweep.variables.length + 1, numbers: figures.length },
  })}`
}

function checks({ verification, points }: SweepReport) {
  const bounds = points.flatMap((point) =>
    point.thresholds.map(({ threshold, mode, actual, ok }) => [
      threshold,
      Object.values(point.values).join(', '),
      mode,
      actual === null ? 'not measured' : String(actual),
      ok ? verdict(true) : html`<span class="badge bad">✗ missed</span>`,
    ]),
  )
  return html`${table({
    label: 'Checks of the sweep',
    header: ['check', 'result', 'looked at, or the fault'],
    rows: verification.checks.map(({ name, ok, detail }) => [name, verdict(ok), detail]),
    numbers: 0,
  })}${
    bounds.length > 0 &&
    html`<h3>Thresholds</h3>${table({
      label: 'Thresholds',
      header: ['bound', 'point', 'mode', 'measured', 'result'],
      rows: bounds,
      ...{ numbersFrom: 3, numbers: 1 },
    })}`
  }`
}

function environment({ sweep, points }: SweepReport) {
  const machines = new Set(
    points.map(({ environment: { client, cpus, memoryBytes, node, platform, emulated } }) => {
      const where = emulated ? ', embedded: gas and times are the emulation’s' : ''
      return `${client}${where}; ${cpus} CPUs, ${(memoryBytes / 2 ** 30).toFixed(1)} GiB, ${platform}, Node.js ${node}`
    }),
  )
  return facts(`Environment of ${sweep.id}`, [
    ['sweep', sweep.id],
    ['commit', html`<code>${sweep.commit}</code>`],
    ['started', sweep.startedAt],
    ...[...machines].map((machine) => ['node and machine', machine] as const),
  ])
}
