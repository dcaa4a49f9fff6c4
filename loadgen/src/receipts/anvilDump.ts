import { gunzipSync } from 'node:zlib'
import { type Rpc, RpcRefusedError } from '../chain/rpc.js'
import { NodeError, UsageError } from '../core/errors.js'
import type { Hex, TxReceipt } from '../core/types.js'

/** The part of anvil_dumpState that is read, as Anvil 1.7 writes it. */
type Dump = {
  transactions: readonly {
    info: { transaction_hash: Hex; transaction_index: number; gas_used: number }
    receipt: { status: Hex }
    block_number: number
  }[]
}

/**
 * The receipts of every transaction of an Anvil's chain, by hash, from one anvil_dumpState. Anvil goes through a whole block for
 * each single receipt that it is asked for, so this is the only way whose time does not grow with the square of a block's
 * transactions. The dump takes some 4 kB a transaction, more for one with many events; beyond 512 MB it cannot be read.
 * @throws UsageError when the node is no Anvil; NodeError when the dump cannot be read.
 */
export async function dumpReceipts(rpc: Rpc): Promise<Map<Hex, TxReceipt>> {
  const receipts = new Map<Hex, TxReceipt>()
  for (const { info, receipt, block_number: blockNumber } of (await dump(rpc)).transactions)
    receipts.set(info.transaction_hash, {
      hash: info.transaction_hash,
      blockNumber: Number(blockNumber),
      index: info.transaction_index,
      ok: Number(receipt.status) === 1,
      gasUsed: BigInt(info.gas_used),
    })
  return receipts
}

async function dump(rpc: Rpc): Promise<Dump> {
  let packed: unknown
  try {
    packed = await rpc.call('anvil_dumpState')
  } catch (cause) {
    if (!(cause instanceof RpcRefusedError)) throw cause
    throw new UsageError(
      'The node cannot dump its state, so it is no Anvil; read the receipts by transaction or by block.',
      { cause },
    )
  }
  try {
    return JSON.parse(gunzipSync(Buffer.from(String(packed).slice(2), 'hex')).toString()) as Dump
  } catch (cause) {
    throw new NodeError(
      'The state that the node dumped cannot be read; read the receipts by transaction or by block.',
      { cause },
    )
  }
}
