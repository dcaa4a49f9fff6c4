import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { runReport } from '../../test/fixtures/runReport.js'
import type { ModeMetrics } from '../metrics/modeMetrics.js'
import { formatJson } from './json.js'
import { renderMarkdown } from './markdown.js'
import { parseRunReport, type RunReport } from './runReport.js'
import { renderTerminal, wantsColor } from './terminal.js'

/** The hand-made run, its checks cut to two so that the snapshots stay readable. */
function report(change: Partial<RunReport> = {}): RunReport {
  const full = runReport()
  const checks = full.verification.checks.slice(0, 2)
  return { ...full, verification: { ok: true, checks }, ...change }
}
const failed: RunReport['verification'] = {
  ok: false,
  checks: [
    { name: 'netting: base is conserved', ok: true, detail: '1 markets, 3 traders' },
    { name: 'netting: no transaction is lost', ok: false, detail: '0xab (intent 3) | in no block' },
  ],
}

test('renderMarkdown: the hand-made run', () => {
  expect(renderMarkdown(report())).toMatchInlineSnapshot(`
    "# Run mix-hand-20250102-030405

    | run |  |
    | --- | --- |
    | workload | mix: 3 traders, 5 orders and 2 transfers a mode, 1 market, 2 batches |
    | seed | hand |
    | commit | abc1234 |
    | started | 2025-01-02T03:04:05.000Z, took 12.3 s |
    | machine | 2 CPUs, 8.0 GiB, linux x64, Node.js 20.19.0 |
    | node | anvil/v1.7.1, chain 118, embedded: Arcology's precompiles and blocks are emulated, so gas and times are the emulation's. What is modelled is marked. |

    ## Figures

    | figure | netting | direct | definition | kind |
    | --- | ---: | ---: | --- | --- |
    | submitted | 5 | 5 | order transactions (open, close) that the node took | measured |
    | included | 5 | 5 | those in a block, whatever their status | measured |
    | settled | 4 | 4 | orders that were filled, wholly or in part | measured |
    | rejected | 1 | 0 | orders that ended without a fill, with a reason | measured |
    | failed | 0 | 1 | order transactions with status 0, or refused by the node | measured |
    | dropped | 0 | 0 | order transactions that were never sent, because their send time had passed | measured |
    | lost | 0 | 0 | signed order transactions in no block, neither refused nor dropped | measured |
    | transfers included | 2 | 2 | deposits and withdrawals in a block | measured |
    | transfers failed | 0 | 0 | those with status 0, or refused by the node | measured |
    | transfers lost | 0 | 0 | those signed, in no block, neither refused nor dropped | measured |
    | netting ratio (volume) | 66.67 % | 0.00 % | base that orders filled against each other ÷ base of all admitted orders | measured |
    | netting ratio (orders) | 75.00 % | 0.00 % | orders that used no pool liquidity ÷ settled orders | measured |
    | optimum | 66.67 % | 66.67 % | 1 − Σ\\|L − S\\| ÷ Σ(L + S) over batches (direct: over blocks) | measured |
    | efficiency | 1.000000 | 0.000000 | netting ratio (volume) ÷ optimum | measured |
    | pool touches | 1 | 4 | Swap events of the pools | measured |
    | submitted / s | 2.4 | 2.4 | order transactions taken ÷ time from the first sent to the last accepted | measured, emulated node |
    | included / s | 1.5 | 1.5 | order transactions in blocks ÷ time from the first such block seen to the last; without the first block’s | measured, emulated node |
    | settled / s | 1.0 | 1.0 | orders settled ÷ time from the first settling block seen to the last; without the first block’s | measured, emulated node |
    | inclusion p50 (ms) | 970.2 | 970.2 | from the planned time of sending until the block of the order transaction is seen, p50 | measured, emulated node |
    | inclusion p90 (ms) | 1,000.0 | 1,000.0 | from the planned time of sending until the block of the order transaction is seen, p90 | measured, emulated node |
    | inclusion p99 (ms) | 1,000.0 | 1,000.0 | from the planned time of sending until the block of the order transaction is seen, p99 | measured, emulated node |
    | inclusion p99.9 (ms) | 1,000.0 | 1,000.0 | from the planned time of sending until the block of the order transaction is seen, p99.9 | measured, emulated node |
    | inclusion max (ms) | 1,000.0 | 1,000.0 | from the planned time of sending until the block of the order transaction is seen, max | measured, emulated node |
    | settlement p50 (ms) | 970.2 | 970.2 | from the planned time of sending until the block that settles the order is seen, p50 | measured, emulated node |
    | settlement p90 (ms) | 1,000.0 | 1,000.0 | from the planned time of sending until the block that settles the order is seen, p90 | measured, emulated node |
    | settlement p99 (ms) | 1,000.0 | 1,000.0 | from the planned time of sending until the block that settles the order is seen, p99 | measured, emulated node |
    | settlement p99.9 (ms) | 1,000.0 | 1,000.0 | from the planned time of sending until the block that settles the order is seen, p99.9 | measured, emulated node |
    | settlement max (ms) | 1,000.0 | 1,000.0 | from the planned time of sending until the block that settles the order is seen, max | measured, emulated node |
    | gas / order | 72,500 | 125,000 | gas of all order transactions and settlements ÷ settled orders | measured, emulated gas |
    | gas total | 290,000 | 500,000 | gas of all order transactions and settlements | measured, emulated gas |
    | gas, queueing | 90,000 | 100,000 | of it: order transactions in which no order ended | measured, emulated gas |
    | gas, settlement | 200,000 | 400,000 | of it: transactions in which orders ended (settle(), deferred with their own queueing, direct) | measured, emulated gas |
    | gas, transfers | 100,000 | 100,000 | deposits and withdrawals; in no other figure | measured, emulated gas |
    | gas / order, Arcology | – | – | the same by Arcology’s own gas schedule, from traces of samples (docs/arcology-gas.md) | **modelled** |
    | charged to a caller | – | – | own gas and equal share of the deferred transaction, in the block of the median share, by that schedule | **modelled** |
    | slippage mean (bps) | 74.074 | 418.248 | \\|fill − mid\\| ÷ mid, weighted by base; mid at the start of the batch (direct: of the block) | measured |
    | slippage p50 (bps) | 0.000 | 267.089 | the same, median of the orders | measured |
    | slippage p99 (bps) | 148.148 | 864.198 | the same, 99th percentile of the orders | measured |
    | price impact (bps) | 449.383 | 908.642 | largest \\|pool price after ÷ before − 1\\| of a market over the run | measured |

    Why orders were rejected or failed:

    - netting, rejected: 1 × LimitPrice
    - direct, failed: 1 × reverted

    ## Comparison on the same signed workload

    | figure | netting ÷ direct | definition | kind |
    | --- | ---: | --- | --- |
    | pool touch reduction | 75.00 % | 1 − pool touches ÷ those of direct | measured |
    | gas / order ratio | 0.580× | gas / order ÷ that of direct; below 1 is cheaper | measured, emulated gas |
    | slippage ratio | 0.177× | mean slippage ÷ that of direct; below 1 is better | measured |
    | throughput ratio | 1.000× | settled / s ÷ that of direct; above 1 is faster | measured, emulated node |

    ## Verification

    All 2 checks hold.

    | check | result | detail |
    | --- | --- | --- |
    | netting: every signed transaction is accounted for once | ok | 7 signed: 7 included, 0 failed, 0 dropped, 0 unsent, 0 lost |
    | netting: no transaction is lost | ok | 7 transactions |

    ## Run it again

    \`\`\`sh
    npm run loadgen -- compare --seed hand
    \`\`\`
    "
  `)
})

describe('renderMarkdown', () => {
  test('behavior: failed checks stand out, and bars do not break the table', () => {
    const text = renderMarkdown(report({ verification: failed }))
    expect(text).toContain('**1 of 2 checks fail.**')
    expect(text).toContain(
      '| netting: no transaction is lost | **FAILED** | 0xab (intent 3) \\| in no block |',
    )
  })
  test('behavior: a live node measures everything itself', () => {
    const { environment } = report()
    const text = renderMarkdown(report({ environment: { ...environment, emulated: false } }))
    expect(text).not.toContain('emulated')
  })
  test('args: one mode has no comparison', () => {
    const text = renderMarkdown(runReport(['netting']))
    expect(text).not.toContain('Comparison')
    expect(text).toContain('| figure | netting | definition | kind |')
  })
  test('args: a keeper has its own column', () => {
    const full = report()
    const { netting, direct } = full.modes as Required<RunReport['modes']>
    const text = renderMarkdown({
      ...full,
      modes: { netting, keeper: netting, direct },
      comparison: { ...full.comparison, keeper: { ...full.comparison, poolTouchReduction: 0.5 } },
    })
    expect(text).toContain('| pool touch reduction | 75.00 % | 50.00 % |')
  })
})

test('renderTerminal: the hand-made run', () => {
  expect(renderTerminal(report())).toMatchInlineSnapshot(`
    "Run mix-hand-20250102-030405
    mix: 3 traders, 5 orders and 2 transfers a mode, 1 market, 2 batches

                               netting    direct
    Orders
      submitted                      5         5
      included                       5         5
      settled                        4         4
      rejected                       1         0
      failed                         0         1
      dropped                        0         0
      lost                           0         0
    Transfers
      transfers included             2         2
      transfers failed               0         0
      transfers lost                 0         0
    Netting
      netting ratio (volume)   66.67 %    0.00 %
      netting ratio (orders)   75.00 %    0.00 %
      optimum                  66.67 %   66.67 %
      efficiency              1.000000  0.000000
      pool touches                   1         4
    Throughput
      submitted / s                2.4       2.4
      included / s                 1.5       1.5
      settled / s                  1.0       1.0
    Latency
      inclusion p50 (ms)         970.2     970.2
      inclusion p90 (ms)       1,000.0   1,000.0
      inclusion p99 (ms)       1,000.0   1,000.0
      inclusion p99.9 (ms)     1,000.0   1,000.0
      inclusion max (ms)       1,000.0   1,000.0
      settlement p50 (ms)        970.2     970.2
      settlement p90 (ms)      1,000.0   1,000.0
      settlement p99 (ms)      1,000.0   1,000.0
      settlement p99.9 (ms)    1,000.0   1,000.0
      settlement max (ms)      1,000.0   1,000.0
    Gas
      gas / order               72,500   125,000
      gas total                290,000   500,000
      gas, queueing             90,000   100,000
      gas, settlement          200,000   400,000
      gas, transfers           100,000   100,000
      gas / order, Arcology          –         –
      charged to a caller            –         –
    Prices
      slippage mean (bps)       74.074   418.248
      slippage p50 (bps)         0.000   267.089
      slippage p99 (bps)       148.148   864.198
      price impact (bps)       449.383   908.642
    Against direct
      pool touch reduction     75.00 %
      gas / order ratio         0.580×
      slippage ratio            0.177×
      throughput ratio          1.000×

    Verified: all 2 checks hold.
    "
  `)
})

describe('renderTerminal', () => {
  test('behavior: failed checks with their details', () => {
    expect(renderTerminal(report({ verification: failed }))).toContain(
      'NOT VERIFIED: 1 of 2 checks fail.\n  netting: no transaction is lost: 0xab (intent 3) | in no block\n',
    )
  })
  test('args: color adds escapes and nothing else', () => {
    const plain = renderTerminal(report())
    const colored = renderTerminal(report(), { color: true })
    expect(colored).toContain('\u001b[32mVerified')
    expect(stripVTControlCharacters(colored)).toBe(plain)
  })
  test('args: one mode', () => {
    const text = renderTerminal(runReport(['direct']))
    expect(text).not.toContain('Against direct')
    expect(text).not.toContain('netting ÷')
  })
})

test('wantsColor: on a terminal, unless NO_COLOR is set', () => {
  expect(wantsColor({ isTTY: true }, {})).toBe(true)
  expect(wantsColor({}, {})).toBe(false)
  expect(wantsColor({ isTTY: true }, { NO_COLOR: '1' })).toBe(false)
})

test('renderMarkdown: thresholds, with what was measured', () => {
  const thresholds: RunReport['thresholds'] = [
    { threshold: 'settlement.p99 < 400', mode: 'netting', actual: 353.5, ok: true },
    { threshold: 'aborted == 0', mode: 'direct', actual: null, ok: false },
  ]
  expect(renderMarkdown(report({ thresholds }))).toContain(`## Thresholds

| threshold | mode | measured | result |
| --- | --- | --- | --- |
| settlement.p99 < 400 | netting | 353.5 | ok |
| aborted == 0 | direct | not measured | **MISSED** |

## Verification`)
  expect(renderMarkdown(report())).not.toContain('Thresholds')
})

describe('how it was sent', () => {
  const phases = { startMs: 1_000, measureMs: 3_000, drainMs: 11_000, endMs: 11_500 }
  const sending: NonNullable<ModeMetrics['sending']> = {
    ...{ executor: 'rate', perSecond: 500, phases, measured: 4_000, dropped: 7, unsent: 0 },
    ramp: null,
  }
  const sent = (change: Partial<typeof sending> = {}) => {
    const { modes, ...rest } = runReport(['netting'])
    const netting = { ...(modes.netting as ModeMetrics), sending: { ...sending, ...change } }
    return { ...rest, modes: { netting } }
  }
  const rowsOf = (text: string) =>
    text
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/))
      .filter(([label]) => /\(s\)$|^transactions|rate \/ s$/.test(label ?? ''))

  test('the executor, the lengths of its phases, and what was not sent', () => {
    const text = renderTerminal(sent())
    expect(text).toContain('\nconstant rate: 500 transactions a second\n')
    expect(rowsOf(text)).toEqual([
      ...[
        ['warm-up (s)', '2.0'],
        ['measured (s)', '8.0'],
        ['drain (s)', '0.5'],
      ],
      ...[
        ['transactions measured', '4,000'],
        ['transactions dropped', '7'],
      ],
      ['transactions unsent', '0'],
    ])
    expect(renderMarkdown(sent())).toContain(
      '\n| sending | constant rate: 500 transactions a second |\n',
    )
  })

  test('batch by batch without a warm-up: nothing more than without it', () => {
    const plain = sent({ executor: 'per-block', phases: { ...phases, measureMs: 1_000 } })
    expect(renderTerminal(plain)).toBe(renderTerminal(runReport(['netting'])))
    expect(rowsOf(renderTerminal(sent({ executor: 'per-block' })))).toContainEqual([
      ...['warm-up (s)', '2.0'],
    ])
  })

  test('a ramp: its rates, what each did, and how it ended', () => {
    const step = { perSecond: 100, acceptedPerSecond: 100, p99Ms: 12.34, errorShare: 0 }
    const steps = [step, { ...step, perSecond: 200, acceptedPerSecond: 150, errorShare: 0.25 }]
    const breaking = { perSecond: 200, reason: '150 of 200 a second were accepted' }
    const ramp = { steps, breaking, lastGoodPerSecond: 100 }
    const text = renderTerminal(sent({ executor: 'ramp', perSecond: null, ramp }))
    expect(text).toContain('\nramp: 100, 200 transactions a second\n')
    expect(text).toContain(
      '\n  netting: broke at 200 a second: 150 of 200 a second were accepted\n',
    )
    expect(rowsOf(text)).toContainEqual(['last good rate / s', '100.0'])
    expect(rowsOf(text)).toContainEqual(['breaking rate / s', '200.0'])
    expect(renderMarkdown(sent({ executor: 'ramp', perSecond: null, ramp }))).toContain(`## Ramp

- netting: broke at 200 a second: 150 of 200 a second were accepted

| mode | rate / s | accepted / s | answer p99 (ms) | failed or dropped |
| --- | ---: | ---: | ---: | ---: |
| netting | 100 | 100 | 12.3 | 0 % |
| netting | 200 | 150 | 12.3 | 25 % |
`)
    const whole = sent({ executor: 'ramp', ramp: { steps, lastGoodPerSecond: 200 } })
    expect(renderTerminal(whole)).toContain('no limit was broken up to 200 a second')
    const none = sent({ executor: 'ramp', ramp: { steps: [] } })
    expect(renderTerminal(none)).toContain('no rate was held to its end')
  })

  test('a report with all of it is read back as it was', () => {
    const breaking = { perSecond: 200, reason: 'it broke' }
    const step = { perSecond: 200, acceptedPerSecond: 150, p99Ms: 12.34, errorShare: 0.25 }
    const whole = sent({ executor: 'ramp', ramp: { steps: [step], breaking } })
    expect(parseRunReport(formatJson(whole), 'report.json')).toEqual(whole)
  })
})
