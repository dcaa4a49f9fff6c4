import type { Hex } from '../core/types.js'
import type { Access, Generation } from '../parallel/access.js'
import type { Touched } from './accessesTouched.js'

/**
 * Accesses to the balances of senders who cannot pay for all that they have in one generation: gas limit × price + value is set
 * aside for each transaction, so one that the rest of the balance does not cover conflicts with the sender's first.
 * @returns by id.
 */
export function fundsAccesses(
  touched: ReadonlyMap<number, Touched>,
  generations: readonly Generation[],
): Map<number, Access[]> {
  const accesses = new Map<number, Access[]>()
  for (const { sequences } of generations) {
    const bySender = new Map<Hex, { first: number; cost: bigint }>()
    for (const id of sequences.flat().sort((a, b) => a - b)) {
      const { call, funds } = touched.get(id) ?? {}
      if (call === undefined) continue
      const { from } = call
      const cost = call.gas * call.gasPrice + call.value
      const before = bySender.get(from)
      if (before === undefined) {
        bySender.set(from, { first: id, cost })
        if (funds === undefined) accesses.set(id, [balance('read', from)])
        continue
      }
      before.cost += cost
      if (funds !== undefined && before.cost <= funds) continue
      accesses.set(id, [balance('read', from)])
      if (!accesses.has(before.first)) accesses.set(before.first, [balance('delta', from)])
    }
  }
  return accesses
}

function balance(kind: 'read' | 'delta', owner: Hex): Access {
  return { kind, space: 'balance', owner, key: '' }
}
