import type { Rpc } from '../chain/rpc.js'
import { NodeError, UsageError } from '../core/errors.js'
import type { BlockSchedule, Hex } from '../core/types.js'
import { type Chain, type Draft, openChain } from './chain.js'
import type { ContractCode } from './code.js'
import { loadContracts } from './contracts.js'
import { encodeCall, encodeCreation, findFunction } from './encode.js'
import { calleeName, type Explanation, explain, type Knowledge } from './explain.js'
import { knowledge, type Sent } from './knowledge.js'
import type { CallSpec, Spec } from './spec.js'
import type { Context } from './values.js'

/** What an analysis found. */
export type Analysis = {
  /** Addresses of the contracts by name. */
  contracts: Readonly<Record<string, Hex>>
  blocks: readonly BlockAnalysis[]
  /** True when no transaction of any block would be aborted. */
  isClean: boolean
}

export type BlockAnalysis = {
  /** Number of the block on the embedded node. */
  block: number
  transactions: number
  /** Aborted for a conflict. */
  aborted: number
  /** Failed by themselves, by the function that they called. */
  reverted: Readonly<Record<string, number>>
  generations: readonly GenerationAnalysis[]
  /** Those that cost the most transactions first. */
  conflicts: readonly Explanation[]
  /** Functions whose writes the node took from samples. */
  sampled: readonly string[]
}

/** Generations run one after the other. */
export type GenerationAnalysis = {
  isDeferred: boolean
  transactions: number
  /** Transactions of each sequence, largest first: sequences run beside each other, each one by one. */
  sequences: readonly number[]
  /** Transactions by function. */
  calls: Readonly<Record<string, number>>
}

const CREATION_GAS = 30_000_000n

/**
 * The code of a spec's contracts, by name.
 * @param folder what the paths of the spec are relative to.
 * @throws UsageError for code that cannot be deployed, and for a call of a function that is not there.
 */
export function loadCode(spec: Spec, folder: string): ReadonlyMap<string, ContractCode> {
  const codes = loadContracts(spec.contracts, folder)
  for (const call of [...spec.setup, ...spec.calls])
    findFunction((codes.get(call.contract) as ContractCode).abi, call)
  return codes
}

/**
 * Deploys the contracts of a spec, makes its set-up calls and then its blocks, and tells what conflicted, where and why.
 * @param codes what {@link loadCode} loaded.
 * @param rpc an embedded node in strict mode that nobody else uses.
 * @throws UsageError for a spec that cannot be carried out, NodeError when the node fails.
 */
export async function analyze(
  spec: Spec,
  { codes, rpc }: { codes: ReadonlyMap<string, ContractCode>; rpc: Rpc },
): Promise<Analysis> {
  const chain = await openChain(rpc)
  const contracts = new Map<string, Hex>()
  const context = (sender: Hex, index: number, block: number): Context => ({
    account: chain.account,
    contract: (name) => contracts.get(name),
    sender,
    index,
    block,
  })

  for (const contract of spec.contracts) {
    const code = codes.get(contract.name) as ContractCode
    const data = encodeCreation(contract, code, context(chain.account(0), 0, 0))
    const receipt = await sendOne(chain, { from: 0, data, value: 0n, gas: CREATION_GAS })
    if (Number(receipt.status) !== 1)
      throw new UsageError(
        `contracts.${contract.name} cannot be deployed: its constructor reverts.`,
      )
    contracts.set(contract.name, receipt.contractAddress?.toLowerCase() as Hex)
  }

  const draft = (call: CallSpec, from: number, index: number, block: number) => {
    const target = findFunction((codes.get(call.contract) as ContractCode).abi, call)
    const sender = chain.account(from)
    const { data, args } = encodeCall(call, target, context(sender, index, block))
    const to = contracts.get(call.contract) as Hex
    return {
      draft: { from, to, data, value: call.value, gas: call.gas } satisfies Draft,
      sent: { name: `${call.contract}.${target.signature}`, sender, args } satisfies Sent,
    }
  }

  const prepared: Sent[] = []
  for (const call of spec.setup) {
    for (const { from, index } of senders([call])) {
      const one = draft(call, from, index, 0)
      const receipt = await sendOne(chain, one.draft)
      if (Number(receipt.status) !== 1)
        throw new UsageError(
          `${call.at}: transaction ${index + 1} of ${call.times}, a call of ${one.sent.name}, fails.`,
        )
      prepared.push(one.sent)
    }
  }

  const blocks: BlockAnalysis[] = []
  for (let block = 0; block < spec.blocks; block++) {
    const made = senders(spec.calls).map(({ call, from, index }) => draft(call, from, index, block))
    const { number, hashes } = await chain.block(made.map((one) => one.draft))
    const sent = new Map(hashes.map((hash, i) => [hash, (made[i] as (typeof made)[0]).sent]))
    const known = knowledge({ chain, contracts, codes, prepared, sent })
    blocks.push(await readBlock(rpc, { number, chain, sent, known }))
  }
  return {
    contracts: Object.fromEntries(contracts),
    blocks,
    isClean: blocks.every(({ aborted }) => aborted === 0),
  }
}

async function sendOne(chain: Chain, draft: Draft) {
  const { hashes } = await chain.block([draft])
  const [receipt] = await chain.receipts(hashes)
  if (receipt === undefined) throw new NodeError('The node has no receipt of its own block.')
  return receipt
}

/** One entry for each transaction. Senders "each" are numbered through all the calls. */
function senders(calls: readonly CallSpec[]): { call: CallSpec; from: number; index: number }[] {
  let next = 0
  return calls.flatMap((call) =>
    Array.from({ length: call.times }, (_, index) => ({
      call,
      from: call.from === 'each' ? next++ : call.from,
      index,
    })),
  )
}

async function readBlock(
  rpc: Rpc,
  options: { number: number; chain: Chain; sent: ReadonlyMap<Hex, Sent>; known: Knowledge },
): Promise<BlockAnalysis> {
  const { number, chain, sent, known } = options
  const [schedule, block] = (await Promise.all([
    rpc.call('devnet_getBlockSchedule', [number]),
    rpc.call('eth_getBlockByNumber', [`0x${number.toString(16)}`, false]),
  ])) as [BlockSchedule | null, { transactions: Hex[] }]
  if (schedule === null) throw new NodeError(`The node does not tell how block ${number} is run.`)
  const nameAt = (index: number) =>
    sent.get(block.transactions[index] as Hex)?.name ?? 'another transaction'
  const aborted = new Set(schedule.aborted)
  const receipts = await chain.receipts([...sent.keys()])
  const reverted = receipts.filter(
    ({ status, transactionIndex }) =>
      Number(status) !== 1 && !aborted.has(Number(transactionIndex)),
  )
  return {
    block: number,
    transactions: sent.size,
    aborted: aborted.size,
    reverted: count(reverted.map(({ transactionHash }) => sent.get(transactionHash)?.name ?? '')),
    generations: schedule.generations.map(({ isDeferred, sequences }) => ({
      isDeferred,
      transactions: sequences.flat().length,
      sequences: sequences.map(({ length }) => length).sort((a, b) => b - a),
      calls: count(sequences.flat().map(nameAt)),
    })),
    conflicts: schedule.conflicts
      .map((conflict) => explain(conflict, known))
      .sort((a, b) => b.aborted - a.aborted),
    sampled: schedule.sampled.map((callee) => calleeName(callee, known)),
  }
}

function count(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
