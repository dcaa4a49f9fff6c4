import { type Abi, decodeDeployData, decodeFunctionData, type Hex } from 'viem'
import { expect, test } from 'vitest'
import { DEFAULT_RISK } from '../core/marketRisk.js'
import { artifacts } from './abi.generated.js'
import { createFeed, initializeRisk } from './deployRisk.js'

const WAD = 10n ** 18n
const address = (digit: string): Hex => `0x${digit.repeat(40)}`

test('createFeed: the first answer is the price in the feed’s own decimals', () => {
  const { abi, bytecode } = artifacts.TestPriceFeed
  const { data } = createFeed({ price: 2_000n * WAD, decimals: 8 }, address('1'))
  const { args } = decodeDeployData({ abi: abi as Abi, bytecode, data })
  expect(args).toEqual([address('1'), 8, 200_000_000_000n])
})

test.each([
  [{ price: WAD, decimals: 37 }, 'A price feed has 0 to 36 decimals, not 37.'],
  [{ price: WAD, decimals: 0.5 }, 'A price feed has 0 to 36 decimals, not 0.5.'],
  [
    { price: WAD / 10n, decimals: 0 },
    'A feed of 0 decimals cannot say the price 100000000000000000 (WAD).',
  ],
])('error: createFeed of %o', (terms, message) => {
  expect(() => createFeed(terms, address('1'))).toThrow(
    expect.objectContaining({ name: 'UsageError', message }),
  )
})

test('initializeRisk: what is not given is the default, and a market without a feed has none', () => {
  const risk = address('2')
  const abi = artifacts.RiskRegistry.abi as Abi
  const terms = { pooledFeePpm: 500, minOrderSize: 5n, feed: { price: WAD, decimals: 8 } }
  const decode = (feed?: Hex) => {
    const { to, data } = initializeRisk({ risk, market: 3, terms, feed })
    expect(to).toBe(risk)
    return decodeFunctionData({ abi, data })
  }
  const set = { ...DEFAULT_RISK, pooledFeePpm: 500, minOrderSize: 5n }
  expect(decode(address('3'))).toEqual({
    functionName: 'initialize',
    args: [3, { ...set, feed: address('3') }],
  })
  expect(decode().args?.[1]).toMatchObject({ ...set, feed: address('0') })
})
