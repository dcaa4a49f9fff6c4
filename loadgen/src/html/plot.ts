import * as Plot from '@observablehq/plot'
import type { Html } from './escape.js'
import { shortNumber } from './format.js'
import type { Look } from './looks.js'
import { AXIS, drawSvg, GRID, type Size } from './svg.js'

/** An axis of a chart. */
export type Axis = {
  /** What it counts, with its unit. */
  label: string
  /** Default: numbers with at most one decimal, thousands as k. */
  format?: ((value: number) => string) | undefined
  /** Lowest and highest value. Default: those of the data; on a y axis with 0. */
  domain?: readonly [number, number] | undefined
  /** Default `linear`. A `log` axis shows values above 0 only. */
  scale?: 'linear' | 'log' | undefined
  /** Values that get a tick. Default: round ones. */
  ticks?: readonly number[] | undefined
}

export type Point = readonly [x: number, y: number | null]

/**
 * Something that a chart draws. A `halo` is a broad pale line behind others; a null is a gap. A `step` and a `band` are of what is counted
 * one by one: they keep their values until the next point, the last ones until x + 1.
 */
export type Layer = { name: string; look: Look } & (
  | { kind: 'line' | 'step' | 'halo'; points: readonly Point[] }
  | { kind: 'band'; points: readonly (readonly [x: number, low: number, high: number])[] }
  | { kind: 'columns'; columns: readonly { from: number; to: number; value: number }[] }
)

/** Points from which on a line is thinner. */
const DENSE = 100
/** Most points that get a mark of their own. */
const MOST_SYMBOLS = 16
/** Holds a value until the next one. */
const STEP = 'step-after'

/** Draws layers over two axes as an SVG. */
export function drawLayers(layers: readonly Layer[], options: drawLayers.Options): Html {
  const { x, y, size, label } = options
  const values = layers.flatMap(valuesOf)
  const yFormat = (value: number) => (y.format ?? shortNumber)(value)
  const yTicks = y.ticks ?? Math.max(3, Math.round(size.height / 55))
  return drawSvg(
    {
      x: { type: x.scale ?? 'linear', ...domainOf(x) },
      y: { type: y.scale ?? 'linear', ...yDomain(y, values) },
      marginLeft: marginFor(y.domain ?? values, yFormat),
      marks: [
        Plot.gridY({ ticks: yTicks, ...GRID }),
        Plot.axisY({
          ...{ ...AXIS, ticks: yTicks, tickFormat: yFormat },
          ...{ label: y.label, labelAnchor: 'top', labelArrow: 'none' },
        }),
        Plot.axisX({
          ...{ ...AXIS, ticks: xTicks(x, { layers, width: size.width }) },
          tickFormat: (value: number) => (x.format ?? shortNumber)(value),
          ...{ label: x.label, labelArrow: 'right' },
        }),
        ...(y.scale === 'log' ? [] : [Plot.ruleY([y.domain?.[0] ?? 0], { stroke: 'var(--rule)' })]),
        ...layers.flatMap(marksOf),
      ],
    },
    { size, label },
  )
}

export declare namespace drawLayers {
  type Options = { x: Axis; y: Axis; size: Size; label: string }
}

function domainOf({ domain }: Axis): { domain?: number[] } {
  return domain === undefined ? {} : { domain: [...domain] }
}

/** With 0 on it unless told; of some length also where all is 0. */
function yDomain(y: Axis, values: readonly number[]) {
  if (y.domain !== undefined) return domainOf(y)
  if (values.every((value) => value === 0)) return { domain: [0, 1] }
  return { nice: true, zero: y.scale !== 'log' }
}

/** Round values, or those of the given ones that the data come to. */
function xTicks(x: Axis, { layers, width }: { layers: readonly Layer[]; width: number }) {
  if (x.ticks === undefined) return Math.max(3, Math.round(width / 90))
  const xs = layers.flatMap((layer) =>
    layer.kind === 'columns'
      ? layer.columns.flatMap(({ from, to }) => [from, to])
      : layer.points.map(([at]) => at),
  )
  const [low, high] = x.domain ?? extent(xs)
  return x.ticks.filter((tick) => tick >= low && tick <= high)
}

function extent(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
}

function valuesOf(layer: Layer): number[] {
  if (layer.kind === 'columns') return layer.columns.map(({ value }) => value)
  return layer.points.map(([, low, high]) => high ?? low ?? 0)
}

/** Room for the widest label of the y axis. */
function marginFor(values: readonly number[], format: (value: number) => string): number {
  const [low, high] = values.length === 0 ? [0, 1] : extent(values)
  const widest = Math.max(2, ...[low, high, high * 0.6].map((value) => format(value).length))
  return 14 + widest * 7
}

function marksOf(layer: Layer): Plot.Markish[] {
  const { look } = layer
  if (layer.kind === 'band')
    return [
      Plot.areaY(held(layer.points), {
        ...{ x: '0', y1: '1', y2: '2', curve: STEP, fill: look.color, fillOpacity: 0.18 },
      }),
    ]
  if (layer.kind === 'columns')
    return [
      Plot.rectY(layer.columns, {
        // No gaps between them: narrow columns would be nothing but gaps.
        ...{ x1: 'from', x2: 'to', y: 'value', fill: look.color, insetLeft: 0, insetRight: 0 },
      }),
    ]
  const channels = { x: '0', y: '1' }
  const curve = layer.kind === 'step' ? STEP : 'linear'
  if (layer.kind === 'halo')
    return [
      Plot.lineY(layer.points, {
        ...{
          ...channels,
          stroke: look.color,
          strokeWidth: isDense(layer.points) ? 4 : 7,
          strokeOpacity: 0.35,
        },
      }),
    ]
  const line = Plot.lineY(layer.kind === 'step' ? held(layer.points) : layer.points, {
    ...{ ...channels, curve, stroke: look.color, strokeWidth: isDense(layer.points) ? 1.5 : 2 },
    ...(look.dash !== undefined && { strokeDasharray: look.dash }),
  })
  if (layer.kind === 'step' || layer.points.length > MOST_SYMBOLS) return [line]
  return [
    line,
    Plot.dot(layer.points, { ...channels, symbol: look.symbol, r: 3, fill: look.color }),
  ]
}

/** With the end of the last value. */
function held<T extends readonly [x: number, ...ys: unknown[]]>(points: readonly T[]): unknown[] {
  const last = points.at(-1)
  if (last === undefined) return []
  const [x, ...ys] = last
  return [...points, [x + 1, ...ys]]
}

function isDense(points: readonly Point[]): boolean {
  return points.length > DENSE
}
