/**
 * How long the embedded node takes to find out what the transactions of a block access and which of them conflict, against how
 * long Anvil takes to execute them. Strict mode must not double the time of a block: the bench fails when the analysis takes longer.
 *
 * `npm run bench:analysis -- [--calls <n>] [--json]`
 */
import { parseArgs } from 'node:util'
import { getNonces } from '../src/accounts/nonces.js'
import { createSignPool } from '../src/accounts/signPool.js'
import { EMULATION, SYSTEM_ADDRESS } from '../src/chain/abi.generated.js'
import { encodeIntent } from '../src/chain/encode.js'
import type { Rpc } from '../src/chain/rpc.js'
import { readPending } from '../src/chain/snapshot.js'
import { systemClock } from '../src/core/clock.js'
import { EXIT, LoadgenError, NodeError, UsageError } from '../src/core/errors.js'
import type { Hex, Intent, Mode } from '../src/core/types.js'
import { createAccessReader } from '../src/devnet/accesses.js'
import type { TracedCall } from '../src/devnet/accessesTrace.js'
import { startAnvil } from '../src/devnet/anvil.js'
import { CHAIN_ID } from '../src/devnet/devnet.js'
import { createRuntime } from '../src/devnet/runtime.js'
import { decodeRawTransaction } from '../src/devnet/transactions.js'
import { arbitrate } from '../src/parallel/arbitrate.js'
import { gasLimitOf, gasLimits } from '../src/run/gas.js'
import { openNode } from '../src/run/node.js'
import { setUp } from '../src/run/setup.js'

/** Key of Anvil's first well-known account. */
const KEY: Hex = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
const SEED = 'bench'
const WAD = 10n ** 18n
/** Each block is analysed and executed so often, in turns. */
const ROUNDS = 5
const SEND_BATCH = 500

/** Which function the orders of a mode call. */
const PARTS = { changePosition: 'netting', openPosition: 'keeper' } as const satisfies Record<
  string,
  Mode
>

/** Milliseconds by round. */
type Times = {
  calls: number
  /** Recovering the senders. The node does it as transactions come in, not when it makes a block. */
  decoding: number[]
  /** Tracing and arbitration. The first round also takes samples of kinds of call that are new. */
  analysis: number[]
  /** Decoding, tracing and arbitration, one call decoded while others are traced. */
  analysisWithDecoding: number[]
  /** Anvil executes the same calls as one block. */
  execution: number[]
  /** Fastest analysis ÷ fastest execution: what else the machine does disturbs those least. */
  ratio: number
  ratioWithDecoding: number
  /** Accesses found, transactions that lose a conflict, and callees judged by samples. */
  accesses: number
  losers: number
  sampled: readonly string[]
}

type Rounds = Pick<Times, 'decoding' | 'analysis' | 'analysisWithDecoding' | 'execution'>

/** As many longs as shorts, one order a trader. */
function createIntents(count: number): Intent[] {
  return Array.from({ length: count }, (_, index) => ({
    ...{ index, batch: 0, trader: index, action: 'open', market: 0, isLong: index % 2 === 0 },
    size: WAD / 10n + BigInt(index) * 10n ** 12n,
    limitPrice: 0n,
  }))
}

async function measure(mode: Mode, calls: number): Promise<Times> {
  const anvil = await startAnvil({ chainId: CHAIN_ID, clock: systemClock })
  const node = await openNode({
    ...{ url: anvil.url, chainId: CHAIN_ID, privateKey: KEY, gasPrice: 1n },
    ...{ makesBlocks: true, connections: 8 },
  })
  const { rpc } = node
  const pool = createSignPool({ seed: SEED, chainId: CHAIN_ID })
  try {
    const emulation = { emulation: EMULATION, systemAddress: SYSTEM_ADDRESS }
    await createRuntime({ rpc, ...emulation }).install()
    await rpc.call('evm_setIntervalMining', [1])
    const intents = createIntents(calls)
    const limits = gasLimits(true)
    const { deployment, addresses } = await setUp(node, {
      plan: {
        head: { traders: calls, collateral: 1_000_000n * 10n ** 6n },
        intents: () => intents,
      },
      markets: {
        ...{ maxPriceMoveBps: 500, threads: 0, chunk: 10_000 },
        markets: [{ price: 2_000n * WAD, quoteDepth: 10_000_000n * WAD }],
      },
      ...{ mode, accountSeed: SEED, pool, limits, onProgress() {} },
    })
    const nonces = await getNonces(rpc, addresses)
    const { house } = deployment
    const signed = await pool.sign(
      intents.map((intent, trader) => ({
        ...encodeIntent(intent, { mode, house, marketCount: 1, deadline: 0n }),
        ...{ trader, nonce: nonces[trader] as number, value: 0n },
        ...{ gas: gasLimitOf(intent, { mode, limits }), gasPrice: node.gasPrice },
      })),
    )
    await rpc.call('evm_setIntervalMining', [0])

    const raws = signed.map(({ raw }) => raw)
    const analyse = await createAnalysis(rpc, calls)
    const times = { decoding: [], analysis: [], analysisWithDecoding: [], execution: [] } as Rounds
    let found = { accesses: 0, losers: 0, sampled: [] as readonly string[] }
    for (let round = 0; round < ROUNDS; round++) {
      let decoded: TracedCall[] = []
      times.decoding.push(
        await time(async () => {
          decoded = [...decodeAll(raws)]
        }),
      )
      times.analysis.push(
        await time(async () => {
          found = await analyse(decoded)
        }),
      )
      times.analysisWithDecoding.push(await time(() => analyse(decodeAll(raws))))
      const snapshot = await rpc.call('evm_snapshot')
      await send(rpc, raws)
      times.execution.push(await time(() => rpc.call('evm_mine')))
      const queued = await readPending(rpc, deployment)
      if (queued !== BigInt(calls))
        throw new NodeError(`Only ${queued} of ${calls} orders were executed.`)
      await rpc.call('evm_revert', [snapshot])
    }
    const execution = Math.min(...times.execution)
    return {
      calls,
      ...times,
      ratio: Math.min(...times.analysis) / execution,
      ratioWithDecoding: Math.min(...times.analysisWithDecoding) / execution,
      ...found,
    }
  } finally {
    await pool.close()
    await rpc.close()
    await anvil.stop()
  }
}

/** All calls in one generation, a sequence each: each can conflict with each. */
async function createAnalysis(rpc: Rpc, count: number) {
  const head = (await rpc.call('eth_getBlockByNumber', ['latest', false])) as {
    number: Hex
    timestamp: Hex
  }
  const block = { number: Number(head.number) + 1, timestamp: Number(head.timestamp) + 1 }
  const sequences = Array.from({ length: count }, (_, id) => [id])
  const generations = [{ sequences, isDeferred: false, flagged: [] }]
  const reader = createAccessReader({ rpc })
  return async (calls: Iterable<TracedCall>) => {
    const { accesses, sampled } = await reader.read(calls, { ...block, generations })
    const { losers } = arbitrate(
      sequences.map((ids) => ({ ids, accesses: ids.map((id) => accesses.get(id) ?? []) })),
    )
    const lengths = [...accesses.values()].map(({ length }) => length)
    return {
      accesses: lengths.reduce((sum, length) => sum + length, 0),
      losers: losers.size,
      sampled,
    }
  }
}

function* decodeAll(raws: readonly Hex[]): Generator<TracedCall> {
  for (const [id, raw] of raws.entries()) {
    const decoded = decodeRawTransaction(raw)
    if (decoded === undefined) throw new LoadgenError('A signed transaction cannot be decoded.')
    yield { id, ...decoded }
  }
}

async function send(rpc: Rpc, raws: readonly Hex[]): Promise<void> {
  for (let start = 0; start < raws.length; start += SEND_BATCH) {
    const part = raws.slice(start, start + SEND_BATCH)
    const answers = await rpc.batch(
      part.map((raw) => ({ method: 'eth_sendRawTransaction', params: [raw] })),
    )
    const refused = answers.find(({ error }) => error !== undefined)?.error
    if (refused !== undefined) throw new NodeError(`Anvil refused an order: ${refused.message}`)
  }
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = systemClock.now()
  await work()
  return systemClock.now() - start
}

function print(name: string, times: Times): void {
  const line = (what: string, values: readonly number[]) =>
    `  ${what.padEnd(38)} ${values.map((value) => value.toFixed(0).padStart(6)).join('')} ms\n`
  process.stdout.write(
    `${times.calls} ${name}: ${times.accesses} accesses, ${times.losers} losers, judged by samples: ${times.sampled.join(', ') || 'none'}\n` +
      line('decoding (as transactions come in)', times.decoding) +
      line('analysis', times.analysis) +
      line('analysis, decoding included', times.analysisWithDecoding) +
      line('execution', times.execution) +
      `  analysis ÷ execution ${times.ratio.toFixed(2)}, decoding included ${times.ratioWithDecoding.toFixed(2)}\n`,
  )
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { calls: { type: 'string', default: '5000' }, json: { type: 'boolean' } },
  })
  const calls = Number(values.calls)
  if (!Number.isInteger(calls) || calls < 1 || calls > 50_000)
    throw new UsageError(`--calls is a whole number from 1 to 50000, not ${values.calls}.`)
  const results: Record<string, Times> = {}
  for (const [name, mode] of Object.entries(PARTS)) {
    const times = await measure(mode, calls)
    results[name] = times
    if (values.json !== true) print(name, times)
  }
  if (values.json === true) process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`)
  if (Object.values(results).some(({ ratio }) => ratio >= 1)) process.exitCode = EXIT.threshold
}

await main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = error instanceof LoadgenError ? error.exitCode : EXIT.fault
})
