import type { CalleeConflict } from '../core/types.js'
import type { AccessKind } from './access.js'
import { kindsOf } from './describe.js'

/**
 * What to use instead on Arcology so that the two calls no longer conflict. Addresses of slots do
 * not say what a variable is for, so the text names the usual causes and the cure of each.
 *
 * @throws LoadgenError for a kind of access that is not one of ACCESS_KINDS.
 */
export function advise(conflict: advise.Conflict): string {
  const kinds = kindsOf(conflict)
  const has = (kind: AccessKind) => kinds.includes(kind)
  switch (conflict.space) {
    case 'balance':
      return ADVICE.balance
    case 'code':
      return ADVICE.code
    case 'cumulative':
      return ADVICE.readOfCumulative
    case 'slot':
      if (has('plainRead')) return ADVICE.readOfSlot
      return isVariable(conflict.key) ? ADVICE.variable : ADVICE.entry
    case 'container':
      if (has('clear')) return ADVICE.clear
      if (has('readStructure')) return ADVICE.length
      if (has('readCommitted')) return ADVICE.index
      if (has('delta') && has('read')) return ADVICE.readOfCumulative
      if (has('read')) return ADVICE.readOfElement
      return has('append') && !has('delete') ? ADVICE.sameNewKey : ADVICE.sameKey
  }
}

export declare namespace advise {
  type Conflict = Pick<CalleeConflict, 'space' | 'key' | 'winnerKind' | 'loserKind'>
}

/**
 * Solidity gives state variables the slots from 0 and scatters entries of mappings and dynamic
 * arrays over all 2^256.
 */
function isVariable(slot: string): boolean {
  return BigInt(slot) < 2n ** 64n
}

const ADVICE = {
  variable:
    'Every call writes the same variable. A counter or a sum: make it a U256Cumulative, which ' +
    'all may add to. The length of an array that calls push to: use a concurrent container, ' +
    'each entry under a key of its own (Runtime.uuid()). A reentrancy lock: keep one lock per ' +
    'caller, or none where the function makes no external call.',
  entry:
    'Both calls write the same entry of a mapping or an array. A balance of an account that ' +
    'many pay or draw from, as in a plain ERC-20: keep balances commutative (HashU256Map, as ' +
    'ParallelERC20 does). A counter per key: the same. An array: use a concurrent container ' +
    'with a key per entry. Otherwise give each caller an entry of its own and sum them up in a ' +
    'deferred call.',
  readOfSlot:
    'One call reads what the other writes. Split it out: a value that rarely changes becomes an ' +
    'immutable or is set in blocks of its own; what needs the latest value moves into the ' +
    'deferred call (Runtime.defer), which runs after the generation. A running total becomes a ' +
    'U256Cumulative that the parallel calls only add to. A reentrancy lock that is checked: ' +
    'keep one per caller.',
  clear:
    'Clearing a container conflicts with all that touches it but committedLength(), and taking ' +
    'the last element counts as clearing. Do it in the deferred call only, which runs in a ' +
    'generation of its own.',
  length:
    'length(), fullLength() and an index beyond the committed ones change with every append and ' +
    'deletion. Use committedLength(), which says what was there when the generation began, or ' +
    'ask in the deferred call.',
  index:
    'Reading by index conflicts with every update, addition and deletion in the container. Read ' +
    'by key, or change elements in the deferred call only.',
  readOfCumulative:
    'Additions to a cumulative go together, a read of it does not go with them. Read it in the ' +
    'deferred call, or rely on its bounds, which refuse what does not fit, in place of a check.',
  readOfElement:
    'One call reads the element that the other changes. Key elements by caller so that each ' +
    'call touches its own, or move the read into the deferred call (Runtime.defer).',
  sameNewKey:
    'Both calls set the same key of the container. Give each entry a key of its own: ' +
    'Runtime.uuid(), or the caller with a number.',
  sameKey:
    'Both calls change the same element of the container. An amount: use a cumulative map ' +
    '(HashU256Map), whose additions go together. Otherwise key elements by caller, or append ' +
    'what is to be done and do it in the deferred call.',
  balance:
    'One call reads an ETH balance that the other moves. Keep the sum in a U256Cumulative that ' +
    'calls add to and read it in the deferred call; do not look at address(this).balance. Where ' +
    'a sender is named, its balance does not cover all that it sent: fund it.',
  code:
    'One transaction creates the contract that the other calls or looks at. Create it in an ' +
    'earlier block.',
} as const
