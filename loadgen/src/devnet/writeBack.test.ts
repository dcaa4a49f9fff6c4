import { concatHex, keccak256, toHex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EMULATION, SYSTEM_ADDRESS } from '../chain/abi.generated.js'
import { createRpc, type Rpc } from '../chain/rpc.js'
import { type Devnet, startDevnet } from './devnet.js'
import type { Outcome } from './jsonRpc.js'
import { receiptsBloom } from './receiptsBloom.js'
import { createWriteBack } from './writeBack.js'
import { WRITE_BACK } from './writeBackMoves.js'

type Hex = `0x${string}`
type Log = { topics: Hex[]; data: Hex; logIndex: Hex; transactionHash: Hex; transactionIndex: Hex }
type Receipt = {
  transactionHash: Hex
  transactionIndex: Hex
  blockHash: Hex
  blockNumber: Hex
  status: Hex
  logs: Log[]
  logsBloom: Hex
}

const SIGNATURE = keccak256(toHex('Settled(uint256,uint256)'))
const word = (value: number): Hex => toHex(value, { size: 32 })

/** Opcodes in hexadecimal; `:x` is a JUMPDEST named x, `@x` pushes its place. */
function assemble(source: string): Hex {
  const tokens = source.split(/\s+/).filter((token) => token !== '')
  const places = new Map<string, number>()
  let size = 0
  for (const token of tokens) {
    if (token.startsWith(':')) places.set(token.slice(1), size)
    size += token.startsWith(':') ? 1 : token.startsWith('@') ? 2 : token.length / 2
  }
  return concatHex(
    tokens.map((token): Hex => {
      if (token.startsWith(':')) return '0x5b'
      return token.startsWith('@')
        ? concatHex(['0x60', toHex(places.get(token.slice(1)) ?? 0, { size: 1 })])
        : `0x${token}`
    }),
  )
}

/**
 * A contract whose call data begin with what to do. 0 (key): store the pid under the key; 2: the same, then revert.
 * 1 (first key, end, signature, context): first a log without topics, then a WriteBackEvent to each of these keys' pids.
 */
const CONTRACT = '0x00000000000000000000000000000000000c0de0'
const CODE = assemble(`
  5f35 5f1a 80 6001 14 @write 57
  63f1068454 60e0 1b 5f 52 6020 5f 6004 5f 5f 60a0 5a f1 50
  5f51 6001 35 55 6002 14 @fail 57 00
  :fail 5f5ffd
  :write 5f5fa0 6061 36 03 80 6061 5f 37 6001 35
  :loop 80 6021 35 11 15 @end 57
    6041 35 81 54 7f${WRITE_BACK.slice(2)} 84 5f a3 6001 01 @loop 56
  :end 00`)

const askPid = (key: number, mode: 0 | 2 = 0) => concatHex([toHex(mode, { size: 1 }), word(key)])

/** Settled(topic; 7) to the pids under the keys `first` to before `end`. */
const writeBack = (first: number, end: number, topic = 5) =>
  concatHex(
    ['0x01', word(first), word(end), SIGNATURE, word(32), word(96), word(topic)].concat([
      `0x${'ff'.repeat(32)}`,
      word(7),
    ]) as Hex[],
  )

const warnings: object[] = []
let devnet: Devnet
let rpc: Rpc
let accounts: Hex[]

beforeAll(async () => {
  devnet = await startDevnet({
    emulation: EMULATION,
    systemAddress: SYSTEM_ADDRESS,
    log: { debug() {}, info() {}, warn: (facts) => warnings.push(facts) },
    blockTimeMs: 86_400_000,
    emptyBlocks: false,
  })
  rpc = createRpc(devnet.url)
  accounts = (await rpc.call('eth_accounts')) as Hex[]
  await rpc.call('anvil_setCode', [CONTRACT, CODE])
})

afterAll(async () => {
  await rpc.close()
  await devnet.stop()
})

/** One block of calls of the contract, or transfers where there are no data; `from` are numbers of accounts. */
async function block(...calls: { from: number; data?: Hex }[]): Promise<Hex[]> {
  const sent = await rpc.batch(
    calls.map(({ from, data }) => ({
      method: 'eth_sendTransaction',
      params: [
        {
          from: accounts[from],
          gas: '0x7a120',
          gasPrice: '0x1',
          ...(data === undefined ? { to: accounts[9] } : { to: CONTRACT, data }),
        },
      ],
    })),
  )
  await rpc.call('evm_mine')
  return sent.map(({ result }) => result as Hex)
}

async function receipts(hashes: readonly Hex[]): Promise<Receipt[]> {
  const answers = await rpc.batch(
    hashes.map((hash) => ({ method: 'eth_getTransactionReceipt', params: [hash] })),
  )
  return answers.map(({ result }) => result as Receipt)
}

/** Signatures of the events of each receipt: `plain` without topics. */
function names(list: readonly Receipt[]): string[][] {
  const known = new Map<Hex | undefined, string>([
    [SIGNATURE, 'Settled'],
    [WRITE_BACK, 'WriteBackEvent'],
    [undefined, 'plain'],
  ])
  return list.map(({ logs }) => logs.map(({ topics }) => known.get(topics[0]) ?? 'unknown'))
}

test('default: each event is in the receipt of the transaction that its pid names', async () => {
  const hashes = await block(
    { from: 0, data: askPid(1) },
    { from: 1 },
    { from: 2, data: askPid(2) },
    { from: 3, data: writeBack(1, 3) },
  )
  const found = await receipts(hashes)
  expect(names(found)).toEqual([['Settled'], [], ['Settled'], ['plain']])
  const [first, , third, emitter] = found as [Receipt, Receipt, Receipt, Receipt]
  expect(third.logs).toEqual([
    {
      address: CONTRACT,
      topics: [SIGNATURE, word(5)],
      data: word(7),
      blockHash: third.blockHash,
      blockNumber: third.blockNumber,
      blockTimestamp: expect.stringMatching(/^0x[0-9a-f]+$/),
      transactionHash: hashes[2],
      transactionIndex: '0x2',
      logIndex: '0x2',
      removed: false,
    },
  ])
  expect([first, emitter].map(({ logs }) => logs[0]?.logIndex)).toEqual(['0x1', '0x0'])
  for (const { logs, logsBloom } of found) expect(logsBloom).toBe(receiptsBloom(logs as never))

  // Asked in any other way the receipts are the same.
  const one = await rpc.call('eth_getTransactionReceipt', [hashes[2]])
  expect(one).toEqual(third)
  expect(await rpc.call('eth_getBlockReceipts', [third.blockNumber])).toEqual(found)
  const mixed = await rpc.batch([
    { method: 'anvil_getAutomine', params: [] },
    { method: 'eth_getTransactionReceipt', params: [hashes[2]] },
    { method: 'eth_getBlockReceipts', params: [third.blockNumber] },
  ])
  expect(mixed.map(({ result }) => result)).toEqual([false, third, found])
  const logs = (await rpc.call('eth_getLogs', [{ blockHash: third.blockHash }])) as Log[]
  expect(logs.map(({ topics, transactionHash }) => [topics[0], transactionHash])).toEqual([
    [undefined, hashes[3]],
    [WRITE_BACK, hashes[3]],
    [WRITE_BACK, hashes[3]],
  ])
})

test('behavior: neither what reverted nor what never asked has the pid of its sender’s later call', async () => {
  const hashes = await block(
    { from: 0, data: askPid(1, 2) },
    { from: 0 },
    { from: 0, data: askPid(1) },
    { from: 0 },
    { from: 1, data: writeBack(1, 2) },
  )
  expect(names(await receipts(hashes))).toEqual([[], [], ['Settled'], [], ['plain']])
})

test('behavior: the receipt that a Sync send answers with has the event', async () => {
  const { taken } = devnet.counters()
  const transaction = {
    from: accounts[0],
    to: CONTRACT,
    gas: '0x7a120',
    gasPrice: '0x1',
    data: askPid(1),
  }
  const answer = rpc.call('eth_sendTransactionSync', [transaction])
  while (devnet.counters().taken === taken) await rpc.call('eth_chainId')
  await block({ from: 1, data: writeBack(1, 2) })
  expect(names([(await answer) as Receipt])).toEqual([['Settled']])
})

test('behavior: after evm_revert a block of the same number has its own moves', async () => {
  const snapshot = await rpc.call('evm_snapshot')
  const before = await block({ from: 0, data: askPid(1) }, { from: 1, data: writeBack(1, 2) })
  expect(names(await receipts(before))).toEqual([['Settled'], ['plain']])
  await rpc.call('evm_revert', [snapshot])
  const after = await block(
    { from: 2 },
    { from: 0, data: askPid(1) },
    { from: 1, data: writeBack(1, 2, 6) },
  )
  const found = await receipts(after)
  expect(names(found)).toEqual([[], ['Settled'], ['plain']])
  expect(found[1]?.logs[0]?.topics[1]).toBe(word(6))
})

test('error: a pid of an earlier block: the event stays where it is, with a warning', async () => {
  await block({ from: 0, data: askPid(1) })
  const before = warnings.length
  const hashes = await block({ from: 0, data: askPid(2) }, { from: 1, data: writeBack(1, 3) })
  const found = await receipts(hashes)
  expect(names(found)).toEqual([['Settled'], ['plain', 'WriteBackEvent']])
  expect(warnings.slice(before)).toEqual([
    { block: Number(found[0]?.blockNumber), pid: found[1]?.logs[1]?.topics[1], events: 1 },
  ])
  await receipts(hashes)
  expect(warnings.length).toBe(before + 1)
})

/** An Anvil that answers from a table, and what it was asked. */
function anvil(answers: Record<string, Outcome>) {
  const asked: string[] = []
  return {
    asked,
    answers,
    writeBack: createWriteBack({
      log: { debug() {}, info() {}, warn() {} },
      upstream: {
        pass: () => Promise.reject(new Error('not asked for')),
        forward: async (calls) =>
          calls.map(({ method }) => {
            asked.push(method)
            return answers[method] ?? { error: { code: -32603, message: 'not there' } }
          }),
      },
    }),
  }
}

const RECEIPT_CALL = { method: 'eth_getTransactionReceipt' }
const receiptText = (hash: Hex) =>
  `{"id":1,  "result":{"blockHash":"${hash}","transactionHash":"0x1","logs":[]}}`

test('behavior: receipts of a block without such events are handed on byte for byte, for one question a block', async () => {
  const { asked, writeBack } = anvil({ eth_getLogs: { result: [] } })
  const text = receiptText(word(1))
  for (const answer of [text, text, `[${text},${text}]`])
    expect(await writeBack.inText([RECEIPT_CALL], answer)).toBe(answer)
  await writeBack.inText([RECEIPT_CALL], receiptText(word(2)))
  expect(asked).toEqual(['eth_getLogs', 'eth_getLogs'])
})

test('behavior: answers to other calls, and answers without a block, cost nothing', async () => {
  const { asked, writeBack } = anvil({})
  expect(await writeBack.inText([{ method: 'eth_getBlockByNumber' }], receiptText(word(1)))).toBe(
    receiptText(word(1)),
  )
  for (const text of ['', '{"id":1,"result":null}', '{"id":1,"error":{"code":-32602}}'])
    expect(await writeBack.inText([RECEIPT_CALL], text)).toBe(text)
  const refused = { error: { code: -32602, message: 'x' } }
  expect(await writeBack.inOutcome(RECEIPT_CALL, refused)).toBe(refused)
  expect(asked).toEqual([])
})

test('error: Anvil does not answer; the next question is asked anew', async () => {
  const { answers, writeBack } = anvil({})
  const ask = () => writeBack.inText([RECEIPT_CALL], receiptText(word(1)))
  await expect(ask()).rejects.toThrow('Anvil refused eth_getLogs: not there')
  answers.eth_getLogs = { result: [] }
  expect(await ask()).toBe(receiptText(word(1)))
})
