import { type Call, encodeApprove, encodeMint, encodeTransfer } from '../chain/encode.js'
import { sendAndWait } from '../chain/frontendUtil.js'
import { resultOf } from '../chain/receipts.js'
import { type Rpc, RpcRefusedError } from '../chain/rpc.js'
import { NodeError, UsageError } from '../core/errors.js'
import type { Hex } from '../core/types.js'
import type { DerivedAccount } from './derive.js'
import { getNonces } from './nonces.js'
import { type RawTx, signTransaction } from './sign.js'
import type { SignPool } from './signPool.js'

/** What every transaction of the set-up needs to know. */
export type FundingChain = {
  chainId: number
  /** wei a unit of gas. */
  gasPrice: bigint
  /** Called after each round with the number of accounts that are done. */
  onProgress?: ((done: number) => void) | undefined
}

/**
 * Gas limits. Fixed, because eth_estimateGas of an Arcology node is not to be trusted; generous, because what is not used
 * costs nothing, and a token with commutative balances uses more than a plain one.
 */
export const FUNDING_GAS = {
  transfer: 100_000n,
  mint: 300_000n,
  tokenTransfer: 300_000n,
  approve: 200_000n,
  deposit: 600_000n,
} as const

/**
 * How often what failed is sent again. On an Arcology node only one of many conflicting transactions succeeds until the
 * scheduler has learnt the conflict, one block later; then they all do.
 */
const ROUNDS = 4
const BATCH_SIZE = 500

/**
 * Sets the balance of accounts on a node of one's own (anvil_setBalance).
 * @throws UsageError when the node has no such call: it takes a funder there.
 */
export async function setBalances(
  rpc: Rpc,
  options: { addresses: readonly Hex[]; wei: bigint },
): Promise<void> {
  const { addresses, wei } = options
  const method = 'anvil_setBalance'
  const params = (address: Hex) => [address, `0x${wei.toString(16)}`]
  const [first, ...rest] = addresses
  if (first === undefined) return
  try {
    await rpc.call(method, params(first))
  } catch (cause) {
    if (!(cause instanceof RpcRefusedError)) throw cause
    throw new UsageError(
      'The node cannot set balances; give the private key of an account that pays for the others.',
      { cause },
    )
  }
  for (let start = 0; start < rest.length; start += BATCH_SIZE) {
    const calls = rest
      .slice(start, start + BATCH_SIZE)
      .map((address) => ({ method, params: params(address) }))
    for (const answer of await rpc.batch(calls)) resultOf(answer, method)
  }
}

/**
 * Sends `wei` to every account, from one that has enough.
 * @throws UsageError when the funder cannot pay for it; nothing is sent then. NodeError when a transfer does not go through.
 */
export async function transferToAll(
  rpc: Rpc,
  options: FundingChain & { funder: DerivedAccount; addresses: readonly Hex[]; wei: bigint },
): Promise<void> {
  const { funder, addresses, wei, gasPrice } = options
  const cost = BigInt(addresses.length) * (wei + FUNDING_GAS.transfer * gasPrice)
  const balance = BigInt((await rpc.call('eth_getBalance', [funder.address, 'latest'])) as string)
  if (balance < cost)
    throw new UsageError(
      `The account ${funder.address} has ${balance} wei, and funding ${addresses.length} accounts takes ${cost} wei.`,
    )
  await fromOne(rpc, {
    ...options,
    signer: funder,
    what: 'transfer',
    gas: FUNDING_GAS.transfer,
    value: wei,
    calls: addresses.map((to) => ({ to, data: '0x' })),
  })
}

/** Mints `amount` units of the benchmark's collateral token to every account. Only the token's deployer may. */
export async function mintToAll(rpc: Rpc, options: TokenFunding): Promise<void> {
  const { token, amount } = options
  await fromOne(rpc, {
    ...options,
    what: 'mint',
    gas: FUNDING_GAS.mint,
    value: 0n,
    calls: options.addresses.map((recipient) => encodeMint({ token, recipient, amount })),
  })
}

/** Transfers `amount` units of any collateral token from one account to every other. */
export async function transferTokenToAll(rpc: Rpc, options: TokenFunding): Promise<void> {
  const { token, amount } = options
  await fromOne(rpc, {
    ...options,
    what: 'token transfer',
    gas: FUNDING_GAS.tokenTransfer,
    value: 0n,
    calls: options.addresses.map((recipient) => encodeTransfer({ token, recipient, amount })),
  })
}

/** `amount` in units of the token. */
export type TokenFunding = FundingChain & {
  signer: DerivedAccount
  token: Hex
  addresses: readonly Hex[]
  amount: bigint
}

/** Lets every trader's collateral be taken by the vault, without a bound. */
export async function approveFromAll(
  rpc: Rpc,
  options: TraderCalls & { token: Hex; vault: Hex },
): Promise<void> {
  const { token, vault } = options
  const call = encodeApprove({ token, spender: vault, amount: 2n ** 256n - 1n })
  await callFromAll(rpc, { ...options, what: 'approval', gas: FUNDING_GAS.approve, call })
}

/** The derived accounts that call: their addresses by trader index, and the pool that has their keys. */
export type TraderCalls = FundingChain & { pool: SignPool; addresses: readonly Hex[] }

/** The same call from every trader, once each. */
export async function callFromAll(
  rpc: Rpc,
  options: TraderCalls & { what: string; call: Call; gas: bigint },
): Promise<void> {
  const { addresses, call, gas, gasPrice, pool } = options
  await untilAllSucceeded(rpc, { ...options, count: addresses.length }, async (traders) => {
    const nonces = await getNonces(
      rpc,
      traders.map((trader) => addresses[trader] as Hex),
    )
    return pool.sign(
      traders.map((trader, i) => ({
        ...call,
        trader,
        nonce: nonces[i] as number,
        gas,
        gasPrice,
        value: 0n,
      })),
    )
  })
}

/** One call of one account. */
export function callFromOne(
  rpc: Rpc,
  options: FundingChain & { signer: DerivedAccount; what: string; call: Call; gas: bigint },
): Promise<void> {
  return fromOne(rpc, { ...options, value: 0n, calls: [options.call] })
}

/** Calls of one account, its nonces counted here. */
async function fromOne(
  rpc: Rpc,
  options: FundingChain & {
    signer: DerivedAccount
    what: string
    gas: bigint
    value: bigint
    calls: readonly Call[]
  },
): Promise<void> {
  const { signer, calls, gas, gasPrice, value } = options
  await untilAllSucceeded(rpc, { ...options, count: calls.length }, async (indices) => {
    const [nonce = 0] = await getNonces(rpc, [signer.address])
    return indices.map((index, i) =>
      signTransaction(
        { ...(calls[index] as Call), nonce: nonce + i, gas, gasPrice, value },
        { chainId: options.chainId, privateKey: signer.privateKey },
      ),
    )
  })
}

/** Sends `count` transactions, and those that failed again, signed anew, for a few rounds. */
async function untilAllSucceeded(
  rpc: Rpc,
  options: { what: string; count: number; onProgress?: ((done: number) => void) | undefined },
  sign: (indices: readonly number[]) => Promise<RawTx[]>,
): Promise<void> {
  let open = Array.from({ length: options.count }, (_, i) => i)
  let firstFailed: Hex | undefined
  for (let round = 0; round < ROUNDS && open.length > 0; round++) {
    const signed = await sign(open)
    const receipts = await sendAndWait(
      rpc,
      signed.map((tx) => tx.raw),
    )
    const failed = receipts.map((receipt) => Number(receipt.status) !== 1)
    firstFailed = receipts[failed.indexOf(true)]?.transactionHash
    open = open.filter((_, i) => failed[i])
    options.onProgress?.(options.count - open.length)
  }
  if (open.length > 0)
    throw new NodeError(
      `The ${options.what} failed for ${open.length} of ${options.count} accounts in ${ROUNDS} rounds; the first failed transaction is ${firstFailed}.`,
    )
}
