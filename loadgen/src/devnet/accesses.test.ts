import { getContractAddress } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createRpc, type Rpc } from '../chain/rpc.js'
import { systemClock } from '../core/clock.js'
import type { Hex } from '../core/types.js'
import type { Access, Generation } from '../parallel/access.js'
import { type AccessReader, createAccessReader } from './accesses.js'
import type { TracedCall } from './accessesTrace.js'
import { type Anvil, startAnvil } from './anvil.js'

/** Small contracts, hand-assembled. SSTORE takes the key from the top of the stack, the value from below. */
const CODE = {
  /** slot 0 += 1 */
  counter: '5f546001015f5500',
  /** slot 5 = 1, slot 5 = 0, slot caller = 1 */
  lock: '60016005555f60055560013355',
  /** The same with the slot that the argument names. */
  locks: '60016004355560006004355500',
  /** slot 7 = slot 7 */
  sameValue: '600754600755',
  /** slot caller = own balance */
  looks: '473355',
  /** slot caller = balance of the address in the argument */
  looksAt: '600435313355',
  /** Balance of the caller and no slot. */
  looksAtCaller: '333150',
  /** slot caller = 1 */
  mapping: '60013355',
  /** slot caller = slot 1 */
  config: '6001543355',
  /** 1 wei to 0xbeef000…00beef */
  pays: '5f5f5f5f600173beef00000000000000000000000000000000beef5af100',
  /** Creates an empty contract. */
  factory: '5f5f5ff000',
  /** With an argument: slot 0 = argument. Without: reads slot 0. */
  branch: '60043515600e57600435600055005b5f5450',
  /** With an argument: calls the counter. */
  calls: `600435156025575f5f5f5f5f73${'00'.repeat(16)}c0de00005af1505b00`,
  /** slot 0 += 1, then fails. */
  fails: '5f546001015f555f5ffd',
} as const
type Name = keyof typeof CODE

const BEEF: Hex = '0xbeef00000000000000000000000000000000beef'
const CREATES_WRITER: Hex = '0x60015f555f5ff3' // A constructor that writes its slot 0.

const address = (number: number): Hex => `0x${number.toString(16).padStart(40, '0')}`
const contract = (name: Name) => address(0xc0de0000 + Object.keys(CODE).indexOf(name))
const sender = (number: number) => address(0xaa00000000 + number)
const word = (value: bigint | number | Hex) => BigInt(value).toString(16).padStart(64, '0')
const slot = (value: bigint | number | Hex): Hex => `0x${word(value)}`

function call(id: number, to: Name | Hex | undefined, more: Partial<TracedCall> = {}): TracedCall {
  return {
    id,
    from: sender(id),
    to: to === undefined || to.startsWith('0x') ? (to as Hex | undefined) : contract(to as Name),
    data: '0x11223344',
    value: 0n,
    gas: 1_000_000n,
    gasPrice: 1n,
    nonce: 0,
    ...more,
  }
}

const argument = (value: bigint | number | Hex) => ({ data: `0x11223344${word(value)}` as Hex })
const transfer = { data: '0x', value: 5n } as const

function slotAccess(kind: 'plainRead' | 'plainWrite', owner: Name, key: bigint | number): Access {
  return { kind, space: 'slot', owner: contract(owner), key: slot(key) }
}

function balance(kind: 'read' | 'delta', owner: Hex): Access {
  return { kind, space: 'balance', owner, key: '' }
}

let anvil: Anvil
let rpc: Rpc
let traced: string[]
let reader: AccessReader

beforeAll(async () => {
  anvil = await startAnvil({ chainId: 118, clock: systemClock })
  rpc = createRpc(anvil.url)
  const names = Object.keys(CODE) as Name[]
  const answers = await rpc.batch([
    ...names.flatMap((name) => [
      { method: 'anvil_setCode', params: [contract(name), `0x${CODE[name]}`] },
      { method: 'anvil_setNonce', params: [contract(name), '0x1'] },
    ]),
    ...Array.from({ length: 20 }, (_, i) => ({
      method: 'anvil_setBalance',
      params: [sender(i), '0xde0b6b3a7640000'],
    })),
    { method: 'anvil_setBalance', params: [sender(50), '0x2dc6c0'] },
    { method: 'anvil_setStorageAt', params: [contract('sameValue'), slot(7), slot(9)] },
  ])
  expect(answers.filter(({ error }) => error !== undefined)).toEqual([])
})
afterAll(async () => {
  await rpc.close()
  await anvil.stop()
})
beforeEach(() => {
  traced = []
  const spy: Rpc = {
    ...rpc,
    batch(calls) {
      for (const { params } of calls) traced.push(JSON.stringify(params[2] ?? ''))
      return rpc.batch(calls)
    },
  }
  reader = createAccessReader({ rpc: spy })
})

const samplesTaken = () => traced.filter((config) => config.includes('step:')).length
const diffsTaken = () => traced.filter((config) => config.includes('diffMode')).length

/** All beside each other, unless sequences are given. */
async function read(
  calls: readonly TracedCall[],
  sequences: readonly (readonly number[])[] = calls.map(({ id }) => [id]),
) {
  const generations: Generation[] = [{ sequences, isDeferred: false, flagged: [] }]
  return readGenerations(calls, generations)
}

async function readGenerations(calls: readonly TracedCall[], generations: readonly Generation[]) {
  const block = { number: 5, timestamp: 2_000_000_000 }
  const { accesses, sampled } = await reader.read(calls, { ...block, generations })
  return { of: calls.map(({ id }) => accesses.get(id)), sampled }
}

describe('slots', () => {
  test('a counter: each call writes it', async () => {
    const { of, sampled } = await read([0, 1, 2, 3, 4].map((id) => call(id, 'counter')))
    expect(of).toEqual(of.map(() => [slotAccess('plainWrite', 'counter', 0)]))
    expect(sampled).toEqual([])
  })

  test('a lock that is set and reset is written, by the calls that no sample is of as well', async () => {
    const { of, sampled } = await read([0, 1, 2, 3, 4].map((id) => call(id, 'lock')))
    expect(of).toEqual(of.map(() => [slotAccess('plainWrite', 'lock', 5)]))
    expect(sampled).toEqual([`${contract('lock')}:0x11223344`])
  })

  test('locks apart: each is found, with more samples', async () => {
    const calls = [0, 1, 2, 3, 4, 5].map((id) => call(id, 'locks', argument(100 + (id >> 1))))
    const { of } = await read(calls)
    expect(of).toEqual(calls.map(({ id }) => [slotAccess('plainWrite', 'locks', 100 + (id >> 1))]))
    expect(samplesTaken()).toBe(3)
  })

  test('the same value again is written', async () => {
    const { of } = await read([0, 1, 2].map((id) => call(id, 'sameValue')))
    expect(of).toEqual(of.map(() => [slotAccess('plainWrite', 'sameValue', 7)]))
  })

  test('a slot for each sender is nobody else’s, and nothing is sampled', async () => {
    const { of, sampled } = await read([0, 1, 2].map((id) => call(id, 'mapping')))
    expect(of).toEqual([[], [], []])
    expect({ sampled, samples: samplesTaken(), diffs: diffsTaken() }).toEqual({
      ...{ sampled: [], samples: 0, diffs: 0 },
    })
  })

  test('two calls of one sender share its slot', async () => {
    const calls = [0, 1].map((id) => call(id, 'mapping', { from: sender(7), nonce: id }))
    const { of } = await read(calls)
    const write = slotAccess('plainWrite', 'mapping', BigInt(sender(7)))
    expect(of).toEqual([[write], [write]])
  })

  test('a slot that all only read, beside one that each writes for itself', async () => {
    const { of, sampled } = await read([0, 1, 2, 3].map((id) => call(id, 'config')))
    expect(of).toEqual(of.map(() => [slotAccess('plainRead', 'config', 1)]))
    expect(sampled).toEqual([`${contract('config')}:0x11223344`])
    // Of the two samples alone: the slot is known to be read only.
    expect(diffsTaken()).toBe(2)
  })

  test('a call that fails reads what it touched', async () => {
    const { of } = await read([0, 1, 2].map((id) => call(id, 'fails')))
    expect(of).toEqual(of.map(() => [slotAccess('plainRead', 'fails', 0)]))
  })

  test('a branch that calls another contract is another kind of call', async () => {
    const calls = [0, 1, 2, 3, 4, 5].map((id) => call(id, 'calls', argument(id % 3 === 1 ? 1 : 0)))
    const { of } = await read(calls)
    const write = [slotAccess('plainWrite', 'counter', 0)]
    expect(of).toEqual([[], write, [], [], write, []])
  })

  test('a branch that writes is found where a sample writes', async () => {
    const calls = [1, 0, 0, 1, 0].map((writes, id) => call(id, 'branch', argument(writes)))
    const { of } = await read(calls)
    expect(of.flat().map((access) => access?.kind)).toEqual([
      ...['plainWrite', 'plainRead', 'plainRead', 'plainWrite', 'plainRead'],
    ])
  })

  test('limit: a branch that writes where no sample does is missed, and the kind is named', async () => {
    const calls = [0, 0, 1, 0, 0].map((writes, id) => call(id, 'branch', argument(writes)))
    const { of, sampled } = await read(calls)
    expect(of[2]).toEqual([slotAccess('plainRead', 'branch', 0)])
    expect(sampled).toEqual([`${contract('branch')}:0x11223344`])
  })
})

describe('who runs beside whom', () => {
  const calls = [0, 1, 2].map((id) => call(id, 'counter'))

  test('calls of one sequence share nothing with each other', async () => {
    expect((await read(calls, [[0, 1, 2]])).of).toEqual([[], [], []])
    expect((await read(calls, [[0, 1], [2]])).of.flat()).toHaveLength(3)
  })

  test('nor calls of two generations', async () => {
    const { of } = await readGenerations(
      calls,
      calls.map(({ id }) => ({ sequences: [[id]], isDeferred: false, flagged: [] })),
    )
    expect(of).toEqual([[], [], []])
  })
})

describe('balances', () => {
  test('who looks at its own balance meets who pays to it', async () => {
    const { of } = await read([call(0, 'looks'), call(1, 'looks'), call(2, 'looks', transfer)])
    const [read0, delta0] = [
      balance('read', contract('looks')),
      balance('delta', contract('looks')),
    ]
    expect(of).toEqual([[read0], [read0], [delta0, read0]])
  })

  test('transfers move balances, and nothing is sampled', async () => {
    const { of } = await read([
      call(0, BEEF, transfer),
      call(1, BEEF, transfer),
      call(2, sender(0), transfer),
    ])
    expect(of).toEqual([
      [balance('delta', BEEF), balance('delta', sender(0))].sort(byOwner),
      [balance('delta', BEEF)],
      [balance('delta', sender(0))],
    ])
    expect(samplesTaken()).toBe(0)
  })

  test('wei that a contract passes on', async () => {
    await rpc.call('anvil_setBalance', [contract('pays'), '0x1'])
    const { of } = await read([
      ...[0, 1, 2].map((id) => call(id, 'pays')),
      call(3, 'looksAt', argument(BEEF)),
    ])
    await rpc.call('anvil_setBalance', [contract('pays'), '0x0'])
    const moved = [balance('delta', BEEF), balance('delta', contract('pays'))].sort(byOwner)
    expect(of.slice(0, 3).map((each) => [...(each ?? [])].sort(byOwner))).toEqual([
      ...[moved, moved, moved],
    ])
    expect(of[3]).toEqual([balance('read', BEEF)])
  })

  test('each caller’s own balance, where someone pays it', async () => {
    const { of } = await read([
      ...[call(0, 'looksAtCaller'), call(1, 'looksAtCaller'), call(2, 'looksAtCaller')],
      call(3, sender(1), transfer),
    ])
    expect(of).toEqual([...[[], [balance('read', sender(1))], [], [balance('delta', sender(1))]]])
  })

  test('a sender that cannot pay for both of its calls', async () => {
    const poor = { from: sender(50), gas: 1_600_000n }
    const { of } = await read([
      ...[call(0, 'mapping'), call(1, BEEF, { ...poor, data: '0x' })],
      call(2, 'counter', { ...poor, nonce: 1 }),
      call(3, 'config', { from: sender(3) }),
    ])
    expect(of).toEqual([...[[], [balance('delta', sender(50))], [balance('read', sender(50))], []]])
    const enough = { from: sender(50), gas: 1_400_000n }
    const both = [call(1, BEEF, enough), call(2, 'counter', { ...enough, nonce: 1 })]
    expect((await read(both)).of).toEqual([[], []])
    expect((await read([call(1, BEEF, poor), call(2, BEEF, poor)], [[1, 2]])).of.flat()).toEqual([
      ...[balance('delta', sender(50)), balance('read', sender(50))],
    ])
  })

  test('what cannot run touches nothing but the balance of its sender', async () => {
    const { of } = await read([
      call(0, 'counter', { from: sender(51), value: 1n }),
      call(1, 'counter', { gas: 21_000n }),
      call(2, 'counter'),
    ])
    expect(of).toEqual([[balance('read', sender(51))], [balance('read', sender(1))], []])
  })
})

describe('code', () => {
  const created = (from: Hex, nonce: number) =>
    getContractAddress({ from, nonce: BigInt(nonce) }).toLowerCase() as Hex
  const code = (kind: 'plainRead' | 'plainWrite', owner: Hex): Access => ({
    ...{ kind, space: 'code', owner, key: '' },
  })

  test('who calls a contract that another transaction creates', async () => {
    const at = created(sender(0), 0)
    const { of } = await read([
      call(0, undefined, { data: CREATES_WRITER }),
      ...[call(1, at), call(2, 'mapping')],
    ])
    expect(of).toEqual([[code('plainWrite', at)], [code('plainRead', at)], []])
  })

  test('contracts of one sender have nothing in common, whatever its nonce before the block', async () => {
    const creations = [0, 1, 2].map((id) =>
      call(id, undefined, { data: CREATES_WRITER, from: sender(0), nonce: id }),
    )
    expect((await read(creations)).of).toEqual([[], [], []])
    const at = created(sender(0), 2)
    const { of } = await read([...creations, call(3, at)])
    expect(of).toEqual([[], [], [code('plainWrite', at)], [code('plainRead', at)]])
  })

  test('a factory makes the same contract for two callers', async () => {
    const at = created(contract('factory'), 1)
    const { of } = await read([0, 1, 2].map((id) => call(id, 'factory')))
    expect(of).toEqual(of.map(() => [code('plainWrite', at)]))
  })
})

test('error: a call that Anvil does not understand', async () => {
  await expect(read([call(0, 'counter', { data: '0x123' })])).rejects.toThrow(
    `Anvil cannot trace a call of ${sender(0)} to ${contract('counter')}: `,
  )
})

describe('what is remembered', () => {
  test('samples are taken once for all blocks', async () => {
    const calls = [0, 1, 2, 3].map((id) => call(id, 'config'))
    const { of } = await read(calls)
    expect(samplesTaken()).toBe(2)
    expect((await read(calls)).of).toEqual(of)
    expect(samplesTaken()).toBe(2)
  })

  test('forget', async () => {
    const calls = [0, 1, 2, 3].map((id) => call(id, 'config'))
    await read(calls)
    reader.forget()
    await read(calls)
    expect(samplesTaken()).toBe(4)
  })
})

function byOwner(a: Access, b: Access): number {
  return a.owner < b.owner ? -1 : 1
}
