/**
 * What a node's refusal of a transaction means for the sender.
 *
 * | verdict | the node | so |
 * |---|---|---|
 * | `known` | has it already | taken |
 * | `nonceUsed` | has a transaction with this nonce; perhaps this one | its hash is looked up: taken, or replaced |
 * | `nonceGap` | misses an earlier one of the sender | kept and sent again |
 * | `busy` | takes nothing now | kept and sent again |
 * | `refused` | will never take it | the sentence is kept |
 */
export type Verdict = 'known' | 'nonceUsed' | 'nonceGap' | 'busy' | 'refused'

/** What geth, reth and Anvil, Erigon, Nethermind and Besu say; the first that fits holds. */
const SENTENCES: readonly (readonly [RegExp, Verdict])[] = [
  [/already[ _-]?(known|imported|exists|in)|known transaction/i, 'known'],
  [/nonce (is )?too low|old[ _-]?nonce|nonce_too_low|nonce has already been used/i, 'nonceUsed'],
  [/replacement|replace|same nonce/i, 'nonceUsed'],
  [/nonce (is )?too (high|distant)|nonce[ _-]?gap|gapped[ _-]?nonce|nonce_too_high/i, 'nonceGap'],
  [/rate limit|too many requests|limit exceeded|overloaded|temporarily|try again/i, 'busy'],
  [/(tx|transaction)?[ _-]?pool (is )?full|txpool is full/i, 'busy'],
]

export function classify(sentence: string): Verdict {
  return SENTENCES.find(([pattern]) => pattern.test(sentence))?.[1] ?? 'refused'
}
