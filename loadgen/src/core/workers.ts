import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { LoadgenError } from './errors.js'

/** A worker thread that answers questions. */
export type WorkerHandle<Question, Answer> = {
  /** Sends a question. Rejects with the worker's own error, or when the thread dies. Answers come in the order asked. */
  ask(question: Question): Promise<Answer>
  /** Ends the thread once it has answered what was asked. */
  stop(): Promise<void>
}

/** Asks a thread to end; no question is null. */
const END = null

type Reply<Answer> = { answer: Answer } | { message: string; exitCode: number | undefined }

/**
 * Starts a worker thread whose module calls {@link answerQuestions}.
 * @param module address of the module, as `new URL('./x.js', import.meta.url)`.
 */
export function startWorker<Question, Answer>(
  module: URL,
  options: startWorker.Options = {},
): WorkerHandle<Question, Answer> {
  const worker = new Worker(compiledModule(module), { workerData: options.data })
  running.add(worker)
  const open: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = []
  let death: Error | undefined

  function die(error: Error): void {
    death ??= error
    for (const question of open.splice(0)) question.reject(death)
  }
  worker.on('message', (reply: Reply<Answer>) => {
    const question = open.shift()
    if ('answer' in reply) question?.resolve(reply.answer)
    else question?.reject(new LoadgenError(reply.message, { exitCode: reply.exitCode }))
  })
  worker.on('error', (cause) => {
    die(
      new LoadgenError(
        `A worker thread failed: ${cause instanceof Error ? cause.message : cause}`,
        { cause },
      ),
    )
  })
  worker.on('exit', () => {
    running.delete(worker)
    die(new LoadgenError('A worker thread ended before it had answered.'))
  })

  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        if (death !== undefined) return reject(death)
        open.push({ resolve, reject })
        worker.postMessage(question)
      }),
    stop: () => stopWorker(worker),
  }
}

const running = new Set<Worker>()

/** Ends all threads of the process; to be awaited before process.exit(), for the reason at {@link stopWorker}. */
export async function stopWorkers(): Promise<void> {
  await Promise.all([...running].map(stopWorker))
}

/**
 * Asks the thread to end by itself. Ended from outside in the middle of a call of native code (secp256k1), it would take the
 * process with it: "terminate called after throwing an instance of 'Napi::Error'".
 */
async function stopWorker(worker: Worker): Promise<void> {
  if (!running.has(worker)) return
  const ended = once(worker, 'exit')
  worker.postMessage(END)
  await ended
}

export declare namespace startWorker {
  type Options = {
    /** What the worker gets at its start; cloned. */
    data?: unknown
  }
}

/**
 * Inside a worker: answers every question with `answer(question, data)`, in the order asked. One that takes its time does not keep
 * the next from being begun. When the worker is to end, it ends once what it was asked is answered; `onEnd` can hasten that.
 */
export function answerQuestions<Question, Answer, Data>(
  answer: (question: Question, data: Data) => Answer | Promise<Answer>,
  onEnd?: () => void,
): void {
  if (parentPort === null) throw new LoadgenError('This module runs in a worker thread only.')
  const port = parentPort
  let answered = Promise.resolve()
  port.on('message', (question: Question | typeof END) => {
    const before = answered
    if (question === END) {
      onEnd?.()
      void before.then(() => port.close())
      return
    }
    const own = reply(() => answer(question, workerData as Data))
    answered = before.then(async () => port.postMessage(await own))
  })
}

async function reply<Answer>(answer: () => Answer | Promise<Answer>): Promise<Reply<Answer>> {
  try {
    return { answer: await answer() }
  } catch (error) {
    const exitCode = error instanceof LoadgenError ? error.exitCode : undefined
    return { message: error instanceof Error ? error.message : String(error), exitCode }
  }
}

/**
 * Where the compiled form of a module is. A worker thread cannot run TypeScript, so a module beside TypeScript sources (in
 * the tests) is looked for in the build folder.
 * @throws LoadgenError when it has not been compiled.
 */
export function compiledModule(module: URL): URL {
  if (!import.meta.url.endsWith('.ts')) return module
  const sources = new URL('../', import.meta.url).href
  if (!module.href.startsWith(sources)) return module
  const path = module.href.slice(sources.length).replace(/\.ts$/, '.js')
  const compiled = new URL(`../../dist/${path}`, import.meta.url)
  if (!existsSync(compiled))
    throw new LoadgenError(
      `${fileURLToPath(compiled)} is missing: a worker runs compiled code, so run "npx tsc -b" first.`,
    )
  return compiled
}
