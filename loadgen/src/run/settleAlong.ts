import type { Submission } from './submission.js'

/**
 * Sends a settle() after each block that holds other transactions than that, beside a submission that has no batches to settle
 * between. There is one on its way at a time; what the last one leaves is for the end of the run.
 * @param options.fromBlock first block that counts.
 * @param options.signal ends it.
 */
export async function settleAlong(
  { collector, keeper }: Pick<Submission, 'collector' | 'keeper'>,
  options: { fromBlock: number; signal: AbortSignal },
): Promise<void> {
  const { signal } = options
  const ended = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  let next = options.fromBlock
  let isDue = false
  for (;;) {
    await Promise.race([collector.reach(next), ended])
    if (signal.aborted) return
    const blocks = collector.blocks().filter(({ number }) => number >= next)
    next += blocks.length
    const last = keeper.hashes().at(-1)
    const settledIn = last === undefined ? 0 : collector.blockOf(last)
    isDue ||= blocks.some(
      ({ number, transactions }) => transactions > (number === settledIn ? 1 : 0),
    )
    // The last one is still on its way: another would have its nonce, or settle nothing.
    if (!isDue || settledIn === undefined) continue
    await keeper.send()
    isDue = false
  }
}
