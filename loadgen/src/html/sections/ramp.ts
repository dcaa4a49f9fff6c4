import { modesOf, rampText } from '../../report/rows.js'
import type { RunReport } from '../../report/runReport.js'
import { beside, chart } from '../chart.js'
import { html } from '../escape.js'
import { capitalised, fixed, percent, shortNumber } from '../format.js'
import { LOOKS } from '../looks.js'
import type { Section } from '../parts.js'
import { table } from '../table.js'

/** What each rate of a ramp did; undefined for a run without one. */
export function rampSection(report: RunReport): Section | undefined {
  const ramps = modesOf(report).flatMap(({ mode, metrics }) => {
    const ramp = metrics.sending?.ramp
    return ramp == null ? [] : [{ mode, ramp, text: rampText(metrics) }]
  })
  if (ramps.length === 0) return undefined
  const steps = ramps.flatMap(({ mode, ramp }) => ramp.steps.map((step) => ({ mode, ...step })))
  const curves = [
    { title: 'Accepted', of: 'acceptedPerSecond', label: 'accepted a second' },
    { title: 'Time to the answer, 99th percentile', of: 'p99Ms', label: 'milliseconds' },
  ] as const
  return {
    id: 'ramp',
    title: 'Ramp: where it breaks',
    body: html`${ramps.map(({ mode, text }) => html`<p>${capitalised(mode)}: ${text}.</p>`)}
${
  steps.length > 0 &&
  html`${beside(curves, ({ title, of, label }, span) =>
    chart({
      title,
      layers: ramps.map(({ mode, ramp }) => ({
        ...{ kind: 'line', name: mode, look: LOOKS[mode] },
        points: ramp.steps.map((step) => [step.perSecond, step[of]]),
      })),
      x: { label: 'aimed at, a second' },
      y: { label },
      span,
    }),
  )}
${table({
  label: 'Steps of the ramp',
  header: ['mode', 'rate / s', 'accepted / s', 'answer p99 (ms)', 'failed or dropped'],
  rows: steps.map((step) => [
    step.mode,
    shortNumber(step.perSecond),
    fixed(step.acceptedPerSecond, 1),
    fixed(step.p99Ms, 1),
    percent(step.errorShare, 1),
  ]),
})}`
}`,
  }
}
