import type { Hex as ViemHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { deriveAccounts } from '../src/accounts/derive.js'
import { createSignPool } from '../src/accounts/signPool.js'
import type { TraderTx } from '../src/accounts/signWorker.js'
import { encodeIntent } from '../src/chain/encode.js'
import { LoadgenError } from '../src/core/errors.js'
import type { Hex } from '../src/core/types.js'
import { measure, median } from './measure.js'

const SEED = 'bench'
const CHAIN_ID = 118
const TRADERS = 1_000
const COUNT = 20_000
/** Plain viem is slow. */
const VIEM_COUNT = 500

export type SigningFigures = {
  /** Signatures a second of CPU time, that of the main thread and of copying included. */
  perSecondPerCore: number
  /** Signatures a second with a thread for each core. */
  perSecond: number
  /** `account.signTransaction` in a loop, a second of CPU time. */
  plainViemPerSecond: number
}

/** Signs open and close calls that are encoded already, ours and viem's in turns. Medians of the rounds. */
export async function benchSigning(options: { rounds: number }): Promise<SigningFigures> {
  const txs = createTxs()
  const pool = createSignPool({ seed: SEED, chainId: CHAIN_ID })
  try {
    await pool.sign(txs)
    await checkSame(
      txs,
      (await pool.sign(txs.slice(0, 50))).map(({ raw }) => raw),
    )
    const ours: { perSecondPerCore: number; perSecond: number; viem: number }[] = []
    for (let round = 0; round < options.rounds; round++) {
      const viem = await measure(() => signPlainly(txs.slice(0, VIEM_COUNT)))
      const { taken } = await measure(() => pool.sign(txs))
      ours.push({
        perSecondPerCore: (COUNT * 1_000) / taken.cpuMs,
        perSecond: (COUNT * 1_000) / taken.ms,
        viem: (VIEM_COUNT * 1_000) / viem.taken.cpuMs,
      })
    }
    return {
      perSecondPerCore: median(ours.map((each) => each.perSecondPerCore)),
      perSecond: median(ours.map((each) => each.perSecond)),
      plainViemPerSecond: median(ours.map((each) => each.viem)),
    }
  } finally {
    await pool.close()
  }
}

/** As many opens as closes, of all traders in turn. */
function createTxs(): TraderTx[] {
  return Array.from({ length: COUNT }, (_, index) => {
    const trader = index % TRADERS
    const nonce = Math.floor(index / TRADERS)
    const intent = {
      ...{ index, batch: 0, trader, market: 0, isLong: trader % 2 === 0, limitPrice: 0n },
      ...{ action: nonce % 2 === 0 ? ('open' as const) : ('close' as const) },
      size: 10n ** 17n + BigInt(index) * 10n ** 12n,
    }
    const call = encodeIntent(intent, {
      ...{ mode: 'keeper', house: `0x${'ab'.repeat(20)}`, marketCount: 1, deadline: 0n },
    })
    return { ...call, trader, nonce, gas: 900_000n, gasPrice: 1n, value: 0n }
  })
}

async function signPlainly(txs: readonly TraderTx[]): Promise<ViemHex[]> {
  const accounts = deriveAccounts({ seed: SEED, count: Math.min(TRADERS, txs.length) }).map(
    ({ privateKey }) => privateKeyToAccount(`0x${Buffer.from(privateKey).toString('hex')}`),
  )
  const signed: ViemHex[] = []
  for (const { trader, to, data, gas, nonce, value } of txs)
    signed.push(
      await (accounts[trader] as (typeof accounts)[number]).signTransaction({
        ...{ type: 'legacy', chainId: CHAIN_ID, to, data, gas, nonce, value, gasPrice: 1n },
      } as const),
    )
  return signed
}

/** A faster signature is none when it is another. */
async function checkSame(txs: readonly TraderTx[], raws: readonly Hex[]): Promise<void> {
  const theirs = await signPlainly(txs.slice(0, raws.length))
  const other = raws.findIndex((raw, i) => raw !== theirs[i])
  if (other !== -1) throw new LoadgenError(`Transaction ${other} is signed otherwise than by viem.`)
}
