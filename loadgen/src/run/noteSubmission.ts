import type { Clock } from '../core/clock.js'
import { OUTCOME, type Ledger as SubmitLedger } from '../submit/ledger.js'
import type { SubmitJournal } from '../submit/submitTable.js'
import type { Journal } from './journal.js'
import { type Exception, type Note, toRanges, toTimes } from './ledger.js'

/** Notes down a submission, of those positions alone that are pending in its ledger when it begins. */
export function noteSubmission(
  journal: Journal,
  { working, clock }: { working: SubmitLedger; clock: Clock },
): SubmitJournal {
  const wasPending = working.outcomes.map((outcome) => (outcome === OUTCOME.pending ? 1 : 0))
  const own = (from: number, to: number): number[] => {
    const positions: number[] = []
    for (let position = from; position < to; position++)
      if (wasPending[position] === 1) positions.push(position)
    return positions
  }
  return {
    onSending({ from, to }) {
      const positions = own(from, to)
      if (positions.length === 0) return
      const plannedMs = positions.map((position) => working.plannedMs[position] as number)
      journal.add({
        ...{ kind: 'sending', ranges: toRanges(positions), atMs: clock.now() },
        // Unknown where the intended time is the moment of sending.
        ...(!plannedMs.some(Number.isNaN) && { plannedMs: toTimes(plannedMs) }),
      })
    },
    onAnswered({ from, to }, ledger, sentences) {
      const positions = own(from, to)
      if (positions.length > 0)
        journal.add(toAnswered(positions, { ledger, sentences, nowMs: clock.now() }))
    },
  }
}

function toAnswered(
  positions: readonly number[],
  options: { ledger: SubmitLedger; sentences: ReadonlyMap<number, string>; nowMs: number },
): Note {
  const { plannedMs, sentMs, answeredMs, outcomes } = options.ledger
  const requests = new Map<string, readonly [index: number, sentMs: number, answeredMs: number]>()
  const of: number[] = []
  const planned: number[] = []
  const exceptions: Exception[] = []
  for (const position of positions) {
    // What was never sent, or never answered, has not all of these times.
    const answered = orElse(answeredMs[position], options.nowMs)
    const plannedAt = orElse(plannedMs[position], answered)
    const times = [orElse(sentMs[position], plannedAt), answered] as const
    const key = times.join()
    const [index] = requests.get(key) ?? [requests.size]
    requests.set(key, [index, ...times])
    of.push(index)
    planned.push(plannedAt)
    const outcome = NAMES.get(outcomes[position] as number)
    if (outcome === undefined) continue
    const sentence = options.sentences.get(position)
    exceptions.push(sentence === undefined ? [position, outcome] : [position, outcome, sentence])
  }
  return {
    kind: 'answered',
    ranges: toRanges(positions),
    plannedMs: toTimes(planned),
    requests: [...requests.values()].map(([, ...times]) => times),
    of,
    ...(exceptions.length > 0 && { exceptions }),
  }
}

/** The note that the node has these after all, though it refused them. Times that are known stand. */
export function toTaken(positions: readonly number[], atMs: number): Note {
  return {
    ...{ kind: 'answered', ranges: toRanges(positions), plannedMs: atMs },
    ...{ requests: [[atMs, atMs]], of: positions.map(() => 0) },
  }
}

const NAMES = new Map<number, Exception[1]>([
  [OUTCOME.refused, 'refused'],
  [OUTCOME.replaced, 'replaced'],
  [OUTCOME.unanswered, 'unanswered'],
  [OUTCOME.unsent, 'unsent'],
  [OUTCOME.dropped, 'dropped'],
])

function orElse(time: number | undefined, other: number): number {
  return time === undefined || Number.isNaN(time) ? other : time
}
