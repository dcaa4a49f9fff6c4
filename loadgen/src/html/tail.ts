import type { Axis, Point } from './plot.js'

/** An axis of percentiles on which each further nine takes as much room as the one before. */
export const TAIL_AXIS: Axis = {
  ...{ label: 'percentile of orders', scale: 'log', ticks: [1, 2, 10, 100, 1_000, 10_000] },
  format: (value) => `${Number((100 * (1 - 1 / value)).toFixed(2))}`,
}

/** A percentile, 0 to 100, where that axis has it: at 1 ÷ (1 − p). */
export function toTail({ percentile, ms }: { percentile: number; ms: number }): Point {
  return [1 / (1 - Math.min(percentile, 99.99) / 100), ms]
}
