import { expect, test } from 'vitest'
import { createGate } from './gate.js'

/** Work that says when it begins and ends when told to. */
function controlled(log: string[], name: string) {
  let end: () => void = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  const work = async () => {
    log.push(`${name} begins`)
    await ended
    log.push(`${name} ends`)
    return name
  }
  return { work, end }
}

/** Lets everything run that can. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

test('default: shared work runs together, exclusive work alone, in order of arrival', async () => {
  const gate = createGate()
  const log: string[] = []
  const [a, b, seal, c, d] = ['a', 'b', 'seal', 'c', 'd'].map((name) => controlled(log, name))
  if (!a || !b || !seal || !c || !d) throw new Error('unreachable')
  const all = [
    gate.shared(a.work),
    gate.shared(b.work),
    gate.exclusive(seal.work),
    gate.shared(c.work),
    gate.shared(d.work),
  ]
  await settle()
  expect(log).toEqual(['a begins', 'b begins'])
  a.end()
  await settle()
  expect(log).toEqual(['a begins', 'b begins', 'a ends'])
  b.end()
  await settle()
  expect(log.slice(3)).toEqual(['b ends', 'seal begins'])
  seal.end()
  await settle()
  expect(log.slice(5)).toEqual(['seal ends', 'c begins', 'd begins'])
  c.end()
  d.end()
  expect(await Promise.all(all)).toEqual(['a', 'b', 'seal', 'c', 'd'])
})

test('behavior: work that fails opens the gate again', async () => {
  const gate = createGate()
  const fail = async () => {
    throw new Error('no')
  }
  await expect(gate.exclusive(fail)).rejects.toThrow('no')
  await expect(gate.shared(fail)).rejects.toThrow('no')
  expect(await gate.exclusive(async () => 1)).toBe(1)
})
