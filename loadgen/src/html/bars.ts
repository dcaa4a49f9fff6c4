import * as Plot from '@observablehq/plot'
import type { Html } from './escape.js'
import { shortNumber } from './format.js'
import type { Axis } from './plot.js'
import { AXIS, drawSvg, GRID } from './svg.js'

/** A horizontal bar of parts, one after the other. */
export type Bar = {
  name: string
  parts: readonly { name: string; color: string; value: number }[]
}

const BAR_PX = 34
const PX_A_LETTER = 7

/** Draws bars below each other, with their names in front and their sums behind. */
export function drawBars(bars: readonly Bar[], options: drawBars.Options): Html {
  const { x, width, label } = options
  const format = (value: number) => (x.format ?? shortNumber)(value)
  const parts = bars.flatMap(toSpans)
  const sums = bars.map(({ name, parts: own }) => {
    const sum = own.reduce((total, { value }) => total + value, 0)
    return { bar: name, text: format(sum), at: Math.max(0, sum) }
  })
  const longest = Math.max(0, ...bars.map(({ name }) => name.length))
  const ticks = Math.max(2, Math.round(width / 150))
  return drawSvg(
    {
      x: { nice: true, zero: true },
      y: { domain: bars.map(({ name }) => name), padding: 0.35 },
      marginLeft: Math.min(width * 0.45, longest * PX_A_LETTER + 12),
      marginRight: 64,
      marks: [
        Plot.gridX({ ticks, ...GRID }),
        Plot.axisX({ ticks, tickFormat: format, label: x.label, ...AXIS, labelArrow: 'right' }),
        Plot.axisY({ label: null, ...AXIS, fill: 'var(--ink)' }),
        Plot.barX(parts, {
          ...{ y: 'bar', x1: 'start', x2: 'end', insetRight: 1 },
          fill: ({ color }: Span) => color,
          title: ({ bar, name, value }: Span) => `${bar}, ${name}: ${format(value)}`,
        }),
        Plot.text(sums, {
          ...{ y: 'bar', x: 'at', text: 'text' },
          ...{ dx: 6, textAnchor: 'start', fill: 'var(--ink)' },
        }),
        Plot.ruleX([0], { stroke: 'var(--rule)' }),
      ],
    },
    { size: { width, height: bars.length * BAR_PX + 52 }, label },
  )
}

export declare namespace drawBars {
  type Options = { x: Pick<Axis, 'label' | 'format'>; width: number; label: string }
}

type Span = Bar['parts'][number] & { bar: string; start: number; end: number }

function toSpans({ name: bar, parts }: Bar): Span[] {
  let end = 0
  return parts.map((part) => {
    const start = end
    end += part.value
    return { ...part, bar, start, end }
  })
}
