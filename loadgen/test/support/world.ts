import { fileURLToPath } from 'node:url'
import {
  type Abi,
  type AbiFunction,
  encodeDeployData,
  encodeFunctionData,
  getAbiItem,
  parseEventLogs,
  toFunctionSelector,
} from 'viem'
import { type Chain, type Draft, openChain } from '../../src/analyze/chain.js'
import { compileSource } from '../../src/analyze/compile.js'
import { EMULATION, SYSTEM_ADDRESS } from '../../src/chain/abi.generated.js'
import type { RpcReceipt } from '../../src/chain/receipts.js'
import { createRpc, type Rpc } from '../../src/chain/rpc.js'
import { createLog } from '../../src/core/log.js'
import type { BlockSchedule, Hex } from '../../src/core/types.js'
import { startDevnet } from '../../src/devnet/devnet.js'

const FIXTURES = fileURLToPath(new URL('../fixtures/facts/', import.meta.url))

/** A deployed fixture. */
export type Contract = {
  address: Hex
  abi: Abi
  /** A call of it: by account `from`, with a gas limit that covers any prepayment. */
  call(functionName: string, options?: CallOptions): Draft
  /** `callee:selector`, as schedules name it. */
  callee(functionName: string): string
}

type CallOptions = {
  args?: readonly unknown[]
  from?: number
  value?: bigint
  gas?: bigint
}

/** What became of a block. Transactions by their place among those that were sent. */
export type Outcome = {
  schedule: BlockSchedule
  ok: readonly boolean[]
  aborted: readonly number[]
  /** Of each generation, its sequences; deferred generations apart. */
  generations: readonly { isDeferred: boolean; sequences: readonly (readonly number[])[] }[]
  receipts: readonly RpcReceipt[]
}

/** An embedded node in strict mode, and what tests of the runtime's facts do with it. */
export type World = {
  rpc: Rpc
  chain: Chain
  /** Deploys a fixture, `file:Contract` or a file whose contract has its name, by a transaction of account 0. */
  deploy(name: string, args?: readonly unknown[]): Promise<Contract>
  /** A contract that is there already. */
  at(name: string, address: Hex): Contract
  /** Makes one block of these transactions. */
  block(drafts: readonly Draft[]): Promise<Outcome>
  /** What a view function answers. */
  read(contract: Contract, functionName: string, args?: readonly unknown[]): Promise<bigint>
  stop(): Promise<void>
}

const GAS = 5_000_000n

export async function startWorld(): Promise<World> {
  const log = createLog({ level: 'warn' })
  const devnet = await startDevnet({
    emulation: EMULATION,
    systemAddress: SYSTEM_ADDRESS,
    log,
    blockTimeMs: 0,
    strict: true,
  })
  const rpc = createRpc(devnet.url)
  const chain = await openChain(rpc)
  const sources = new Map<string, ReturnType<typeof compileSource>>()

  function codeOf(name: string) {
    const [file = '', contract = file] = name.split(':')
    const compiled = sources.get(file) ?? compileSource(`${FIXTURES}${file}.sol`)
    sources.set(file, compiled)
    const code = compiled.get(contract)
    if (code === undefined) throw new Error(`${file}.sol has no contract ${contract}.`)
    return code
  }

  function at(name: string, address: Hex): Contract {
    const { abi } = codeOf(name)
    const encode = (functionName: string, args: readonly unknown[]) =>
      functionName === '' ? '0x' : encodeFunctionData({ abi, functionName, args })
    return {
      address,
      abi,
      call: (functionName, { args = [], from = 0, value = 0n, gas = GAS } = {}) => ({
        from,
        to: address,
        data: encode(functionName, args),
        value,
        gas,
      }),
      callee(functionName) {
        const item = getAbiItem({ abi, name: functionName }) as AbiFunction
        return `${address}:${toFunctionSelector(item)}`
      },
    }
  }

  return {
    rpc,
    chain,
    at,
    async deploy(name, args = []) {
      const { abi, bytecode } = codeOf(name)
      const data = encodeDeployData({ abi, bytecode, args })
      const { hashes } = await chain.block([{ from: 0, data, value: 0n, gas: 30_000_000n }])
      const [receipt] = await chain.receipts(hashes)
      if (Number(receipt?.status) !== 1) throw new Error(`${name} was not deployed.`)
      return at(name, receipt?.contractAddress?.toLowerCase() as Hex)
    },
    async block(drafts) {
      const { number, hashes } = await chain.block(drafts)
      const receipts = await chain.receipts(hashes)
      const schedule = (await rpc.call('devnet_getBlockSchedule', [number])) as BlockSchedule
      const places = new Map(
        receipts.map(({ transactionIndex }, i) => [Number(transactionIndex), i]),
      )
      const placeOf = (index: number) => places.get(index) ?? Number.NaN
      return {
        schedule,
        receipts,
        ok: receipts.map(({ status }) => Number(status) === 1),
        aborted: schedule.aborted.map(placeOf).sort((a, b) => a - b),
        generations: schedule.generations.map(({ isDeferred, sequences }) => ({
          isDeferred,
          sequences: sequences.map((ids) => ids.map(placeOf)),
        })),
      }
    },
    async read({ address, abi }, functionName, args = []) {
      const data = encodeFunctionData({ abi, functionName, args })
      return BigInt((await rpc.call('eth_call', [{ to: address, data }, 'latest'])) as string)
    },
    async stop() {
      await rpc.close()
      await devnet.stop()
    },
  }
}

/** Calls of one function by different accounts, the first by account `from`. */
export function times(
  count: number,
  contract: Contract,
  functionName: string,
  options: { args?: (index: number) => readonly unknown[]; from?: number; value?: bigint } = {},
): Draft[] {
  const { args = () => [], from = 0, value = 0n } = options
  return Array.from({ length: count }, (_, i) =>
    contract.call(functionName, { args: args(i), from: from + i, value }),
  )
}

/** The arguments of the events of a name in a receipt. */
export function events(
  receipt: RpcReceipt | undefined,
  abi: Abi,
  eventName: string,
): Record<string, unknown>[] {
  const logs = parseEventLogs({ abi, eventName, logs: (receipt?.logs ?? []) as never })
  return logs.map((log) => (log as unknown as { args: Record<string, unknown> }).args)
}
