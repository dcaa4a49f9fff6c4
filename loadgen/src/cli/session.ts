import type { Log } from '../core/log.js'
import { createLog } from '../core/log.js'
import { stopWorkers } from '../core/workers.js'
import { type Live, type LiveOptions, startLive } from './live.js'
import { createNodes, type Nodes } from './nodes.js'
import type { LogOptions, NodeOptions } from './options.js'
import { createProgress, type Progress } from './progress.js'

/** What a command that works on a node has at hand. */
export type Session = { log: Log; nodes: Nodes; progress: Progress; live: Live }

/**
 * Does a command's work and ends what it opened, whatever happens. On a signal it ends with exit code 130, in the middle of the work;
 * `onInterrupt` is called at the very last.
 */
export async function inSession<T>(
  options: inSession.Options,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const log = createLog({ level: options.logLevel })
  const nodes = createNodes({ ...options, log })
  const live = await startLive(options, log)
  const progress = createProgress({
    log,
    stream: process.stderr,
    isQuiet: options.json === true,
    live,
  })
  const stop = () => {
    void Promise.all([nodes.closeAll(), stopWorkers()]).then(() => {
      progress.end()
      options.onInterrupt?.(log)
      process.exit(130)
    })
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  try {
    return await work({ log, nodes, progress, live })
  } catch (error) {
    await live.fault(error)
    throw error
  } finally {
    progress.end()
    await Promise.all([nodes.closeAll(), live.close()])
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}

export declare namespace inSession {
  type Options = NodeOptions &
    LogOptions &
    LiveOptions & {
      connections: number
      strict: boolean
      json?: boolean | undefined
      onInterrupt?: ((log: Log) => void) | undefined
    }
}
