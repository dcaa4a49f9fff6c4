import { parseAbi, toFunctionSelector } from 'viem'
import { LoadgenError, UsageError } from '../core/errors.js'
import type { Hex, Intent, Mode, Product } from '../core/types.js'

/** What the load generator calls: the clearing house (IPerpClearingHouse), the spot side's two doors, and tokens. */
export const CALLS = parseAbi([
  'function deposit(uint256 amount)',
  'function withdraw(uint256 amount)',
  'function openPosition(uint16 market, bool isLong, uint256 size, uint256 limitPrice, uint256 deadline)',
  'function closePosition(uint16 market, uint256 size, uint256 limitPrice, uint256 deadline)',
  'function changePosition(uint16 market, bool isOpen, bool isLong, uint256 size, uint256 limitPrice, uint256 deadline)',
  'function liquidate(address trader, uint16 market, uint256 size)',
  'function settle() returns (uint256 orders)',
  'function queueSwapRequest(uint16 market, bool buys, uint256 size, uint256 limitPrice, uint256 deadline)',
  'function netAndExecuteSwaps() returns (uint256 ended)',
  'function swap(uint16 market, bool buys, uint256 size, uint256 limitPrice, uint256 deadline)',
  'function approve(address spender, uint256 amount) returns (bool)',
  'function transfer(address to, uint256 amount) returns (bool)',
  'function mint(address to, uint256 amount)',
  'function setAnswer(int256 answer)',
])

/** A call: the target and its call data. */
export type Call = { to: Hex; data: Hex }

/** Bounds of what an order can carry, as IPerpClearingHouse and ISpotNettingEngine state them. */
const MAX_SIZE = 2n ** 96n - 1n
const MAX_LIMIT_PRICE = 2n ** 128n - 1n
const MAX_DEADLINE = 2n ** 40n - 1n
const MAX_UINT256 = 2n ** 256n - 1n

/** Every swap request can be deferred, so there is no queueing that only a keeper settles. */
export const NO_SPOT_KEEPER =
  'A workload of swaps has no mode keeper: the runtime defers the settlement of every request. Take netting or direct.'

/**
 * The call of the clearing house that carries out an intent: `changePosition` when netting, `openPosition` and
 * `closePosition` for keeper and direct, `deposit` and `withdraw` in every mode. A swap of tokens: `queueSwapRequest` when
 * netting, `swap` for direct.
 * @throws UsageError for a value that the house would refuse whatever its state, and for a swap in the mode keeper.
 */
export function encodeIntent(intent: Intent, options: encodeIntent.Options): Call {
  return { to: options.house, data: encodeData(intent, options) }
}

export declare namespace encodeIntent {
  type Options = {
    mode: Mode
    /** Address of the door for users. */
    house: Hex
    /** Number of markets of the deployment. */
    marketCount: number
    /** Last unix second at which the order may settle, up to 2^40 − 1; 0n for none. */
    deadline: bigint
  }
}

function encodeData(intent: Intent, options: encodeIntent.Options): Hex {
  const { action, market, isLong, size, limitPrice } = intent
  const isOrder = action !== 'deposit' && action !== 'withdraw'
  bounded(intent, 'size', size, { min: 1n, max: isOrder ? MAX_SIZE : MAX_UINT256 })
  if (!isOrder) return encode(action === 'deposit' ? 'deposit' : 'withdraw', [size])

  bounded(intent, 'market', BigInt(market), { min: 0n, max: BigInt(options.marketCount - 1) })
  bounded(intent, 'limit price', limitPrice, { min: 0n, max: MAX_LIMIT_PRICE })
  bounded(intent, 'deadline', options.deadline, { min: 0n, max: MAX_DEADLINE })
  const bounds = [size, limitPrice, options.deadline]
  if (action === 'swap') return encode(swapFunction(options.mode), [market, isLong, ...bounds])
  if (options.mode === 'netting')
    return encode('changePosition', [market, action === 'open', isLong, ...bounds])
  return action === 'open'
    ? encode('openPosition', [market, isLong, ...bounds])
    : encode('closePosition', [market, ...bounds])
}

function swapFunction(mode: Mode): FunctionName {
  if (mode !== 'keeper') return mode === 'netting' ? 'queueSwapRequest' : 'swap'
  throw new UsageError(NO_SPOT_KEEPER)
}

function bounded(
  intent: Intent,
  name: string,
  value: bigint,
  { min, max }: { min: bigint; max: bigint },
): void {
  if (value < min || value > max)
    throw new UsageError(
      `Intent ${intent.index} (${intent.action}) has the ${name} ${value}; it must be from ${min} to ${max}.`,
    )
}

/** Settles what earlier blocks left in the queues of a clearing house, or of a spot engine. */
export function encodeSettle(house: Hex, { product }: encodeSettle.Options = {}): Call {
  return { to: house, data: encode(product === 'spot' ? 'netAndExecuteSwaps' : 'settle', []) }
}

export declare namespace encodeSettle {
  type Options = { product?: Product | undefined }
}

/** The word that makes changePosition a liquidation of at most `size` base of an account: account << 96 | size. */
export function liquidationOf(account: Hex, size: bigint): bigint {
  if (size < 1n || size > MAX_SIZE)
    throw new UsageError(`A liquidation has the size ${size}; it must be from 1 to ${MAX_SIZE}.`)
  return (BigInt(account) << 96n) | size
}

/**
 * Forces a reduction of an account's position by its keeper, the sender: a kind of `changePosition` when netting, which reads nothing
 * and is judged at settlement; `liquidate` for keeper and direct, which reverts for a healthy account.
 * @throws UsageError for a size that no order can carry.
 */
export function encodeLiquidation(options: encodeLiquidation.Options): Call {
  const { house, mode, trader, market, isLong, size } = options
  const word = liquidationOf(trader, size)
  return {
    to: house,
    data:
      mode === 'netting'
        ? encode('changePosition', [market, false, isLong, word, 0n, 0n])
        : encode('liquidate', [trader, market, size]),
  }
}

export declare namespace encodeLiquidation {
  type Options = {
    house: Hex
    mode: Mode
    /** The account that is liquidated. */
    trader: Hex
    market: number
    /** Side of its position. */
    isLong: boolean
    /** Most base to close, WAD, 1 to 2^96 − 1. Settlement decides how much restores the account. */
    size: bigint
  }
}

/** Pays `amount` units of collateral into a clearing house, > 0. */
export function encodeDeposit(options: { house: Hex; amount: bigint }): Call {
  return { to: options.house, data: encode('deposit', [options.amount]) }
}

/** Lets `spender` take up to `amount` units of a token. */
export function encodeApprove(options: { token: Hex; spender: Hex; amount: bigint }): Call {
  return { to: options.token, data: encode('approve', [options.spender, options.amount]) }
}

/** Moves `amount` units of a token to `recipient`. */
export function encodeTransfer(options: { token: Hex; recipient: Hex; amount: bigint }): Call {
  return { to: options.token, data: encode('transfer', [options.recipient, options.amount]) }
}

/** Mints `amount` units of the benchmark's collateral token to `recipient`. */
export function encodeMint(options: { token: Hex; recipient: Hex; amount: bigint }): Call {
  return { to: options.token, data: encode('mint', [options.recipient, options.amount]) }
}

/** Makes a price feed of the benchmark say a price. @param options.answer in the feed's own decimals, > 0. */
export function encodeAnswer(options: { feed: Hex; answer: bigint }): Call {
  return { to: options.feed, data: encode('setAnswer', [options.answer]) }
}

type FunctionName = (typeof CALLS)[number]['name']

const SELECTORS = new Map<string, Hex>(CALLS.map((item) => [item.name, toFunctionSelector(item)]))

/**
 * Call data of a function whose parameters are all value types: the selector and one 32-byte word each (Solidity ABI
 * specification). Written out because a plan has hundreds of thousands of calls; the tests hold it against viem.
 */
function encode(name: FunctionName, values: readonly (bigint | number | boolean | Hex)[]): Hex {
  let data = SELECTORS.get(name) as string
  for (const value of values) data += word(value)
  return data as Hex
}

function word(value: bigint | number | boolean | Hex): string {
  if (typeof value !== 'string') return BigInt(value).toString(16).padStart(64, '0')
  if (!/^0x[0-9a-fA-F]{40}$/.test(value)) throw new LoadgenError(`"${value}" is no address.`)
  return value.slice(2).toLowerCase().padStart(64, '0')
}
