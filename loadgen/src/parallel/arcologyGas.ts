import type { CallFrame } from '../core/callFrame.js'
import { findOperation, GAS, isPrecompile, PRECOMPILES, selectorOf } from './arcologyGasSchedule.js'

/** Ethereum's gas that Arcology's runtime does not charge: there every account and every slot is warm (EIP-2929). */
const COLD_ACCOUNT = 2_600 - 100
const COLD_SLOT = 2_100 - 100

/** Ethereum's price of a non-zero byte of call data (EIP-2028), which the receipt has. */
const ETHEREUM_NON_ZERO_BYTE = 16

/** Part of its gas that a transaction gets back at most (EIP-3529). */
const LARGEST_REFUND = 1 / 5

/** Warm from the start of a transaction, besides sender and target: the coinbase of the embedded node and Ethereum's own precompiles. */
const WARM = Array.from({ length: 11 }, (_, i) => `0x${i.toString(16).padStart(40, '0')}`)

/** What a transaction uses by Arcology's gas schedule. Gas. */
export type TransactionGas = {
  /** intrinsic + evm + precompiles − refund. */
  total: number
  /** 21,000 and the call data, of the transaction and of each parallel job in it. */
  intrinsic: number
  /** EVM instructions. */
  evm: number
  precompiles: number
  refund: number
  /** Share of the parallel jobs in `total`: the sender pays it apart. What is taken off the sum (warm slots, refunds) is theirs in proportion. */
  jobs: number
  /** Share of the pools' swaps in `total`, with the payment that they ask for. What is taken off the sum is theirs in proportion. */
  pool: number
  operations: ReadonlyMap<string, { calls: number; gas: number }>
}

/**
 * Models the gas of a call that the embedded node ran on emulated precompiles. Formula and sources: docs/arcology-gas.md.
 *
 *     intrinsic  = 21,000 + 68 a non-zero byte + 4 a zero byte of call data; the same again for each parallel job
 *     evm        = gas of all frames but those of the emulators − 2,500 a cold account − 2,000 a cold slot
 *     precompiles = sum of the schedule's price of each call of a precompile
 *     refund     = what the receipt gave back: the emulators never clear a slot, so it is all the contracts' own; 1/5 at most
 *
 * @param root The transaction's outermost call.
 * @returns undefined for a transaction that the embedded node aborted before its code ran.
 */
export function modelTransaction(
  root: CallFrame,
  facts: modelTransaction.Facts,
): TransactionGas | undefined {
  const frame = passGate(root)
  if (frame === undefined) return undefined
  const walk: Walk = {
    warm: new Set([...WARM, root.from, root.to]),
    elements: new Map(),
    operations: new Map(),
    intrinsic: intrinsicGas(root.input),
    precompiles: 0,
    jobs: 0,
    pool: 0,
    pools: facts.pools ?? new Set(),
  }
  const evm = executionGas(root, walk) - facts.touchedSlots * COLD_SLOT
  const used = walk.intrinsic + evm + walk.precompiles
  const given = intrinsicGas(root.input, ETHEREUM_NON_ZERO_BYTE) + root.gasUsed - facts.receiptGas
  const refund = Math.min(Math.max(0, given), Math.floor(used * LARGEST_REFUND))
  const total = used - refund
  const shareOf = (gas: number) =>
    Math.round((gas * total) / (used + facts.touchedSlots * COLD_SLOT))
  return {
    total,
    intrinsic: walk.intrinsic,
    evm,
    precompiles: walk.precompiles,
    refund,
    jobs: shareOf(walk.jobs),
    pool: shareOf(walk.pool),
    operations: walk.operations,
  }
}

export declare namespace modelTransaction {
  type Facts = {
    /** gasUsed of its receipt. */
    receiptGas: number
    /** Different storage slots that it read or wrote, those of the emulators left out. */
    touchedSlots: number
    /** Addresses of the pools, lower case; their swaps are told apart. Default: none. */
    pools?: ReadonlySet<string> | undefined
  }
}

/** Gas of a transaction before its first instruction. */
export function intrinsicGas(input: string, nonZeroByte: number = GAS.nonZeroByte): number {
  let gas: number = GAS.transaction
  for (let at = 2; at < input.length; at += 2)
    gas += input.startsWith('00', at) ? GAS.zeroByte : nonZeroByte
  return gas
}

/** What is known on the way through a transaction, in the order of its calls. */
type Walk = {
  /** Accounts that were touched before. */
  warm: Set<string>
  /** Elements of containers, by owner, as their owners asked for it. */
  elements: Map<string, number>
  operations: Map<string, { calls: number; gas: number }>
  intrinsic: number
  precompiles: number
  /** Gas of jobs: intrinsic, instructions and precompiles. */
  jobs: number
  /** Gas of the pools' swaps: instructions, and precompiles of the callback. */
  pool: number
  pools: ReadonlySet<string>
}

/** Gas of the instructions of a call and of those that it made, without precompiles and without cold accounts. */
function executionGas(outer: CallFrame, walk: Walk): number {
  const frame = passGate(outer)
  if (frame === undefined) return 0
  for (const { to } of outer === frame ? [] : outer.calls) walk.warm.add(to)
  let gas = frame.gasUsed
  for (const call of frame.calls) {
    gas -= call.gasUsed
    if (!walk.warm.has(call.to) && call.type !== 'create') gas -= COLD_ACCOUNT
    walk.warm.add(call.to)
    if (isPrecompile(call.to)) gas += callPrecompile(call, walk)
    else gas += isSwap(call, walk) ? swapGas(call, walk) : executionGas(call, walk)
  }
  return gas
}

const SWAP = selectorOf('swap(address,bool,int256,uint160,bytes)')

function isSwap({ to, input }: CallFrame, { pools }: Walk): boolean {
  return pools.has(to) && input.startsWith(SWAP)
}

/** Books a swap of a pool; a pool lets nobody swap in its callback. @returns gas of its EVM instructions. */
function swapGas(frame: CallFrame, walk: Walk): number {
  const { precompiles } = walk
  const evm = executionGas(frame, walk)
  walk.pool += evm + walk.precompiles - precompiles
  return evm
}

/** Books a call of a precompile. @returns gas of the EVM instructions that it ran: those of jobs. */
function callPrecompile(frame: CallFrame, walk: Walk): number {
  const { operation, inputBytes } = findOperation(frame.to, frame.input)
  const jobs = frame.calls.filter(({ to }) => !isPrecompile(to))
  const elements = elementsOf(frame, operation.name, walk)
  const gas = operation.gas({
    inputBytes,
    outputBytes: (frame.output.length - 2) / 2,
    found: !frame.failed,
    elements,
    jobs: jobs.length,
  })
  const booked = walk.operations.get(operation.name) ?? { calls: 0, gas: 0 }
  walk.operations.set(operation.name, { calls: booked.calls + 1, gas: booked.gas + gas })
  walk.precompiles += gas
  warmAll(frame.calls, walk)
  let evm = 0
  for (const job of jobs) evm += runJob(job, walk)
  return evm
}

/** A parallel job: a transaction of its own. */
function runJob(job: CallFrame, walk: Walk): number {
  const { precompiles } = walk
  const intrinsic = intrinsicGas(job.input)
  const evm = executionGas(job, walk)
  walk.intrinsic += intrinsic
  walk.jobs += intrinsic + evm + walk.precompiles - precompiles
  return evm
}

/** Accounts that emulators call are warm afterwards, though their first touch is not on the contract's bill. */
function warmAll(calls: readonly CallFrame[], walk: Walk): void {
  for (const { to, calls: inner } of calls) {
    walk.warm.add(to)
    if (isPrecompile(to)) warmAll(inner, walk)
  }
}

const LENGTHS = new Set(['fullLength', 'length', 'committedLength'])

/** Elements of the caller's container, as far as the transaction has asked for them. */
function elementsOf(frame: CallFrame, name: string, walk: Walk): number {
  if (LENGTHS.has(name) && !frame.failed) walk.elements.set(frame.from, Number(frame.output))
  return walk.elements.get(frame.from) ?? 0
}

const IS_ABORTING = selectorOf('isAborting()')

/**
 * In strict mode the embedded node puts a gate before contracts whose calls it has to abort: the gate asks the emulated runtime,
 * then runs the contract's code by a delegatecall. Nothing of it is on the runtime.
 * @returns the call of the contract's own code; undefined when the gate let nothing pass.
 */
function passGate(frame: CallFrame): CallFrame | undefined {
  const [first, second] = frame.calls
  if (first?.to !== PRECOMPILES.runtime || !first.input.startsWith(IS_ABORTING)) return frame
  return second
}
