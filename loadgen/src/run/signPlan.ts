import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { getNonces } from '../accounts/nonces.js'
import type { RawTx } from '../accounts/sign.js'
import type { SignPool } from '../accounts/signPool.js'
import type { TraderTx } from '../accounts/signWorker.js'
import { writeTxFile } from '../accounts/txFile.js'
import { encodeIntent } from '../chain/encode.js'
import type { Deployment, Hex, Intent, Mode } from '../core/types.js'
import { inDraft } from '../report/files.js'
import { type GasLimits, gasLimitOf } from './gas.js'
import type { Node } from './node.js'
import type { OnProgress } from './progress.js'
import { SIGNED, type SignedLine, TRANSACTIONS } from './signedFile.js'

/** Intents that are signed at a time: enough for every thread, few enough that memory stays flat. */
const CHUNK = 4_000

/**
 * Signs every intent of a plan for one mode, in the plan's order, into the two files of signedFile.ts; nonces go on from what the
 * node knows. The files appear when all is signed, signed.jsonl last. The same nonces give the same bytes again.
 */
export async function signPlan(node: Node, options: signPlan.Options): Promise<void> {
  const { folder, count, onProgress } = options
  const signed = signChunks(await getNonces(node.rpc, options.addresses), node, options)
  await inDraft(join(folder, SIGNED), async (draft) => {
    const file = await open(draft, 'w')
    async function* raws(): AsyncGenerator<Hex> {
      let done = 0
      for await (const chunk of signed) {
        await file.write(chunk.map(({ line }) => `${JSON.stringify(line)}\n`).join(''))
        done += chunk.length
        onProgress('sign', done, count)
        for (const { raw } of chunk) yield raw
      }
    }
    try {
      onProgress('sign', 0, count)
      await writeTxFile(join(folder, TRANSACTIONS), raws())
    } finally {
      await file.close()
    }
  })
}

export declare namespace signPlan {
  type Options = {
    /** Folder of the mode. */
    folder: string
    intents(): Iterable<Intent>
    /** Number of intents. */
    count: number
    mode: Mode
    deployment: Deployment
    /** By trader index. */
    addresses: readonly Hex[]
    pool: SignPool
    limits: GasLimits
    onProgress: OnProgress
  }
}

type SignedChunk = { line: SignedLine; raw: Hex }[]

/** Signs chunk by chunk, always one ahead, so that the threads have work while a chunk is written. */
async function* signChunks(
  nonces: number[],
  node: Node,
  options: signPlan.Options,
): AsyncGenerator<SignedChunk> {
  const { pool } = options
  const intents = options.intents()[Symbol.iterator]()
  const toTx = createTxs(nonces, node, options)

  function signNext(): Promise<SignedChunk> | undefined {
    const chunk = take(intents, CHUNK)
    if (chunk.length === 0) return undefined
    const txs = chunk.map(toTx)
    const signing = pool.sign(txs).then((signed) =>
      chunk.map(({ index, batch, trader }, i) => {
        const { hash, raw } = signed[i] as RawTx
        const { nonce } = txs[i] as TraderTx
        return { line: { intent: index, batch, trader, nonce, hash }, raw }
      }),
    )
    // It is awaited later; until then its failure is not unhandled.
    signing.catch(() => {})
    return signing
  }

  let current = signNext()
  let ahead = signNext()
  while (current !== undefined) {
    const chunk = await current
    current = ahead
    ahead = signNext()
    yield chunk
  }
}

/** The transaction of each intent, nonces counted by trader. */
function createTxs(
  nonces: number[],
  node: Node,
  { mode, deployment, limits }: signPlan.Options,
): (intent: Intent) => TraderTx {
  const call = {
    mode,
    house: deployment.house,
    marketCount: deployment.markets.length,
    deadline: 0n,
  }
  return (intent) => {
    const nonce = nonces[intent.trader] as number
    nonces[intent.trader] = nonce + 1
    return {
      ...encodeIntent(intent, call),
      trader: intent.trader,
      nonce,
      gas: gasLimitOf(intent, { mode, limits }),
      gasPrice: node.gasPrice,
      value: 0n,
    }
  }
}

function take<T>(items: Iterator<T>, count: number): T[] {
  const taken: T[] = []
  while (taken.length < count) {
    const next = items.next()
    if (next.done === true) break
    taken.push(next.value)
  }
  return taken
}
