import { parseTransaction } from 'viem'
import { deriveKey } from '../accounts/derive.js'
import { healNonces } from '../accounts/nonces.js'
import { signTransaction } from '../accounts/sign.js'
import { systemClock } from '../core/clock.js'
import { hashAt, replaceTx, type TxTable } from '../core/txTable.js'
import type { Hex } from '../core/types.js'
import { createRawReader } from '../submit/bodies.js'
import { OUTCOME } from '../submit/ledger.js'
import type { HealedTx } from './ledger.js'
import type { Node } from './node.js'
import { toTaken } from './noteSubmission.js'
import type { Submission } from './submission.js'

/**
 * Signs transactions anew that can never be in a block because their nonce is used up: on Arcology the nonce of the deferred
 * transaction's sender moves on by one for each parallel job, and what was signed beforehand is late for it. What a new one
 * carries out is the same to the byte.
 *
 * Only what is provably dead is signed anew, so that nothing can be carried out twice: the sender's nonce is past its own in a
 * block up to which every block is known, none of them holds it, and the node does not know it. New nonces come after all that may
 * have gone out. The journal has the new transactions when this resolves; nothing has been sent.
 *
 * Of those that are not dead, what the node has counts as taken from now on.
 * @param positions of transactions that were refused, or taken and not included.
 * @returns positions of those that were signed anew, to be sent; they have no outcome now.
 * @throws NodeError when the node does not tell.
 */
export async function heal(
  node: Node,
  submission: Healable,
  positions: readonly number[],
): Promise<number[]> {
  const { setup, table, journal, collector } = submission
  if (positions.length === 0) return []
  const doubtful = positions.map((position) => ({
    position,
    sender: setup.traders[table.traders[position] as number] as Hex,
    nonce: table.nonces[position] as number,
    hash: hashAt(table, position),
  }))
  const healing = await healNonces(node.rpc, doubtful, { sent: sentNonces(submission, positions) })
  await collector.reach(Number(await node.rpc.call('eth_blockNumber')))
  const isIncluded = ({ hash }: { hash: Hex }) => collector.blockOf(hash) !== undefined

  const { outcomes } = journal.ledger.transactions
  const has = [...healing.taken, ...healing.dead.filter(isIncluded)]
    .map(({ position }) => position)
    .filter((position) => outcomes[position] !== OUTCOME.taken)
  const atMs = systemClock.now()
  if (has.length > 0) journal.add(toTaken(has, atMs))
  const dead = healing.dead.filter((tx) => !isIncluded(tx))
  if (dead.length === 0) return []
  const transactions = signAnew(dead, node, submission)
  journal.add({ kind: 'healed', atMs, transactions })
  for (const tx of transactions) replaceTx(table, tx.position, tx)
  return transactions.map(({ position }) => position).sort((a, b) => a - b)
}

/** What of a submission is looked at. */
type Healable = Pick<Submission, 'setup' | 'accounts' | 'table' | 'journal' | 'collector'>

/** The highest nonce of each sender of these that went out for another transaction than these. */
function sentNonces(
  { setup, table, journal }: Healable,
  positions: readonly number[],
): Map<Hex, number> {
  const { announcedMs } = journal.ledger
  const own = new Set(positions)
  const traders = new Set(positions.map((position) => table.traders[position]))
  const highest = new Map<Hex, number>()
  for (let position = 0; position < table.count; position++) {
    const trader = table.traders[position] as number
    if (!traders.has(trader) || own.has(position) || Number.isNaN(announcedMs[position])) continue
    const sender = setup.traders[trader] as Hex
    highest.set(sender, Math.max(highest.get(sender) ?? 0, table.nonces[position] as number))
  }
  return highest
}

function signAnew(
  dead: readonly { position: number; hash: Hex; nextNonce: number }[],
  { chainId }: Node,
  { table, accounts }: Healable,
): HealedTx[] {
  const { seed, offset = 0, stride = 1 } = accounts
  const read = createRaws(table)
  try {
    return dead.map(({ position, hash: replaced, nextNonce: nonce }) => {
      // What is zero is left out.
      const { to, data = '0x', gas = 0n, gasPrice = 0n, value = 0n } = read.at(position)
      const privateKey = deriveKey(seed, offset + (table.traders[position] as number) * stride)
      const tx = { nonce, ...(to != null && { to }), data, gas, gasPrice, value }
      return { position, nonce, replaced, ...signTransaction(tx, { chainId, privateKey }) }
    })
  } finally {
    read.close()
  }
}

/** Reads what is signed. */
function createRaws({ raws }: TxTable) {
  const reader = createRawReader(raws)
  return {
    at(position: number) {
      const text = Buffer.alloc(reader.lengths[position] as number)
      reader.copy(position, text, 0)
      return parseTransaction(text.toString('latin1') as Hex)
    },
    close: reader.close,
  }
}
