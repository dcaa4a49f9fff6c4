import { LoadgenError } from '../core/errors.js'
import type { SignedTx } from '../core/types.js'

/** Transactions that go to the node in one request. */
export type SubmitRequest = {
  /** Batch of the plan. */
  batch: number
  /** Positions in the list of signed transactions, in the order of sending. */
  positions: readonly number[]
  /** Earlier requests, by index, that must be answered before: they carry transactions of the same senders. */
  after: readonly number[]
}

/**
 * Cuts a plan into requests of at most `size` transactions of one plan batch. The transactions of a sender stay in their
 * order: within a plan batch they stand together, in one request where they fit, and a request waits for those before it that
 * carry the same senders.
 * @throws LoadgenError when the transactions are not in the order of their plan batches.
 */
export function createRequests(
  signed: readonly SignedTx[],
  options: createRequests.Options,
): SubmitRequest[] {
  const requests: SubmitRequest[] = []
  const lastRequestOf = new Map<number, number>()
  for (const { batch, senders } of planBatches(signed)) {
    for (const positions of pack(senders, options.size)) {
      const traders = new Set(positions.map((position) => (signed[position] as SignedTx).trader))
      const after = new Set<number>()
      for (const trader of traders) {
        const last = lastRequestOf.get(trader)
        if (last !== undefined) after.add(last)
        lastRequestOf.set(trader, requests.length)
      }
      requests.push({ batch, positions, after: [...after] })
    }
  }
  return requests
}

export declare namespace createRequests {
  type Options = {
    /** Transactions a request. */
    size: number
  }
}

/** The positions of each plan batch, by sender, in the order of their first transaction. */
function planBatches(signed: readonly SignedTx[]): { batch: number; senders: number[][] }[] {
  const batches: { batch: number; senders: Map<number, number[]> }[] = []
  for (const [position, tx] of signed.entries()) {
    let current = batches.at(-1)
    if (current === undefined || current.batch !== tx.batch) {
      if (current !== undefined && tx.batch < current.batch)
        throw new LoadgenError(
          `Transaction ${position} belongs to plan batch ${tx.batch} but follows one of batch ${current.batch}.`,
        )
      current = { batch: tx.batch, senders: new Map() }
      batches.push(current)
    }
    const own = current.senders.get(tx.trader)
    if (own === undefined) current.senders.set(tx.trader, [position])
    else own.push(position)
  }
  return batches.map(({ batch, senders }) => ({ batch, senders: [...senders.values()] }))
}

/** Fills requests with whole senders; only one with more than `size` transactions is cut. */
function pack(senders: readonly number[][], size: number): number[][] {
  const requests: number[][] = []
  let open: number[] = []
  const close = () => {
    if (open.length > 0) requests.push(open)
    open = []
  }
  for (const positions of senders) {
    if (open.length + positions.length > size) close()
    for (const position of positions) {
      if (open.length === size) close()
      open.push(position)
    }
  }
  close()
  return requests
}
