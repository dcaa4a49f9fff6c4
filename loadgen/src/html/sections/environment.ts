import { sectionsOf } from '../../report/figures.js'
import { modesOf, sendingText } from '../../report/rows.js'
import type { RunReport } from '../../report/runReport.js'
import { html } from '../escape.js'
import { figureTable } from '../figureTable.js'
import { facts, type Section } from '../parts.js'

/** Where and how the run took place, and every figure of it with its definition. */
export function environmentSection(report: RunReport): Section {
  const { run, environment } = report
  const modes = modesOf(report)
  const sending = sendingText(report)
  const rows = sectionsOf(modes).flatMap((section) => section.rows)
  return {
    id: 'environment',
    title: 'Environment and all figures',
    body: html`${facts('Environment', [
      ['run', run.id],
      ['seed', run.seed],
      ...(sending === undefined ? [] : [['sending', sending] as const]),
      ['commit', html`<code>${run.commit}</code>`],
      ['started', `${run.startedAt}, took ${(run.durationMs / 1_000).toFixed(1)} s`],
      [
        'machine',
        `${environment.cpus} CPUs, ${(environment.memoryBytes / 2 ** 30).toFixed(1)} GiB, ${environment.platform}, Node.js ${environment.node}`,
      ],
      [
        'node',
        `${environment.client}, chain ${environment.chainId}${environment.emulated ? ', embedded: precompiles and blocks of Arcology are emulated' : ''}`,
      ],
    ])}
<details><summary>All ${rows.length} figures with their definitions</summary>${figureTable({ label: 'All figures', corner: 'figure', rows, modes, report })}</details>`,
  }
}
