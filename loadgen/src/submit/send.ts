import { type Rpc, RpcRefusedError } from '../chain/rpc.js'
import { NodeError } from '../core/errors.js'
import type { Hex, SignedTx } from '../core/types.js'

/** How transactions are given to the node. `arcology`: many at once by arn_sendRawTransactions, which answers with a count. */
export const SUBMIT_METHODS = ['standard', 'arcology'] as const
export type SubmitMethod = (typeof SUBMIT_METHODS)[number]

/** What the node said of one transaction: undefined when it has it, else its sentence. */
export type Refusal = string | undefined

/**
 * Gives transactions to the node once. Can be repeated with the same transactions: one that the node has already is looked up
 * by its hash and counts as accepted.
 * @throws NodeError when there is no valid answer; whether the node has the transactions is unknown then.
 */
export async function sendOnce(
  rpc: Rpc,
  txs: readonly SignedTx[],
  method: SubmitMethod,
): Promise<Refusal[]> {
  const refusals = method === 'standard' ? await sendBatch(rpc, txs) : await sendArcology(rpc, txs)
  const doubtful = refusals.flatMap((refusal, i) =>
    refusal !== undefined && (method === 'arcology' || SEEN_BEFORE.test(refusal)) ? [i] : [],
  )
  const known = await areKnown(
    rpc,
    doubtful.map((i) => (txs[i] as SignedTx).hash),
  )
  for (const [k, i] of doubtful.entries()) if (known[k]) refusals[i] = undefined
  return refusals
}

/** What nodes say of a transaction that they may have: in the pool, or included already so that its nonce is used up. */
const SEEN_BEFORE =
  /already (known|imported|exists|in)|known transaction|nonce too low|nonce is too low/i

async function sendBatch(rpc: Rpc, txs: readonly SignedTx[]): Promise<Refusal[]> {
  const answers = await rpc.batch(
    txs.map((tx) => ({ method: 'eth_sendRawTransaction', params: [tx.raw] })),
  )
  return answers.map(({ error, result }, i) => {
    if (error !== undefined && error !== null) return error.message
    const { hash } = txs[i] as SignedTx
    return withPrefix(result) === hash ? undefined : `the node answered with ${result} for ${hash}`
  })
}

async function sendArcology(rpc: Rpc, txs: readonly SignedTx[]): Promise<Refusal[]> {
  const method = 'arn_sendRawTransactions'
  let sentence: string
  try {
    const taken = Number(
      await rpc.call(
        method,
        txs.map((tx) => tx.raw),
      ),
    )
    if (!Number.isInteger(taken)) throw new NodeError(`The node answered ${method} with no count.`)
    if (taken === txs.length) return txs.map(() => undefined)
    sentence = `the node took ${taken} of ${txs.length} transactions and does not know this one`
  } catch (error) {
    if (!(error instanceof RpcRefusedError)) throw error
    sentence = String(error.facts.message)
  }
  return txs.map(() => sentence)
}

async function areKnown(rpc: Rpc, hashes: readonly Hex[]): Promise<boolean[]> {
  const answers = await rpc.batch(
    hashes.map((hash) => ({ method: 'eth_getTransactionByHash', params: [hash] })),
  )
  return answers.map(({ result }) => result !== undefined && result !== null)
}

/** Some answers of an Arcology node lack the 0x of a hash. */
function withPrefix(hash: unknown): string {
  const text = String(hash).toLowerCase()
  return text.startsWith('0x') ? text : `0x${text}`
}
