import { type Html, html, type Part } from './escape.js'

/** A table that scrolls sideways where it is too wide, also by keyboard; the first cell of a row is its header. */
export function table(options: table.Options): Html {
  const { label, header, rows, numbersFrom = 1, numbers = header.length } = options
  const kind = (i: number, cell: Part) => {
    if (i >= numbersFrom && i < numbersFrom + numbers) return html` class="num"`
    return typeof cell === 'string' && cell.length > LONG ? html` class="long"` : undefined
  }
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table>
<thead><tr>${header.map((cell, i) =>
    cell === '' ? html`<td></td>` : html`<th scope="col"${kind(i, cell)}>${cell}</th>`,
  )}</tr></thead>
<tbody>
${rows.map(
  (row) =>
    html`<tr>${row.map((cell, i) =>
      i === 0
        ? html`<th scope="row"${kind(i, cell)}>${cell}</th>`
        : html`<td${kind(i, cell)}>${cell}</td>`,
    )}</tr>
`,
)}</tbody></table></div>`
}

/** Characters from which on a cell keeps some width, however narrow the window. */
const LONG = 32

export declare namespace table {
  type Options = {
    /** What it holds, for screen readers. */
    label: string
    header: readonly Part[]
    rows: readonly (readonly Part[])[]
    /** First column of numbers, which are aligned right. Default 1. */
    numbersFrom?: number | undefined
    /** How many columns are numbers from there on. Default: all. */
    numbers?: number | undefined
  }
}
