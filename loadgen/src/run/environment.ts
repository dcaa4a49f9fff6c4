import { execFile } from 'node:child_process'
import { arch, availableParallelism, platform, release, totalmem } from 'node:os'
import { promisify } from 'node:util'
import type { Environment } from '../report/runReport.js'
import type { Node } from './node.js'

/** The machine and the node of a run. */
export function readEnvironment(node: Node): Environment {
  return {
    node: process.version,
    platform: `${platform()} ${release()} ${arch()}`,
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    client: node.client,
    chainId: node.chainId,
    emulated: node.isEmulated,
  }
}

/** The commit of the code, with `-dirty` when it was changed since; `unknown` where there is no repository. */
export async function readCommit(): Promise<string> {
  const git = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)('git', args, { cwd: import.meta.dirname })
    return stdout.trim()
  }
  try {
    const commit = await git('rev-parse', '--short=12', 'HEAD')
    return (await git('status', '--porcelain')) === '' ? commit : `${commit}-dirty`
  } catch {
    // No git, or no repository: an unpacked archive is no fault.
    return 'unknown'
  }
}
