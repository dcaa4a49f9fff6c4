import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createProgress, duration } from './progress.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setUp(options: { isTTY?: boolean; isQuiet?: boolean } = {}) {
  const lines: unknown[] = []
  const drawn = { text: '' }
  const stream = new PassThrough().setEncoding('utf8')
  stream.on('data', (text) => {
    drawn.text += stripVTControlCharacters(String(text))
  })
  const terminal = { isTTY: options.isTTY === true, columns: 80, cursorTo: () => {} }
  const progress = createProgress({
    log: { info: (...line: unknown[]) => void lines.push(line) } as never,
    stream: Object.assign(stream, terminal, {
      moveCursor: () => {},
      clearLine: () => {},
    }) as never,
    isQuiet: options.isQuiet === true,
    clock: { now: () => Date.now() },
    everyMs: 5_000,
  })
  return { progress, lines, drawn }
}

describe('without a terminal', () => {
  test('a line when a stage begins, and one every few seconds, with rate and remaining time', () => {
    const { progress, lines } = setUp()
    progress.on('sign', 0, 1_000)
    vi.advanceTimersByTime(4_000)
    progress.on('sign', 400, 1_000)
    expect(lines).toEqual([[{ total: 1_000 }, 'sign']])
    vi.advanceTimersByTime(1_000)
    expect(lines[1]).toEqual([
      { done: 400, total: 1_000, perSecond: 80, remainingSeconds: 8 },
      'sign',
    ])
    progress.end()
  })
  test('a stage that stands still is still told, without an end in sight', () => {
    const { progress, lines } = setUp()
    progress.on('submit', 10, 20)
    vi.advanceTimersByTime(5_000)
    expect(lines[1]).toEqual([{ done: 10, total: 20, perSecond: 0 }, 'submit'])
    progress.end()
  })
  test('nothing more of a stage that is done, nor after the end', () => {
    const { progress, lines } = setUp()
    progress.on('sign', 0, 2)
    progress.on('sign', 2, 2)
    vi.advanceTimersByTime(20_000)
    progress.on('submit', 0, 2)
    progress.end()
    vi.advanceTimersByTime(20_000)
    expect(lines).toEqual([
      [{ total: 2 }, 'sign'],
      [{ total: 2 }, 'submit'],
    ])
  })
})

test('on a terminal: a bar with rate and remaining time, and nothing in the log', () => {
  const { progress, lines, drawn } = setUp({ isTTY: true })
  progress.on('submit', 0, 10_000)
  vi.advanceTimersByTime(2_000)
  progress.on('submit', 4_000, 10_000)
  vi.advanceTimersByTime(500)
  progress.end()
  expect(lines).toEqual([])
  expect(drawn.text).toContain('submit ')
  expect(drawn.text).toContain('4000/10000 2,000/s 3 s left')
})

test('quiet: nothing at all', () => {
  const { progress, lines, drawn } = setUp({ isTTY: true, isQuiet: true })
  progress.on('submit', 0, 10)
  vi.advanceTimersByTime(10_000)
  progress.end()
  expect({ lines, drawn }).toEqual({ lines: [], drawn: { text: '' } })
})

test('duration', () => {
  expect([1, 59_000, 185_000, 7_800_000].map(duration)).toEqual([
    ...['1 s', '59 s', '3 min 5 s', '2 h 10 min'],
  ])
})
