import type { Rpc } from '../chain/rpc.js'
import { NodeError } from '../core/errors.js'
import type { Hex } from '../core/types.js'

/** A transaction that has not run yet. Addresses in lower case, amounts in wei. */
export type TracedCall = {
  id: number
  from: Hex
  /** Undefined for a contract creation. */
  to: Hex | undefined
  data: Hex
  value: bigint
  /** Gas limit. */
  gas: bigint
  /** The most that a unit of gas costs. */
  gasPrice: bigint
  nonce: number
}

/** The block that the calls are meant for; timestamp in unix seconds. */
export type BlockContext = { number: number; timestamp: number }

export type AccountTrace = {
  balance?: Hex
  /** Absent for 0. */
  nonce?: number
  storage?: Readonly<Record<string, Hex>>
}
export type StateTrace = Readonly<Record<Hex, AccountTrace>>

type Slot = readonly [account: Hex, slot: Hex]

/** What a sample tells, instruction by instruction. */
export type StepTrace = {
  /** Account and slot of each SLOAD and SSTORE. */
  touched: readonly Slot[]
  /** Of each SSTORE. */
  written: readonly Slot[]
  /** Whose balance is looked at. */
  looksAt: readonly Hex[]
  /** Whether wei are passed on inside the transaction. */
  movesValue: boolean
  creates: boolean
  /** Whether the transaction as a whole fails. */
  failed: boolean
}

/** Kinds of trace. */
export type Traces = {
  /** Every account and slot that is touched, as it is before. */
  touched: StateTrace
  /** Accounts and slots whose values change. */
  changed: { pre: StateTrace; post: StateTrace }
  /** About 10 µs an instruction: for samples only. */
  steps: StepTrace
}

/** JavaScript that Anvil runs at each instruction. Writes of frames that are reverted count: the runtime keeps them. */
const STEP_TRACER = `{
  touched: {}, written: {}, looksAt: {}, movesValue: false, creates: false,
  address: function (word) { return '0x' + ('0'.repeat(40) + word.toString(16)).slice(-40) },
  step: function (log) {
    var op = log.op.toNumber()
    if (op === 0x54 || op === 0x55) {
      var slot = '0x' + ('0'.repeat(64) + log.stack.peek(0).toString(16)).slice(-64)
      var key = toHex(log.contract.getAddress()) + slot
      this.touched[key] = true
      if (op === 0x55) this.written[key] = true
    } else if (op === 0x31) this.looksAt[this.address(log.stack.peek(0))] = true
    else if (op === 0x47) this.looksAt[toHex(log.contract.getAddress())] = true
    else if (op === 0xf1) { if (log.stack.peek(2).toString(16) !== '0') this.movesValue = true }
    else if (op === 0xf0 || op === 0xf5) {
      this.creates = true
      if (log.stack.peek(0).toString(16) !== '0') this.movesValue = true
    } else if (op === 0xff) this.movesValue = true
  },
  fault: function () {},
  result: function (context) {
    function split(key) { return [key.slice(0, 42), key.slice(42)] }
    return {
      touched: Object.keys(this.touched).map(split), written: Object.keys(this.written).map(split),
      looksAt: Object.keys(this.looksAt), movesValue: this.movesValue, creates: this.creates,
      failed: context.error !== undefined,
    }
  },
}`

const TRACERS: Readonly<Record<keyof Traces, object>> = {
  touched: { tracer: 'prestateTracer', tracerConfig: { disableCode: true } },
  changed: { tracer: 'prestateTracer', tracerConfig: { disableCode: true, diffMode: true } },
  steps: { tracer: STEP_TRACER },
}

/** Far above what a block's transactions use; blocks have no gas limit, but a limit must fit the node's integers. */
const GAS_CAP = 10_000_000_000n

/** What Anvil answers for a transaction that cannot run: less gas than its data cost, or a value that its sender cannot pay. */
const INVALID: readonly number[] = [-32_000, -32_003]

/**
 * Traces each call by itself, on the state after the last block, as if it ran in the next. Calls are taken out of `calls` batch
 * by batch as connections become free, so that what makes them works while Anvil does.
 * @throws NodeError when Anvil refuses a trace for another reason than that the transaction cannot run.
 */
export async function traceCalls<K extends keyof Traces>(
  calls: Iterable<TracedCall>,
  options: TraceOptions & traceCalls.Options<K>,
): Promise<void> {
  const { rpc, block, what, batch, connections, onTrace } = options
  const config = {
    ...TRACERS[what],
    blockOverrides: { number: hex(block.number), time: hex(block.timestamp) },
  }
  const source = calls[Symbol.iterator]()

  function pull(): TracedCall[] {
    const pulled: TracedCall[] = []
    while (pulled.length < batch) {
      const next = source.next()
      if (next.done === true) break
      pulled.push(next.value)
    }
    return pulled
  }

  async function work(): Promise<void> {
    for (let pulled = pull(); pulled.length > 0; pulled = pull()) {
      const answers = await rpc.batch(
        pulled.map((call) => ({
          method: 'debug_traceCall',
          params: [toRequest(call), 'latest', config],
        })),
      )
      answers.forEach(({ result, error }, i) => {
        const call = pulled[i] as TracedCall
        if (error !== undefined && !INVALID.includes(error.code))
          throw new NodeError(
            `Anvil cannot trace a call of ${call.from} to ${call.to ?? 'a new contract'}: ${error.message}`,
          )
        onTrace(call, error === undefined ? (result as Traces[K]) : undefined)
      })
    }
  }
  await Promise.all(Array.from({ length: connections }, work))
}

export type TraceOptions = {
  rpc: Rpc
  /** The coming block. */
  block: BlockContext
  /** Requests at a time. */
  connections: number
}

export declare namespace traceCalls {
  type Options<K extends keyof Traces> = {
    what: K
    /** Calls a request. */
    batch: number
    /** In no certain order. The trace is undefined for a transaction that cannot run. */
    onTrace: (call: TracedCall, trace: Traces[K] | undefined) => void
  }
}

/** A slot that becomes zero is in `pre` alone, one that was zero in `post` alone. */
export function hasChanged({ pre, post }: Traces['changed'], owner: Hex, slot: string): boolean {
  return pre[owner]?.storage?.[slot] !== undefined || post[owner]?.storage?.[slot] !== undefined
}

/** The contracts that a call creates. */
export function createdIn({ pre, post }: Traces['changed']): Hex[] {
  return (Object.keys(post) as Hex[]).filter(
    (account) => pre[account] === undefined && post[account]?.nonce !== undefined,
  )
}

function toRequest({ from, to, data, value, gas }: TracedCall) {
  return { from, to, data, value: hex(value), gas: hex(gas < GAS_CAP ? gas : GAS_CAP) }
}

function hex(value: bigint | number): Hex {
  return `0x${value.toString(16)}`
}
