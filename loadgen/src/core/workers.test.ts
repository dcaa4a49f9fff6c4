import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compiledModule, startWorker, type WorkerHandle } from './workers.js'

const folder = mkdtempSync(join(tmpdir(), 'workers-'))
const module = pathToFileURL(join(folder, 'doubler.mjs'))
let worker: WorkerHandle<number, number>

beforeAll(() => {
  const built = (path: string) => compiledModule(new URL(path, import.meta.url)).href
  writeFileSync(
    module,
    `import { answerQuestions } from '${built('./workers.js')}'
     import { UsageError } from '${built('./errors.js')}'
     answerQuestions((question, data) => {
       if (question < 0) throw new UsageError('negative')
       if (question === 13) process.exit(1)
       if (question === 1000) return new Promise((resolve) => setImmediate(resolve, 'late'))
       return question * data.factor
     })`,
  )
  worker = startWorker(module, { data: { factor: 2 } })
})

afterAll(async () => {
  await worker.stop()
  rmSync(folder, { recursive: true })
})

test('default: answers in the order of the questions', async () => {
  expect(await Promise.all([1, 2, 3].map((n) => worker.ask(n)))).toEqual([2, 4, 6])
})

test('behavior: an answer that takes its time comes before those to later questions', async () => {
  const order: unknown[] = []
  const ask = async (n: number) => order.push(await worker.ask(n))
  await Promise.all([ask(1000), ask(7), ask(1000)])
  expect(order).toEqual(['late', 14, 'late'])
})

test('error: a failure in the worker keeps its message and exit code, and the worker lives on', async () => {
  await expect(worker.ask(-1)).rejects.toMatchObject({ message: 'negative', exitCode: 2 })
  expect(await worker.ask(5)).toBe(10)
})

test('error: a thread that dies rejects what is open and what comes after', async () => {
  const mortal = startWorker<number, number>(module, { data: { factor: 2 } })
  await expect(mortal.ask(13)).rejects.toThrow('ended before it had answered')
  await expect(mortal.ask(1)).rejects.toThrow('ended before it had answered')
})

test('error: a module that was never compiled', () => {
  expect(() => compiledModule(new URL('./nothing.ts', import.meta.url))).toThrow(
    /dist\/core\/nothing\.js is missing.*tsc -b/,
  )
})
