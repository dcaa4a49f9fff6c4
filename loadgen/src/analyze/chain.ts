import { type DerivedAccount, deriveAccounts } from '../accounts/derive.js'
import { signTransaction } from '../accounts/sign.js'
import { fetchReceipts, type RpcReceipt, resultOf } from '../chain/receipts.js'
import type { Rpc } from '../chain/rpc.js'
import { NodeError } from '../core/errors.js'
import type { Hex } from '../core/types.js'

/** A transaction before it is sent. */
export type Draft = {
  /** Index of the sending account. */
  from: number
  /** Absent to create a contract. */
  to?: Hex | undefined
  data: Hex
  value: bigint
  gas: bigint
}

/** What an analysis asks of the node: accounts with money, and blocks that hold just what it sends. */
export type Chain = {
  /** Address of account `index`; a devnet account that everyone can derive. */
  account(index: number): Hex
  /** Index of an account that was asked for before. */
  indexOf(address: Hex): number | undefined
  /**
   * Sends transactions and makes one block of them.
   * @returns their hashes, in order.
   * @throws NodeError when the node refuses one.
   */
  block(drafts: readonly Draft[]): Promise<{ number: number; hashes: Hex[] }>
  receipts(hashes: readonly Hex[]): Promise<RpcReceipt[]>
}

/** 10^24 wei: more than any spec spends. */
const BALANCE = '0xd3c21bcecceda1000000'
const GAS_PRICE = 1n
const BATCH = 500
const SEED = 'analyze'

/** @param rpc an embedded node of its own, in strict mode. */
export async function openChain(rpc: Rpc): Promise<Chain> {
  const chainId = Number(await rpc.call('eth_chainId'))
  // From here on only evm_mine makes blocks.
  await rpc.call('evm_setAutomine', [false])
  const accounts = new Map<number, DerivedAccount>()
  const indices = new Map<Hex, number>()
  const funded = new Set<number>()
  const nonces = new Map<number, number>()

  function derive(index: number): DerivedAccount {
    const account =
      accounts.get(index) ??
      (deriveAccounts({ seed: SEED, offset: index, count: 1 })[0] as DerivedAccount)
    accounts.set(index, account)
    indices.set(account.address, index)
    return account
  }

  async function inBatches(method: string, params: readonly unknown[][]): Promise<unknown[]> {
    const results: unknown[] = []
    for (let at = 0; at < params.length; at += BATCH) {
      const answers = await rpc.batch(
        params.slice(at, at + BATCH).map((call) => ({ method, params: call })),
      )
      results.push(...answers.map((answer) => resultOf(answer, method)))
    }
    return results
  }

  async function fund(senders: readonly number[]): Promise<void> {
    const poor = [...new Set(senders)].filter((index) => !funded.has(index))
    await inBatches(
      'anvil_setBalance',
      poor.map((index) => [derive(index).address, BALANCE]),
    )
    for (const index of poor) funded.add(index)
  }

  function sign({ from, to, data, value, gas }: Draft): Hex {
    const nonce = nonces.get(from) ?? 0
    nonces.set(from, nonce + 1)
    const { privateKey } = derive(from)
    const fields = { nonce, to, data, value, gas, gasPrice: GAS_PRICE }
    return signTransaction(fields, { chainId, privateKey }).raw
  }

  return {
    account: (index) => derive(index).address,
    indexOf: (address) => indices.get(address.toLowerCase() as Hex),
    async block(drafts) {
      await fund(drafts.map(({ from }) => from))
      const raws = drafts.map((draft) => [sign(draft)])
      const hashes = (await inBatches('eth_sendRawTransaction', raws)) as Hex[]
      await rpc.call('evm_mine')
      return { number: Number(await rpc.call('eth_blockNumber')), hashes }
    },
    async receipts(hashes) {
      const receipts: RpcReceipt[] = []
      for (let at = 0; at < hashes.length; at += BATCH)
        for (const receipt of await fetchReceipts(rpc, hashes.slice(at, at + BATCH))) {
          if (receipt === undefined)
            throw new NodeError('The node made a block without a transaction that was sent to it.')
          receipts.push(receipt)
        }
      return receipts
    },
  }
}
