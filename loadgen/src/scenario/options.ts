import { UsageError } from '../core/errors.js'

/** Checks that an option is an integer from `min` to `max`. @throws UsageError naming the option and its range. */
export function checkInteger(name: string, value: number, min: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < min || value > max)
    throw new UsageError(`${name} must be an integer from ${min} to ${max}; it is ${value}.`)
}

/** Checks that an option is a number from `min` to `max`. @throws UsageError naming the option and its range. */
export function checkNumber(name: string, value: number, min: number, max: number): void {
  if (!Number.isFinite(value) || value < min || value > max)
    throw new UsageError(`${name} must be a number from ${min} to ${max}; it is ${value}.`)
}

/** Checks that an amount is from `min` to `max`. @throws UsageError naming the option and its range. */
export function checkAmount(name: string, value: bigint, min: bigint, max: bigint): void {
  if (value < min || value > max)
    throw new UsageError(`${name} must be an integer from ${min} to ${max}; it is ${value}.`)
}

/** Checks the bounds of an order's size. @throws UsageError naming the bound and its range. */
export function checkSizes(name: string, sizes: { min: bigint; max: bigint }): void {
  checkAmount(`${name}.max (WAD)`, sizes.max, 1n, MAX_ORDER_SIZE)
  checkAmount(`${name}.min (WAD, at most sizes.max)`, sizes.min, 1n, sizes.max)
}

/** Largest size of an order, in WAD base: what one queue entry can carry (2^96 − 1). */
export const MAX_ORDER_SIZE = 2n ** 96n - 1n
/** Largest price and collateral of a plan: far from every limit of the contracts (2^127). */
export const MAX_AMOUNT = 2n ** 127n
