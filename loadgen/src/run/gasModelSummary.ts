import type { DeferralGas, GasKind, GasModel, GasRole } from '../core/gasModel.js'
import { ratio } from '../metrics/numbers.js'
import type { TransactionGas } from '../parallel/arcologyGas.js'
import { GAS } from '../parallel/arcologyGasSchedule.js'
import type { RunTransaction, TransactionGroup } from './gasModelGroups.js'

export type SampledTransaction = RunTransaction & { gas: TransactionGas }

/** All transactions of a kind, and those that were modelled. */
export type GroupSamples = {
  transactions: TransactionGroup
  samples: readonly SampledTransaction[]
}

/** Scales the samples of each kind to all of its transactions and adds them up. */
export function summarizeGas(
  groups: readonly GroupSamples[],
  { settledOrders }: { settledOrders: number },
): GasModel {
  const modelled = groups.map(summarizeKind)
  const kinds = modelled.map((kind) =>
    kind.status === 'aborted' ? likeItsPeers(kind, modelled) : kind,
  )
  const gasOf = (...roles: GasRole[]) =>
    sumOf(
      kinds.filter(({ role }) => roles.includes(role)),
      ({ totalGas }) => totalGas ?? 0,
    )
  const totalGas = gasOf('queue', 'swap', 'settlement')
  const poolGas = sumOf(kinds, (kind) => kind.poolGas ?? 0)
  return {
    kinds,
    settledOrders,
    totalGas,
    queueGas: gasOf('queue'),
    swapGas: gasOf('swap'),
    settlementGas: gasOf('settlement'),
    ...{ transferGas: gasOf('transfer'), poolGas },
    perOrder: ratio(totalGas, settledOrders),
    deferral: summarizeDeferral(groups, kinds),
  }
}

function summarizeKind({ transactions, samples }: GroupSamples): GasKind {
  const [{ call, role, status }] = transactions
  const mean = (value: (sample: SampledTransaction) => number) =>
    Math.round(sumOf(samples, value) / samples.length)
  const isSampled = samples.length > 0
  return {
    call,
    role,
    status,
    transactions: transactions.length,
    sampled: samples.length,
    orders: sumOf(transactions, ({ orders }) => orders),
    meanGas: isSampled ? mean(({ gas }) => gas.total) : null,
    parts: isSampled
      ? {
          intrinsic: mean(({ gas }) => gas.intrinsic),
          evm: mean(({ gas }) => gas.evm),
          precompiles: mean(({ gas }) => gas.precompiles),
          refund: mean(({ gas }) => gas.refund),
        }
      : null,
    meanReceiptGas: isSampled ? mean(({ receipt }) => Number(receipt.gasUsed)) : null,
    totalGas: isSampled ? scale(transactions, samples, ({ total }) => total) : null,
    poolGas: isSampled ? scale(transactions, samples, ({ pool }) => pool) : null,
    operations: summarizeOperations(samples),
  }
}

/** Gas of all: the samples' own, and of the others as many as they are, or as they settle orders, where the samples do. */
function scale(
  all: TransactionGroup,
  samples: readonly SampledTransaction[],
  part: (gas: TransactionGas) => number,
): number {
  const gas = sumOf(samples, (sample) => part(sample.gas))
  const sampledOrders = sumOf(samples, ({ orders }) => orders)
  const byOrders = all[0].role === 'settlement' && sampledOrders > 0
  const share = byOrders
    ? sumOf(all, ({ orders }) => orders) / sampledOrders
    : all.length / samples.length
  return Math.round(gas * share)
}

/** What lost a conflict ran before it lost: it used what others of its call did. */
function likeItsPeers(kind: GasKind, kinds: readonly GasKind[]): GasKind {
  const peer = kinds.find(
    ({ call, role, status }) => call === kind.call && role === kind.role && status === 'ok',
  )
  if (peer?.meanGas == null) return kind
  const poolGas = Math.round(((peer.poolGas ?? 0) * kind.transactions) / peer.transactions)
  return { ...kind, meanGas: peer.meanGas, totalGas: peer.meanGas * kind.transactions, poolGas }
}

function summarizeOperations(samples: readonly SampledTransaction[]): GasKind['operations'] {
  const totals = new Map<string, { calls: number; gas: number }>()
  for (const { gas } of samples)
    for (const [name, { calls, gas: used }] of gas.operations) {
      const total = totals.get(name) ?? { calls: 0, gas: 0 }
      totals.set(name, { calls: total.calls + calls, gas: total.gas + used })
    }
  return [...totals]
    .map(([name, { calls, gas }]) => ({
      name,
      calls: round(calls / samples.length),
      gas: round(gas / samples.length),
    }))
    .sort((a, b) => b.gas - a.gas)
}

/** Functions whose last call of a block the runtime defers. */
const DEFERRABLE: ReadonlySet<string> = new Set(['changePosition', 'queueSwapRequest'])

/** Of the blocks whose deferred transaction was modelled; null without any. */
function summarizeDeferral(
  groups: readonly GroupSamples[],
  kinds: readonly GasKind[],
): GasModel['deferral'] {
  const calls = groups.flatMap(({ transactions }) =>
    transactions.filter(({ call, status }) => DEFERRABLE.has(call) && status === 'ok'),
  )
  const queued = kinds.find(({ call, role }) => DEFERRABLE.has(call) && role === 'queue')
  const ownGas = queued?.meanGas
  if (ownGas == null) return null
  const blocks = groups
    .flatMap(({ samples }) => samples)
    .filter(
      ({ call, role, status }) => DEFERRABLE.has(call) && role === 'settlement' && status === 'ok',
    )
    .map(({ receipt, orders, gas }): DeferralGas => {
      const block = receipt.blockNumber
      const callers = calls.filter((call) => call.receipt.blockNumber === block).length
      const deferredGas = gas.total - gas.jobs
      return {
        block,
        callers,
        orders,
        deferredGas,
        jobGas: gas.jobs,
        share: Math.round(deferredGas / callers),
        charged: ownGas + Math.round(deferredGas / callers),
        prepaidUse: deferredGas / (callers * GAS.prepaid),
      }
    })
    .sort((a, b) => a.share - b.share)
  const typical = blocks[Math.floor(blocks.length / 2)]
  if (typical === undefined) return null
  return {
    prepaidGas: GAS.prepaid,
    blocks: blocks.length,
    typical,
    largestPrepaidUse: Math.max(...blocks.map(({ prepaidUse }) => prepaidUse)),
  }
}

function sumOf<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
