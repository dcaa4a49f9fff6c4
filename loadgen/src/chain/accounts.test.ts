import { encodeFunctionResult } from 'viem'
import { describe, expect, test } from 'vitest'
import type { Hex } from '../core/types.js'
import { artifacts } from './abi.generated.js'
import { type AccountState, isBelowMaintenance, readPrices } from './accounts.js'
import { readsAt } from './reads.js'
import type { Rpc, RpcCall } from './rpc.js'

const account = (equity: bigint, openNotional = 100n): AccountState => ({
  ...{ equity, openNotional, initialMargin: 10n, maintenanceMargin: 5n },
})

describe('isBelowMaintenance', () => {
  test('default: below it, not at it, and never without a position', () => {
    expect([4n, 5n, -1n].map((equity) => isBelowMaintenance(account(equity)))).toEqual([
      ...[true, false, true],
    ])
    expect(isBelowMaintenance(account(-1n, 0n))).toBe(false)
  })
})

/** Answers every read of prices, and keeps what it was asked. */
function fakeRpc() {
  const asked: RpcCall[] = []
  const result = encodeFunctionResult({
    abi: artifacts.RiskRegistry.abi,
    functionName: 'pricesOf',
    result: { mark: 7n, index: 8n, status: 1 },
  })
  const batch = async (calls: readonly RpcCall[]) => {
    asked.push(...calls)
    return calls.map(() => ({ result }))
  }
  return { asked, rpc: { batch } as unknown as Rpc }
}
const risk: Hex = `0x${'c'.repeat(40)}`

describe('readPrices', () => {
  test.each([
    ['as of the block', undefined, []],
    ['args: at a later time', 1_000, [{}, { time: '0x3e8' }]],
  ])('default: of every market, %s', async (_, time, overrides) => {
    const { asked, rpc } = fakeRpc()
    const prices = await readPrices(readsAt(rpc, 16, { time }), { risk, markets: [1, 2] })
    expect(prices).toMatchObject([
      { mark: 7n, index: 8n },
      { mark: 7n, index: 8n },
    ])
    expect(asked.map(({ method, params }) => [method, ...params.slice(1)])).toEqual(
      [0, 1].map(() => ['eth_call', '0x10', ...overrides]),
    )
  })
})
