import type { RunReport } from '../../report/runReport.js'
import { beside, chart } from '../chart.js'
import { html } from '../escape.js'
import { percent } from '../format.js'
import { LOOKS } from '../looks.js'
import { BLOCK_AXIS, type Course, coursesOf, firstBlockOf, type Section } from '../parts.js'
import type { Point } from '../plot.js'

/** The netting ratio of each block against what could net at most, and how pool touches add up. */
export function nettingSection(report: RunReport): Section | undefined {
  const courses = coursesOf(report)
  if (courses.length === 0) return undefined
  const netting = courses.filter(
    ({ mode, series }) => mode !== 'direct' && series.blocks.length > 0,
  )
  return {
    id: 'netting',
    title: 'Netting, block by block',
    body: html`<p>Buyers and sellers of one block fill each other first; only what is left over goes to the pool. The optimum is
what the block’s orders allow: twice the smaller side ÷ both sides.</p>
${beside(netting, (course, span) =>
  chart({
    title: `Netting ratio per block, ${course.mode}`,
    layers: [
      {
        ...{ kind: 'halo', name: 'optimum', look: LOOKS.reference },
        points: shares(course, 'nettable'),
      },
      {
        kind: 'line',
        name: course.mode,
        look: LOOKS[course.mode],
        points: shares(course, 'netted'),
      },
    ],
    x: BLOCK_AXIS,
    y: { label: 'share of the block’s volume', domain: [0, 1], format: percent },
    span,
  }),
)}
${chart({
  title: 'Pool touches so far',
  note: 'Swaps of the pools, added up over the run. A flat line is the point of netting.',
  layers: courses.map((course) => ({
    ...{ kind: 'step', name: course.mode, look: LOOKS[course.mode] },
    points: touches(course),
  })),
  x: BLOCK_AXIS,
  y: { label: 'pool touches' },
})}`,
  }
}

function shares(course: Course, what: 'netted' | 'nettable'): Point[] {
  const first = firstBlockOf(course)
  return course.series.blocks
    .filter(({ volume }) => volume > 0)
    .map((point) => [point.block - first, point[what] / point.volume])
}

function touches(course: Course): Point[] {
  const first = firstBlockOf(course)
  let total = 0
  return course.series.blocks.map(({ block, poolTouches }) => {
    total += poolTouches
    return [block - first, total]
  })
}
