import type { RiskMetrics, RiskPoint } from '../../metrics/risk.js'
import { rowOf } from '../../report/figures.js'
import { modesOf, riskOf } from '../../report/rows.js'
import type { RunReport } from '../../report/runReport.js'
import { chart } from '../chart.js'
import { html } from '../escape.js'
import { figureTable } from '../figureTable.js'
import { fixed } from '../format.js'
import { LOOKS } from '../looks.js'
import { blockAxis, type Section } from '../parts.js'
import type { Point } from '../plot.js'

const ROWS = [
  'liquidations',
  'liquidations netted',
  'bad debt (USDC)',
  'funding paid (USDC)',
  'insurance fund (USDC)',
].map(rowOf)
const USDC = { label: 'USDC', format: (value: number) => fixed(value) }

/** Liquidations, funding and what stands behind bad debt; undefined where there was none of it. */
export function riskSection(report: RunReport): Section | undefined {
  const modes = modesOf(report).flatMap(({ mode, metrics }) => {
    const risk = riskOf(metrics)
    return risk === undefined ? [] : [{ mode, metrics, risk }]
  })
  if (modes.length === 0) return undefined
  const drawn = modes.filter(({ risk }) => risk.blocks.length > 0)
  type Points = (risk: RiskMetrics) => readonly (readonly [number, number])[]
  const course = (title: string, pointsOf: Points, note?: string) => {
    const layers = drawn.map(({ mode, metrics, risk }) => {
      const first = metrics.series?.blocks[0]?.block ?? risk.blocks[0]?.block ?? 0
      const points = pointsOf(risk).map(([block, value]): Point => [block - first, value])
      return { kind: 'step' as const, name: mode, look: LOOKS[mode], points }
    })
    return chart({ title, ...(note && { note }), layers, x: blockAxis(layers), y: USDC })
  }
  return {
    id: 'risk',
    title: 'Liquidations, funding and insurance',
    body: html`<p>Whose equity falls below the maintenance margin is liquidated: by an order that nets against others’ like any, or against the pool
where nothing nets. What a liquidation loses beyond the collateral is bad debt, and the insurance fund’s.</p>
${
  drawn.length > 0 &&
  html`${course(
    'Liquidated so far',
    (risk) => added(risk, ({ closed }) => closed),
    'What liquidations closed, at the prices of their fills.',
  )}
${course('Bad debt so far', (risk) => added(risk, ({ badDebt }) => badDebt))}
${
  drawn.some(({ risk }) => fundOf(risk).length > 0) &&
  course(
    'Insurance fund',
    fundOf,
    'Its share of fees less bad debt. Below 0: bad debt that nothing covers.',
  )
}`
}
${figureTable({ label: 'Risk by mode', rows: ROWS, modes, report })}`,
  }
}

/** What the insurance fund held; nothing where that is not told. */
function fundOf({ blocks }: RiskMetrics) {
  return blocks.flatMap(({ block, insuranceFund }) =>
    insuranceFund === null ? [] : [[block, insuranceFund] as const],
  )
}

function added({ blocks }: RiskMetrics, amountOf: (point: RiskPoint) => number) {
  let total = 0
  return blocks.map((point): readonly [number, number] => {
    total += amountOf(point)
    return [point.block, total]
  })
}
