import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { type Rpc, RpcRefusedError } from '../chain/rpc.js'
import { UsageError } from '../core/errors.js'
import type { Dispatch } from './dispatch.js'
import { createSignal, type Signal } from './signal.js'

/**
 * The chain of an Anvil in a file, so that a node that was killed can be started again on it: accounts, blocks, transactions and
 * receipts. Not in it: what waits in the pool, the traces of old blocks, and the state before the last one.
 *
 * Written after every block, and after every call that changes accounts without one (anvil_setBalance). Nobody is answered
 * between such a change and the file that holds it, so what a client has seen is there after a SIGKILL too: chains that Arcology
 * makes are final. Not synced to the disk: a loss of power may take the last blocks.
 */
export type StateFile = {
  /** Puts the chain of the file in the place of Anvil's; does nothing when there is no file yet. */
  load(): Promise<void>
  /** Does what makes a block or changes accounts, and withholds answers from then on until {@link save} is done. */
  withhold<T>(mine: () => Promise<T>): Promise<T>
  /** Writes the file. What was there before stays until the new one is whole. */
  save(): Promise<void>
  /** Answers that do not leave before what they may speak of is in the file. */
  answering(dispatch: Dispatch): Dispatch
}

/**
 * @param path the file. Its folder must exist.
 * @throws UsageError, from `load` and `save`, for a file that is no such state or cannot be read or written.
 */
export function createStateFile(rpc: Rpc, path: string): StateFile {
  /** Given when the last block is in the file. */
  let unsaved: Signal | undefined

  return {
    async load() {
      if (!existsSync(path)) return
      const state = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
        throw new UsageError(`The state file "${path}" cannot be read (${cause.code}).`, { cause })
      })
      try {
        await rpc.call('anvil_loadState', [`0x${state.toString('hex')}`])
      } catch (cause) {
        if (!(cause instanceof RpcRefusedError)) throw cause
        throw new UsageError(
          `"${path}" holds no state of a devnet; give the file that --state wrote, or one that is not there yet.`,
          { cause },
        )
      }
    },
    withhold(mine) {
      unsaved ??= createSignal()
      return mine()
    },
    async save() {
      const state = String(await rpc.call('anvil_dumpState'))
      const unfinished = `${path}.part`
      try {
        await writeFile(unfinished, Buffer.from(state.slice(2), 'hex'))
        await rename(unfinished, path)
      } catch (cause) {
        const { code } = cause as NodeJS.ErrnoException
        throw new UsageError(`The state file "${path}" cannot be written (${code}).`, { cause })
      }
      unsaved?.give()
      unsaved = undefined
    },
    answering: (dispatch) => async (body) => {
      const answer = await dispatch(body)
      await unsaved?.given
      return answer
    },
  }
}
