import { availableParallelism } from 'node:os'
import type { Hex } from '../core/types.js'
import { startWorker } from '../core/workers.js'
import type { RawTx } from './sign.js'
import type { SignedShare, SignWorkerData, TraderTx } from './signWorker.js'

/** Worker threads that sign for the derived accounts of one seed. */
export type SignPool = {
  /** Signs `txs`; the result stands in the same order and does not depend on the number of workers. */
  sign(txs: readonly TraderTx[], options?: SignPool.SignOptions): Promise<RawTx[]>
  /** Ends the threads. */
  close(): Promise<void>
}

export declare namespace SignPool {
  type SignOptions = {
    /** Called now and then with the number of transactions signed so far. */
    onProgress?: ((signed: number) => void) | undefined
  }
}

/** Transactions a worker gets at a time: few enough that progress shows and no worker is left with a long tail. */
const SHARE = 500

export function createSignPool(options: createSignPool.Options): SignPool {
  const { seed, chainId, offset = 0, stride = 1, workers: count = availableParallelism() } = options
  const data: SignWorkerData = { seed, offset, stride, chainId }
  const workers = Array.from({ length: count }, () =>
    startWorker<readonly TraderTx[], SignedShare>(new URL('./signWorker.js', import.meta.url), {
      data,
    }),
  )
  return {
    async sign(txs, { onProgress } = {}) {
      const signed = new Array<RawTx>(txs.length)
      let next = 0
      let done = 0
      // Each worker takes the next share when it is free; the shares, and so the results, are the same whoever takes them.
      await Promise.all(
        workers.map(async (worker) => {
          while (next < txs.length) {
            const start = next
            next += SHARE
            const { hashes, raws } = await worker.ask(txs.slice(start, start + SHARE))
            for (const [i, hash] of hashes.entries())
              signed[start + i] = { hash, raw: raws[i] as Hex }
            done += hashes.length
            onProgress?.(done)
          }
        }),
      )
      return signed
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.stop()))
    },
  }
}

export declare namespace createSignPool {
  type Options = {
    /** The seed that {@link deriveAccounts} was given. */
    seed: string
    chainId: number
    /** Account index of trader 0. Default 0. */
    offset?: number | undefined
    /** From the account index of one trader to that of the next. Default 1. */
    stride?: number | undefined
    /** Number of threads. Default: one a core. */
    workers?: number | undefined
  }
}
