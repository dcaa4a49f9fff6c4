import { describe, expect, test } from 'vitest'
import { readAnswer, readLookUp } from './answers.js'

const standard = (answer: string, count: number) =>
  readAnswer(Buffer.from(answer), { method: 'standard', count })
const arcology = (answer: string, count: number) =>
  readAnswer(Buffer.from(answer), { method: 'arcology', count })

describe('readAnswer: standard', () => {
  test('default: all taken', () => {
    expect(standard('[{"id":0,"result":"0x1"},{"id":1,"result":"0x2"}]', 2)).toBe('all')
    expect(standard('[{"id":0,"result":"0x1"}]\r\n', 1)).toBe('all')
  })

  test('behavior: errors stand where their transactions do, whatever the order of the answer', () => {
    const answer =
      '[{"id":2,"error":{"code":-32000,"message":"no money"}},{"id":0,"result":"0x1"},{"id":1,"result":"0x2"}]'
    expect(standard(answer, 3)).toEqual([undefined, undefined, 'no money'])
  })

  test('behavior: an error that is null is none', () => {
    expect(standard('[{"id":0,"error":null,"result":"0x1"}]', 1)).toEqual([undefined])
  })

  test('behavior: the node refuses the whole batch', () => {
    expect(standard('{"id":null,"error":{"code":-32005,"message":"too many"}}', 2)).toEqual([
      'too many',
      'too many',
    ])
  })

  test.each([
    ['too few', '[{"id":0,"result":"0x1"}]'],
    ['too many', '[{"id":0,"result":"0x1"},{"id":1,"result":"0x1"},{"id":2,"result":"0x1"}]'],
    ['the same twice', '[{"id":0,"error":{"message":"x"}},{"id":0,"result":"0x1"}]'],
    ['an id that was not asked', '[{"id":0,"error":{"message":"x"}},{"id":7,"result":"0x1"}]'],
    ['no result', '[{"id":0,"error":{"message":"x"}},{"id":1}]'],
    ['cut off', '[{"id":0,"result":"0x1"},{"id":1,"result":"0x'],
    ['no JSON', '<html>Bad gateway</html>'],
    ['nothing', ''],
    ['null', 'null'],
  ])('behavior: no answer: %s', (_, answer) => {
    expect(standard(answer, 2)).toBeUndefined()
  })
})

describe('readAnswer: arcology', () => {
  test('default: a count, in decimal or hexadecimal', () => {
    expect(arcology('{"id":0,"result":3}', 3)).toBe('all')
    expect(arcology('{"id":0,"result":"0x3"}', 3)).toBe('all')
  })

  test('behavior: too small a count tells of each that it may be missing', () => {
    const sentence = 'the node took 1 of 2 transactions and does not know this one'
    expect(arcology('{"id":0,"result":1}', 2)).toEqual([sentence, sentence])
  })

  test('behavior: no answer without a count', () => {
    expect(arcology('{"id":0,"result":null}', 2)).toBeUndefined()
    expect(arcology('{"id":0}', 2)).toBeUndefined()
  })
})

describe('readLookUp', () => {
  const read = (answers: unknown, count: number) =>
    readLookUp(Buffer.from(JSON.stringify(answers)), count)

  test('default: by id, whatever the order', () => {
    const answers = [
      { id: 1, result: null },
      { id: 2, result: { hash: '0x' } },
      { id: 0, result: {} },
    ]
    expect(read(answers, 3)).toEqual([true, false, true])
  })

  test.each([
    [
      'an id twice',
      [
        { id: 0, result: {} },
        { id: 0, result: {} },
      ],
    ],
    [
      'an error',
      [
        { id: 0, result: {} },
        { id: 1, error: { message: 'busy' } },
      ],
    ],
    ['too few', [{ id: 0, result: {} }]],
    ['no list', { error: { message: 'busy' } }],
  ])('behavior: no answer: %s', (_, answers) => {
    expect(read(answers, 2)).toBeUndefined()
  })
})
