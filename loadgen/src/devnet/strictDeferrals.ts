import { keccak256, stringToHex } from 'viem'
import type { Rpc } from '../chain/rpc.js'
import type { Hex } from '../core/types.js'
import { type Deferral, RUNTIME } from './runtime.js'

const REGISTERED = keccak256(stringToHex('DeferRegistered(address,bytes4,uint64)'))

/** Selector of defer(bytes4,uint64). */
const DEFER = '0xac8f58f3'

/**
 * Tells which deferrable functions the runtime would defer. Those only whose contract was created by a top-level transaction, and
 * whose registration was the first external call of its constructor; the emulation takes any in a constructor.
 */
export type Eligibility = {
  /** Looks at what was registered from this block on, or at whatever has not been looked at; then picks. */
  pick(deferrals: readonly Deferral[], fromBlock?: number): Promise<Deferral[]>
  forget(): void
}

export function createEligibility(rpc: Rpc): Eligibility {
  /** By callee. A contract that came to an address again, after the chain was turned back, is judged anew. */
  const verdicts = new Map<string, boolean>()

  async function look(fromBlock: number): Promise<void> {
    const logs = (await rpc.call('eth_getLogs', [
      { address: RUNTIME, topics: [REGISTERED], fromBlock: toHex(fromBlock), toBlock: 'latest' },
    ])) as { topics: [Hex, Hex, Hex]; transactionHash: Hex }[]
    for (const { topics, transactionHash } of logs) {
      const target = `0x${topics[1].slice(-40)}`
      const selector = topics[2].slice(0, 10)
      verdicts.set(
        `${target}:${selector}`,
        await isEligible(rpc, { target, selector, transactionHash }),
      )
    }
  }

  return {
    async pick(deferrals, fromBlock) {
      const isNew = ({ callee }: Deferral) => !verdicts.has(callee)
      if (deferrals.length > 0 && fromBlock !== undefined) await look(fromBlock)
      else if (deferrals.some(isNew)) await look(0)
      return deferrals.filter(({ callee }) => verdicts.get(callee) ?? false)
    },
    forget: () => verdicts.clear(),
  }
}

type Registration = { target: string; selector: string; transactionHash: Hex }

async function isEligible(
  rpc: Rpc,
  { target, selector, transactionHash }: Registration,
): Promise<boolean> {
  const receipt = (await rpc.call('eth_getTransactionReceipt', [transactionHash])) as {
    contractAddress: Hex | null
  }
  if (receipt.contractAddress?.toLowerCase() !== target) return false
  const frames = (await rpc.call('trace_transaction', [transactionHash])) as Frame[]
  const external = frames
    .filter(({ traceAddress }) => traceAddress.length === 1)
    .sort((a, b) => (a.traceAddress[0] ?? 0) - (b.traceAddress[0] ?? 0))
  for (const { action } of external) {
    const input = action.input ?? ''
    if (action.to?.toLowerCase() !== RUNTIME || !input.startsWith(DEFER)) return false
    if (input.slice(DEFER.length).startsWith(selector.slice(2))) return true
  }
  return false
}

/** A call or creation inside a transaction. */
type Frame = { traceAddress: number[]; action: { to?: Hex; input?: Hex } }

function toHex(number: number): Hex {
  return `0x${number.toString(16)}`
}
