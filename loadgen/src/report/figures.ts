import { LoadgenError } from '../core/errors.js'
import type { Comparison } from '../metrics/compare.js'
import type { ModeMetrics } from '../metrics/modeMetrics.js'
import { THREADS } from '../metrics/parallel.js'
import type { SendingMetrics } from '../metrics/sending.js'
import { type Row, riskOf, sendingOf } from './rows.js'

const digits =
  (fraction: number, unit = '') =>
  (value: number) =>
    `${value.toLocaleString('en-US', { minimumFractionDigits: fraction, maximumFractionDigits: fraction })}${unit}`
const count = digits(0)
const rate = digits(1)
const fine = digits(3)
const times = digits(3, '×')
const percent = (value: number) => digits(2, ' %')(value * 100)

/** Rows that share where their figures come from and how they are written: [label, definition, value]. */
function rows<T>(
  source: Row<T>['source'],
  format: Row<T>['format'],
  list: readonly [label: string, definition: string, value: Row<T>['value']][],
): Row<T>[] {
  return list.map(([label, definition, value]) => ({ label, definition, source, value, format }))
}

const LATENCIES = [
  ['p50', 'p50'],
  ['p90', 'p90'],
  ['p99', 'p99'],
  ['p999', 'p99.9'],
  ['max', 'max'],
] as const

function latency(of: 'inclusion' | 'settlement', until: string): Row<ModeMetrics>[] {
  return LATENCIES.flatMap(([key, name]) =>
    rows<ModeMetrics>('time', rate, [
      [
        `${of} ${name} (ms)`,
        `from the planned time of sending until ${until} is seen, ${name}`,
        (m) => m.latencyMs[of][key],
      ],
    ]),
  )
}

/** A part of the time that a mode was sent in; null where that is not told. */
function secondsOf(
  metrics: ModeMetrics,
  part: (phases: NonNullable<SendingMetrics['phases']>) => number,
): number | null {
  const phases = sendingOf(metrics)?.phases ?? null
  return phases === null ? null : part(phases) / 1_000
}

export type Section = { title: string; rows: readonly Row<ModeMetrics>[] }

/** The sections in which some mode has a figure: what a node does not tell, or a workload does not have, is left out. */
export function sectionsOf(modes: readonly { metrics: ModeMetrics }[]): readonly Section[] {
  return SECTIONS.filter(({ rows: list }) =>
    list.some(({ value }) => modes.some(({ metrics }) => value(metrics) !== null)),
  )
}

/** Every figure of a mode with its definition. */
export const SECTIONS: readonly Section[] = [
  {
    title: 'Orders',
    rows: rows<ModeMetrics>('chain', count, [
      [
        'submitted',
        'order transactions (open, close) that the node took',
        (m) => m.orders.submitted,
      ],
      ['included', 'those in a block, whatever their status', (m) => m.orders.included],
      ['settled', 'orders that were filled, wholly or in part', (m) => m.orders.settled],
      ['rejected', 'orders that ended without a fill, with a reason', (m) => m.orders.rejected],
      [
        'failed',
        'order transactions with status 0, or refused by the node',
        (m) => m.orders.failed,
      ],
      [
        'dropped',
        'order transactions that were never sent, because their send time had passed',
        (m) => m.orders.dropped ?? null,
      ],
      [
        'lost',
        'signed order transactions in no block, neither refused nor dropped',
        (m) => m.orders.lost,
      ],
    ]),
  },
  {
    title: 'Transfers',
    rows: rows<ModeMetrics>('chain', count, [
      ['transfers included', 'deposits and withdrawals in a block', (m) => m.transfers.included],
      [
        'transfers failed',
        'those with status 0, or refused by the node',
        (m) => m.transfers.failed,
      ],
      [
        'transfers lost',
        'those signed, in no block, neither refused nor dropped',
        (m) => m.transfers.lost,
      ],
    ]),
  },
  {
    title: 'Netting',
    rows: [
      ...rows<ModeMetrics>('chain', percent, [
        [
          'netting ratio (volume)',
          'base that orders filled against each other ÷ base of all admitted orders',
          (m) => m.netting.ratioVolume,
        ],
        [
          'netting ratio (orders)',
          'orders that used no pool liquidity ÷ settled orders',
          (m) => m.netting.ratioOrders,
        ],
        [
          'optimum',
          '1 − Σ|L − S| ÷ Σ(L + S) over batches (direct: over blocks)',
          (m) => m.netting.optimum,
        ],
      ]),
      ...rows<ModeMetrics>('chain', digits(6), [
        ['efficiency', 'netting ratio (volume) ÷ optimum', (m) => m.netting.efficiency],
      ]),
      ...rows<ModeMetrics>('chain', count, [
        ['pool touches', 'Swap events of the pools', (m) => m.poolTouches],
      ]),
    ],
  },
  {
    title: 'Conflicts and parallelism',
    rows: [
      ...rows<ModeMetrics>('chain', count, [
        [
          'aborted',
          'transactions that lost a conflict and ended with status 0, as the runtime would end them (strict node)',
          (m) => m.conflicts?.aborted ?? null,
        ],
      ]),
      ...rows<ModeMetrics>('model', rate, [
        [
          'generations / block',
          'generations that run one after the other, mean over blocks with transactions',
          (m) => m.parallel?.generationsPerBlock ?? null,
        ],
      ]),
      ...rows<ModeMetrics>('model', count, [
        [
          'critical path (gas)',
          'gas on the longest chain of transactions and jobs that cannot run beside each other, all blocks',
          (m) => m.parallel?.criticalPathGas ?? null,
        ],
        ['total work (gas)', 'gas of all measured blocks', (m) => m.parallel?.totalGas ?? null],
      ]),
      ...THREADS.flatMap((threads) =>
        rows<ModeMetrics>('model', times, [
          [
            `speed-up, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
            'total work ÷ time on so many threads, if time goes by gas and scheduling is free',
            (m) => m.parallel?.modelledSpeedup[threads] ?? null,
          ],
        ]),
      ),
    ],
  },
  {
    title: 'Sending',
    rows: [
      ...rows<ModeMetrics>('time', rate, [
        [
          'warm-up (s)',
          'from the first intended send time to the measured part',
          (m) => secondsOf(m, ({ startMs, measureMs }) => measureMs - startMs),
        ],
        [
          'measured (s)',
          'from there to the last intended send time; throughput and latency are of what was meant to be sent in it',
          (m) => secondsOf(m, ({ measureMs, drainMs }) => Math.max(0, drainMs - measureMs)),
        ],
        [
          'drain (s)',
          'from there until the last answer, or the last block with one of the transactions, was seen',
          (m) => secondsOf(m, ({ drainMs, endMs }) => endMs - drainMs),
        ],
      ]),
      ...rows<ModeMetrics>('chain', count, [
        [
          'transactions measured',
          'sent, and meant to be in the measured part; transfers included',
          (m) => sendingOf(m)?.measured ?? null,
        ],
        [
          'transactions dropped',
          'never sent, because their send time had passed; transfers included',
          (m) => sendingOf(m)?.dropped ?? null,
        ],
        [
          'transactions unsent',
          'left over when a ramp ended; transfers included',
          (m) => sendingOf(m)?.unsent ?? null,
        ],
      ]),
    ],
  },
  {
    title: 'Ramp',
    rows: rows<ModeMetrics>('time', rate, [
      [
        'last good rate / s',
        'highest rate of the ramp that was held within its limits',
        (m) => m.sending?.ramp?.lastGoodPerSecond ?? null,
      ],
      [
        'breaking rate / s',
        'first rate of the ramp that broke a limit',
        (m) => m.sending?.ramp?.breaking?.perSecond ?? null,
      ],
    ]),
  },
  {
    title: 'Throughput',
    rows: rows<ModeMetrics>('time', rate, [
      [
        'submitted / s',
        'order transactions taken ÷ time from the first sent to the last accepted',
        (m) => m.throughput.submittedPerSecond,
      ],
      [
        'included / s',
        'order transactions in blocks ÷ time from the first such block seen to the last; without the first block’s',
        (m) => m.throughput.includedPerSecond,
      ],
      [
        'settled / s',
        'orders settled ÷ time from the first settling block seen to the last; without the first block’s',
        (m) => m.throughput.settledPerSecond,
      ],
    ]),
  },
  {
    title: 'Latency',
    rows: [
      ...latency('inclusion', 'the block of the order transaction'),
      ...latency('settlement', 'the block that settles the order'),
    ],
  },
  {
    title: 'Gas',
    rows: rows<ModeMetrics>('gas', count, [
      [
        'gas / order',
        'gas of all order transactions and settlements ÷ settled orders',
        (m) => m.gas.perOrder,
      ],
      ['gas total', 'gas of all order transactions and settlements', (m) => m.gas.total],
      ['gas, queueing', 'of it: order transactions in which no order ended', (m) => m.gas.queueing],
      [
        'gas, settlement',
        'of it: transactions in which orders ended (settle(), deferred with their own queueing, direct)',
        (m) => m.gas.settlement,
      ],
      ['gas, transfers', 'deposits and withdrawals; in no other figure', (m) => m.gas.transfers],
    ]).concat(
      rows<ModeMetrics>('model', count, [
        [
          'gas / order, Arcology',
          'the same by Arcology’s own gas schedule, from traces of samples (docs/arcology-gas.md)',
          (m) => m.gas.perOrderArcologyModel,
        ],
        [
          'charged to a caller',
          'own gas and equal share of the deferred transaction, in the block of the median share, by that schedule',
          (m) => m.gas.arcologyModel?.deferral?.typical.charged ?? null,
        ],
      ]),
    ),
  },
  {
    title: 'Prices',
    rows: rows<ModeMetrics>('chain', fine, [
      [
        'slippage mean (bps)',
        '|fill − mid| ÷ mid, weighted by base; mid at the start of the batch (direct: of the block)',
        (m) => m.slippageBps.mean,
      ],
      ['slippage p50 (bps)', 'the same, median of the orders', (m) => m.slippageBps.p50],
      ['slippage p99 (bps)', 'the same, 99th percentile of the orders', (m) => m.slippageBps.p99],
      [
        'price impact (bps)',
        'largest |pool price after ÷ before − 1| of a market over the run',
        (m) => m.priceImpactBps,
      ],
    ]),
  },
  {
    title: 'MEV',
    rows: rows<ModeMetrics>('chain', digits(2), [
      [
        "attacker's profit (USDC)",
        'what the positions of accounts that bracket others’ orders gained, realised or at the pools’ last mid price; gas is not in it',
        (m) => m.mev?.attackerProfit ?? null,
      ],
      [
        "victims' extra cost (USDC)",
        'what the others’ fills cost beyond base × mid price at the start of their batch',
        (m) => m.mev?.victims.extraCost ?? null,
      ],
    ]),
  },
  {
    title: 'Risk',
    rows: [
      ...rows<ModeMetrics>('chain', count, [
        [
          'liquidations',
          'forced orders that filled, wholly or in part',
          (m) => riskOf(m)?.liquidations ?? null,
        ],
        [
          'shortfalls',
          'times that an account was seen below its maintenance margin until it was liquidated or above it again',
          (m) => riskOf(m)?.shortfalls?.times ?? null,
        ],
        [
          'shortfalls > 2 blocks',
          'those that lasted longer than two blocks',
          (m) => riskOf(m)?.shortfalls?.late ?? null,
        ],
        [
          'longest shortfall (blocks)',
          'blocks from the one after which the account was first seen below',
          (m) => riskOf(m)?.shortfalls?.longestBlocks ?? null,
        ],
      ]),
      ...rows<ModeMetrics>('chain', percent, [
        [
          'liquidations netted',
          'base that they filled against other orders ÷ base that they closed',
          (m) => riskOf(m)?.liquidationsNettedShare ?? null,
        ],
      ]),
      ...rows<ModeMetrics>('chain', digits(2), [
        [
          'bad debt (USDC)',
          'losses beyond the collateral of those who made them',
          (m) => riskOf(m)?.badDebt ?? null,
        ],
        [
          'funding paid (USDC)',
          'what accounts paid in funding, to others or to the fund',
          (m) => riskOf(m)?.fundingPaid ?? null,
        ],
        [
          'insurance fund (USDC)',
          'its share of fees and what was paid in, less bad debt, after the run; below 0 is not covered',
          (m) => riskOf(m)?.insuranceFund ?? null,
        ],
      ]),
    ],
  },
]

/** The figure that reports define under a label. */
export function rowOf(label: string): Row<ModeMetrics> {
  const row = SECTIONS.flatMap(({ rows: list }) => list).find((known) => known.label === label)
  if (row === undefined) throw new LoadgenError(`Reports define no figure "${label}".`)
  return row
}

/** Every figure of a comparison with `direct`, with its definition. */
export const COMPARISON_ROWS: readonly Row<Comparison>[] = [
  ...rows<Comparison>('chain', percent, [
    ['pool touch reduction', '1 − pool touches ÷ those of direct', (c) => c.poolTouchReduction],
  ]),
  ...rows<Comparison>('gas', times, [
    [
      'gas / order ratio',
      'gas / order ÷ that of direct; below 1 is cheaper',
      (c) => c.gasPerOrderRatio,
    ],
  ]),
  ...rows<Comparison>('chain', times, [
    ['slippage ratio', 'mean slippage ÷ that of direct; below 1 is better', (c) => c.slippageRatio],
  ]),
  ...rows<Comparison>('time', times, [
    [
      'throughput ratio',
      'settled / s ÷ that of direct; above 1 is faster',
      (c) => c.throughputRatio,
    ],
  ]),
]
