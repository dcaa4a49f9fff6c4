import type { Hex } from '../core/types.js'
import { answerQuestions } from '../core/workers.js'
import { deriveKey } from './derive.js'
import { type RawTx, signTransaction, type UnsignedTx } from './sign.js'

/** A transaction and the account that signs it. */
export type TraderTx = UnsignedTx & { /** Index of the account, from 0. */ trader: number }

/** What a worker needs to know: keys are derived here and never sent. */
export type SignWorkerData = { seed: string; offset: number; stride: number; chainId: number }

/** Hashes and raw transactions by position: two arrays of strings are cloned faster than an array of objects. */
export type SignedShare = { hashes: Hex[]; raws: Hex[] }

const keys = new Map<number, Uint8Array>()

answerQuestions((share: readonly TraderTx[], data: SignWorkerData): SignedShare => {
  const signed = share.map((tx): RawTx => {
    let privateKey = keys.get(tx.trader)
    if (privateKey === undefined) {
      privateKey = deriveKey(data.seed, data.offset + tx.trader * data.stride)
      keys.set(tx.trader, privateKey)
    }
    return signTransaction(tx, { chainId: data.chainId, privateKey })
  })
  return { hashes: signed.map((tx) => tx.hash), raws: signed.map((tx) => tx.raw) }
})
