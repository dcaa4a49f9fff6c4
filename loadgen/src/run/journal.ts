import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import { UsageError } from '../core/errors.js'
import { EXECUTORS } from '../core/sending.js'
import { readLines } from '../report/files.js'
import { RAMP } from '../report/sendingShape.js'
import {
  hex,
  integer,
  list,
  number,
  object,
  oneOf,
  optional,
  type Shape,
  text,
} from '../report/shape.js'
import { createLedger, type HealedTx, type Ledger, type Note, type Times } from './ledger.js'

/** Name of the journal in the folder of a mode. */
export const JOURNAL = 'journal.jsonl'

/** The notes of a submission on disk, one line of JSON each, and where everything stands after them. */
export type Journal = {
  ledger: Ledger
  /**
   * Adds a note. It is with the operating system when this returns: a kill of this process cannot take it back. (A loss of
   * power can take the last ones. Then what they said was sent is sent again, the same bytes, which the node knows.)
   */
  add(note: Note): void
  close(): void
}

/**
 * Opens the journal of a mode, or begins one. A last line that was cut off by a kill is removed: what it was to announce had
 * not been sent.
 * @throws UsageError for any other line that is malformed, with its number.
 */
export function openJournal(path: string, options: openJournal.Options): Journal {
  const ledger = createLedger(options.count)
  const file = openSync(path, 'a+')
  try {
    const content = readFileSync(file)
    const end = content.lastIndexOf('\n'.charCodeAt(0)) + 1
    if (end < content.length) {
      ftruncateSync(file, end)
      options.onTornLine?.(content.length - end)
    }
    const lines = content.toString('utf8', 0, end).split('\n').slice(0, -1)
    for (const [i, line] of lines.entries()) ledger.add(parseNote(line, `"${path}", line ${i + 1}`))
  } catch (cause) {
    closeSync(file)
    throw cause
  }
  return {
    ledger,
    add(note) {
      writeSync(file, `${JSON.stringify(note)}\n`)
      ledger.add(note)
    },
    close() {
      fsyncSync(file)
      closeSync(file)
    },
  }
}

export declare namespace openJournal {
  type Options = {
    /** Number of transactions of the mode. */
    count: number
    /** Told when a last line that was cut off is removed, with its bytes. */
    onTornLine?: ((bytes: number) => void) | undefined
  }
}

/** When a stage was done, epoch milliseconds, by a journal that nobody writes; undefined when it was not, or there is none. */
export function doneMsOf(path: string, stage: 'submitted' | 'collected'): number | undefined {
  if (!existsSync(path)) return undefined
  let atMs: number | undefined
  for (const line of readLines(path, 'the journal of a mode'))
    if (line.startsWith(`{"kind":"${stage}"`)) atMs = (JSON.parse(line) as { atMs: number }).atMs
  return atMs
}

function parseNote(line: string, where: string): Note {
  let note: Note
  try {
    note = JSON.parse(line)
  } catch (cause) {
    throw new UsageError(`${where}: this is no valid JSON of a journal.`, { cause })
  }
  const fault = KIND(note, '') ?? NOTES[note.kind](note, '')
  if (fault !== undefined) throw new UsageError(`${where}: ${fault}.`)
  return note
}

function tuple(...shapes: readonly Shape[]): Shape {
  return (value, path) => {
    if (!Array.isArray(value)) return `${path} must be a list`
    for (const [i, shape] of shapes.entries()) {
      const fault = shape(value[i], `${path}[${i}]`)
      if (fault !== undefined) return fault
    }
    return undefined
  }
}

const ranges = list(tuple(integer, integer))
const times: Shape = (value, path) =>
  typeof value === 'number'
    ? undefined
    : object<Exclude<Times, number>>({ startMs: number, laterUs: list(integer) })(value, path)
const done = object<{ atMs: number }>({ atMs: number })
const outcome = oneOf(['refused', 'replaced', 'unanswered', 'unsent', 'dropped'])

type Fields<K extends Note['kind']> = Omit<Extract<Note, { kind: K }>, 'kind'>

const NOTES: Record<Note['kind'], Shape> = {
  gate: object<Fields<'gate'>>({ batch: integer, atMs: number }),
  sending: object<Fields<'sending'>>({ ranges, atMs: number, plannedMs: optional(times) }),
  answered: object<Fields<'answered'>>({
    ranges,
    plannedMs: times,
    requests: list(tuple(number, number)),
    of: list(integer),
    exceptions: optional(list(tuple(integer, outcome, optional(text)))),
  }),
  settling: object<Fields<'settling'>>({ hash: hex, atMs: number }),
  healed: object<Fields<'healed'>>({
    atMs: number,
    transactions: list(
      object<HealedTx>({ position: integer, nonce: integer, replaced: hex, hash: hex, raw: hex }),
    ),
  }),
  block: object<Fields<'block'>>({ number: integer, seenMs: number }),
  executing: object<Fields<'executing'>>({
    ...{ executor: oneOf(EXECUTORS), perSecond: optional(number), warmupMs: number, atMs: number },
  }),
  executed: object<Fields<'executed'>>({ atMs: number, ramp: optional(RAMP) }),
  submitted: done,
  collected: done,
}
const KIND = object<Pick<Note, 'kind'>>({ kind: oneOf(Object.keys(NOTES)) })
