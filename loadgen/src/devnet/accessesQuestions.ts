import { resultOf } from '../chain/receipts.js'
import type { Rpc } from '../chain/rpc.js'
import type { Hex } from '../core/types.js'
import type { Generation } from '../parallel/access.js'
import type { Piece, Pieces } from './accessesPieces.js'
import type { Touched } from './accessesTouched.js'
import type { TracedCall } from './accessesTrace.js'

const CODE_BATCH = 500

/** A call of which it matters what it does to some pieces of state, because others of its generation touch them too. */
export type Question = {
  call: TracedCall
  kind: string
  shared: readonly Piece[]
  /** The contract that its transaction creates. */
  created: Hex | undefined
  /** False for wei to an account without code. */
  runsCode: boolean
  /** Pieces of state and containers' elements that it touches. */
  weight: number
}

/** Balances matter only in a block in which wei move, or may. */
export async function findQuestions(
  touched: ReadonlyMap<number, Touched>,
  options: {
    generations: readonly Generation[]
    pieces: Pieces
    findContracts: (accounts: ReadonlySet<Hex>) => Promise<ReadonlySet<Hex>>
  },
): Promise<Question[]> {
  const { generations, pieces, findContracts } = options
  const isShared = findShared(touched, { generations, count: pieces.count() })
  const mayMoveValue = [...touched.values()].some((call) => call.mayMoveValue)
  const found: (Touched & { shared: Piece[] })[] = []
  const callees = new Set<Hex>()
  for (const each of touched.values()) {
    const shared = each.pieces
      .filter((piece) => isShared[piece] === 1)
      .map(pieces.at)
      .filter(({ space }) => mayMoveValue || space !== 'balance')
    if (shared.length === 0) continue
    found.push({ ...each, shared })
    if (each.isPlain && each.call.to !== undefined) callees.add(each.call.to)
  }
  const contracts = await findContracts(callees)
  return found.map(({ call, kind, shared, created, isPlain, ...each }) => ({
    ...{ call, kind, shared, created },
    weight: each.pieces.length + each.accesses.length,
    runsCode: !isPlain || call.to === undefined || contracts.has(call.to),
  }))
}

/**
 * Which pieces are touched by two sequences of one generation.
 * @returns by number, 1 for a shared piece.
 */
function findShared(
  touched: ReadonlyMap<number, Touched>,
  options: { generations: readonly Generation[]; count: number },
): Uint8Array {
  const { generations, count } = options
  const isShared = new Uint8Array(count)
  /** By piece: the last sequence and the last generation that touched it, both counted from 1. */
  const lastSequence = new Uint32Array(count)
  const lastGeneration = new Uint32Array(count)
  let sequence = 0
  generations.forEach(({ sequences }, index) => {
    const generation = index + 1
    for (const ids of sequences) {
      sequence += 1
      for (const id of ids) {
        for (const piece of touched.get(id)?.pieces ?? []) {
          if (lastGeneration[piece] === generation && lastSequence[piece] !== sequence)
            isShared[piece] = 1
          lastGeneration[piece] = generation
          lastSequence[piece] = sequence
        }
      }
    }
  })
  return isShared
}

/** Looks accounts up once each, as long as they are contracts: an account without code may get some. */
export function createContractFinder(rpc: Rpc) {
  const contracts = new Set<Hex>()
  return {
    clear: () => contracts.clear(),
    /** Those of the accounts that have code, and others. */
    async find(accounts: ReadonlySet<Hex>): Promise<ReadonlySet<Hex>> {
      const unknown = [...accounts].filter((account) => !contracts.has(account))
      for (let start = 0; start < unknown.length; start += CODE_BATCH) {
        const part = unknown.slice(start, start + CODE_BATCH)
        const method = 'eth_getCode'
        const answers = await rpc.batch(
          part.map((account) => ({ method, params: [account, 'latest'] })),
        )
        answers.forEach((answer, i) => {
          if (resultOf(answer, method) !== '0x') contracts.add(part[i] as Hex)
        })
      }
      return contracts
    },
  }
}
