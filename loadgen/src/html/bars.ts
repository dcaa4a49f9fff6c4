import * as Plot from '@observablehq/plot'
import type { Html } from './escape.js'
import { shortNumber } from './format.js'
import type { Axis } from './plot.js'
import { AXIS, drawSvg, GRID } from './svg.js'

/** A horizontal bar of parts, one after the other. */
export type Bar = {
  name: string
  parts: readonly {
    name: string
    color: string
    value: number
    /** Only its outline is drawn, dashed: told apart from others by more than its colour. */
    isHollow?: boolean | undefined
  }[]
}

const BAR_PX = 34
const PX_A_LETTER = 7
const GAP_PX = 12

/** Draws bars below each other, with their names in front and their sums behind. */
export function drawBars(bars: readonly Bar[], options: drawBars.Options): Html {
  const { x, width, label } = options
  const format = (value: number) => (x.format ?? shortNumber)(value)
  const parts = bars.flatMap(toSpans)
  const title = ({ bar, name, value }: Span) => `${bars[bar]?.name}, ${name}: ${format(value)}`
  const sums = bars.map(({ parts: own }, bar) => {
    const sum = own.reduce((total, { value }) => total + value, 0)
    return { bar, text: format(sum), at: Math.max(0, sum) }
  })
  const longest = Math.max(0, ...bars.map(({ name }) => name.length))
  const marginLeft = Math.min(width * 0.45, longest * PX_A_LETTER + GAP_PX)
  const letters = Math.floor((marginLeft - GAP_PX) / PX_A_LETTER)
  const ticks = Math.max(2, Math.round(width / 150))
  return drawSvg(
    {
      x: { nice: true, zero: true },
      // By their places: shortened names can be the same.
      y: { type: 'band', domain: bars.map((_, bar) => bar), padding: 0.35 },
      marginLeft,
      marginRight: 64,
      marks: [
        Plot.gridX({ ticks, ...GRID }),
        Plot.axisX({ ticks, tickFormat: format, label: x.label, ...AXIS, labelArrow: 'right' }),
        Plot.axisY({
          ...{ label: null, ...AXIS, fill: 'var(--ink)' },
          tickFormat: (bar: number) => shorten(bars[bar]?.name ?? '', letters),
        }),
        Plot.barX(parts, {
          ...{ y: 'bar', x1: 'start', x2: 'end', insetRight: 1 },
          filter: ({ isHollow }: Span) => isHollow !== true,
          fill: ({ color }: Span) => color,
          title,
        }),
        Plot.barX(parts, {
          ...{ y: 'bar', x1: 'start', x2: 'end', inset: 0.75, insetRight: 1.75 },
          filter: ({ isHollow }: Span) => isHollow === true,
          ...{ fill: 'var(--paper)', strokeWidth: 1.5, strokeDasharray: '4 2' },
          stroke: ({ color }: Span) => color,
          title,
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

type Span = Bar['parts'][number] & { /** Its place. */ bar: number; start: number; end: number }

function toSpans({ parts }: Bar, bar: number): Span[] {
  let end = 0
  return parts.flatMap((part) => {
    if (part.value === 0) return []
    const start = end
    end += part.value
    return [{ ...part, bar, start, end }]
  })
}

/** Names can be long sentences; the whole of them is in the data table and behind the bar. */
function shorten(name: string, letters: number): string {
  return name.length > letters ? `${name.slice(0, letters - 1)}…` : name
}
