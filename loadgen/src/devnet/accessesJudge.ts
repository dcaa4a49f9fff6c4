import type { Hex } from '../core/types.js'
import type { Access } from '../parallel/access.js'
import type { Evidence } from './accessesEvidence.js'
import type { Kind } from './accessesKinds.js'
import { type Piece, pieceName, toAccess } from './accessesPieces.js'
import type { Question } from './accessesQuestions.js'
import { createdIn, hasChanged } from './accessesTrace.js'

/** What a call does to the pieces of state in question. */
export function judge(question: Question, facts: judge.Facts): Access[] {
  const { call, shared, created: own, runsCode } = question
  const { kind, evidence, created } = facts
  const accesses: Access[] = []
  for (const piece of shared) {
    const { space, owner } = piece
    if (space === 'slot') {
      accesses.push(toAccess(writesSlot(piece, facts) ? 'plainWrite' : 'plainRead', piece))
    } else if (space === 'code') {
      if (!created.has(owner)) continue
      const creates = owner === own || (evidence && createdIn(evidence.changed).includes(owner))
      accesses.push(toAccess(creates ? 'plainWrite' : 'plainRead', piece))
    } else {
      const isParty = owner === call.from || owner === call.to || owner === own
      const isMoved = evidence?.changed.post[owner]?.balance !== undefined
      if ((isParty && call.value > 0n) || isMoved) accesses.push(toAccess('delta', piece))
      if (runsCode && kind.looksAt.has(owner === call.from ? 'sender' : owner))
        accesses.push(toAccess('read', piece))
    }
  }
  return accesses
}

export declare namespace judge {
  type Facts = {
    kind: Kind
    evidence: Evidence | undefined
    /** Contracts that transactions of the block create. */
    created: ReadonlySet<Hex>
  }
}

function writesSlot(piece: Piece, { kind, evidence }: judge.Facts): boolean {
  const { owner, key } = piece
  const { steps, changed } = evidence ?? {}
  if (steps !== undefined)
    return !steps.failed && steps.written.some(([at, slot]) => at === owner && slot === key)
  return (
    kind.silent.has(pieceName(piece)) || (changed !== undefined && hasChanged(changed, owner, key))
  )
}
