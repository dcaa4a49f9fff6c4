import { THREADS } from '../../metrics/parallel.js'
import { rowOf } from '../../report/figures.js'
import { CONFLICTS } from '../../report/markdown.js'
import { modesOf } from '../../report/rows.js'
import type { RunReport } from '../../report/runReport.js'
import { chart } from '../chart.js'
import { type Html, html } from '../escape.js'
import { figureTable } from '../figureTable.js'
import { amount, fixed } from '../format.js'
import { LOOKS } from '../looks.js'
import { blockAxis, coursesOf, firstBlockOf, MODELLED, type Section } from '../parts.js'
import type { Layer } from '../plot.js'
import { table } from '../table.js'

const LABELS = ['aborted', 'generations / block', 'critical path (gas)', 'total work (gas)']

/** How blocks would run on Arcology's parallel EVM, and what fought over what. */
export function conflictsSection(report: RunReport): Section | undefined {
  const modes = modesOf(report).filter(
    ({ metrics }) => metrics.conflicts != null || metrics.parallel != null,
  )
  if (modes.length === 0) return undefined
  return {
    id: 'conflicts',
    title: 'Generations and conflicts',
    body: html`<p>The runtime executes a block in generations, one after the other; within one, transactions run beside each other. ${CONFLICTS}</p>
${generations(report)}
${speedup(report)}
${figureTable({ label: 'Parallelism by mode', rows: LABELS.map(rowOf), modes, report })}
${pairs(report)}`,
  }
}

function generations(report: RunReport): Html | undefined {
  const courses = coursesOf(report).filter(({ series }) =>
    series.blocks.some((point) => point.generations !== null),
  )
  if (courses.length === 0) return undefined
  const layers = courses.map(
    (course): Layer => ({
      ...{ kind: 'line', name: course.mode, look: LOOKS[course.mode] },
      points: course.series.blocks.map((point) => [
        point.block - firstBlockOf(course),
        point.generations === null ? null : point.generations / point.blocks,
      ]),
    }),
  )
  return chart({
    title: 'Generations per block',
    layers,
    x: blockAxis(layers),
    y: { label: 'generations', format: (value) => fixed(value, Number.isInteger(value) ? 0 : 1) },
    height: 220,
  })
}

function speedup(report: RunReport): Html | undefined {
  const modes = modesOf(report).flatMap(({ mode, metrics }) =>
    metrics.parallel == null ? [] : [{ mode, parallel: metrics.parallel }],
  )
  if (modes.length === 0) return undefined
  return chart({
    title: 'Speed-up by threads',
    note: html`${MODELLED} Total work ÷ time on so many threads, if time goes by gas and scheduling is free.`,
    layers: modes.map(({ mode, parallel }) => ({
      ...{ kind: 'line', name: mode, look: LOOKS[mode] },
      points: THREADS.map((threads) => [threads, parallel.modelledSpeedup[threads]]),
    })),
    x: { label: 'threads', scale: 'log', ticks: THREADS, format: String },
    y: { label: 'times as fast', format: (value) => `${fixed(value, 1)}×` },
    height: 240,
  })
}

/** Pairs that are seen without a click: most of the others fought once. */
const FIRST_PAIRS = 12

function pairs(report: RunReport): Html | undefined {
  const rows = modesOf(report)
    .flatMap(({ mode, metrics }) =>
      (metrics.conflicts?.pairs ?? []).map((pair) => ({ mode, ...pair })),
    )
    .sort((a, b) => b.aborted - a.aborted)
    .map((pair) => [
      pair.mode,
      `${pair.winner} (${pair.winnerKind})`,
      `${pair.loser} (${pair.loserKind})`,
      `${pair.space} of ${shorten(pair.ownerName)}${pair.key === '' ? '' : `, ${shorten(pair.key)}`}`,
      fixed(pair.aborted),
      fixed(pair.blocks),
    ])
  if (rows.length === 0) return undefined
  const header = ['mode', 'stands', 'aborted', 'over', 'transactions', 'blocks']
  const others = rows.slice(FIRST_PAIRS)
  return html`<h3>Pairs of functions that fought, the most costly first</h3>
${table({ label: 'Conflicts', header, rows: rows.slice(0, FIRST_PAIRS), numbersFrom: 4 })}
${
  others.length > 0 &&
  html`<details><summary>${amount(others.length, 'more pair')}</summary>${table({
    ...{ label: 'Other conflicts', header, rows: others, numbersFrom: 4 },
  })}</details>`
}`
}

/** Addresses and slots by their ends; the whole of them is in report.json. */
function shorten(text: string): string {
  return text.replace(/0x([0-9a-f]{6})[0-9a-f]{7,}([0-9a-f]{4})\b/gi, '0x$1…$2')
}
