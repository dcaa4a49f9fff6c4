import type { Hex } from '../core/types.js'
import type { Access, AccessKind } from '../parallel/access.js'

/** A piece of state outside the precompiles: a slot, or an account's balance or code. */
export type Piece = {
  space: 'slot' | 'balance' | 'code'
  owner: Hex
  /** Slot, else empty. */
  key: Hex | ''
}

/** Numbers pieces of state from 0, so that those of thousands of calls are compared cheaply. */
export type Pieces = {
  number(space: Piece['space'], owner: Hex, key: Hex | ''): number
  at(piece: number): Piece
  count(): number
}

export function createPieces(): Pieces {
  const byOwner = new Map<Hex, Map<string, number>>()
  const pieces: Piece[] = []
  return {
    number(space, owner, key) {
      let ofOwner = byOwner.get(owner)
      if (ofOwner === undefined) {
        ofOwner = new Map()
        byOwner.set(owner, ofOwner)
      }
      // A slot is 32 bytes, so the name of a space is no slot.
      const name = space === 'slot' ? key : space
      let piece = ofOwner.get(name)
      if (piece === undefined) {
        piece = pieces.push({ space, owner, key }) - 1
        ofOwner.set(name, piece)
      }
      return piece
    },
    at: (piece) => pieces[piece] as Piece,
    count: () => pieces.length,
  }
}

/** The same text for the same piece in every block. */
export function pieceName({ space, owner, key }: Piece): string {
  return `${owner} ${space === 'slot' ? key : space}`
}

export function toAccess(kind: AccessKind, { space, owner, key }: Piece): Access {
  return { kind, space, owner, key }
}
