import { type Kinds, mayChange } from './accessesKinds.js'
import type { Question } from './accessesQuestions.js'
import { type StepTrace, type TraceOptions, type Traces, traceCalls } from './accessesTrace.js'

/** What is known of a call beyond what it touches. */
export type Evidence = {
  changed: Traces['changed']
  /** Of a sample. */
  steps?: StepTrace | undefined
}

/** A call that touches more is no sample: Anvil takes 100 ms for 200,000 gas instruction by instruction, and a settlement has millions. */
const HEAVIEST_SAMPLE = 128

/** Calls a request of traces by value. */
const BATCH = 50

/**
 * Takes the samples that kinds of call still need, then traces each call that may change what is in question. Creations have no
 * kind, and heavy calls are no samples: each is traced for what it changes.
 * @returns by id, of the calls that were traced.
 */
export async function gatherEvidence(
  questions: readonly Question[],
  options: TraceOptions & { kinds: Kinds },
): Promise<Map<number, Evidence>> {
  const { kinds, ...trace } = options
  const evidence = new Map<number, Evidence>()

  async function traceAll<K extends 'steps' | 'changed'>(
    what: K,
    asked: readonly Question[],
    batch: number,
  ): Promise<Map<number, Traces[K]>> {
    const traces = new Map<number, Traces[K]>()
    await traceCalls(
      asked.map(({ call }) => call),
      {
        ...{ ...trace, what, batch },
        onTrace: ({ id }, result) => {
          if (result !== undefined) traces.set(id, result)
        },
      },
    )
    return traces
  }

  const ofKinds = questions.filter(
    ({ call, runsCode, weight }) => runsCode && call.to !== undefined && weight <= HEAVIEST_SAMPLE,
  )
  for (;;) {
    const wanted = kinds.pick(ofKinds, evidence)
    if (wanted.length === 0) break
    const steps = await traceAll('steps', wanted, 1)
    const changes = await traceAll('changed', wanted, 1)
    for (const question of wanted) {
      const { id } = question.call
      const sample = {
        steps: steps.get(id) as StepTrace,
        changed: changes.get(id) as Traces['changed'],
      }
      evidence.set(id, sample)
      kinds.learn(question, sample)
    }
  }

  const changing = questions.filter(
    ({ call, kind, shared, runsCode }) =>
      runsCode &&
      !evidence.has(call.id) &&
      (call.to === undefined || mayChange(kinds.get(kind), shared)),
  )
  for (const [id, changed] of await traceAll('changed', changing, BATCH))
    evidence.set(id, { changed })
  return evidence
}
