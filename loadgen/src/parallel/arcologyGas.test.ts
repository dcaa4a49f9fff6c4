import { encodeFunctionData, type Hex, numberToHex, pad, parseAbi } from 'viem'
import { expect, test } from 'vitest'
import type { CallFrame } from '../core/callFrame.js'
import { intrinsicGas, modelTransaction } from './arcologyGas.js'
import { PRECOMPILES, selectorOf } from './arcologyGasSchedule.js'

const { containers, cumulative, runtime, multiprocess } = PRECOMPILES
const abi = parseAbi([
  'function eval(bytes command)',
  'function setByKey(bytes key, bytes value)',
  'function getByKey(bytes key)',
  'function fullLength()',
  'function clear()',
])

const address = (n: number): Hex => pad(numberToHex(n), { size: 20 })
const [SENDER, HOUSE, QUEUE, TRACKER] = [0xa1, 0xb1, 0xb2, 0xb3].map(address) as [
  Hex,
  Hex,
  Hex,
  Hex,
]

/** A call that used `gasUsed`, its own calls included. */
const call = (to: Hex, gasUsed: number, fields: Partial<CallFrame> = {}): CallFrame => ({
  ...{
    type: 'call',
    from: HOUSE,
    to,
    input: '0x',
    output: '0x',
    gasUsed,
    failed: false,
    calls: [],
  },
  ...fields,
})
const command = (functionName: 'fullLength' | 'clear'): Hex =>
  encodeFunctionData({
    abi,
    functionName: 'eval',
    args: [encodeFunctionData({ abi, functionName })],
  })
const append = encodeFunctionData({
  abi,
  functionName: 'eval',
  // 96 bytes of key and 1 of value: 4 words, so 1,000 call + 2,000 encode + 4 = 3,004.
  args: [
    encodeFunctionData({ abi, functionName: 'setByKey', args: [pad('0x1', { size: 96 }), '0x01'] }),
  ],
})
const get = encodeFunctionData({
  abi,
  functionName: 'eval',
  args: [encodeFunctionData({ abi, functionName: 'getByKey', args: ['0x01'] })],
})
const root = (gasUsed: number, calls: CallFrame[], input: Hex = '0x12345600'): CallFrame =>
  call(HOUSE, gasUsed, { from: SENDER, input, calls })

/** gasUsed of the receipt when nothing was refunded. Call data 0x12345600: 3 × 16 + 4 = 52. */
const receiptOf = (frame: CallFrame, refund = 0) => 21_000 + 52 + frame.gasUsed - refund

test('default: an order that is queued', () => {
  const frame = root(130_000, [
    call(runtime, 6_000, { input: selectorOf('pid()') as Hex, output: pad('0x1') }),
    call(QUEUE, 60_000, { calls: [call(containers, 55_000, { from: QUEUE, input: append })] }),
  ])
  expect(modelTransaction(frame, { receiptGas: receiptOf(frame), touchedSlots: 2 })).toEqual({
    intrinsic: 21_208, // 21,000 + 3 × 68 + 4
    // 130,000 − 6,000 − 55,000 of the emulators; 3 cold accounts (runtime, queue, containers), 2 cold slots
    evm: 69_000 - 3 * 2_500 - 2 * 2_000,
    precompiles: 3_000 + 3_004,
    refund: 0,
    ...{ jobs: 0, pool: 0 },
    total: 21_208 + 57_500 + 6_004,
    operations: new Map([
      ['pid', { calls: 1, gas: 3_000 }],
      ['setByKey', { calls: 1, gas: 3_004 }],
    ]),
  })
})

test('behavior: an account is cold once, and never when an emulator touched it first', () => {
  const touchesCumulative = call(containers, 20_000, {
    input: append,
    // The emulator asks the other one: its cold access is inside the 20,000.
    calls: [call(cumulative, 3_000, { from: containers })],
  })
  const evm = (calls: CallFrame[]) => {
    const frame = root(100_000, calls)
    return modelTransaction(frame, { receiptGas: receiptOf(frame), touchedSlots: 0 })?.evm
  }
  expect(evm([touchesCumulative])).toBe(80_000 - 2_500)
  expect(evm([touchesCumulative, touchesCumulative])).toBe(60_000 - 2_500)
  expect(evm([touchesCumulative, call(cumulative, 10_000)])).toBe(70_000 - 2_500)
  // The sender, the target itself, Ethereum's precompiles and a new contract were never cold.
  const warm = [
    call(SENDER, 0),
    call(HOUSE, 0),
    call(address(1), 0),
    call(QUEUE, 0, { type: 'create' }),
  ]
  expect(evm(warm)).toBe(100_000)
  expect(evm([call(QUEUE, 0)])).toBe(97_500)
})

test('behavior: a read of an absent element is a failed call, and cheaper', () => {
  const gas = (failed: boolean) => {
    const frame = root(50_000, [call(containers, 9_000, { input: get, failed })])
    return modelTransaction(frame, { receiptGas: receiptOf(frame), touchedSlots: 0 })?.precompiles
  }
  expect(gas(false)).toBe(8_001)
  expect(gas(true)).toBe(6_001)
})

test('behavior: clearing costs by the length that the same contract asked for', () => {
  const clear = (owner: Hex) => {
    const frame = root(90_000, [
      call(containers, 1_000, { from: QUEUE, input: command('fullLength'), output: pad('0x64') }),
      call(containers, 1_000, { from: owner, input: command('clear') }),
    ])
    return modelTransaction(frame, {
      receiptGas: receiptOf(frame),
      touchedSlots: 0,
    })?.operations.get('clear')?.gas
  }
  expect(clear(QUEUE)).toBe(1_300) // 1,000 + 3 × 100
  expect(clear(TRACKER)).toBe(1_000)
})

test('behavior: refunds are kept, up to a fifth', () => {
  const frame = root(50_000, [call(containers, 30_000, { input: append })])
  const model = (refund: number) =>
    modelTransaction(frame, { receiptGas: receiptOf(frame, refund), touchedSlots: 0 })
  // 21,208 intrinsic + 20,000 − 2,500 + 3,004 = 41,712 before the refund
  expect(model(4_800)).toMatchObject({ refund: 4_800, total: 36_912 })
  expect(model(19_900)).toMatchObject({ refund: 8_342, total: 33_370 })
})

test('behavior: a parallel job is a transaction of its own', () => {
  const job = call(TRACKER, 40_000, {
    from: multiprocess,
    input: '0xaabb', // 21,000 + 2 × 68
    calls: [call(containers, 10_000, { from: TRACKER, input: append })],
  })
  const frame = root(100_000, [
    call(multiprocess, 70_000, {
      input: selectorOf('invoke(bytes)') as Hex,
      calls: [
        call(runtime, 5_000, { from: multiprocess }), // a job begins
        job,
        call(runtime, 5_000, { from: multiprocess }), // and ends
      ],
    }),
  ])
  const gas = modelTransaction(frame, { receiptGas: receiptOf(frame), touchedSlots: 3 })
  // Own: 100,000 − 70,000 − a cold account. Job: 40,000 − 10,000 − the containers, cold. 3 slots of both.
  const evm = 30_000 - 2_500 + 30_000 - 2_500 - 6_000
  expect(gas).toMatchObject({
    intrinsic: 21_208 + 21_136,
    evm,
    precompiles: 4_064 + 3_004, // invoke with one job; the job's append
    total: 42_344 + evm + 7_068,
  })
  // The job: 21,136 + 27,500 + 3,004 = 51,640 of 104,412; the slots are taken off both in proportion.
  expect(gas?.jobs).toBe(Math.round((51_640 * 98_412) / 104_412))
})

test('behavior: the gate of strict mode costs nothing', () => {
  const isAborting = call(runtime, 2_500, { input: selectorOf('isAborting()') as Hex })
  const own = [call(containers, 30_000, { input: append })]
  const code = call(address(0xff), 50_000, { type: 'delegatecall', calls: own })
  const gated = root(57_900, [isAborting, code])
  const plain = root(50_000, own)
  const facts = { touchedSlots: 1 }
  expect(modelTransaction(gated, { ...facts, receiptGas: receiptOf(gated) })).toEqual(
    modelTransaction(plain, { ...facts, receiptGas: receiptOf(plain) }),
  )
  // One contract further in: the outer one pays its own 20,000 and a cold account.
  const inner = (call_: CallFrame) => root(20_000 + call_.gasUsed, [{ ...call_, to: QUEUE }])
  const [through, without] = [inner(gated), inner(plain)]
  expect(modelTransaction(through, { ...facts, receiptGas: receiptOf(through) })).toEqual(
    modelTransaction(without, { ...facts, receiptGas: receiptOf(without) }),
  )
  // What the gate stops has no gas to model.
  const stopped = root(3_000, [isAborting])
  expect(modelTransaction(stopped, { receiptGas: receiptOf(stopped), touchedSlots: 0 })).toBe(
    undefined,
  )
})

test('args: non-zero byte', () => {
  expect(intrinsicGas('0x')).toBe(21_000)
  expect(intrinsicGas('0x00ff10')).toBe(21_000 + 4 + 2 * 68)
  expect(intrinsicGas('0x00ff10', 16)).toBe(21_000 + 4 + 2 * 16)
})

test('behavior: swaps of the pools are told apart, with their callbacks and without reads of the price', () => {
  const POOL = address(0xc1)
  const swap = selectorOf('swap(address,bool,int256,uint160,bytes)') as Hex
  const frame = root(300_000, [
    call(POOL, 5_000, { input: selectorOf('slot0()') as Hex }),
    call(POOL, 90_000, {
      input: `${swap}00`,
      calls: [
        call(HOUSE, 40_000, {
          from: POOL,
          calls: [call(QUEUE, 25_000, { calls: [call(containers, 20_000, { input: append })] })],
        }),
      ],
    }),
    call(TRACKER, 10_000, { input: `${swap}00` }),
  ])
  const facts = { receiptGas: receiptOf(frame), touchedSlots: 0 }
  const gas = modelTransaction(frame, { ...facts, pools: new Set([POOL]) })
  // Instructions 90,000 − 20,000 of the emulator − 2 cold accounts (queue, containers; house and pool are warm), and 3,004.
  expect(gas?.pool).toBe(90_000 - 20_000 - 2 * 2_500 + 3_004)
  const { pool: none, ...without } = modelTransaction(frame, facts) ?? {}
  expect(none).toBe(0)
  expect(gas).toMatchObject(without)
})
