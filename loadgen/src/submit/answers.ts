import type { SubmitMethod } from './send.js'

/** What the node said of each transaction of a request: undefined when it took it, else its sentence. */
export type Said = readonly (string | undefined)[]

/**
 * Reads the answer to a request that carried `count` transactions. Most answers hold no error; they are only looked through, which
 * takes a tenth of the time of parsing them. That the hashes in them are the right ones is left to the collector, which looks for
 * them in the blocks.
 * @param count > 0.
 * @returns undefined when the answer is none: cut off, garbled, or to something else. `all` when the node took every one.
 */
export function readAnswer(
  answer: Buffer,
  { method, count }: { method: SubmitMethod; count: number },
): 'all' | Said | undefined {
  if (method === 'standard' && tookAll(answer, count)) return 'all'
  const parsed = parse(answer)
  if (typeof parsed !== 'object' || parsed === null) return undefined
  // The node refused the request as a whole.
  if (!Array.isArray(parsed) && 'error' in parsed && parsed.error != null)
    return new Array<string>(count).fill(sentenceOf(parsed.error))
  return method === 'standard' ? readBatch(parsed, count) : readCount(parsed, count)
}

const ERROR = Buffer.from('"error"')
const RESULT = Buffer.from('"result"')
const BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d

/** True for a complete array with a result for each transaction and no error. */
function tookAll(answer: Buffer, count: number): boolean {
  let last = answer.length - 1
  while (last > 0 && (answer[last] as number) <= 0x20) last--
  if (answer[0] !== BRACKET || answer[last] !== CLOSING_BRACKET) return false
  if (answer.includes(ERROR)) return false
  let results = 0
  for (let at = answer.indexOf(RESULT); at !== -1; at = answer.indexOf(RESULT, at + RESULT.length))
    results++
  return results === count
}

function parse(answer: Buffer): unknown {
  try {
    return JSON.parse(answer.toString())
  } catch {
    // A cut or garbled answer is an answer that did not come: the caller asks again.
    return undefined
  }
}

type Entry = { id?: unknown; result?: unknown; error?: unknown }

/** Answers may come in any order; ids are positions in the request. */
function readBatch(parsed: object, count: number): Said | undefined {
  if (!Array.isArray(parsed) || parsed.length !== count) return undefined
  const said = new Array<string | undefined>(count)
  const seen = new Uint8Array(count)
  for (const entry of parsed as (Entry | null)[]) {
    const id = entry?.id
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= count || seen[id])
      return undefined
    seen[id] = 1
    if (entry?.error != null) said[id] = sentenceOf(entry.error)
    else if (typeof entry?.result !== 'string') return undefined
  }
  return said
}

/** arn_sendRawTransactions answers with the number that it took; which ones, only looking them up tells. */
function readCount(parsed: Entry, count: number): 'all' | Said | undefined {
  const taken = Number(parsed.result)
  if (parsed.result == null || !Number.isInteger(taken)) return undefined
  if (taken === count) return 'all'
  const sentence = `the node took ${taken} of ${count} transactions and does not know this one`
  return new Array<string>(count).fill(sentence)
}

/**
 * Reads the answer to a batch of eth_getTransactionByHash.
 * @returns for each, by its place, whether the node has it; undefined when the answer is none.
 */
export function readLookUp(answer: Buffer, count: number): boolean[] | undefined {
  const parsed = parse(answer)
  if (!Array.isArray(parsed) || parsed.length !== count) return undefined
  const known = new Map<unknown, boolean>()
  for (const entry of parsed as (Entry | null)[])
    if (entry?.result !== undefined) known.set(entry.id, entry.result !== null)
  const byPlace = Array.from({ length: count }, (_, id) => known.get(id))
  return byPlace.includes(undefined) ? undefined : (byPlace as boolean[])
}

function sentenceOf(error: unknown): string {
  const { message } = error as { message?: unknown }
  return typeof message === 'string' ? message : JSON.stringify(error)
}
