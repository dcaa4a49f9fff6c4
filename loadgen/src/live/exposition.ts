/** A metric and its present samples. */
export type Family = {
  name: string
  /** One sentence; what the value means, with its unit. */
  help: string
  type: 'counter' | 'gauge' | 'histogram'
  samples: readonly Sample[]
}

export type Sample = {
  /** What follows the family's name: `_bucket`, `_sum` and `_count` of a histogram. Default nothing. */
  suffix?: string | undefined
  labels: Readonly<Record<string, string>>
  value: number
}

/**
 * Writes metrics in Prometheus' text format, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format). A family without samples is left out.
 */
export function formatMetrics(families: readonly Family[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, type, samples }) =>
      [
        `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
        `# TYPE ${name} ${type}`,
        ...samples.map(
          ({ suffix = '', labels, value }) =>
            `${name}${suffix}${formatLabels(labels)} ${formatValue(value)}`,
        ),
        '',
      ].join('\n'),
    )
    .join('')
}

/** The media type of what {@link formatMetrics} writes. */
export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

function formatLabels(labels: Sample['labels']): string {
  const escaped = (text: string) =>
    text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return String(value)
  return value > 0 ? '+Inf' : '-Inf'
}
