import { decodeFunctionResult, encodeFunctionData, parseAbi } from 'viem'
import type { Rpc, RpcCall } from '../chain/rpc.js'
import { NodeError } from '../core/errors.js'
import type { Hex } from '../core/types.js'

/** Where the runtime's own precompile is, and so its emulation. */
const RUNTIME = '0x00000000000000000000000000000000000000a0'

/** The part of the emulation that only a block maker uses. */
const abi = parseAbi([
  'function beginDeferred()',
  'function endDeferred()',
  'function deferrals() view returns ((address target, bytes4 selector, uint64 prepaidGas)[])',
])

/** Far more than either call needs; blocks have no gas limit. */
const SYSTEM_GAS = '0x989680'

export type EmulatedCode = { address: Hex; code: Hex }

/** The emulated runtime as the block maker sees it. */
export type Runtime = {
  /** Puts the emulation in place and lets the system account send; needed again when the chain was reset. */
  install(): Promise<void>
  /** `callee:selector` of every deferrable function, in lower case. */
  deferrable(): Promise<ReadonlySet<string>>
  /** The transaction that turns the deferred flag on or off. */
  systemCall(functionName: 'beginDeferred' | 'endDeferred'): RpcCall
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
    async deferrable() {
      const data = (await rpc.call('eth_call', [
        { to: RUNTIME, data: encodeFunctionData({ abi, functionName: 'deferrals' }) },
        'latest',
      ])) as Hex
      try {
        const list = decodeFunctionResult({ abi, functionName: 'deferrals', data })
        return new Set(list.map(({ target, selector }) => callKey(target.toLowerCase(), selector)))
      } catch (cause) {
        throw new NodeError(
          `The code at ${RUNTIME} does not answer deferrals(): it is not the emulated runtime.`,
          { cause, facts: { data } },
        )
      }
    },
    systemCall: (functionName) => ({
      method: 'eth_sendTransaction',
      params: [
        {
          from: systemAddress,
          to: RUNTIME,
          data: encodeFunctionData({ abi, functionName }),
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

/** How a deferrable function is named here. Both in lower case. */
export function callKey(to: string, selector: string): string {
  return `${to}:${selector}`
}
