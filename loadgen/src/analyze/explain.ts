import type { CalleeConflict, Hex } from '../core/types.js'
import { advise } from '../parallel/advice.js'
import { describeConflict } from '../parallel/describe.js'
import type { StorageLayout } from './code.js'
import { locateKey } from './keys.js'
import { type KeyCandidate, locateSlot } from './layout.js'

/** A conflict between two functions, in words. */
export type Explanation = {
  /** `Counter.increment()` of the call that stood and of those that were aborted. */
  winner: string
  loser: string
  /** Transactions that were aborted. */
  aborted: number
  where: Where
  /** Where, in one phrase. */
  place: string
  /** What collides. */
  sentence: string
  /** What to use instead. */
  advice: string
}

export type Where = {
  space: CalleeConflict['space']
  /** Account that has the state, and its name in the spec. */
  address: Hex
  contract?: string | undefined
  /** Storage slot, or the first 9 bytes of the hash of a container's key. */
  key: Hex | ''
  /** State variable, or key of the container's element; absent where it is not known. */
  variable?: string | undefined
}

/** What is known of the contracts and transactions of a conflict. */
export type Knowledge = {
  /** Name of an account: a contract's, `$account:<index>`, or its address. */
  nameOf(address: Hex): string
  /** Name of a contract of the spec. */
  contractOf(address: Hex): string | undefined
  /** Signature of a function of the contract at an address. */
  functionOf(address: Hex, selector: Hex): string | undefined
  layoutOf(address: Hex): StorageLayout | undefined
  /** What may be keys in a conflict of two transactions. */
  candidates(transactions: readonly Hex[]): readonly KeyCandidate[]
}

export function explain(conflict: CalleeConflict, known: Knowledge): Explanation {
  const where = locate(conflict, known)
  const names = {
    account: (address: Hex) => known.nameOf(address),
    call: (selector: Hex, address: Hex) => known.functionOf(address, selector),
  }
  return {
    winner: calleeName(conflict.winner, known),
    loser: calleeName(conflict.loser, known),
    aborted: conflict.aborted,
    where,
    place: placeOf(where, known.nameOf(where.address)),
    sentence: inWords(
      describeConflict(
        { ...conflict, winner: calleeOf(conflict.winner), loser: calleeOf(conflict.loser) },
        names,
      ),
      where,
      known.nameOf(where.address),
    ),
    advice: advise(conflict),
  }
}

/** `Counter.increment()` for `0x…:0x…`; what is not known stays as it is, `transfer` and `creation` among it. */
export function calleeName(callee: string, known: Knowledge): string {
  const [address, selector] = callee.split(':') as [Hex, Hex | undefined]
  if (selector === undefined) return callee
  return `${known.nameOf(address)}.${known.functionOf(address, selector) ?? selector}`
}

/** A sentence cannot name the callee of a transfer or a creation: the node does not say it. */
function calleeOf(callee: string): string {
  return callee.includes(':') ? callee : ''
}

/** A sentence with the variable's name, or the key, in the place of the slot or the hash. */
function inWords(sentence: string, { key, variable }: Where, name: string): string {
  if (variable === undefined) return sentence
  return sentence
    .replace(`slot ${key} of ${name}`, `${name}.${variable}`)
    .replace(`key hash ${key}`, `key ${variable}`)
}

function locate(conflict: CalleeConflict, known: Knowledge): Where {
  const { space, owner: address, key } = conflict
  const contract = known.contractOf(address)
  return { space, address, contract, key, variable: variableOf(conflict, known) }
}

function variableOf(conflict: CalleeConflict, known: Knowledge): string | undefined {
  const { space, owner, key, example } = conflict
  if (key === '' || (space !== 'slot' && space !== 'container')) return undefined
  const candidates = known.candidates([example.winner, example.loser])
  if (space === 'container') return locateKey(key, candidates)
  const layout = known.layoutOf(owner)
  return layout === undefined ? undefined : locateSlot(layout, key, candidates)
}

function placeOf({ space, key, variable }: Where, name: string): string {
  switch (space) {
    case 'slot':
      return variable === undefined
        ? `${name}, slot ${key === '' ? '' : shortened(key)}`
        : `${name}.${variable}`
    case 'container':
      if (key === '') return `the container of ${name}`
      return `the container of ${name}, key ${variable ?? `with hash ${key}…`}`
    case 'cumulative':
      return `the cumulative of ${name}`
    case 'balance':
      return `the ether balance of ${name}`
    case 'code':
      return `the code of ${name}`
  }
}

/** Without leading zeros: slots of plain variables are small numbers. */
export function shortened(slot: Hex): string {
  return `0x${BigInt(slot).toString(16)}`
}
