import { startWorker } from '../core/workers.js'
import type { Span } from './lanes.js'
import { createSender, type Sender, type SenderData, type Sentence } from './sender.js'
import type { SenderQuestion } from './submitWorker.js'

/** All threads that send, as one. */
export type SubmitPool = Omit<Sender, 'send' | 'finish'> & {
  /** Lets all lanes send a span; resolves when it is settled. */
  send(span: Span): Promise<void>
  /** Ends the threads when all is settled. */
  finish(): Promise<void>
  /** What nodes said of what they did not take, so far. */
  sentences: ReadonlyMap<number, string>
}

/**
 * Spreads the lanes over worker threads; with 0 workers they run in this one.
 * @param tools of tests, for lanes in this thread.
 */
export function createSubmitPool(
  data: Omit<SenderData, 'lanes'>,
  options: { workers: number; tools?: createSender.Tools | undefined },
): SubmitPool {
  const all = Array.from({ length: data.laneCount }, (_, lane) => lane)
  const workers = Math.min(options.workers, data.laneCount)
  const senders =
    workers === 0
      ? [createSender({ ...data, lanes: all }, options.tools)]
      : Array.from({ length: workers }, (_, worker) =>
          startSender({ ...data, lanes: all.filter((lane) => lane % workers === worker) }),
        )
  const sentences = new Map<number, string>()

  async function gather(answers: readonly Promise<Sentence[]>[]): Promise<void> {
    for (const answer of await Promise.all(answers))
      for (const [position, sentence] of answer) sentences.set(position, sentence)
  }

  return {
    sentences,
    send: (span) => gather(senders.map((sender) => sender.send(span))),
    finish: () => gather(senders.map((sender) => sender.finish())),
    stop() {
      for (const sender of senders) sender.stop()
    },
  }
}

function startSender(data: SenderData): Sender {
  const worker = startWorker<SenderQuestion, Sentence[]>(
    new URL('./submitWorker.js', import.meta.url),
    { data },
  )
  return {
    send: (span) => worker.ask({ type: 'send', span }),
    finish: () => worker.ask({ type: 'finish' }).finally(() => worker.stop()),
    stop() {
      // Its answer comes after those of the spans; if the thread dies instead, they tell.
      worker.ask({ type: 'stop' }).catch(() => {})
    },
  }
}
