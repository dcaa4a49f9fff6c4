import {
  type Abi,
  type BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  http,
  type PublicClient,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { beforeAll, describe, expect, test } from 'vitest'
import { artifacts } from '../src/chain/abi.generated.js'
import type { Deployment } from '../src/core/types.js'
import { loadgen, PAID, POOR_KEY, serveDevnet } from './support/cli.js'

const WAD = 10n ** 18n
const poor = privateKeyToAccount(POOR_KEY)

let url: string
let client: PublicClient
beforeAll(async () => {
  const devnet = await serveDevnet('--block-time', '0')
  url = devnet.url
  client = createPublicClient({ transport: http(url) })
  return async () => {
    devnet.cli.interrupt('process')
    await devnet.cli.ended
  }
})

/** A call that the house refuses, and the error that says why. */
const REFUSED = [
  {
    name: 'an open of nothing',
    call: ['openPosition', [0, true, 0n, 0n, 0n]],
    error: ['ClearingHouse_ZeroSize', undefined],
  },
  {
    name: 'an open larger than an order can be',
    call: ['openPosition', [0, true, 2n ** 96n, 0n, 0n]],
    error: ['ClearingHouse_SizeTooLarge', [2n ** 96n, 2n ** 96n - 1n]],
  },
  {
    name: 'an open whose deadline has passed',
    call: ['openPosition', [0, true, WAD, 0n, 1n]],
    error: ['ClearingHouse_Expired', [1n, expect.any(BigInt)]],
  },
  {
    name: 'an open in an unknown market',
    call: ['openPosition', [7, true, WAD, 0n, 0n]],
    error: ['MarketRegistry_UnknownMarket', [7]],
  },
  {
    name: 'an open with too little margin',
    call: ['openPosition', [0, true, WAD, 0n, 0n]],
    error: ['ClearingHouse_MarginTooLow', [poor.address, 0n, expect.any(BigInt)]],
  },
  {
    name: 'a change of nothing',
    call: ['changePosition', [0, true, true, 0n, 0n, 0n]],
    error: ['ClearingHouse_ZeroSize', undefined],
  },
  {
    name: 'a change whose deadline has passed',
    call: ['changePosition', [0, true, true, WAD, 0n, 1n]],
    error: ['ClearingHouse_Expired', [1n, expect.any(BigInt)]],
  },
  {
    name: 'a close of no position',
    call: ['closePosition', [0, WAD, 0n, 0n]],
    error: ['ClearingHouse_NothingToClose', [poor.address, 0]],
  },
  {
    name: 'a withdrawal of more than the account has',
    call: ['withdraw', [5n]],
    error: ['ClearingHouse_NotWithdrawable', [poor.address, 5n * 10n ** 12n, 0n]],
  },
] as const

describe.each([
  { house: 'netting', abi: artifacts.PerpClearingHouse.abi as Abi },
  { house: 'direct', abi: artifacts.PoolClearingHouse.abi as Abi },
])('the $house house on a node', ({ house, abi }) => {
  let deployment: Deployment
  beforeAll(async () => {
    const { code, stdout, complaint } = await loadgen(
      ['deploy', '--house', house, '--rpc-url', url],
      PAID,
    )
    expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
    deployment = JSON.parse(stdout)
  })

  test.each(REFUSED)('refuses $name by a named error', async ({ call, error }) => {
    const [functionName, args] = call
    const refusal = await client
      .simulateContract({ account: poor, address: deployment.house, abi, functionName, args })
      .catch((caught: unknown) => caught)
    const revert = (refusal as BaseError).walk((e) => e instanceof ContractFunctionRevertedError)
    const { data } = revert as ContractFunctionRevertedError
    expect([data?.errorName, data?.args]).toEqual(error)
  })
})
