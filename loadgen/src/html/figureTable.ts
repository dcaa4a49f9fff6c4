import { cell, type modesOf, type Row } from '../report/rows.js'
import type { RunReport } from '../report/runReport.js'
import type { Html } from './escape.js'
import { badge } from './parts.js'
import { table } from './table.js'

/** Figures in a row each, a mode in a column each, with what they are and how they were got. */
export function figureTable(options: figureTable.Options): Html {
  const { label, corner = '', rows, modes, report } = options
  return table({
    label,
    header: [corner, ...modes.map(({ mode }) => mode), 'definition', 'kind'],
    rows: rows.map((row) => [
      row.label,
      ...modes.map(({ metrics }) => cell(row, metrics)),
      row.definition,
      badge(row, report),
    ]),
    numbers: modes.length,
  })
}

export declare namespace figureTable {
  type Options = {
    /** What it holds, for screen readers. */
    label: string
    /** Header of the figures' names. Default: none. */
    corner?: string | undefined
    rows: readonly Row<ReturnType<typeof modesOf>[number]['metrics']>[]
    modes: readonly Pick<ReturnType<typeof modesOf>[number], 'mode' | 'metrics'>[]
    report: RunReport
  }
}
