import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type Rpc, RpcRefusedError } from '../chain/rpc.js'
import { NodeError, UsageError } from '../core/errors.js'
import type { Hex, TxReceipt } from '../core/types.js'

/**
 * The receipts of every transaction of an Anvil's chain, by hash, from one anvil_dumpState. Anvil goes through a whole block for
 * each single receipt that it is asked for, so this is the only way whose time does not grow with the square of a block's
 * transactions. The dump takes some 4 kB a transaction, more for one with many events; packed it must be below 512 MB.
 * @throws UsageError when the node is no Anvil; NodeError when the dump cannot be read.
 */
export async function dumpReceipts(rpc: Rpc): Promise<Map<Hex, TxReceipt>> {
  const packed = await dump(rpc)
  const receipts = new Map<Hex, TxReceipt>()
  try {
    for await (const text of readTransactions(packed)) {
      const receipt = readReceipt(text)
      receipts.set(receipt.hash, receipt)
    }
  } catch (cause) {
    throw new NodeError(
      'The state that the node dumped cannot be read; read the receipts by transaction or by block.',
      { cause },
    )
  }
  return receipts
}

async function dump(rpc: Rpc): Promise<Buffer> {
  try {
    return Buffer.from(String(await rpc.call('anvil_dumpState')).slice(2), 'hex')
  } catch (cause) {
    if (!(cause instanceof RpcRefusedError)) throw cause
    throw new UsageError(
      'The node cannot dump its state, so it is no Anvil; read the receipts by transaction or by block.',
      { cause },
    )
  }
}

/** How a transaction begins in the dump of Anvil 1.7, and where the list of them ends. */
const START = Buffer.from('{"info":{"transaction_hash":"')
const END = Buffer.from('],"historical_states"')
const CHUNK = 2 ** 20

/**
 * The text of each transaction with its receipt. The dump is unpacked piece by piece and looked through; parsing it as a whole takes
 * more than twice the time (33 against 14 µs a transaction) and memory for all of it.
 */
async function* readTransactions(packed: Buffer): AsyncGenerator<Buffer, void, undefined> {
  let rest = Buffer.alloc(0)
  let hasBegun = false
  const unpacked = Readable.from([packed]).pipe(createGunzip({ chunkSize: CHUNK }))
  for await (const chunk of unpacked as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk])
    let start = hasBegun ? 0 : rest.indexOf(START)
    if (start === -1) {
      rest = rest.subarray(-START.length)
      continue
    }
    hasBegun = true
    for (let next = rest.indexOf(START, start + 1); next !== -1; ) {
      yield rest.subarray(start, next)
      start = next
      next = rest.indexOf(START, start + 1)
    }
    rest = rest.subarray(start)
  }
  const end = rest.lastIndexOf(END)
  if (hasBegun) yield end === -1 ? rest : rest.subarray(0, end)
}

/** @throws Error when something is not where Anvil 1.7 writes it. */
function readReceipt(text: Buffer): TxReceipt {
  const receiptAt = text.indexOf(',"receipt":{')
  if (receiptAt === -1) throw new Error('A transaction has no receipt.')
  const field = (name: string, from: number, options: { last?: boolean } = {}): string => {
    const key = `"${name}":`
    const at = options.last === true ? text.lastIndexOf(key, from) : text.indexOf(key, from)
    const value = /^"?([0-9a-fx]+)"?[,}\]]/.exec(text.toString('latin1', at + key.length, at + 99))
    if (at === -1 || value === null) throw new Error(`A transaction has no ${name}.`)
    return value[1] as string
  }
  return {
    hash: field('transaction_hash', 0) as Hex,
    index: Number(field('transaction_index', 0)),
    // The traces before have gas_used of their own.
    gasUsed: BigInt(field('gas_used', receiptAt, { last: true })),
    ok: Number(field('status', receiptAt)) === 1,
    blockNumber: Number(field('block_number', text.length, { last: true })),
  }
}
