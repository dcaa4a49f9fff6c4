import type { Rpc } from '../chain/rpc.js'
import { countTouchedSlots, fetchCallFrames } from '../chain/traces.js'
import { NodeError } from '../core/errors.js'
import type { GasModel } from '../core/gasModel.js'
import type { ModeRecord } from '../core/types.js'
import { traceTransactions } from '../metrics/trace.js'
import { modelTransaction } from '../parallel/arcologyGas.js'
import { PRECOMPILES } from '../parallel/arcologyGasSchedule.js'
import { chooseSamples, groupTransactions, type RunTransaction } from './gasModelGroups.js'
import { type GroupSamples, type SampledTransaction, summarizeGas } from './gasModelSummary.js'

const EMULATORS = new Set<string>(Object.values(PRECOMPILES))

/**
 * Models what a mode of a run would use on Arcology's own gas schedule, from traces of samples. To be asked of the embedded node
 * while it still has the run's blocks. Formula, samples and sources: docs/arcology-gas.md.
 * @throws NodeError when the node has no trace of a transaction.
 */
export async function modelGas(rpc: Rpc, record: ModeRecord): Promise<GasModel> {
  const pools = new Set(record.deployment.markets.map(({ pool }) => pool.toLowerCase()))
  const groups: GroupSamples[] = []
  for (const transactions of groupTransactions(record)) {
    const samples: SampledTransaction[] = []
    for (const transaction of chooseSamples(transactions))
      samples.push(await modelSample(rpc, transaction, pools))
    groups.push({ transactions, samples })
  }
  const settled = traceTransactions(record).filter(({ end }) => end?.type === 'OrderSettled')
  return summarizeGas(groups, { settledOrders: settled.length })
}

async function modelSample(
  rpc: Rpc,
  transaction: RunTransaction,
  pools: ReadonlySet<string>,
): Promise<SampledTransaction> {
  const { hash, gasUsed } = transaction.receipt
  const [root] = await fetchCallFrames(rpc, [hash])
  const touchedSlots = await countTouchedSlots(rpc, { hash, except: EMULATORS })
  const gas = root && modelTransaction(root, { receiptGas: Number(gasUsed), touchedSlots, pools })
  if (gas === undefined)
    throw new NodeError(
      `The node aborted transaction ${hash}, which its schedule of block ${transaction.receipt.blockNumber} does not say.`,
    )
  return { ...transaction, gas }
}
