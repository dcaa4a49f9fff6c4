import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { type Html, html, trusted } from './escape.js'

export type Size = { width: number; height: number }

/** Axes of every chart: no tick marks, letters in the second colour. */
export const AXIS = { tickSize: 0, tickPadding: 7, fill: 'var(--muted)' } as const
export const GRID = { stroke: 'var(--grid)', strokeOpacity: 1 } as const

const FONT_PX = 12

/** Draws marks as an SVG that takes its colours from the page. */
export function drawSvg(options: Plot.PlotOptions, { size, label }: drawSvg.Options): Html {
  const { document } = parseHTML('<html><body></body></html>')
  const svg = Plot.plot({
    ...{ document, className: 'plot', marginTop: 26, marginRight: 18, marginBottom: 42 },
    ...{ ...size, ...options },
  })
  for (const style of [...svg.querySelectorAll('style')]) style.remove()
  // Its parts are hidden from screen readers, which get the label of the whole.
  for (const part of [...svg.querySelectorAll('[aria-label], [aria-hidden]')]) {
    part.removeAttribute('aria-label')
    part.removeAttribute('aria-hidden')
  }
  svg.setAttribute('font-size', String(FONT_PX))
  const rest = compact(String(svg.outerHTML)).replace(/^<svg /, '')
  return html`<svg role="img" aria-label="${label}" ${trusted(rest)}`
}

export declare namespace drawSvg {
  type Options = { size: Size /** What a screen reader says. */; label: string }
}

/** Coordinates to a tenth of a pixel: half the size. */
function compact(svg: string): string {
  return svg.replace(/ (?:d|transform|x|y|x1|x2|y1|y2|cx|cy|width|height)="[^"]*"/g, (attribute) =>
    attribute.replace(/-?\d*\.\d+(?:e-?\d+)?/g, (digits) =>
      String(Number(Number(digits).toFixed(1))),
    ),
  )
}
