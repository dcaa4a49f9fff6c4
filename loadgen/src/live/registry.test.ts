import { expect, test } from 'vitest'
import { formatMetrics } from './exposition.js'
import { createLiveRegistry } from './registry.js'

function fakeRegistry() {
  const clock = { ms: 0, now: () => clock.ms }
  const registry = createLiveRegistry({ clock })
  const line = (name: string) =>
    formatMetrics(registry.families())
      .split('\n')
      .filter((text) => text.startsWith(`${name}{`) || text.startsWith(`${name} `))
  return { clock, registry, line }
}

test('default: nothing before anything happened', () => {
  const { registry } = fakeRegistry()
  expect(formatMetrics(registry.families())).toBe('')
})

test('behavior: counters by state and mode, which no mode takes back', () => {
  const { clock, registry, line } = fakeRegistry()
  registry.startMode('netting')
  registry.onSample({ kind: 'sent', total: 100 })
  registry.onSample({ kind: 'sent', total: 150 })
  registry.onSample({ kind: 'sent', total: 149 })
  registry.onSample({ kind: 'refused', total: 2 })
  registry.startMode('direct')
  registry.onSample({ kind: 'sent', total: 7 })
  const counters = line('loadgen_transactions_total')
  expect(counters).toContain('loadgen_transactions_total{mode="netting",state="sent"} 150')
  expect(counters).toContain('loadgen_transactions_total{mode="netting",state="refused"} 2')
  expect(counters).toContain('loadgen_transactions_total{mode="netting",state="dropped"} 0')
  expect(counters).toContain('loadgen_transactions_total{mode="direct",state="sent"} 7')
  clock.ms = 5_000
  expect(line('loadgen_transactions_per_second')).toContain(
    'loadgen_transactions_per_second{mode="netting",state="sent"} 30',
  )
})

test('behavior: latencies as cumulative buckets', () => {
  const { registry, line } = fakeRegistry()
  registry.startMode('netting')
  const latenciesMs = [5, 6, 900, 61_000]
  registry.onSample({ kind: 'included', total: 4, latenciesMs })
  const bucket = (le: string) =>
    line('loadgen_latency_seconds_bucket').find((text) => text.includes(`le="${le}"`))
  expect(bucket('0.005')).toMatch(/ 1$/)
  expect(bucket('0.01')).toMatch(/ 2$/)
  expect(bucket('0.5')).toMatch(/ 2$/)
  expect(bucket('1')).toMatch(/ 3$/)
  expect(bucket('60')).toMatch(/ 3$/)
  expect(bucket('+Inf')).toMatch(/ 4$/)
  const labels = '{mode="netting",state="included"}'
  expect(line('loadgen_latency_seconds_sum')).toEqual([
    `loadgen_latency_seconds_sum${labels} 61.911`,
  ])
  expect(line('loadgen_latency_seconds_count')).toEqual([
    `loadgen_latency_seconds_count${labels} 4`,
  ])
})

test('behavior: the stage that runs, its pace and what remains', () => {
  const { clock, registry, line } = fakeRegistry()
  registry.startMode('keeper')
  registry.onProgress('sign', 0, 10)
  registry.onProgress('submit', 100, 500)
  clock.ms = 2_000
  registry.onProgress('submit', 200, 500)
  const labels = '{mode="keeper",stage="submit"}'
  expect(line('loadgen_stage')).toEqual([`loadgen_stage${labels} 1`])
  expect(line('loadgen_stage_done')).toEqual([`loadgen_stage_done${labels} 200`])
  expect(line('loadgen_stage_total')).toEqual([`loadgen_stage_total${labels} 500`])
  expect(line('loadgen_stage_per_second')).toEqual([`loadgen_stage_per_second${labels} 50`])
  expect(line('loadgen_stage_remaining_seconds')).toEqual([
    `loadgen_stage_remaining_seconds${labels} 6`,
  ])
})

test('behavior: the view has totals and the course of each mode, and the stage that runs', () => {
  const { clock, registry } = fakeRegistry()
  registry.startMode('netting')
  registry.onSample({ kind: 'sent', total: 0 })
  expect(registry.view().modes).toMatchObject([{ mode: 'netting', course: null }])
  clock.ms = 1_000
  registry.onProgress('submit', 30, 60)
  registry.onSample({ kind: 'sent', total: 30 })
  clock.ms = 1_500
  registry.onSample({ kind: 'included', total: 5 })
  clock.ms = 2_500
  registry.onSample({ kind: 'included', total: 20, latenciesMs: [700, 800, 900] })
  registry.startMode('direct')
  registry.onProgress('sign', 1, 4)
  const { mode, stage, modes } = registry.view()
  expect({ mode, stage }).toMatchObject({
    mode: 'direct',
    stage: { name: 'sign', done: 1, total: 4 },
  })
  // Sent since the look before, at 0 ms; included in the moment of the block.
  expect(modes).toMatchObject([
    {
      mode: 'netting',
      counts: { sent: 30, included: 20, refused: undefined },
      course: {
        stepMs: 500,
        counts: { sent: [15, 15, 0, 0, 0, 0], included: [0, 0, 0, 5, 0, 15] },
        p50Ms: [null, null, null, null, null, expect.closeTo(800, -1)],
      },
    },
    { mode: 'direct', counts: { sent: undefined }, course: null },
  ])
})
