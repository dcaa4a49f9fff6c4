import { readFileSync } from 'node:fs'
import { encodeFunctionData, type Hex, toFunctionSignature } from 'viem'
import { describe, expect, test } from 'vitest'
import { createRng } from '../core/rng.js'
import { ACTIONS, type Intent, MODES } from '../core/types.js'
import {
  CALLS,
  encodeApprove,
  encodeDeposit,
  encodeIntent,
  encodeLiquidation,
  encodeMint,
  encodeSettle,
  encodeTransfer,
  liquidationOf,
} from './encode.js'

const house = '0x00000000000000000000000000000000000000aa'
const token = '0x00000000000000000000000000000000000000bb'
const person = '0xABcdEFABcdEFabcdEfAbCdefabcdeFABcDEFabCD'
const options = { mode: 'netting', house, marketCount: 3, deadline: 0n } as const
const intent: Intent = {
  index: 5,
  batch: 0,
  trader: 1,
  action: 'open',
  market: 2,
  isLong: true,
  size: 10n ** 18n,
  limitPrice: 0n,
}

/** The same call through viem. */
function viemData(each: Intent, mode: (typeof MODES)[number], deadline: bigint): Hex {
  const { action, market, isLong, size, limitPrice } = each
  if (action === 'swap')
    return encodeFunctionData({
      abi: CALLS,
      functionName: mode === 'netting' ? 'queueSwapRequest' : 'swap',
      args: [market, isLong, size, limitPrice, deadline],
    })
  if (action === 'deposit' || action === 'withdraw')
    return encodeFunctionData({ abi: CALLS, functionName: action, args: [size] })
  if (mode === 'netting')
    return encodeFunctionData({
      abi: CALLS,
      functionName: 'changePosition',
      args: [market, action === 'open', isLong, size, limitPrice, deadline],
    })
  return action === 'open'
    ? encodeFunctionData({
        abi: CALLS,
        functionName: 'openPosition',
        args: [market, isLong, size, limitPrice, deadline],
      })
    : encodeFunctionData({
        abi: CALLS,
        functionName: 'closePosition',
        args: [market, size, limitPrice, deadline],
      })
}

describe('encodeIntent', () => {
  test('behavior: what viem encodes, for random intents in every mode', () => {
    const rng = createRng('encode', 'intents')
    for (let index = 0; index < 1000; index++) {
      const random: Intent = {
        index,
        batch: 0,
        trader: 0,
        action: rng.pick(ACTIONS),
        market: rng.int(65_536),
        isLong: rng.int(2) === 0,
        size: 1n + rng.bigint(2n ** 96n - 1n),
        limitPrice: rng.bigint(1n << BigInt(1 + rng.int(128))),
      }
      const mode = rng.pick(random.action === 'swap' ? (['netting', 'direct'] as const) : MODES)
      const deadline = rng.bigint(2n ** 40n)
      expect(encodeIntent(random, { mode, house, marketCount: 65_536, deadline })).toEqual({
        to: house,
        data: viemData(random, mode, deadline),
      })
    }
  })

  test('behavior: the largest values are accepted', () => {
    const largest = { ...intent, size: 2n ** 96n - 1n, limitPrice: 2n ** 128n - 1n }
    const deadline = 2n ** 40n - 1n
    expect(encodeIntent(largest, { ...options, deadline }).data).toBe(
      viemData(largest, 'netting', deadline),
    )
    const deposit: Intent = { ...intent, action: 'deposit', market: 0, size: 2n ** 256n - 1n }
    expect(encodeIntent(deposit, options).data).toBe(viemData(deposit, 'netting', 0n))
  })

  test('error: values that the house would refuse', () => {
    const message = (fault: Partial<Intent>, deadline = 0n) => {
      try {
        encodeIntent({ ...intent, ...fault }, { ...options, deadline })
      } catch (error) {
        expect(error).toMatchObject({ name: 'UsageError', exitCode: 2 })
        return (error as Error).message
      }
      return 'no error'
    }
    expect(message({ size: 0n })).toMatchInlineSnapshot(
      `"Intent 5 (open) has the size 0; it must be from 1 to 79228162514264337593543950335."`,
    )
    expect(message({ size: 2n ** 96n })).toContain('has the size 79228162514264337593543950336')
    expect(message({ action: 'withdraw', size: 0n })).toContain(
      'Intent 5 (withdraw) has the size 0',
    )
    expect(message({ market: 3 })).toMatchInlineSnapshot(
      `"Intent 5 (open) has the market 3; it must be from 0 to 2."`,
    )
    expect(message({ market: -1 })).toContain('has the market -1')
    expect(message({ limitPrice: 2n ** 128n })).toContain('has the limit price')
    expect(message({}, 2n ** 40n)).toContain('has the deadline 1099511627776')
  })
})

describe('a liquidation', () => {
  const size = 3n * 10n ** 18n
  const terms = { house, trader: person, market: 2, isLong: true, size } as const
  const word = (BigInt(person) << 96n) | size

  test('default: a change of position with the account in its size; for keeper and direct a call of its own', () => {
    const changed = encodeFunctionData({
      abi: CALLS,
      functionName: 'changePosition',
      args: [2, false, true, word, 0n, 0n],
    })
    expect(encodeLiquidation({ ...terms, mode: 'netting' })).toEqual({ to: house, data: changed })
    const called = encodeFunctionData({
      abi: CALLS,
      functionName: 'liquidate',
      args: [person, 2, size],
    })
    for (const mode of ['keeper', 'direct'] as const)
      expect(encodeLiquidation({ ...terms, mode })).toEqual({ to: house, data: called })
  })

  test('behavior: the word has the account in its upper 160 bits and the size in its lower 96', () => {
    const account = '0x0000000000000000000000000000000000000001'
    expect(liquidationOf(account, 5n)).toBe(2n ** 96n + 5n)
    expect(liquidationOf(account, 2n ** 96n - 1n)).toBe(2n ** 97n - 1n)
  })

  test('error: a size that no order can carry', () => {
    expect(() => liquidationOf(person, 0n)).toThrow(
      'A liquidation has the size 0; it must be from 1',
    )
    expect(() => encodeLiquidation({ ...terms, mode: 'direct', size: 2n ** 96n })).toThrow(
      'has the size 79228162514264337593543950336',
    )
  })
})

test('error: a swap has no mode keeper', () => {
  expect(() =>
    encodeIntent({ ...intent, action: 'swap' }, { ...options, mode: 'keeper' }),
  ).toThrowErrorMatchingInlineSnapshot(
    `[UsageError: A workload of swaps has no mode keeper: the runtime defers the settlement of every request. Take netting or direct.]`,
  )
})

describe('other calls', () => {
  test('behavior: what viem encodes', () => {
    const amount = 123_456_789n
    expect(encodeSettle(house)).toEqual({
      to: house,
      data: encodeFunctionData({ abi: CALLS, functionName: 'settle' }),
    })
    expect(encodeSettle(house, { product: 'spot' })).toEqual({
      to: house,
      data: encodeFunctionData({ abi: CALLS, functionName: 'netAndExecuteSwaps' }),
    })
    expect(encodeDeposit({ house, amount })).toEqual({
      to: house,
      data: encodeFunctionData({ abi: CALLS, functionName: 'deposit', args: [amount] }),
    })
    expect(encodeApprove({ token, spender: person, amount }).data).toBe(
      encodeFunctionData({ abi: CALLS, functionName: 'approve', args: [person, amount] }),
    )
    expect(encodeTransfer({ token, recipient: person, amount }).data).toBe(
      encodeFunctionData({ abi: CALLS, functionName: 'transfer', args: [person, amount] }),
    )
    expect(encodeMint({ token, recipient: person, amount })).toEqual({
      to: token,
      data: encodeFunctionData({ abi: CALLS, functionName: 'mint', args: [person, amount] }),
    })
  })

  test('error: no address', () => {
    expect(() => encodeMint({ token, recipient: '0x12', amount: 1n })).toThrow(
      '"0x12" is no address.',
    )
  })
})

/** Signatures of the functions that a source of contracts/ declares. */
function declaredIn(path: string): string[] {
  const file = new URL(`../../../contracts/${path}`, import.meta.url)
  const source = readFileSync(file, 'utf8').replace(/\/\/.*$/gm, '')
  return [...source.matchAll(/function \w+\([^)]*\)/g)].map(([declaration]) =>
    toFunctionSignature(declaration.replace(/\s+/g, ' ').replaceAll('MarketId', 'uint16')),
  )
}
const signatures = new Map(CALLS.map((item) => [item.name as string, toFunctionSignature(item)]))
const SPOT = ['queueSwapRequest', 'netAndExecuteSwaps', 'swap']

test('behavior: the functions of the house are declared as in IPerpClearingHouse.sol', () => {
  const declared = declaredIn('interfaces/IPerpClearingHouse.sol')
  const others = ['approve', 'transfer', 'mint', 'setAnswer', ...SPOT]
  const ours = [...signatures].flatMap(([name, signature]) =>
    others.includes(name) ? [] : [signature],
  )
  expect(ours.length).toBeGreaterThan(5)
  for (const signature of ours) expect(declared).toContain(signature)
})

test('behavior: the functions of the spot side are declared as in its contracts', () => {
  const declared = [
    ...declaredIn('interfaces/ISpotNettingEngine.sol'),
    ...declaredIn('baseline/PoolSwapHouse.sol'),
  ]
  for (const name of SPOT) expect(declared).toContain(signatures.get(name))
})
