import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { LoadgenError } from './errors.js'

/** A worker thread that answers questions. */
export type WorkerHandle<Question, Answer> = {
  /** Sends a question. Rejects with the worker's own error, or when the thread dies. Answers come in the order asked. */
  ask(question: Question): Promise<Answer>
  /** Ends the thread; questions that are open reject. */
  stop(): Promise<void>
}

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
  worker.on('exit', () => die(new LoadgenError('A worker thread ended before it had answered.')))

  return {
    ask: (question) =>
      new Promise((resolve, reject) => {
        if (death !== undefined) return reject(death)
        open.push({ resolve, reject })
        worker.postMessage(question)
      }),
    async stop() {
      await worker.terminate()
    },
  }
}

export declare namespace startWorker {
  type Options = {
    /** What the worker gets at its start; cloned. */
    data?: unknown
  }
}

/** Inside a worker: answers every question with `answer(question, data)`, one after the other. */
export function answerQuestions<Question, Answer, Data>(
  answer: (question: Question, data: Data) => Answer,
): void {
  if (parentPort === null) throw new LoadgenError('This module runs in a worker thread only.')
  const port = parentPort
  port.on('message', (question: Question) => {
    port.postMessage(reply(() => answer(question, workerData as Data)))
  })
}

function reply<Answer>(answer: () => Answer): Reply<Answer> {
  try {
    return { answer: answer() }
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
