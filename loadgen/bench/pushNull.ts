import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LoadgenError } from '../src/core/errors.js'
import { createTxTable, sharedFloat64, sharedUint32, type TxTable } from '../src/core/txTable.js'
import { submitTable } from '../src/submit/submitTable.js'
import { measure, median, peakMemoryMb } from './measure.js'
import { sentFor } from './span.js'

const COUNT = 1_000_000
/** Transactions of the file, each sent again and again: a server that does not look does not mind. */
const LINES = 20_000
/** Characters of a signed openPosition with its 0x. */
const LENGTH = 612
const TRADERS = 1_000
const BATCH_SIZE = 100

export type NullFigures = { perSecond: number; cpuMicros: number; peakMemoryMb: number }

/** Pushes a million pre-signed transactions from a file to a server that answers without looking. Medians of the rounds. */
export async function benchNull(options: { rounds: number }): Promise<NullFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  const server = spawn(process.execPath, [
    fileURLToPath(new URL('./nullServer.js', import.meta.url)),
    String(BATCH_SIZE),
  ])
  try {
    const [port] = (await once(server.stdout, 'data')) as [Buffer]
    const table = await createTable(join(folder, 'transactions.txt'))
    const endpoint = `http://127.0.0.1:${Number(port)}`
    await push(table, endpoint)
    const rounds: { perSecond: number; cpuMicros: number }[] = []
    for (let round = 0; round < options.rounds; round++) {
      const { value, taken } = await measure(() => push(table, endpoint))
      rounds.push({
        perSecond: (COUNT * 1_000) / value,
        cpuMicros: (taken.cpuMs * 1_000) / COUNT,
      })
    }
    return {
      perSecond: median(rounds.map((each) => each.perSecond)),
      cpuMicros: median(rounds.map((each) => each.cpuMicros)),
      peakMemoryMb: peakMemoryMb(),
    }
  } finally {
    server.kill()
    await rm(folder, { recursive: true })
  }
}

/** @returns milliseconds from the first request to the last answer. */
async function push(table: TxTable, endpoint: string): Promise<number> {
  const { ledger, progress } = await submitTable(table, {
    ...{ endpoints: [endpoint], executor: { type: 'closed' }, batchSize: BATCH_SIZE },
  })
  if (progress.accepted !== COUNT || progress.retried > 0)
    throw new LoadgenError(`Only ${progress.accepted} of ${COUNT} were taken at the first attempt.`)
  return sentFor(ledger)
}

async function createTable(path: string): Promise<TxTable> {
  const line = `0x${'ab'.repeat(LENGTH / 2 - 1)},\n`
  await writeFile(path, line.repeat(LINES))
  const [starts, lengths] = [sharedFloat64(COUNT), sharedUint32(COUNT)]
  const table = createTxTable({ starts, lengths: lengths.fill(LENGTH), path })
  for (let position = 0; position < COUNT; position++) {
    starts[position] = (position % LINES) * line.length
    table.traders[position] = position % TRADERS
  }
  return table
}
