import type { Submission } from './submission.js'

/** Blocks without a settle() that is on its way, after which it is sent again. */
const PATIENCE = 5

/**
 * Sends a settle() after each block that holds other transactions than that, beside a submission that has no batches to settle
 * between. There is one on its way at a time, sent again when blocks pass without it; what the last one leaves is for the end of the
 * run.
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
  let passed = 0
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
    if (last !== undefined && settledIn === undefined) {
      // Another would have its nonce, or settle nothing; but a node that was started again may have lost it.
      passed += blocks.length
      if (passed < PATIENCE) continue
      await keeper.sendAgain([last])
      passed = 0
      continue
    }
    if (!isDue) continue
    await keeper.send()
    isDue = false
    passed = 0
  }
}
