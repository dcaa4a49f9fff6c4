import { LoadgenError } from '../core/errors.js'
import type { CalleeConflict, Hex } from '../core/types.js'
import { ACCESS_KINDS, type AccessKind } from './access.js'

/**
 * One sentence that says what collides: `increment() of 0x12… writes slot 0x00… of 0x12…, which
 * another such call writes too.` The call that stood comes first, the one that was aborted second.
 *
 * @throws LoadgenError for a kind of access that is not one of ACCESS_KINDS.
 */
export function describeConflict(
  conflict: describeConflict.Conflict,
  names: describeConflict.Names = {},
): string {
  const { winner, loser, space, owner, key } = conflict
  const [stood, lost] = kindsOf(conflict)
  const place = stood in WHOLE ? '' : `${placeName(space, key)} of `
  const first = `${callName(winner, names)} ${VERBS[stood]} ${place}${accountName(owner, names)}`
  const theOther = loser === winner ? 'another such call' : callName(loser, names)
  const too = stood === lost ? ' too' : ''
  return stood in WHOLE || lost in WHOLE
    ? `${first}, and ${theOther} ${OF_CONTAINER[lost]}${too}.`
    : `${first}, which ${theOther} ${VERBS[lost]}${too}.`
}

export declare namespace describeConflict {
  type Conflict = Pick<
    CalleeConflict,
    'winner' | 'loser' | 'owner' | 'space' | 'key' | 'winnerKind' | 'loserKind'
  >
  /** Each may answer undefined: then the bare address or selector is shown. */
  type Names = {
    /** Name of a function, by its selector and the address that it was called at. */
    call?: ((selector: Hex, address: Hex) => string | undefined) | undefined
    account?: ((address: Hex) => string | undefined) | undefined
  }
}

/** The two kinds of access of a conflict, checked. */
export function kindsOf({ winnerKind, loserKind }: kindsOf.Conflict): [AccessKind, AccessKind] {
  return [kindOf(winnerKind), kindOf(loserKind)]
}

export declare namespace kindsOf {
  type Conflict = Pick<CalleeConflict, 'winnerKind' | 'loserKind'>
}

function kindOf(name: string): AccessKind {
  const kind = ACCESS_KINDS.find((known) => known === name)
  if (kind === undefined)
    throw new LoadgenError(`"${name}" is no kind of access; those are ${ACCESS_KINDS.join(', ')}.`)
  return kind
}

/** `address:selector`; the selector is empty for a transfer and a creation. */
function callName(callee: string, names: describeConflict.Names): string {
  const [address = '', selector = ''] = callee.split(':')
  const account = accountName(address as Hex, names)
  if (selector === '') return account === '' ? 'a call' : `a call to ${account}`
  return `${names.call?.(selector as Hex, address as Hex) ?? selector} of ${account}`
}

function accountName(address: Hex, { account }: describeConflict.Names): string {
  return account?.(address) ?? address
}

function placeName(space: CalleeConflict['space'], key: string): string {
  if (space === 'slot') return `slot ${key}`
  if (space !== 'container') return `the ${space}`
  return key === ''
    ? 'an element of the container'
    : `the element with key hash ${key} of the container`
}

/** Kinds that concern a container as a whole: what the first call does to it. */
const WHOLE = {
  clear: 'clears the container of',
  readCommitted: 'reads by index the container of',
  readStructure: 'reads the length of the container of',
  readCommittedLength: 'reads the committed length of the container of',
} as const satisfies Partial<Record<AccessKind, string>>

/** What a call does to a piece of state. */
const VERBS: Record<AccessKind, string> = {
  ...WHOLE,
  plainRead: 'reads',
  plainWrite: 'writes',
  read: 'reads',
  append: 'appends',
  update: 'updates',
  delta: 'adds to or takes from',
  delete: 'deletes',
}

/** What the second call does to the container that the first one touched. */
const OF_CONTAINER: Record<AccessKind, string> = {
  plainRead: 'reads it',
  plainWrite: 'writes it',
  read: 'reads an element of it',
  append: 'appends to it',
  update: 'updates an element of it',
  delta: 'adds to an element of it or takes from it',
  delete: 'deletes an element of it',
  clear: 'clears it',
  readCommitted: 'reads it by index',
  readStructure: 'reads its length',
  readCommittedLength: 'reads its committed length',
}
