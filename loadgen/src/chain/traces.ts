import type { CallFrame } from '../core/callFrame.js'
import { NodeError } from '../core/errors.js'
import type { Hex } from '../core/types.js'
import { resultOf } from './receipts.js'
import type { Rpc } from './rpc.js'

/** A frame of `trace_transaction`, in OpenEthereum's format, as far as it is read. */
export type ParityFrame = {
  type: string
  action: {
    callType?: CallFrame['type'] | undefined
    from: Hex
    to?: Hex | undefined
    /** Gas that the call could use. */
    gas: Hex
    input?: Hex | undefined
    /** Code of a creation. */
    init?: Hex | undefined
  }
  result?: { gasUsed: Hex; output?: Hex | undefined; address?: Hex | undefined } | null | undefined
  error?: string | undefined
  traceAddress: readonly number[]
}

/**
 * The calls of mined transactions, in one batch of `trace_transaction`, in order. Anvil has them stored: 0.1 ms a transaction,
 * and about 1 kB a frame of answer, so ask for large transactions one by one.
 * @throws NodeError when the node has no trace of a transaction.
 */
export async function fetchCallFrames(rpc: Rpc, hashes: readonly Hex[]): Promise<CallFrame[]> {
  const answers = await rpc.batch(
    hashes.map((hash) => ({ method: 'trace_transaction', params: [hash] })),
  )
  return answers.map((answer, i) => {
    const frames = resultOf(answer, 'trace_transaction') as readonly ParityFrame[] | null
    if (!Array.isArray(frames) || frames.length === 0)
      throw new NodeError(`The node has no trace of transaction ${hashes[i]}.`)
    return toCallFrame(frames)
  })
}

/**
 * Puts the flat frames of a transaction (each parent before its calls, as they stand in the answer) into a tree. Frames that
 * are neither calls nor creations are left out.
 * @throws NodeError when a frame has no parent.
 */
export function toCallFrame(frames: readonly ParityFrame[]): CallFrame {
  const found = new Map<string, Node>()
  for (const frame of frames) {
    if (frame.type !== 'call' && frame.type !== 'create') continue
    const node = toNode(frame)
    found.set(frame.traceAddress.join(), node)
    if (frame.traceAddress.length === 0) continue
    const parent = found.get(frame.traceAddress.slice(0, -1).join())
    if (parent === undefined) throw new NodeError('A trace of the node lacks a call between two.')
    parent.calls.push(node)
  }
  const root = found.get('')
  if (root === undefined) throw new NodeError('A trace of the node has no outermost call.')
  return root
}

type Node = CallFrame & { calls: CallFrame[] }

function toNode({ type, action, result, error }: ParityFrame): Node {
  const isCall = type === 'call'
  return {
    type: isCall ? (action.callType ?? 'call') : 'create',
    from: lower(action.from),
    to: lower((isCall ? action.to : result?.address) ?? '0x'),
    input: lower((isCall ? action.input : action.init) ?? '0x'),
    output: lower((isCall ? result?.output : undefined) ?? '0x'),
    // What ends in a fault other than a revert answers nothing and takes all its gas.
    gasUsed: Number(result?.gasUsed ?? action.gas),
    failed: error !== undefined && error !== null,
    calls: [],
  }
}

function lower(hex: Hex): Hex {
  return hex.toLowerCase() as Hex
}

/**
 * How many different storage slots a mined transaction read or wrote, slots of `except` left out.
 * Warning: Anvil runs the block again up to the transaction, some 0.35 ms for each one before it. For samples only.
 * @throws NodeError when the node refuses.
 */
export async function countTouchedSlots(
  rpc: Rpc,
  options: countTouchedSlots.Options,
): Promise<number> {
  const accounts = (await rpc.call('debug_traceTransaction', [
    options.hash,
    { tracer: 'prestateTracer', tracerConfig: { disableCode: true } },
  ])) as Record<string, { storage?: Record<string, Hex> | undefined }>
  let slots = 0
  for (const [address, { storage }] of Object.entries(accounts))
    if (!options.except.has(address.toLowerCase())) slots += Object.keys(storage ?? {}).length
  return slots
}

export declare namespace countTouchedSlots {
  type Options = {
    hash: Hex
    /** Accounts that do not count, lower case. */
    except: ReadonlySet<string>
  }
}
