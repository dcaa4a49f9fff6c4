import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { encodeAbiParameters, getContractAddress, keccak256 } from 'viem'
import { UsageError } from '../core/errors.js'
import type { Hex } from '../core/types.js'

const WAD = 10n ** 18n

/** keccak256 of the creation code of the published UniswapV3Pool, as Uniswap's periphery states it. */
const POOL_INIT_CODE_HASH = '0xe34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54'

/** Fee tier of the pools in hundredths of a bip. */
export const POOL_FEE = 500

/** maxLiquidityPerTick of its tick spacing of 10: (2^128 − 1) ÷ 177,455 ticks (Tick.tickSpacingToMaxLiquidityPerTick). */
const MAX_LIQUIDITY = (2n ** 128n - 1n) / 177_455n

/** Creation code of the published factory, from the package @uniswap/v3-core. */
export function factoryCode(): Hex {
  const path = createRequire(import.meta.url).resolve(
    '@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json',
  )
  return (JSON.parse(readFileSync(path, 'utf8')) as { bytecode: Hex }).bytecode
}

/** Where a factory puts the pool of two tokens, token0 < token1. */
export function poolAddress(options: { factory: Hex; token0: Hex; token1: Hex }): Hex {
  const salt = keccak256(
    encodeAbiParameters(
      [{ type: 'address' }, { type: 'address' }, { type: 'uint24' }],
      [options.token0, options.token1, POOL_FEE],
    ),
  )
  return getContractAddress({
    opcode: 'CREATE2',
    from: options.factory,
    salt,
    bytecodeHash: POOL_INIT_CODE_HASH,
  }).toLowerCase() as Hex
}

/** Square root, rounded down. Newton's method. @param value ≥ 0. */
export function sqrt(value: bigint): bigint {
  if (value < 2n) return value
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2))
  for (;;) {
    const next = (root + value / root) / 2n
    if (next >= root) return root
    root = next
  }
}

/** √price in Q64.96, rounded down. @param price quote per base, WAD. */
export function toSqrtPriceX96(price: bigint): bigint {
  return sqrt((price << 192n) / WAD)
}

/**
 * Liquidity of a full-range position that holds `quoteDepth` at a price: L = quote / √P (Uniswap v3 white paper, 6.2).
 * @param quoteDepth quote tokens, wei.
 */
export function liquidityFor(options: { sqrtPriceX96: bigint; quoteDepth: bigint }): bigint {
  const liquidity = (options.quoteDepth << 96n) / options.sqrtPriceX96
  if (liquidity === 0n || liquidity > MAX_LIQUIDITY)
    throw new UsageError(
      `No pool can hold a depth of ${options.quoteDepth} at the price ${toWadPrice(options.sqrtPriceX96)} (both in WAD): its liquidity must be from 1 to ${MAX_LIQUIDITY}.`,
    )
  return liquidity
}

/** Quote per base in WAD, rounded to the nearest. */
export function toWadPrice(sqrtPriceX96: bigint): bigint {
  return (sqrtPriceX96 * sqrtPriceX96 * WAD + (1n << 191n)) >> 192n
}
