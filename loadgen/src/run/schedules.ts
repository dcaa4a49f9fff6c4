import { toFunctionSelector } from 'viem'
import { CALLS } from '../chain/encode.js'
import type { Rpc } from '../chain/rpc.js'
import { NodeError } from '../core/errors.js'
import type { BlockSample, BlockSchedule } from '../core/types.js'

/** Schedules in one request: each lists all transactions of its block. */
const BATCH = 20

/** Names of the functions that the load generator calls, by selector. */
const NAMES = new Map(CALLS.map((call) => [toFunctionSelector(call), call.name as string]))

/**
 * How the runtime would run each of these blocks, as the embedded node in strict mode tells.
 * @throws NodeError when the node does not know one of them.
 */
export async function readSchedules(
  rpc: Rpc,
  blocks: readonly BlockSample[],
): Promise<BlockSchedule[]> {
  const schedules: BlockSchedule[] = []
  for (let at = 0; at < blocks.length; at += BATCH) {
    const part = blocks.slice(at, at + BATCH)
    const answers = await rpc.batch(
      part.map(({ number }) => ({ method: 'devnet_getBlockSchedule', params: [number] })),
    )
    answers.forEach(({ result, error }, i) => {
      if (error !== undefined || result === null || result === undefined)
        throw new NodeError(
          `The node does not tell how block ${part[i]?.number} is scheduled${error === undefined ? '' : `: ${error.message}`}.`,
        )
      schedules.push(withNames(result as BlockSchedule))
    })
  }
  return schedules
}

/** Callees by the name of their function, where it is one of ours. */
function withNames(schedule: BlockSchedule): BlockSchedule {
  return {
    ...schedule,
    conflicts: schedule.conflicts.map((conflict) => ({
      ...conflict,
      winner: nameOf(conflict.winner),
      loser: nameOf(conflict.loser),
    })),
  }
}

function nameOf(callee: string): string {
  const [, selector] = callee.split(':')
  return NAMES.get(selector as `0x${string}`) ?? callee
}
