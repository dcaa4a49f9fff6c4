import { getContractAddress } from 'viem'
import type { Hex } from '../core/types.js'
import type { Access } from '../parallel/access.js'
import { isSystem, readMarkers } from './accessesMarkers.js'
import type { Pieces } from './accessesPieces.js'
import type { StateTrace, TracedCall } from './accessesTrace.js'

/** All that a call touches, without what it does there. */
export type Touched = {
  call: TracedCall
  /** Numbers of pieces of state: slots, balances, and code where there is none yet. */
  pieces: readonly number[]
  /** Of containers and cumulatives, these in full. */
  accesses: readonly Access[]
  /** Callee, selector and the accounts whose slots it touches: calls of a kind take the same way, as far as can be seen. */
  kind: string
  /** Whether nothing but its sender, its callee and who gets the fee is touched: perhaps a transfer of wei and no more. */
  isPlain: boolean
  /** Whether wei may move: it carries some, or touches an account that has some and is not its sender. */
  mayMoveValue: boolean
  /** Of the sender, wei; undefined when the transaction cannot run, most likely for lack of them. */
  funds: bigint | undefined
  /** The contract that it creates, as its transaction does. */
  created: Hex | undefined
}

/** What a call touches, out of its trace; undefined is the trace of one that cannot run. */
export function readTouched(
  call: TracedCall,
  trace: StateTrace | undefined,
  pieces: Pieces,
): Touched {
  const { from, to, value } = call
  const numbers: number[] = []
  const accesses: Access[] = []
  const named = nameCreation(call, trace?.[from]?.nonce ?? 0)
  let owners = ''
  let isPlain = true
  let mayMoveValue = value > 0n
  for (const address of Object.keys(trace ?? {}) as Hex[]) {
    const { balance = '0x0', nonce = 0, storage } = trace?.[address] ?? {}
    if (isSystem(address)) {
      if (storage === undefined) continue
      for (const access of readMarkers(address, Object.keys(storage), (owner) => !!trace?.[owner]))
        accesses.push({ ...access, owner: named(access.owner) })
      continue
    }
    const owner = named(address)
    if (storage !== undefined) {
      owners += owner
      for (const slot of Object.keys(storage) as Hex[])
        numbers.push(pieces.number('slot', owner, slot))
    }
    numbers.push(pieces.number('balance', owner, ''))
    if (address === from) continue
    if (balance !== '0x0') mayMoveValue = true
    else if (nonce === 0) numbers.push(pieces.number('code', owner, ''))
    if (address !== to || storage !== undefined) isPlain = false
  }
  return {
    call,
    pieces: numbers,
    accesses,
    kind: `${kindName(call)} ${owners}`,
    isPlain,
    mayMoveValue,
    funds: trace === undefined ? undefined : BigInt(trace[from]?.balance ?? 0),
    created: to === undefined ? createdBy(from, call.nonce) : undefined,
  }
}

/** `callee:selector`, or what it is instead. */
export function kindName({ to, data }: TracedCall): string {
  return to === undefined ? 'creation' : `${to}:${data.slice(0, 10)}`
}

/**
 * The trace of a creation runs with the nonce that its sender has before the block, so the contract has another address in it
 * when the sender has other transactions first.
 * @returns gives an account of the trace its name in the block.
 */
function nameCreation(call: TracedCall, nonce: number): (address: Hex) => Hex {
  if (call.to !== undefined || call.nonce === nonce) return (address) => address
  const traced = createdBy(call.from, nonce)
  const created = createdBy(call.from, call.nonce)
  return (address) => (address === traced ? created : address)
}

function createdBy(from: Hex, nonce: number): Hex {
  return getContractAddress({ from, nonce: BigInt(nonce) }).toLowerCase() as Hex
}
