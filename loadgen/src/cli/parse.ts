import { InvalidArgumentError } from 'commander'
import { MODES, type Mode, PERP_ACTIONS, type PerpAction } from '../core/types.js'

/** Parsers of option values. Each says in one sentence what is allowed; commander puts the option's name before it. */

/** A whole number within bounds. */
export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`It is a whole number from ${min} to ${max}.`)
  }
}

/** A number within bounds. */
export function fraction(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+(\.\d+)?$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`It is a number from ${min} to ${max}.`)
  }
}

/** A positive decimal number, as an integer of `decimals` decimals. */
export function decimal(decimals: number): (text: string) => bigint {
  return (text) => {
    const match = /^(\d{1,30})(?:\.(\d+))?$/.exec(text)
    const [, whole = '', rest = ''] = match ?? []
    const value = rest.length > decimals ? 0n : BigInt(whole + rest.padEnd(decimals, '0') || 0)
    if (match !== null && value > 0n) return value
    throw new InvalidArgumentError(
      `It is a number above 0 with at most ${decimals} decimals, like 2000 or 0.5.`,
    )
  }
}

/** Two positive decimal numbers, the first no larger: `0.01..2`. */
export function range(decimals: number): (text: string) => { min: bigint; max: bigint } {
  return (text) => {
    const [low, high, more] = text.split('..')
    if (low !== undefined && high !== undefined && more === undefined) {
      const [min, max] = [decimal(decimals)(low), decimal(decimals)(high)]
      if (min <= max) return { min, max }
    }
    throw new InvalidArgumentError('It is two numbers above 0, the smaller first, like 0.01..2.')
  }
}

/** Weights of the actions: `open=60,close=25,deposit=10,withdraw=5`; what is not named weighs nothing. */
export function mix(text: string): Record<PerpAction, number> {
  const weights: Record<PerpAction, number> = { open: 0, close: 0, deposit: 0, withdraw: 0 }
  for (const part of text.split(',')) {
    const match = /^(\w+)=(\d+(?:\.\d+)?)$/.exec(part)
    const action = PERP_ACTIONS.find((name) => name === match?.[1])
    if (match === null || action === undefined)
      throw new InvalidArgumentError(
        `"${part}" is none of ${PERP_ACTIONS.map((name) => `${name}=<weight>`).join(', ')}.`,
      )
    weights[action] = Number(match[2])
  }
  return weights
}

/** One of the modes. */
export function mode(text: string): Mode {
  const found = MODES.find((name) => name === text)
  if (found !== undefined) return found
  throw new InvalidArgumentError(`It is one of ${MODES.join(', ')}.`)
}

/** Modes, each once, with commas between. */
export function modes(text: string): Mode[] {
  const found = text.split(',').map(mode)
  if (new Set(found).size === found.length) return found
  throw new InvalidArgumentError('It names a mode twice.')
}

/** One of some words. */
export function oneOf<const Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const found = words.find((word) => word === text)
    if (found !== undefined) return found
    throw new InvalidArgumentError(`It is one of ${words.join(', ')}.`)
  }
}
