import { ABORT_GATE } from '../chain/abi.generated.js'
import { createRpc } from '../chain/rpc.js'
import { type Clock, systemClock } from '../core/clock.js'
import { NodeError, UsageError } from '../core/errors.js'
import type { Hex } from '../core/types.js'
import { createAccessReader } from './accesses.js'
import { startAnvil } from './anvil.js'
import { createDispatch } from './dispatch.js'
import { createGate } from './gate.js'
import { createLenientMaker } from './lenient.js'
import type { DevnetLog } from './log.js'
import { createMempool } from './mempool.js'
import { createMiner } from './miner.js'
import { serveProxy } from './proxy.js'
import { createRuntime, type EmulatedCode } from './runtime.js'
import { createSealer, type Sealer } from './seal.js'
import { createSends, type Sends } from './sends.js'
import { createStateFile } from './stateFile.js'
import { createStrictMaker } from './strict.js'
import { createStrictPool } from './strictPool.js'
import { createUpstream } from './upstream.js'
import { createWriteBack } from './writeBack.js'

/** Arcology's chain id. */
export const CHAIN_ID = 118

/** Connections to Anvil for what clients ask; the block maker has its own, so that slow reads do not hold it up. */
const CLIENT_CONNECTIONS = 64

/** Connections of the block maker: as many as any part of it uses at a time, and one. */
const MAKER_CONNECTIONS = 4

/** A running Arcology node. */
export type Devnet = {
  url: string
  port: number
  chainId: number
  anvilPid: number
  counters(): Devnet.Counters
  /** Closes the port, ends Anvil and waits for it. May be called twice. */
  stop(): Promise<void>
  /** Resolves when the node has ended: with a NodeError when it failed, without when it was stopped. Never rejects. */
  exited: Promise<NodeError | undefined>
}

export declare namespace Devnet {
  /** Since the start. */
  type Counters = Sends.Counters & Sealer.Counters
}

/**
 * Starts an Arcology node for one machine: Anvil with the emulated precompiles, behind a proxy that makes blocks as the runtime
 * does (see {@link createSealer}) and knows `arn_sendRawTransactions`. Every other call of Anvil works unchanged, except that
 * the calls that set the mode of mining set the proxy's.
 *
 * A block is made every `blockTimeMs`, also when nothing waits, as on a live chain: clients that wait for a receipt look for it
 * at the next new block (ethers) or count blocks as confirmations, and would wait for ever after the last transaction.
 * @throws UsageError for an option out of range, a port in use or a bad state file, NodeError when Anvil does not start.
 */
export async function startDevnet(options: startDevnet.Options): Promise<Devnet> {
  const { log, clock = systemClock, host = '127.0.0.1', port = 0 } = options
  const { blockTimeMs = 1_000, blockSize = 50_000, emptyBlocks = true, strict = false } = options
  requireInteger('The port', port, { min: 0, max: 65_535 })
  requireInteger('The block time in milliseconds', blockTimeMs, { min: 0, max: 2 ** 31 - 1 })
  requireInteger('The block size', blockSize, { min: 1, max: 1_000_000 })

  const anvil = await startAnvil({ ...options, chainId: CHAIN_ID, clock })
  const control = createRpc(anvil.url, { connections: MAKER_CONNECTIONS, timeoutMs: 0 })
  const clients = createRpc(anvil.url, { connections: CLIENT_CONNECTIONS, timeoutMs: 0 })
  const gate = createGate()
  const pool = strict ? createStrictPool(control) : undefined
  const mempool = createMempool({ blockSize, onTaken: pool?.note })
  const runtime = createRuntime({ rpc: control, ...options })
  const parts = { rpc: control, mempool, runtime, clock, log, emulation: options.emulation }
  const strictMaker =
    pool === undefined
      ? undefined
      : createStrictMaker({
          ...parts,
          pool,
          source: createAccessReader({ rpc: control }),
          gate: ABORT_GATE,
        })
  const maker = strictMaker ?? createLenientMaker(parts)
  const sealer = createSealer({ rpc: control, mempool, maker, log })
  const upstream = createUpstream(clients)
  const file =
    options.statePath === undefined ? undefined : createStateFile(control, options.statePath)

  let resolveExited: (error: NodeError | undefined) => void = () => {}
  const exited = new Promise<NodeError | undefined>((resolve) => {
    resolveExited = resolve
  })
  let ending: Promise<void> | undefined
  let closeProxy: () => Promise<void> = async () => {}

  /** Ends everything, once. With Anvil gone first, nothing that is under way can wait for long. */
  function end(error: NodeError | undefined): Promise<void> {
    ending ??= (async () => {
      if (error !== undefined) log.warn({ ...error.facts }, error.message)
      await anvil.stop()
      mempool.close(error ?? new NodeError('The devnet was stopped.'))
      await miner.stop()
      sealer.close()
      await closeProxy()
      await Promise.all([control.close(), clients.close()])
      resolveExited(error)
    })()
    return ending
  }

  function fail(error: unknown): void {
    const told =
      error instanceof NodeError
        ? error
        : new NodeError(`The devnet failed: ${(error as Error).message}`, { cause: error })
    void end(told)
  }

  /** After a reset. */
  async function reinstall(): Promise<void> {
    await runtime.install()
    maker.forget()
  }

  async function makeBlock<T>(mine: () => Promise<T>): Promise<T> {
    const answer = await gate.exclusive(async () => {
      if (file === undefined) return sealer.seal(mine)
      const made = await sealer.seal(() => file.withhold(mine))
      await file.save()
      return made
    })
    if (!mempool.isEmpty()) void miner.arrived()
    return answer
  }

  /** A balance that a client was told is set is not lost with the node either, though no block holds it. */
  async function change<T>(work: () => Promise<T>): Promise<T> {
    return gate.exclusive(async () => {
      if (file === undefined) return work()
      try {
        return await file.withhold(work)
      } finally {
        await file.save().catch((error) => {
          fail(error)
          throw error
        })
      }
    })
  }

  const miner = createMiner({
    clock,
    onFailure: fail,
    makeBlock: async () => {
      const isTick = miner.mode().kind === 'interval'
      if (mempool.isEmpty() && !(emptyBlocks && isTick)) return
      await makeBlock(() => control.call('evm_mine'))
    },
  })
  const sends = createSends({
    upstream,
    gate,
    mempool,
    log,
    chainId: CHAIN_ID,
    onArrival: miner.arrived,
  })
  void anvil.exited.then((error) => {
    if (error !== undefined) fail(error)
  })

  try {
    await file?.load()
    await runtime.install()
    await file?.save()
    await sealer.resync()
    const dispatch = createDispatch({
      upstream,
      sends,
      sealer,
      change,
      mempool,
      runtime: { ...runtime, install: reinstall },
      miner,
      writeBack: createWriteBack({ upstream, log }),
      extensions: strictMaker?.extensions ?? new Map(),
      makeBlock: async (mine) => {
        try {
          return await makeBlock(mine)
        } catch (error) {
          fail(error)
          throw error
        }
      },
    })
    const proxy = await serveProxy(file?.answering(dispatch) ?? dispatch, { host, port, clock })
    closeProxy = proxy.close
    miner.setMode(blockTimeMs === 0 ? { kind: 'auto' } : { kind: 'interval', ms: blockTimeMs })
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${proxy.port}`
    log.info({ url, chainId: CHAIN_ID, blockTimeMs, blockSize, strict }, 'the devnet is ready')
    return {
      url,
      port: proxy.port,
      chainId: CHAIN_ID,
      anvilPid: anvil.pid,
      counters: () => ({ ...sends.counters(), ...sealer.counters() }),
      stop: () => end(undefined),
      exited,
    }
  } catch (error) {
    await end(undefined)
    throw error
  }
}

export declare namespace startDevnet {
  type Options = {
    /** Code of the emulated precompiles, and where it goes. */
    emulation: readonly EmulatedCode[]
    /** The account from which the emulation takes beginDeferred() and endDeferred(). */
    systemAddress: Hex
    log: DevnetLog
    clock?: Clock | undefined
    /** Default 0: any free one. */
    port?: number | undefined
    /** Default 127.0.0.1. */
    host?: string | undefined
    /**
     * Milliseconds between blocks, default 1,000. 0: a block as soon as something waits; a request that sends is answered when
     * its block has been made.
     */
    blockTimeMs?: number | undefined
    /**
     * Most transactions in a block, default 50,000; senders of more wait for the next. Not counted are the system transactions,
     * and those that waited for an earlier nonce of their sender since a block before.
     */
    blockSize?: number | undefined
    /**
     * Makes blocks as the runtime would (see {@link createStrictMaker}), with its generations, conflicts and aborts, and knows
     * `devnet_getBlockSchedule` and `devnet_getConflicts`. Default false: plain serial blocks, whose deferred transactions are
     * their last (see {@link createLenientMaker}).
     */
    strict?: boolean | undefined
    /** Makes a block at every interval, also when nothing waits. Default true. */
    emptyBlocks?: boolean | undefined
    /** Funded accounts whose keys the node holds. Default 10. */
    accounts?: number | undefined
    /** BIP-39 phrase of those accounts. Default: the well-known "test test … junk". */
    mnemonic?: string | undefined
    /** What each of them owns, in ether. Default 10,000. */
    balanceEther?: number | undefined
    /**
     * File of the chain (see {@link createStateFile}): the node goes on where it was left, and writes every block to it. Default:
     * a new chain that ends with the node.
     */
    statePath?: string | undefined
  }
}

function requireInteger(what: string, value: number, range: { min: number; max: number }): void {
  if (Number.isInteger(value) && value >= range.min && value <= range.max) return
  throw new UsageError(`${what} is a whole number from ${range.min} to ${range.max}, not ${value}.`)
}
