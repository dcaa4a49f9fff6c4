import type { Hex } from '../core/types.js'
import { isSystem } from './accessesMarkers.js'
import { type Piece, pieceName } from './accessesPieces.js'
import type { Question } from './accessesQuestions.js'
import { hasChanged, type StepTrace, type Traces } from './accessesTrace.js'

/** Samples of a kind that went through. More are taken only of calls that these leave open. */
const SAMPLES = 2
/** Most samples of a kind over all blocks, failed ones included. */
const MOST_SAMPLES = 8

/** What samples have shown of the calls of one kind. Pieces by name. */
export type Kind = {
  attempts: number
  successes: number
  touched: Set<string>
  written: Set<string>
  /** Written, without another value at the end: set and reset, or the same again. */
  silent: Set<string>
  writtenOwners: Set<Hex>
  silentOwners: Set<Hex>
  /** Accounts whose balance is looked at; the sender by that word, since each call has its own. */
  looksAt: Set<Hex | 'sender'>
  movesValue: boolean
  creates: boolean
}

/** What is known of kinds of call, kept over blocks. */
export type Kinds = {
  get(kind: string): Kind
  /** Calls to sample next, at most one of each kind; none when there is nothing more to learn. Never those that were tried. */
  pick(questions: readonly Question[], tried: { has(id: number): boolean }): Question[]
  learn(question: Question, sample: { steps: StepTrace; changed: Traces['changed'] }): void
  /** Forgets everything. */
  clear(): void
}

export function createKinds(): Kinds {
  const kinds = new Map<string, Kind>()

  function get(name: string): Kind {
    let kind = kinds.get(name)
    if (kind === undefined) {
      kind = createKind()
      kinds.set(name, kind)
    }
    return kind
  }

  return {
    get,
    clear: () => kinds.clear(),
    pick(questions, tried) {
      const chosen = new Map<string, Question>()
      const spare = new Map<string, Question>()
      for (const question of questions) {
        const { call, kind: name, shared } = question
        const kind = get(name)
        if (kind.attempts >= MOST_SAMPLES || tried.has(call.id)) continue
        if (!chosen.has(name) && leavesOpen(kind, shared)) chosen.set(name, question)
        if (kind.successes < SAMPLES) spare.set(name, question)
      }
      return [...new Map([...spare, ...chosen]).values()]
    },
    learn({ kind: name, call }, { steps, changed }) {
      const kind = get(name)
      kind.attempts += 1
      // What a failed call wrote is gone; others of its kind may get through.
      if (steps.failed) return
      kind.successes += 1
      for (const [owner, key] of steps.touched)
        kind.touched.add(pieceName({ space: 'slot', owner, key }))
      for (const [owner, slot] of steps.written) {
        if (isSystem(owner)) continue
        const written = pieceName({ space: 'slot', owner, key: slot })
        kind.written.add(written)
        kind.writtenOwners.add(owner)
        if (hasChanged(changed, owner, slot)) continue
        kind.silent.add(written)
        kind.silentOwners.add(owner)
      }
      for (const owner of steps.looksAt) kind.looksAt.add(owner === call.from ? 'sender' : owner)
      kind.movesValue ||= steps.movesValue
      kind.creates ||= steps.creates
    },
  }
}

function createKind(): Kind {
  return {
    ...{ attempts: 0, successes: 0, movesValue: false, creates: false },
    ...{ touched: new Set(), written: new Set(), silent: new Set() },
    ...{ writtenOwners: new Set(), silentOwners: new Set(), looksAt: new Set() },
  }
}

/** Whether samples say too little of a call: there are too few, or it touches what none touched beside silent writes. */
function leavesOpen(kind: Kind, shared: readonly Piece[]): boolean {
  if (kind.successes === 0) return true
  return shared.some(
    (piece) =>
      piece.space === 'slot' &&
      !kind.touched.has(pieceName(piece)) &&
      (kind.successes < SAMPLES || kind.silentOwners.has(piece.owner)),
  )
}

/** Whether calls of a kind write some of these pieces, or may. */
export function mayChange(kind: Kind, shared: readonly Piece[]): boolean {
  if (kind.successes === 0) return true
  return shared.some((piece) => {
    if (piece.space === 'balance') return kind.movesValue
    if (piece.space === 'code') return kind.creates
    const name = pieceName(piece)
    return kind.touched.has(name) ? kind.written.has(name) : kind.writtenOwners.has(piece.owner)
  })
}
