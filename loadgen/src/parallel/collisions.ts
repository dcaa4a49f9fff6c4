import { ACCESS_KINDS, type AccessKind } from './access.js'

/**
 * The rules by which two accesses to one piece of state collide. They are those of
 * `contracts/test/utils/Accesses.sol`, and strict as there where the runtime's own are not known. A
 * balance moved is a `delta`, a balance looked at a `read`; code created is a `plainWrite`, code
 * run or looked at a `plainRead`.
 */
export type Collisions = {
  /**
   * Bit k: collides with kind k of ACCESS_KINDS on the same owner and space, whatever the keys are.
   */
  anyKey: number
  /** Bit k: collides with kind k when the keys are the same: these and those of anyKey. */
  sameKey: number
}

const CHANGES: ReadonlySet<AccessKind> = new Set([
  'plainWrite',
  'append',
  'update',
  'delta',
  'delete',
  'clear',
])

/** For each kind, by its index in ACCESS_KINDS, what it collides with. */
export const COLLISIONS: readonly Collisions[] = ACCESS_KINDS.map((kind) => ({
  anyKey: mask((other) => collide(kind, other, false)),
  sameKey: mask((other) => collide(kind, other, true)),
}))

/** Index of a kind in ACCESS_KINDS. */
export const KIND_INDEX = Object.fromEntries(
  ACCESS_KINDS.map((kind, index) => [kind, index]),
) as Readonly<Record<AccessKind, number>>

/** Whether an access of this kind changes state. */
export function isChange(kind: AccessKind): boolean {
  return CHANGES.has(kind)
}

function mask(includes: (kind: AccessKind) => boolean): number {
  return ACCESS_KINDS.reduce(
    (bits, kind, index) => (includes(kind) ? bits | (1 << index) : bits),
    0,
  )
}

/** Symmetric. */
function collide(a: AccessKind, b: AccessKind, isSameKey: boolean): boolean {
  if (isPlain(a) || isPlain(b))
    return isPlain(a) && isPlain(b) && isSameKey && (a === 'plainWrite' || b === 'plainWrite')
  return change(a, b, isSameKey) || change(b, a, isSameKey)
}

function isPlain(kind: AccessKind): boolean {
  return kind === 'plainRead' || kind === 'plainWrite'
}

/** One direction: `a` changes what `b` uses. Neither is plain. */
function change(a: AccessKind, b: AccessKind, isSameKey: boolean): boolean {
  if (!isChange(a) || b === 'readCommittedLength') return false
  if (a === 'clear') return true
  if (b === 'readStructure') return a === 'append' || a === 'delete'
  if (b === 'readCommitted') return a !== 'append'
  return isSameKey && !(a === 'delta' && b === 'delta')
}
