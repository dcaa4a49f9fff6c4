import { readFileSync } from 'node:fs'
import {
  type AbiEvent,
  decodeEventLog,
  encodeAbiParameters,
  encodeEventTopics,
  type Hex,
  parseAbi,
  toEventHash,
} from 'viem'
import { describe, expect, test } from 'vitest'
import { createRng } from '../core/rng.js'
import { type PerpDeployment, REJECT_REASONS, type SpotDeployment } from '../core/types.js'
import { decodeLogs, EVENTS, eventAddresses, type RpcLog } from './decode.js'

const address = (n: number): Hex => `0x${n.toString(16).padStart(40, '0')}`
const market = (n: number) => ({
  pool: address(0x100 + n),
  baseToken: address(0x200 + n),
  quoteToken: address(0x300 + n),
  tracker: address(0x400 + n),
})
const deployment: PerpDeployment = {
  mode: 'netting',
  chainId: 118,
  house: '0x00000000000000000000000000000000000000AA',
  vault: address(2),
  collateralToken: address(3),
  collateralDecimals: 6,
  registry: address(4),
  router: address(5),
  engine: address(6),
  netting: address(7),
  markets: [market(0), market(1)],
  deployedAtBlock: 1,
}
const rng = createRng('decode', 'logs')
const randomHex = (bytes: number): Hex =>
  `0x${Buffer.from(Array.from({ length: bytes }, () => rng.int(256))).toString('hex')}`

/** A random value of a Solidity type; signed types draw both signs. */
function randomValue(type: string, name: string): unknown {
  if (name === 'market') return rng.int(2)
  if (name === 'reason') return rng.int(REJECT_REASONS.length)
  if (type === 'bool') return rng.int(2) === 0
  if (type === 'address') return randomHex(20)
  if (type === 'bytes32') return randomHex(32)
  const bits = Number(/\d+/.exec(type)?.[0])
  const value = BigInt.asUintN(bits, rng.bigint(1n << BigInt(1 + rng.int(bits))))
  return type.startsWith('int') ? (rng.int(2) === 0 ? -value / 2n : value / 2n) : value
}

/** A log of `event` as viem encodes it. */
function encodeLog(event: (typeof EVENTS)[number], logIndex: number): RpcLog {
  const values = event.inputs.map((input) => ({
    input,
    value: randomValue(input.type, input.name),
  }))
  const indexed = (entry: (typeof values)[number]) =>
    'indexed' in entry.input && entry.input.indexed === true
  const data = values.filter((entry) => !indexed(entry))
  return {
    address: event.name === 'Swap' ? market(rng.int(2)).pool : address(0xaa),
    topics: encodeEventTopics({
      abi: [event],
      args: Object.fromEntries(
        values.filter(indexed).map(({ input, value }) => [input.name, value]),
      ),
    } as never) as Hex[],
    data: encodeAbiParameters(
      data.map(({ input }) => input) as never,
      data.map(({ value }) => value) as never,
    ),
    blockNumber: '0x10',
    logIndex: `0x${logIndex.toString(16)}`,
    transactionHash: randomHex(32),
  }
}

/** viem's reading of a log, in the words of core/types.ts. */
function viemEvent(log: RpcLog): Record<string, unknown> {
  const { eventName, args } = decodeEventLog({
    abi: EVENTS,
    topics: log.topics as [Hex, ...Hex[]],
    data: log.data,
  })
  const fields: Record<string, unknown> = { ...args }
  if (eventName === 'Swap') {
    for (const name of ['sender', 'recipient', 'liquidity', 'tick']) delete fields[name]
    fields.pool = log.address
    fields.market = deployment.markets.findIndex(({ pool }) => pool === log.address)
  }
  if (eventName === 'SwapQueued') {
    Object.assign(fields, { isOpen: true, isLong: fields.buys })
    delete fields.buys
  }
  if (eventName === 'SwapSettled') fields.realizedPnl = 0n
  if (/Rejected$/.test(eventName)) fields.reason = REJECT_REASONS[fields.reason as number]
  for (const name of ['trader', 'keeper'])
    if (name in fields) fields[name] = String(fields[name]).toLowerCase()
  return {
    type: eventName === 'Swap' ? 'Swap' : eventName.replace(/^Swap/, 'Order'),
    ...fields,
    blockNumber: 16,
    logIndex: Number(log.logIndex),
    transactionHash: log.transactionHash,
  }
}

const logs = Array.from({ length: 700 }, (_, i) =>
  encodeLog(EVENTS[i % EVENTS.length] as (typeof EVENTS)[number], i),
)
const logOf = (name: (typeof EVENTS)[number]['name']): RpcLog =>
  logs[EVENTS.findIndex((event) => event.name === name)] as RpcLog
const settled = logOf('OrderSettled')
const rejected = logOf('OrderRejected')
const swap = logOf('Swap')

describe('decodeLogs', () => {
  test('behavior: what viem decodes, for random logs of every event', () => {
    expect(decodeLogs(logs, { deployment })).toEqual(logs.map(viemEvent))
  })

  test('behavior: addresses may be written in capitals', () => {
    const capitals = { ...settled, address: deployment.house }
    expect(decodeLogs([capitals], { deployment })).toEqual([viemEvent(settled)])
  })

  test('behavior: leaves out other contracts, other events, and swaps of other pools', () => {
    const foreign: RpcLog[] = [
      { ...settled, address: address(0x999) },
      { ...settled, topics: [] },
      { ...settled, topics: [toEventHash('Transfer(address,address,uint256)')] },
      { ...swap, address: address(0x999) },
      { ...swap, address: deployment.house },
    ]
    expect(decodeLogs(foreign, { deployment })).toEqual([])
  })

  test('behavior: tens of thousands a second', () => {
    const many = Array.from({ length: 50 }, () => logs).flat()
    const start = performance.now()
    expect(decodeLogs(many, { deployment })).toHaveLength(35_000)
    expect(performance.now() - start).toBeLessThan(3500)
  })

  test.each([
    [
      'short data',
      { ...settled, data: settled.data.slice(0, -2) as Hex },
      'is a malformed OrderSettled: 3 topics and 223 bytes.',
    ],
    [
      'missing topic',
      { ...settled, topics: settled.topics.slice(0, 2) },
      'is a malformed OrderSettled: 2 topics and 224 bytes.',
    ],
    [
      'unknown market',
      {
        ...settled,
        data: `0x${'2'.padStart(64, '0')}${settled.data.slice(66)}` as Hex,
      },
      'it names market 2 of 2.',
    ],
    [
      'unknown reason',
      { ...rejected, data: `${rejected.data.slice(0, 66)}${'b'.padStart(64, '0')}` as Hex },
      'it gives the reason 11.',
    ],
  ])('error: %s', (_, log, message) => {
    expect(() => decodeLogs([log], { deployment })).toThrow(message)
    expect(() => decodeLogs([log], { deployment })).toThrow(
      `Log ${Number(log.logIndex)} of transaction ${log.transactionHash}`,
    )
  })
})

test('behavior: eventAddresses names every contract once, in lower case', () => {
  const { engine, netting, ...rest } = deployment
  expect(eventAddresses(deployment)).toEqual(
    [0xaa, 2, 6, 7, 4, 5, 0x100, 0x400, 0x101, 0x401].map(address),
  )
  expect(eventAddresses(rest)).toEqual([0xaa, 2, 4, 5, 0x100, 0x400, 0x101, 0x401].map(address))
})

test('behavior: the contracts of the spot side: no vault, no trackers', () => {
  const { vault, collateralToken, collateralDecimals, markets, ...common } = deployment
  const spot: SpotDeployment = {
    ...common,
    product: 'spot',
    markets: markets.map(({ tracker, ...pair }) => pair),
  }
  expect(eventAddresses(spot)).toEqual([0xaa, 6, 7, 4, 5, 0x100, 0x101].map(address))
})

const SOURCES = [
  ...['IPerpEvents.sol', 'ISpotEvents.sol'],
  ...['ICollateralVault.sol', 'external/IUniswapV3Pool.sol'],
]

test.each(SOURCES)('behavior: the events of %s are declared as there', (file) => {
  const source = readFileSync(
    new URL(`../../../contracts/interfaces/${file}`, import.meta.url),
    'utf8',
  )
  const declared = [...source.replace(/\/\/.*$/gm, '').matchAll(/event \w+\([^)]*\)/g)].map(
    ([declaration]) =>
      declaration
        .replace(/\s+/g, ' ')
        .replaceAll('MarketId', 'uint16')
        .replaceAll('RejectReason', 'uint8'),
  )
  const byName = (events: readonly { name: string }[]) =>
    events.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  // A claim moves what a settlement has credited, and what is paid into the fund is read from the vault: a run is not judged by these.
  const abi = (parseAbi(declared) as AbiEvent[]).filter(
    ({ name }) => name !== 'Claimed' && name !== 'FundPaid',
  )
  const names = abi.map(({ name }) => name)
  expect(names.length).toBeGreaterThan(0)
  expect(byName(EVENTS.filter(({ name }) => names.includes(name)))).toEqual(byName(abi))
  if (file === 'IPerpEvents.sol')
    expect(EVENTS.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual([
      ...['BadDebt', 'SwapQueued', 'SwapSettled', 'SwapRejected', 'Swap'],
    ])
})

test('behavior: the reasons are those of RejectReason.sol', () => {
  const source = readFileSync(
    new URL('../../../contracts/types/RejectReason.sol', import.meta.url),
    'utf8',
  )
  const body = /enum RejectReason \{([^}]*)\}/.exec(source.replace(/\/\/.*$/gm, ''))?.[1]
  expect(body?.split(',').map((name) => name.trim())).toEqual(REJECT_REASONS)
})
