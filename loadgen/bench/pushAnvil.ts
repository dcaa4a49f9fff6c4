import { Pool } from 'undici'
import { deriveAccounts } from '../src/accounts/derive.js'
import { setBalances } from '../src/accounts/fund.js'
import { createSignPool } from '../src/accounts/signPool.js'
import { createRpc, type Rpc } from '../src/chain/rpc.js'
import { systemClock } from '../src/core/clock.js'
import { LoadgenError } from '../src/core/errors.js'
import { toTxTable } from '../src/core/txTable.js'
import type { Deployment, Hex, SignedTx } from '../src/core/types.js'
import { startAnvil } from '../src/devnet/anvil.js'
import { startCollector } from '../src/receipts/collector.js'
import { submitTable } from '../src/submit/submitTable.js'
import { measure, median } from './measure.js'
import { sentFor } from './span.js'

const SEED = 'bench'
const CHAIN_ID = 118
const COUNT = 20_000
const SENDERS = 200
const BATCH_SIZE = 100
const CONNECTIONS = 8
const TIMEOUT_MS = 120_000
/** Logs Deposited(caller, call data) and does nothing else: the less Anvil has to do, the more the generator shows. */
const DEPOSIT = '2da466a7b24304f47e87fa2e1e5a81b9831ce54fec19055ce277ca2f39ba42c4'
const HOUSE_CODE: Hex = `0x365f5f37337f${DEPOSIT}365fa200`
const address = (digit: string): Hex => `0x${digit.repeat(40)}`
const DEPLOYMENT: Deployment = {
  ...{ mode: 'direct', chainId: CHAIN_ID, house: address('1'), vault: address('2') },
  ...{ collateralToken: address('3'), collateralDecimals: 6, registry: address('4') },
  ...{ router: address('5'), markets: [], deployedAtBlock: 0 },
}

export type AnvilFigures = {
  /** Submitted a second while blocks are followed; receipts and events are read at the end. */
  perSecond: number
  /** What a pusher without any bookkeeping reaches. */
  limitPerSecond: number
  /** Median of the rounds' ratios. */
  ratio: number
  /** Transactions a second from the first request until all receipts and events are there. */
  collectedPerSecond: number
  /** CPU time of the generator for each transaction, receipts and events included. */
  cpuMicros: number
}

/** Pushes into an Anvil of its own for each measurement, with a block a second, in turns. Medians of the rounds. */
export async function benchAnvil(options: { rounds: number }): Promise<AnvilFigures> {
  const signed = await sign()
  const rounds: { limit: number; ours: number; collected: number; cpuMicros: number }[] = []
  for (let round = 0; round < options.rounds; round++) {
    const limit = await withAnvil((rpc) => pushPlainly(rpc, signed))
    const { sentMs, collectedMs, cpuMs } = await withAnvil((rpc) => pushAndCollect(rpc, signed))
    rounds.push({
      limit: (COUNT * 1_000) / limit,
      ours: (COUNT * 1_000) / sentMs,
      collected: (COUNT * 1_000) / collectedMs,
      cpuMicros: (cpuMs * 1_000) / COUNT,
    })
  }
  return {
    perSecond: median(rounds.map(({ ours }) => ours)),
    limitPerSecond: median(rounds.map(({ limit }) => limit)),
    ratio: median(rounds.map(({ ours, limit }) => ours / limit)),
    collectedPerSecond: median(rounds.map(({ collected }) => collected)),
    cpuMicros: median(rounds.map(({ cpuMicros }) => cpuMicros)),
  }
}

async function sign(): Promise<SignedTx[]> {
  const pool = createSignPool({ seed: SEED, chainId: CHAIN_ID })
  const place = (i: number) => ({ trader: i % SENDERS, nonce: Math.floor(i / SENDERS) })
  try {
    const raws = await pool.sign(
      Array.from({ length: COUNT }, (_, i) => ({
        ...{ ...place(i), to: DEPLOYMENT.house, gas: 100_000n, gasPrice: 1_000_000_000n },
        ...{ data: `0x${i.toString(16).padStart(64, '0')}` as Hex, value: 0n },
      })),
    )
    return raws.map((raw, i) => ({ ...raw, ...place(i), intent: i, batch: 0 }))
  } finally {
    await pool.close()
  }
}

async function withAnvil<T>(work: (rpc: Rpc) => Promise<T>): Promise<T> {
  const anvil = await startAnvil({ chainId: CHAIN_ID, clock: systemClock })
  const rpc = createRpc(anvil.url)
  try {
    const addresses = deriveAccounts({ seed: SEED, count: SENDERS }).map(({ address }) => address)
    await setBalances(rpc, { addresses, wei: 10n ** 20n })
    await rpc.call('anvil_setCode', [DEPLOYMENT.house, HOUSE_CODE])
    // Anvil prints a line for each transaction, which costs it and this process more than sending it.
    await rpc.call('anvil_setLoggingEnabled', [false])
    await rpc.call('evm_setIntervalMining', [1])
    return await work(rpc)
  } finally {
    await rpc.close()
    await anvil.stop()
  }
}

/** Bodies made beforehand, answers thrown away. @returns milliseconds. */
async function pushPlainly(rpc: Rpc, signed: readonly SignedTx[]): Promise<number> {
  const bodies = Array.from({ length: COUNT / BATCH_SIZE }, (_, i) =>
    JSON.stringify(
      signed.slice(i * BATCH_SIZE, (i + 1) * BATCH_SIZE).map(({ raw }, id) => ({
        ...{ jsonrpc: '2.0', id, method: 'eth_sendRawTransaction', params: [raw] },
      })),
    ),
  )
  const pool = new Pool(rpc.url, { connections: CONNECTIONS })
  const headers = { 'content-type': 'application/json' }
  const { taken } = await measure(() =>
    Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        for (let body = bodies.shift(); body !== undefined; body = bodies.shift())
          await (await pool.request({ path: '/', method: 'POST', headers, body })).body.dump()
      }),
    ),
  )
  await pool.close()
  return taken.ms
}

async function pushAndCollect(rpc: Rpc, signed: readonly SignedTx[]) {
  const table = toTxTable(signed)
  const hashes = signed.map(({ hash }) => hash)
  const fromBlock = Number(await rpc.call('eth_blockNumber')) + 1
  const { value, taken } = await measure(async () => {
    const collector = startCollector(rpc, { fromBlock, pollMs: 20 })
    const { ledger, progress } = await submitTable(table, {
      ...{ endpoints: [rpc.url], executor: { type: 'closed' } },
      ...{ batchSize: BATCH_SIZE, inFlight: CONNECTIONS },
    })
    const { receipts, events } = await collector.drain(hashes, {
      ...{ timeoutMs: TIMEOUT_MS, deployment: DEPLOYMENT, receipts: 'dump' },
    })
    const counts = [progress.accepted, receipts.length, events.length]
    if (counts.some((count) => count !== COUNT))
      throw new LoadgenError(`Of ${COUNT} were taken, included and logged: ${counts.join(', ')}.`)
    return ledger
  })
  return { sentMs: sentFor(value), collectedMs: taken.ms, cpuMs: taken.cpuMs }
}
