import type { Rng } from '../core/rng.js'
import { max, min } from './bigints.js'

/** Bounds of an amount, both included. */
export type Bounds = { min: bigint; max: bigint }

/** Log-uniform between the bounds, in six significant digits. */
export function drawSize(rng: Rng, bounds: Bounds): bigint {
  const [low, high] = [Math.log(Number(bounds.min)), Math.log(Number(bounds.max))]
  const size = toSixDigits(Math.exp(low + rng.next() * (high - low)))
  return max(bounds.min, min(bounds.max, size))
}

/** A whole number of six significant digits: enough to read, and safe from a last digit of a logarithm. @param value ≥ 0. */
export function toSixDigits(value: number): bigint {
  const [digits = '', exponent = ''] = value.toExponential(5).split('e')
  const mantissa = BigInt(digits.replace('.', ''))
  const power = BigInt(Number(exponent)) - 5n
  return power >= 0n ? mantissa * 10n ** power : mantissa / 10n ** -power
}
