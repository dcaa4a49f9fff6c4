import { startWorker } from '../core/workers.js'
import type { RunReport } from '../report/runReport.js'
import type { WatchState } from './state.js'
import type { WatchAnswer, WatchQuestion } from './worker.js'

/** A page that shows a run as it goes. */
export type Watch = {
  /** Where it is. */
  url: string
  /** Makes the page the report of the run. Resolves when all that look have it, two seconds later at most. */
  report(report: RunReport): Promise<void>
  /** Makes the page say why the run failed. Resolves likewise. */
  fault(sentence: string): Promise<void>
  /** Ends it; a page that is open stays as it is. */
  close(): Promise<void>
}

/**
 * Serves the page on loopback, from a thread of its own: a run neither waits for drawing nor is slowed by it.
 * @throws UsageError when the port cannot be had.
 */
export async function startWatch(options: startWatch.Options): Promise<Watch> {
  const { port, read, onFault, everyMs = 250 } = options
  const worker = startWorker<WatchQuestion, WatchAnswer>(new URL('./worker.js', import.meta.url))
  let url: WatchAnswer
  try {
    url = await worker.ask({ kind: 'open', port, state: read() })
  } catch (error) {
    await worker.stop()
    throw error
  }
  const timer = setInterval(() => tell({ kind: 'show', state: read() }), everyMs)
  timer.unref()

  /** The run goes on when its page does not. */
  async function tell(question: WatchQuestion): Promise<void> {
    try {
      await worker.ask(question)
    } catch (error) {
      clearInterval(timer)
      onFault(error)
    }
  }

  return {
    url: url ?? '',
    async report(report) {
      clearInterval(timer)
      await tell({ kind: 'report', report })
    },
    async fault(sentence) {
      clearInterval(timer)
      await tell({ kind: 'fault', sentence })
    },
    async close() {
      clearInterval(timer)
      await worker.stop()
    },
  }
}

export declare namespace startWatch {
  type Options = {
    /** 0 takes any that is free. */
    port: number
    /** The state of the run at the moment at which it is called. */
    read: () => WatchState
    /** Told when the page fails, which does not end the run. */
    onFault: (error: unknown) => void
    /** Milliseconds between two looks at the state. Default 250. */
    everyMs?: number | undefined
  }
}
