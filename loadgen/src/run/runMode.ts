import { createSignPool } from '../accounts/signPool.js'
import { fetchReceipts, toTxReceipt } from '../chain/receipts.js'
import { readSnapshot } from '../chain/snapshot.js'
import { NodeError } from '../core/errors.js'
import type { Hex, Mode, ModeRecord, Plan, TxReceipt } from '../core/types.js'
import { isOrderIntent } from '../metrics/trace.js'
import { startCollector } from '../receipts/collector.js'
import type { ReceiptMethod } from '../receipts/fetch.js'
import type { SubmitMethod } from '../submit/send.js'
import { submitTransactions } from '../submit/submit.js'
import { gasLimits } from './gas.js'
import { createKeeper } from './keeper.js'
import type { Node } from './node.js'
import type { OnProgress } from './progress.js'
import { readSchedules } from './schedules.js'
import { type MarketSetup, setUp } from './setup.js'
import { signPlan } from './signPlan.js'

/**
 * Carries out a plan in one mode: set-up, signing, submission batch by batch, settlement, collection. What is measured begins
 * with the first signed transaction that is sent; everything before is set-up.
 *
 * A batch of the plan is a block where the run makes the blocks; elsewhere the next batch is sent when all of the last one is
 * included. A keeper's settle() goes ahead of the next batch: after every batch in the mode `keeper`, and when netting after a
 * batch of a single order, which the runtime does not defer.
 */
export async function runMode(node: Node, options: runMode.Options): Promise<ModeRecord> {
  const { plan, mode, onProgress } = options
  const { rpc } = node
  const limits = gasLimits(node.isEmulated)
  const { accountSeed } = options
  const pool = createSignPool({
    seed: accountSeed,
    chainId: node.chainId,
    workers: options.workers,
  })
  try {
    const { deployment, addresses } = await setUp(node, { ...options, pool, limits })
    const keeper = await createKeeper(node, { deployment, gas: limits.settle })
    const before = await readSnapshot(rpc, { deployment, traders: addresses })
    const signed = await signPlan(node, { ...options, deployment, addresses, pool, limits })

    // From here on blocks are made by evm_mine alone.
    if (node.makesBlocks) await rpc.call('evm_setAutomine', [false])
    const hashesOf = groupByBatch(signed)
    const ordersOf = countOrders(plan)
    const collector = startCollector(rpc, { fromBlock: before.blockNumber + 1, pollMs: 20 })
    try {
      const { timeoutMs } = options
      /** Puts what was sent into a block. */
      async function seal(hashes: readonly Hex[]): Promise<void> {
        if (node.makesBlocks) await rpc.call('evm_mine')
        else await collector.waitFor(hashes, { timeoutMs })
      }
      const settlesAfter = (batch: number) =>
        mode === 'keeper' || (mode === 'netting' && ordersOf[batch] === 1)

      const submitted = await submitTransactions(rpc, signed, {
        method: options.method,
        batchSize: options.batchSize,
        inFlight: options.inFlight,
        beforeBatch: async (batch) => {
          if (batch === 0) return
          await seal(hashesOf[batch - 1] ?? [])
          if (settlesAfter(batch - 1)) await keeper.send()
        },
        onProgress: ({ sent, total }) => onProgress('submit', sent, total),
      })
      await seal(hashesOf.at(-1) ?? [])
      await keeper.finish(() => seal(keeper.hashes()))

      const refused = new Set(
        submitted.filter(({ error }) => error !== undefined).map(({ hash }) => hash),
      )
      const sent = signed.map(({ hash }) => hash).filter((hash) => !refused.has(hash))
      await collector.waitFor(keeper.hashes(), { timeoutMs })
      const { blocks, receipts, events } = await collector.drain(sent, {
        timeoutMs,
        emptyBlocks: 20,
        deployment,
        receipts: options.receipts ?? (node.isEmulated ? 'dump' : 'transaction'),
        onProgress: (done) => onProgress('collect', done, sent.length),
      })
      const after = await readSnapshot(rpc, { deployment, traders: addresses })
      return {
        mode,
        plan,
        traders: addresses,
        deployment,
        before,
        after,
        signed: signed.map(({ intent, hash }) => ({ intent, hash })),
        submitted,
        receipts,
        settlements: await receiptsOf(node, keeper.hashes()),
        blocks,
        events,
        schedules: node.isStrict ? await readSchedules(rpc, blocks) : undefined,
      }
    } finally {
      await collector.stop()
    }
  } finally {
    await pool.close()
  }
}

export declare namespace runMode {
  type Options = {
    mode: Mode
    plan: Plan
    markets: MarketSetup
    /** Seed of the accounts' keys: the same accounts in every mode. */
    accountSeed: string
    method: SubmitMethod
    /** Transactions a request. */
    batchSize: number
    /** Requests at a time. */
    inFlight: number
    /** Signing threads; default one a core. */
    workers?: number | undefined
    /** How receipts are read. Default: what is cheapest, `dump` on the embedded node and `transaction` elsewhere. */
    receipts?: ReceiptMethod | undefined
    /** Milliseconds that the inclusion of a batch may take. */
    timeoutMs: number
    onProgress: OnProgress
  }
}

function groupByBatch(signed: readonly { batch: number; hash: Hex }[]): Hex[][] {
  const hashes: Hex[][] = []
  for (const { batch, hash } of signed) {
    const ofBatch = hashes[batch]
    if (ofBatch === undefined) hashes[batch] = [hash]
    else ofBatch.push(hash)
  }
  return hashes
}

function countOrders(plan: Plan): number[] {
  const counts = new Array<number>(plan.batches).fill(0)
  for (const intent of plan.intents)
    if (isOrderIntent(intent)) counts[intent.batch] = (counts[intent.batch] as number) + 1
  return counts
}

async function receiptsOf(node: Node, hashes: readonly Hex[]): Promise<TxReceipt[]> {
  const receipts: TxReceipt[] = []
  for (let start = 0; start < hashes.length; start += 200) {
    for (const receipt of await fetchReceipts(node.rpc, hashes.slice(start, start + 200))) {
      if (receipt === undefined) throw new NodeError('A settle() of the keeper was not included.')
      receipts.push(toTxReceipt(receipt))
    }
  }
  return receipts
}
