import { CODES, type Outcome } from './jsonRpc.js'
import type { ScheduleStore } from './strictStore.js'

/** JSON-RPC methods that Anvil does not have. */
export type Extensions = ReadonlyMap<string, (params: readonly unknown[]) => Promise<Outcome>>

/**
 * `devnet_getBlockSchedule(number)`: how the runtime would run that block, null for one that is not known; the number as such or
 * in hexadecimal. `devnet_getConflicts()`: the pairs of callees that are kept apart.
 */
export function createExtensions(options: createExtensions.Options): Extensions {
  return new Map([
    [
      'devnet_getBlockSchedule',
      async (params: readonly unknown[]) => {
        const block = params.length === 1 ? readNumber(params[0]) : undefined
        return block === undefined
          ? invalid('The parameter is the number of a block, 0 or more.')
          : { result: options.schedules.get(block) ?? null }
      },
    ],
    [
      'devnet_getConflicts',
      async (params: readonly unknown[]) =>
        params.length === 0 ? { result: options.pairs() } : invalid('There are no parameters.'),
    ],
  ])
}

export declare namespace createExtensions {
  type Options = {
    schedules: ScheduleStore
    pairs: () => readonly (readonly [string, string])[]
  }
}

function readNumber(param: unknown): number | undefined {
  const isHex = typeof param === 'string' && /^0x[0-9a-f]{1,13}$/i.test(param)
  const number = isHex ? Number(param) : param
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : undefined
}

function invalid(message: string): Outcome {
  return { error: { code: CODES.invalidParams, message } }
}
