import { parseAbi } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deriveAccounts } from '../accounts/derive.js'
import { setBalances } from '../accounts/fund.js'
import { createSignPool } from '../accounts/signPool.js'

import {
  countReceipts,
  parseEvents,
  parseReceipt,
  sendAndWait,
  waitForTransactions,
} from '../chain/frontendUtil.js'
import { createRpc, type Rpc } from '../chain/rpc.js'
import { systemClock } from '../core/clock.js'
import { toTxTable } from '../core/txTable.js'
import type { Deployment, Hex, SignedTx } from '../core/types.js'
import { type Anvil, startAnvil } from '../devnet/anvil.js'
import { OUTCOME } from '../submit/ledger.js'
import { submitTable } from '../submit/submitTable.js'
import { startCollector } from './collector.js'

/** Logs Deposited(caller, call data), as a clearing house with one function would. */
const DEPOSIT = '0x2da466a7b24304f47e87fa2e1e5a81b9831ce54fec19055ce277ca2f39ba42c4'
const house = '0x00000000000000000000000000000000000000e1'
const broken = '0x00000000000000000000000000000000000000e3'
const deployment: Deployment = {
  mode: 'direct',
  chainId: 118,
  house,
  vault: '0x00000000000000000000000000000000000000e4',
  collateralToken: '0x00000000000000000000000000000000000000e5',
  collateralDecimals: 6,
  registry: '0x00000000000000000000000000000000000000e6',
  router: '0x00000000000000000000000000000000000000e7',
  markets: [],
  deployedAtBlock: 0,
}
const TRADERS = 40
const PER_TRADER = 15
const accounts = deriveAccounts({ seed: 'pipeline', count: TRADERS })
let anvil: Anvil
let rpc: Rpc

beforeAll(async () => {
  anvil = await startAnvil({ chainId: 118, clock: systemClock })
  rpc = createRpc(anvil.url)
  await setBalances(rpc, { addresses: accounts.map(({ address }) => address), wei: 10n ** 20n })
  await rpc.call('anvil_setCode', [house, `0x365f5f37337f${DEPOSIT.slice(2)}365fa200`])
  await rpc.call('anvil_setCode', [broken, '0x5f5ffd'])
})
afterAll(async () => {
  await rpc.close()
  await anvil.stop()
})

/** Transactions of every trader in turn; every 50th fails. The nonces start at `nonce`. */
async function sign(nonce: number): Promise<SignedTx[]> {
  const pool = createSignPool({ seed: 'pipeline', chainId: 118, workers: 1 })
  const count = TRADERS * PER_TRADER
  const raw = await pool.sign(
    Array.from({ length: count }, (_, i) => ({
      trader: i % TRADERS,
      nonce: nonce + Math.floor(i / TRADERS),
      to: i % 50 === 49 ? broken : house,
      data: `0x${i.toString(16).padStart(64, '0')}` as Hex,
      gas: 100_000n,
      gasPrice: 1_000_000_000n,
      value: 0n,
    })),
  )
  await pool.close()
  return raw.map((tx, i) => ({
    ...tx,
    intent: i,
    batch: Math.floor(i / (count / 3)),
    trader: i % TRADERS,
    nonce: nonce + Math.floor(i / TRADERS),
  }))
}

const mine = () => rpc.call('evm_mine')
const height = async () => Number(await rpc.call('eth_blockNumber'))

describe('sign, submit, collect', () => {
  test('default: one block a plan batch, every transaction accounted for, the same by every way of reading receipts', async () => {
    const signed = await sign(0)
    const hashes = signed.map(({ hash }) => hash)
    const fromBlock = (await height()) + 1
    const collector = startCollector(rpc, { fromBlock, pollMs: 5 })
    const { ledger } = await submitTable(toTxTable(signed), {
      endpoints: [rpc.url],
      batchSize: 25,
      executor: {
        type: 'per-block',
        beforeBatch: async (batch) => {
          if (batch === 0) return undefined
          await mine()
          const before = signed.filter((tx) => tx.batch < batch).map(({ hash }) => hash)
          expect(await collector.waitFor(before, { timeoutMs: 10_000 })).toEqual([])
          return undefined
        },
      },
    })
    await mine()
    const collected = await collector.drain(hashes, { timeoutMs: 10_000, deployment })

    expect(ledger.outcomes.every((outcome) => outcome === OUTCOME.taken)).toBe(true)
    expect(collected.lost).toEqual([])
    expect(collected.blocks.map(({ transactions }) => transactions)).toEqual([200, 200, 200])
    expect(collected.receipts.map(({ hash }) => hash)).toEqual(hashes)
    expect(collected.receipts.map(({ blockNumber }) => blockNumber - fromBlock)).toEqual(
      signed.map(({ batch }) => batch),
    )
    expect(collected.receipts.map(({ ok }) => ok)).toEqual(signed.map((_, i) => i % 50 !== 49))
    const gas = collected.receipts.reduce((sum, { gasUsed }) => sum + gasUsed, 0n)
    expect(gas).toBe(collected.blocks.reduce((sum, { gasUsed }) => sum + gasUsed, 0n))

    const paid = collected.events.map((event) =>
      event.type === 'Deposited' ? [event.trader, Number(event.amount)] : [],
    )
    const expected = signed.flatMap((tx, i) =>
      i % 50 === 49 ? [] : [[accounts[tx.trader]?.address, i]],
    )
    expect(paid.toSorted((a, b) => Number(a[1]) - Number(b[1]))).toEqual(expected)

    for (const receipts of ['block', 'dump'] as const) {
      const again = startCollector(rpc, { fromBlock, pollMs: 5 })
      const other = await again.drain(hashes, { timeoutMs: 10_000, deployment, receipts })
      expect(other.receipts).toEqual(collected.receipts)
      expect(other.events).toEqual(collected.events)
    }

    // Sent again, all are included already and their nonces used up: accepted, and nothing happens.
    const { progress } = await submitTable(toTxTable(signed), {
      endpoints: [rpc.url],
      executor: { type: 'closed' },
    })
    expect(progress).toMatchObject({ accepted: signed.length, refused: 0, unanswered: 0 })
    await mine()
    expect(await rpc.call('eth_getBlockTransactionCountByNumber', ['latest'])).toBe('0x0')
  }, 60_000)
})

describe('frontendUtil', () => {
  test('default: sendAndWait, countReceipts, parseReceipt, parseEvents', async () => {
    const signed = await sign(PER_TRADER)
    const sending = sendAndWait(
      rpc,
      signed.map(({ raw }) => raw),
      { pollMs: 5, batchSize: 70 },
    )
    await rpc.call('evm_setIntervalMining', [1])
    const receipts = await sending
    await rpc.call('evm_setIntervalMining', [0])
    expect(receipts.map(({ transactionHash }) => transactionHash)).toEqual(
      signed.map(({ hash }) => hash),
    )
    const { succeeded, failed, heights } = countReceipts(receipts)
    expect({ succeeded, failed }).toEqual({ succeeded: 588, failed: 12 })
    expect(heights).toContain(parseReceipt(receipts[3] as (typeof receipts)[0]).height)
    expect(receipts.map((receipt) => parseReceipt(receipt).ok)).toEqual(
      signed.map((_, i) => i % 50 !== 49),
    )

    const abi = parseAbi([
      'event Deposited(address indexed trader, uint256 amount)',
      'event Withdrawn(address indexed trader, uint256 amount)',
    ])
    const [event, ...more] = parseEvents(receipts[3] as (typeof receipts)[0], {
      abi,
      eventName: 'Deposited',
    })
    expect(more).toEqual([])
    expect(event?.args.amount).toBe(3n)
    expect(event?.args.trader?.toLowerCase()).toBe(accounts[3]?.address)
    expect(
      parseEvents(receipts[3] as (typeof receipts)[0], { abi, eventName: 'Withdrawn' }),
    ).toEqual([])
    expect(
      parseEvents(receipts[49] as (typeof receipts)[0], { abi, eventName: 'Deposited' }),
    ).toEqual([])
  }, 60_000)

  test('error: a transaction that is refused, or never included', async () => {
    await expect(sendAndWait(rpc, ['0x00'])).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(/^The node refused eth_sendRawTransaction: .*decode/),
    })
    const unknown: Hex = `0x${'ab'.repeat(32)}`
    await expect(
      waitForTransactions(rpc, [unknown], { timeoutMs: 20, pollMs: 5 }),
    ).rejects.toMatchObject({
      exitCode: 4,
      message: `1 of 1 transactions were not included within 0.02 s; the first is ${unknown}.`,
    })
  })
})
