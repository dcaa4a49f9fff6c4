import { decodeFunctionResult, encodeFunctionData, parseAbi } from 'viem'
import type { Rpc, RpcCall } from '../chain/rpc.js'
import { NodeError } from '../core/errors.js'
import type { Hex } from '../core/types.js'
import type { CalleeKey } from '../parallel/access.js'

/** Where the runtime's own precompile is, and so its emulation. */
export const RUNTIME = '0x00000000000000000000000000000000000000a0'

/** The part of the emulation that only a block maker uses. */
const abi = parseAbi([
  'function beginDeferred()',
  'function endDeferred()',
  'function setFlag(bool isInDeferred)',
  'function setAborting(bool isAborting)',
  'function deferrals() view returns ((address target, bytes4 selector, uint64 prepaidGas)[])',
])

/** What the block maker tells the emulation inside a block. */
const SYSTEM_CALLS = {
  /** The generation of deferred transactions begins: isInDeferred() is true in it. */
  beginDeferred: encodeFunctionData({ abi, functionName: 'beginDeferred' }),
  /** An ordinary generation begins. */
  endDeferred: encodeFunctionData({ abi, functionName: 'endDeferred' }),
  /** isInDeferred() is true, or false, in the generation that is under way. */
  raiseFlag: encodeFunctionData({ abi, functionName: 'setFlag', args: [true] }),
  lowerFlag: encodeFunctionData({ abi, functionName: 'setFlag', args: [false] }),
  /** Calls of callees that have an abort gate fail, or run. */
  beginAborting: encodeFunctionData({ abi, functionName: 'setAborting', args: [true] }),
  endAborting: encodeFunctionData({ abi, functionName: 'setAborting', args: [false] }),
} as const
export type SystemCall = keyof typeof SYSTEM_CALLS

/** Far more than any system call needs; blocks have no gas limit. */
const SYSTEM_GAS = '0x989680'

export type EmulatedCode = { address: Hex; code: Hex }

/** A function that its contract made deferrable. */
export type Deferral = {
  callee: CalleeKey
  /** Lower case. */
  target: Hex
  selector: Hex
  /** Gas that each call pays in advance. */
  prepaidGas: bigint
}

/** The emulated runtime as the block maker sees it. */
export type Runtime = {
  /** Puts the emulation in place and lets the system account send; needed again when the chain was reset. */
  install(): Promise<void>
  /** Every function that was made deferrable, in the order in which they were. */
  deferrals(): Promise<readonly Deferral[]>
  /** The transaction that tells the emulation so. */
  systemCall(call: SystemCall): RpcCall
}

export function createRuntime(options: createRuntime.Options): Runtime {
  const { rpc, emulation, systemAddress } = options
  return {
    async install() {
      const answers = await rpc.batch([
        { method: 'anvil_setLoggingEnabled', params: [false] },
        // Anvil forgets with a reset that it was started without a base fee.
        { method: 'anvil_setNextBlockBaseFeePerGas', params: ['0x0'] },
        { method: 'anvil_impersonateAccount', params: [systemAddress] },
        ...emulation.map(({ address, code }) => ({
          method: 'anvil_setCode',
          params: [address, code],
        })),
      ])
      const refused = answers.find(({ error }) => error !== undefined)?.error
      if (refused !== undefined)
        throw new NodeError(`Anvil refused the emulated precompiles: ${refused.message}`)
    },
    async deferrals() {
      const data = (await rpc.call('eth_call', [
        { to: RUNTIME, data: encodeFunctionData({ abi, functionName: 'deferrals' }) },
        'latest',
      ])) as Hex
      try {
        const list = decodeFunctionResult({ abi, functionName: 'deferrals', data })
        return list.map(({ target, selector, prepaidGas }) => {
          const callee = callKey(target.toLowerCase(), selector)
          return { callee, target: target.toLowerCase() as Hex, selector, prepaidGas }
        })
      } catch (cause) {
        throw new NodeError(
          `The code at ${RUNTIME} does not answer deferrals(): it is not the emulated runtime.`,
          { cause, facts: { data } },
        )
      }
    },
    systemCall: (call) => ({
      method: 'eth_sendTransaction',
      params: [
        {
          from: systemAddress,
          to: RUNTIME,
          data: SYSTEM_CALLS[call],
          gas: SYSTEM_GAS,
          gasPrice: '0x0',
        },
      ],
    }),
  }
}

export declare namespace createRuntime {
  type Options = {
    rpc: Rpc
    emulation: readonly EmulatedCode[]
    /** The only account from which the emulation takes system calls. */
    systemAddress: Hex
  }
}

/** How a callee is named here. Both in lower case. */
export function callKey(to: string, selector: string): CalleeKey {
  return `${to}:${selector}`
}
