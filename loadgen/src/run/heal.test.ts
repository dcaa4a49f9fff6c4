import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseTransaction, recoverTransactionAddress } from 'viem'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deriveAccounts } from '../accounts/derive.js'
import { hashRaw, signTransaction } from '../accounts/sign.js'
import type { RpcCall } from '../chain/rpc.js'
import { hashAt, type TxTable, toTxTable } from '../core/txTable.js'
import type { Hex, SignedTx } from '../core/types.js'
import { OUTCOME } from '../submit/ledger.js'
import { heal } from './heal.js'
import { openJournal } from './journal.js'
import type { Node } from './node.js'
import type { Submission } from './submission.js'

const CHAIN_ID = 118
/** Of the second of three generators. */
const accounts = { seed: 'heal', offset: 1, stride: 3 }
const [alice, bob] = deriveAccounts({ ...accounts, count: 2 }) as [Account, Account]
type Account = ReturnType<typeof deriveAccounts>[number]

const call = { to: `0x${'ab'.repeat(20)}`, data: '0x01020300', gas: 77_000n, value: 5n } as const
/** Nonces 10, 11, 12 of Alice and 3 of Bob, in turn. */
const signed = [10, 11, 12, 3].map((nonce, i): SignedTx => {
  const { privateKey } = i < 3 ? alice : bob
  const tx = signTransaction({ ...call, nonce, gasPrice: 2n }, { chainId: CHAIN_ID, privateKey })
  return { intent: 100 + i, batch: i, trader: i < 3 ? 0 : 1, nonce, ...tx }
})

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'heal-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/**
 * Alice's first two, and Bob's, were sent and answered; the first of hers was refused.
 * @param options.included nonces that are used up, of Alice and of Bob.
 * @param options.blocks hashes that blocks hold; the last of them is seen only when it is waited for.
 */
function setUp(options: { included: [number, number]; known?: Hex[]; blocks?: Hex[] }) {
  const { included, known = [], blocks = [] } = options
  const table: TxTable = toTxTable(signed)
  const journal = openJournal(join(folder, 'journal.jsonl'), { count: signed.length })
  const positions = { ranges: [[0, 2] as const, [3, 4] as const] }
  journal.add({ kind: 'sending', ...positions, atMs: 1_000 })
  journal.add({
    ...{ kind: 'answered', ...positions, plannedMs: 900, requests: [[1_000, 1_001]] },
    ...{ of: [0, 0, 0], exceptions: [[0, 'replaced', 'nonce too low']] },
  })
  const answer = ({ method, params: [subject] }: RpcCall): unknown => {
    if (method === 'eth_getTransactionByHash') return known.includes(subject as Hex) ? {} : null
    return `0x${(subject === alice.address ? included[0] : included[1]).toString(16)}`
  }
  let seen = 0
  const node = {
    chainId: CHAIN_ID,
    rpc: {
      batch: async (calls: readonly RpcCall[]) => calls.map((each) => ({ result: answer(each) })),
      call: async () => `0x${blocks.length.toString(16)}`,
    },
  } as unknown as Node
  const submission = {
    ...{ table, journal, accounts, setup: { traders: [alice.address, bob.address] } },
    collector: {
      blockOf: (hash: Hex) => (blocks.slice(0, seen).includes(hash) ? 1 : undefined),
      reach: async (block: number) => {
        seen = block
      },
    },
  } as unknown as Submission
  return { table, journal, run: (positions: number[]) => heal(node, submission, positions) }
}

test('default: what is dead is signed anew, the same but for its nonce, and in the journal', async () => {
  const { table, journal, run } = setUp({ included: [11, 0] })
  expect(await run([0])).toEqual([0])
  const [healed] = journal.ledger.healed()
  // 11 may have gone out; 12 was never sent, and makes room.
  expect(healed).toMatchObject({ position: 0, nonce: 12, replaced: signed[0]?.hash })
  const raw = healed?.raw as Hex
  expect(hashRaw(raw)).toBe(healed?.hash)
  expect(parseTransaction(raw)).toMatchObject({ ...call, nonce: 12, gasPrice: 2n, chainId: 118 })
  const signature = raw as Parameters<typeof recoverTransactionAddress>[0]['serializedTransaction']
  const sender = await recoverTransactionAddress({ serializedTransaction: signature })
  expect(sender.toLowerCase()).toBe(alice.address)

  const { outcomes, doubts, plannedMs } = journal.ledger.transactions
  expect([outcomes[0], doubts[0], plannedMs[0]]).toEqual([OUTCOME.pending, 0, 900])
  expect(journal.ledger.sentences.has(0)).toBe(false)
  expect([table.nonces[0], hashAt(table, 0)]).toEqual([12, healed?.hash])
  journal.close()
  expect(readFileSync(join(folder, 'journal.jsonl'), 'utf8')).toContain(raw)
  const later = openJournal(join(folder, 'journal.jsonl'), { count: signed.length })
  expect(later.ledger.healed()).toEqual([healed])
  later.close()
})

test('behavior: a nonce that is used up again: the last one is replaced, once', async () => {
  const included: [number, number] = [14, 0]
  const { table, journal, run } = setUp({ included })
  expect(await run([0])).toEqual([0])
  expect(await run([0])).toEqual([])
  included[0] = 15
  expect(await run([0])).toEqual([0])
  const [first, second, ...others] = journal.ledger.healed()
  expect(others).toEqual([])
  expect([first?.nonce, second?.nonce]).toEqual([14, 15])
  expect(second?.replaced).toBe(first?.hash)
  expect(hashAt(table, 0)).toBe(second?.hash)
})

test('behavior: what may still be included is left alone', async () => {
  const { table, journal, run } = setUp({ included: [10, 3] })
  expect(await run([0, 1, 3])).toEqual([])
  expect(journal.ledger.healed()).toEqual([])
  expect(hashAt(table, 0)).toBe(signed[0]?.hash)
})

test.each([
  ['the node knows', { known: [signed[0]?.hash as Hex] }],
  // Nodes may tell of a nonce before they find the transaction that used it.
  ['a block holds that was not seen yet', { blocks: [signed[0]?.hash as Hex] }],
])('behavior: one that %s was refused in vain: it is taken', async (_, where) => {
  const { journal, run } = setUp({ included: [11, 0], ...where })
  expect(await run([0])).toEqual([])
  expect(journal.ledger.healed()).toEqual([])
  const { outcomes, plannedMs, sentMs } = journal.ledger.transactions
  expect([outcomes[0], plannedMs[0], sentMs[0]]).toEqual([OUTCOME.taken, 900, 1_000])
})

test('behavior: nothing to look at asks nothing', async () => {
  const { run } = setUp({ included: [0, 0] })
  expect(await run([])).toEqual([])
})
