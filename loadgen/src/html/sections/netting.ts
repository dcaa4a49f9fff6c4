import type { RunReport } from '../../report/runReport.js'
import { beside, chart } from '../chart.js'
import { html } from '../escape.js'
import { percent } from '../format.js'
import { LOOKS } from '../looks.js'
import { blockAxis, type Course, coursesOf, firstBlockOf, type Section } from '../parts.js'
import type { Layer, Point } from '../plot.js'

/** The netting ratio of each block against what could net at most, and how pool touches add up. */
export function nettingSection(report: RunReport): Section | undefined {
  const courses = coursesOf(report)
  if (courses.length === 0) return undefined
  const ratios = courses
    .filter(({ mode, series }) => mode !== 'direct' && series.blocks.length > 0)
    .map((course) => ({ mode: course.mode, layers: ratioLayers(course) }))
  const x = blockAxis(ratios.flatMap(({ layers }) => layers))
  const touched = courses.map(touchesLayer)
  return {
    id: 'netting',
    title: 'Netting, block by block',
    body: html`<p>Buyers and sellers of one block fill each other first; only what is left over goes to the pool. The optimum is
what the block’s orders allow: twice the smaller side ÷ both sides.</p>
${beside(ratios, ({ mode, layers }, span) =>
  chart({
    title: `Netting ratio per block, ${mode}`,
    layers,
    x,
    y: { label: 'share of the block’s volume', domain: [0, 1], format: percent },
    span,
  }),
)}
${chart({
  title: 'Pool touches so far',
  note: 'Swaps of the pools, added up over the run. A flat line is the point of netting.',
  layers: touched,
  x: blockAxis(touched),
  y: { label: 'pool touches' },
})}`,
  }
}

function ratioLayers(course: Course): Layer[] {
  const { mode } = course
  return [
    {
      ...{ kind: 'halo', name: 'optimum', look: LOOKS.reference },
      points: shares(course, 'nettable'),
    },
    { kind: 'line', name: mode, look: LOOKS[mode], points: shares(course, 'netted') },
  ]
}

function shares(course: Course, what: 'netted' | 'nettable'): Point[] {
  const first = firstBlockOf(course)
  return course.series.blocks
    .filter(({ volume }) => volume > 0)
    .map((point) => [point.block - first, point[what] / point.volume])
}

function touchesLayer(course: Course): Layer {
  const first = firstBlockOf(course)
  let total = 0
  const points = course.series.blocks.map(({ block, poolTouches }): Point => {
    total += poolTouches
    return [block - first, total]
  })
  return { kind: 'step', name: course.mode, look: LOOKS[course.mode], points }
}
