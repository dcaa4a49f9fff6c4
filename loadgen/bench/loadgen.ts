/**
 * How fast the load generator signs and sends, and what it costs. docs/benchmarks.md says what the figures mean and what limits them.
 *
 * `npm run bench:loadgen -- [--rounds <n>] [--json]`
 */
import { parseArgs } from 'node:util'
import { EXIT, LoadgenError, UsageError } from '../src/core/errors.js'
import { peakMemoryMb } from './measure.js'
import { type AnvilFigures, benchAnvil } from './pushAnvil.js'
import { benchNull, type NullFigures } from './pushNull.js'
import { benchSigning, type SigningFigures } from './signing.js'

type Figures = { signing: SigningFigures; toNull: NullFigures; anvil: AnvilFigures; peakMb: number }

async function run(rounds: number): Promise<Figures> {
  // First, because it tells the peak of memory so far.
  const toNull = await benchNull({ rounds })
  const signing = await benchSigning({ rounds })
  const anvil = await benchAnvil({ rounds })
  return { signing, toNull, anvil, peakMb: peakMemoryMb() }
}

function toJson({ signing, toNull, anvil, peakMb }: Figures) {
  const tenths = (value: number) => Math.round(value * 10) / 10
  return {
    signing: {
      perSecondPerCore: Math.round(signing.perSecondPerCore),
      plainViemPerSecond: Math.round(signing.plainViemPerSecond),
    },
    push: {
      nullServerPerSecond: Math.round(toNull.perSecond),
      anvilPerSecond: Math.round(anvil.perSecond),
      anvilLimitPerSecond: Math.round(anvil.limitPerSecond),
    },
    cpuMicrosPerTx: {
      signing: tenths(1_000_000 / signing.perSecondPerCore),
      nullServer: tenths(toNull.cpuMicros),
      anvilWithReceiptsAndEvents: tenths(anvil.cpuMicros),
    },
    memory: {
      pushOfAMillionPeakMb: Math.round(toNull.peakMemoryMb),
      wholeBenchPeakMb: Math.round(peakMb),
    },
  }
}

function print({ signing, toNull, anvil, peakMb }: Figures): void {
  const line = (what: string, value: number, unit: string) =>
    `${what.padEnd(62)} ${value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 }).padStart(9)} ${unit}\n`
  process.stdout.write(
    line('signing, a second of CPU time', signing.perSecondPerCore, 'tx/s') +
      line('signing, a thread for each core', signing.perSecond, 'tx/s') +
      line('signing, plain viem', signing.plainViemPerSecond, 'tx/s') +
      line('pushing to a server that answers without looking', toNull.perSecond, 'tx/s') +
      line('  CPU time of the generator', toNull.cpuMicros, 'µs/tx') +
      line('  peak of memory', toNull.peakMemoryMb, 'MB') +
      line('pushing to Anvil', anvil.perSecond, 'tx/s') +
      line('  what Anvil takes of a pusher without bookkeeping', anvil.limitPerSecond, 'tx/s') +
      line('  part of that', anvil.ratio * 100, '%') +
      line('  until receipts and events are there', anvil.collectedPerSecond, 'tx/s') +
      line('  CPU time of the generator, receipts and events included', anvil.cpuMicros, 'µs/tx') +
      line('peak of memory of the whole bench', peakMb, 'MB'),
  )
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '3' }, json: { type: 'boolean' } },
  })
  const rounds = Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 20)
    throw new UsageError(`--rounds is a whole number from 1 to 20, not ${values.rounds}.`)
  const figures = await run(rounds)
  if (values.json === true)
    process.stdout.write(`${JSON.stringify(toJson(figures), undefined, 2)}\n`)
  else print(figures)
}

await main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = error instanceof LoadgenError ? error.exitCode : EXIT.fault
})
