import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { EMULATION, SYSTEM_ADDRESS } from '../src/chain/abi.generated.js'
import type { Rpc } from '../src/chain/rpc.js'
import { fetchCallFrames } from '../src/chain/traces.js'
import type { GasModel } from '../src/core/gasModel.js'
import type { Hex, Mode, ModeRecord, TxReceipt } from '../src/core/types.js'
import { startDevnet } from '../src/devnet/devnet.js'
import { intrinsicGas, modelTransaction } from '../src/parallel/arcologyGas.js'
import { isPrecompile } from '../src/parallel/arcologyGasSchedule.js'
import { modelGas } from '../src/run/gasModel.js'
import { openNode } from '../src/run/node.js'
import { runMode } from '../src/run/runMode.js'
import { createPlan } from '../src/scenario/plan.js'
import { FUNDED_KEY, temporaryFolder } from './support/cli.js'

const folder = temporaryFolder()
const WAD = 10n ** 18n
const ORDERS = 30
const plan = createPlan({
  ...{ scenario: 'mix', seed: '1', traders: 10, orders: ORDERS, perBatch: 10, markets: 2 },
  ...{ mix: { open: 6, close: 2, deposit: 1, withdraw: 1 }, longShare: 0.5 },
  ...{ sizes: { min: WAD / 100n, max: 2n * WAD }, prices: [2_000n * WAD, 2_000n * WAD] },
  collateral: 20_000n * 10n ** 6n,
})
const log = { debug() {}, info() {}, warn() {} }

type Run = { rpc: Rpc; record: ModeRecord; model: GasModel }

/** A run on an embedded node that goes on until the tests are over. */
async function run(mode: Mode): Promise<Run & { end: () => Promise<void> }> {
  const devnet = await startDevnet({
    ...{ emulation: EMULATION, systemAddress: SYSTEM_ADDRESS, log, blockTimeMs: 0 },
  })
  const node = await openNode({
    ...{ url: devnet.url, chainId: devnet.chainId, privateKey: FUNDED_KEY, gasPrice: 1n },
    ...{ makesBlocks: true, connections: 4 },
  })
  const record = await runMode(node, {
    ...{ mode, plan, accountSeed: 'gas', method: 'standard', batchSize: 100, inFlight: 2 },
    markets: {
      markets: [0, 1].map(() => ({ price: 2_000n * WAD, quoteDepth: 20_000_000n * WAD })),
      ...{ maxPriceMoveBps: 500, threads: 4, chunk: 1_000 },
    },
    ...{ workers: 1, timeoutMs: 60_000, onProgress: () => {} },
    folder: mkdtempSync(join(folder, mode)),
  })
  const model = await modelGas(node.rpc, record)
  const end = async () => {
    await node.rpc.close()
    await devnet.stop()
  }
  return { rpc: node.rpc, record, model, end }
}

type Frame = { to: Hex; gasUsed: Hex; calls?: readonly Frame[] | undefined }

/** Gas of the contracts' own instructions: of all frames, those inside the emulators left out, jobs taken in again. */
function outsideEmulators({ gasUsed, calls = [] }: Frame): number {
  return calls.reduce((gas, call) => {
    if (!isPrecompile(call.to.toLowerCase()))
      return gas - Number(call.gasUsed) + outsideEmulators(call)
    const jobs = (call.calls ?? []).filter(({ to }) => !isPrecompile(to.toLowerCase()))
    return gas - Number(call.gasUsed) + jobs.reduce((sum, job) => sum + outsideEmulators(job), 0)
  }, Number(gasUsed))
}

/**
 * Runs a block's first transaction again on the state before it, with all that it touches warm from the start by an access list
 * (EIP-2930), as everything is on Arcology's runtime. What it then uses of instructions is what the model must say.
 */
async function runWarm(rpc: Rpc, receipt: TxReceipt): Promise<{ evm: number; slots: number }> {
  const tx = (await rpc.call('eth_getTransactionByHash', [receipt.hash])) as Record<string, Hex>
  const touched = (await rpc.call('debug_traceTransaction', [
    receipt.hash,
    { tracer: 'prestateTracer', tracerConfig: { disableCode: true } },
  ])) as Record<string, { storage?: Record<Hex, Hex> }>
  const accessList = Object.entries(touched).map(([address, { storage }]) => ({
    address,
    storageKeys: isPrecompile(address) ? [] : Object.keys(storage ?? {}),
  }))
  const slots = accessList.reduce((sum, { storageKeys }) => sum + storageKeys.length, 0)
  const header = (await rpc.call('eth_getBlockByNumber', [tx.blockNumber, false])) as {
    timestamp: Hex
  }
  const root = (await rpc.call('debug_traceCall', [
    { from: tx.from, to: tx.to, data: tx.input, gas: '0x10000000', accessList },
    `0x${(receipt.blockNumber - 1).toString(16)}`,
    {
      tracer: 'callTracer',
      blockOverrides: { number: tx.blockNumber, time: header.timestamp },
    },
  ])) as Frame
  // The outermost frame's gas is the transaction's: with intrinsic gas, 2,400 an account and 1,900 a slot of the access list.
  const intrinsic = intrinsicGas(tx.input as Hex, 16)
  return {
    evm: outsideEmulators(root) - intrinsic - 2_400 * accessList.length - 1_900 * slots,
    slots,
  }
}

describe.each(['netting', 'keeper', 'direct'] as const)('%s', (mode) => {
  let found: Run
  beforeAll(async () => {
    const { end, ...rest } = await run(mode)
    found = rest
    return end
  })

  test('default: every transaction of the run is in one kind', () => {
    const { model, record } = found
    expect(model.settledOrders).toBe(ORDERS)
    const count = (role: string) =>
      model.kinds
        .filter((kind) => kind.role === role)
        .reduce((sum, { transactions }) => sum + transactions, 0)
    const transfers = plan.intents.filter(({ action }) => /deposit|withdraw/.test(action)).length
    expect(count('transfer')).toBe(transfers)
    expect(count('queue') + count('swap') + count('settlement')).toBe(
      ORDERS + record.settlements.length,
    )
    for (const { transactions, sampled, meanReceiptGas } of model.kinds) {
      expect(sampled).toBeGreaterThan(0)
      expect(sampled).toBeLessThanOrEqual(Math.min(20, transactions))
      expect(meanReceiptGas).toBeGreaterThan(21_000)
    }
    // Emulated in Solidity, precompiles cost several times what the runtime charges.
    const receipts = [...record.receipts, ...record.settlements]
    const measured = receipts.reduce((sum, { gasUsed }) => sum + Number(gasUsed), 0)
    expect(model.totalGas + model.transferGas).toBeLessThan(measured)
    expect(model.perOrder).toBeCloseTo(model.totalGas / ORDERS, 6)
  })

  test('behavior: the pools’ swaps are told apart, and only what swaps has any', () => {
    const { poolGas = 0, swapGas, settlementGas, kinds } = found.model
    expect(poolGas).toBeLessThan(mode === 'direct' ? swapGas : settlementGas)
    for (const { role, poolGas: ofKind } of kinds)
      expect(ofKind === 0).toBe(role === 'queue' || role === 'transfer')
    // A swap of a pool costs some 40,000 gas at least; direct has one for each order.
    if (mode === 'direct') expect(poolGas / ORDERS).toBeGreaterThan(40_000)
  })

  test('behavior: instructions cost what they cost with everything warm', async () => {
    const { rpc, record } = found
    const firsts = [...record.receipts, ...record.settlements].filter(({ index }) => index === 0)
    expect(firsts.length).toBeGreaterThanOrEqual(3)
    for (const receipt of firsts) {
      const { evm, slots } = await runWarm(rpc, receipt)
      const [root] = await fetchCallFrames(rpc, [receipt.hash])
      const model =
        root && modelTransaction(root, { receiptGas: Number(receipt.gasUsed), touchedSlots: slots })
      // The trace's gas is net of the refund. A slot that is written before it is read is 100 more when cold.
      const error = (model?.evm ?? 0) - (model?.refund ?? 0) - evm
      expect(error).toBeGreaterThanOrEqual(0)
      expect(error).toBeLessThanOrEqual(100 * slots)
    }
  })

  test('behavior: precompiles are priced, none is unknown', () => {
    const names = found.model.kinds.flatMap(({ operations }) => operations.map(({ name }) => name))
    expect(names).not.toContain('unknown')
    const queued = found.model.kinds.find(({ role }) => role === 'queue')
    const prices = Object.fromEntries(
      (queued?.operations ?? []).map(({ name, calls, gas }) => [name, [calls, Math.round(gas)]]),
    )
    if (mode === 'netting')
      // 2 × (1,000 call + 2,000 encode + words): the order (3 + 1 of value), the side's total (1 + 1).
      expect(prices).toEqual({ setByKey: [2, 6_006], isInDeferred: [1, 4_000], pid: [1, 3_000] })
    else if (mode === 'direct') expect(queued).toBe(undefined)
    else expect(prices).toMatchObject({ setByKey: [2, 6_006], pid: [1, 3_000], uuid: [1, 2_000] })
  })

  test('behavior: deferred gas is shared, and far below what was prepaid', () => {
    const { deferral, kinds } = found.model
    if (mode !== 'netting') {
      expect(deferral).toBe(null)
      return
    }
    const own = kinds.find(({ role }) => role === 'queue')?.meanGas as number
    const { typical } = deferral as NonNullable<typeof deferral>
    expect(deferral).toMatchObject({ prepaidGas: 500_000, blocks: 3 })
    expect(typical).toMatchObject({ callers: 10, orders: 10, charged: own + typical.share })
    // Two markets settle in two jobs, which the sender of the deferred transaction pays.
    expect(typical.jobGas).toBeGreaterThan(2 * 21_000)
    expect(deferral?.largestPrepaidUse).toBeGreaterThanOrEqual(typical.prepaidUse)
    expect(deferral?.largestPrepaidUse).toBeLessThan(0.5)
  })
})

test('behavior: a model is plain JSON', async () => {
  const { model, end } = await run('netting')
  await end()
  expect(JSON.parse(JSON.stringify(model))).toEqual(model)
})
