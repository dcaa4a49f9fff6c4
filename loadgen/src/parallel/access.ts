import type { Hex } from '../core/types.js'

/**
 * What a transaction did to one piece of state, as far as the runtime tells accesses apart. The numbers are those of the markers
 * that the emulated precompiles leave (see contracts/emulation/README.md).
 */
export const ACCESS_KINDS = [
  'plainRead',
  'plainWrite',
  'read',
  'readCommitted',
  'readStructure',
  'readCommittedLength',
  'append',
  'update',
  'delta',
  'delete',
  'clear',
] as const
export type AccessKind = (typeof ACCESS_KINDS)[number]

/** Where a piece of state is: a storage slot, an account's balance or code, an element of a container, a cumulative. */
export type Space = 'slot' | 'balance' | 'code' | 'container' | 'cumulative'

export type Access = {
  kind: AccessKind
  space: Space
  /** The account that has the state, lower case. */
  owner: Hex
  /** Slot: 32 bytes. Container: the first 9 bytes of keccak256(key), or empty for the container as a whole. Else empty. */
  key: Hex | ''
}

/** `callee:selector`, both in lower case: what the runtime's scheduler learns conflicts of. */
export type CalleeKey = string

/** A transaction as the scheduler sees it. */
export type ScheduledCall = {
  /** Position among the transactions of the block, from 0, in order of arrival. The lowest wins a conflict. */
  id: number
  /** Undefined for a plain transfer (no call data) and for a contract creation. */
  callee: CalleeKey | undefined
}

/** Transactions that run beside each other; each sequence runs one by one. */
export type Generation = {
  /** Ids. */
  sequences: readonly (readonly number[])[]
  /** True for the generation of deferred transactions: isInDeferred() is true in it. */
  isDeferred: boolean
  /** Ids in an ordinary generation that find isInDeferred() true all the same: the single call of a deferrable function. */
  flagged: readonly number[]
}

/** Two transactions of one generation that cannot both stand. */
export type Conflict = {
  /** Id of the one that stands (as far as this piece of state is concerned). */
  winner: number
  /** Id of the one that is aborted. */
  loser: number
  winnerAccess: Access
  loserAccess: Access
}
