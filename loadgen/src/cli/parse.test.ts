import { InvalidArgumentError } from 'commander'
import { describe, expect, test } from 'vitest'
import { decimal, fraction, integer, mix, mode, modes, oneOf, range } from './parse.js'

const WAD = 10n ** 18n

/** Every text is refused, each with the same sentence. */
function expectRefused(parse: (text: string) => unknown, sentence: string, texts: string[]): void {
  for (const text of texts)
    expect(() => parse(text), `"${text}"`).toThrow(new InvalidArgumentError(sentence))
}

describe('integer', () => {
  test('default: whole numbers, the bounds included', () => {
    expect(['0', '7', '10'].map(integer(0, 10))).toEqual([0, 7, 10])
  })
  test('error: anything else', () => {
    expectRefused(integer(2, 10), 'It is a whole number from 2 to 10.', [
      ...[
        '1',
        '11',
        '-3',
        '+3',
        '3.0',
        '3.5',
        '1e1',
        '0x3',
        '',
        ' 3',
        '3 ',
        '3a',
        'NaN',
        'Infinity',
      ],
      ...['3_0', '３', '99999999999999999999'],
    ])
  })
})

describe('fraction', () => {
  test('default: numbers, the bounds included', () => {
    expect(['0', '0.25', '1', '1.000'].map(fraction(0, 1))).toEqual([0, 0.25, 1, 1])
  })
  test('error: anything else', () => {
    expectRefused(fraction(0, 1), 'It is a number from 0 to 1.', [
      ...['1.01', '-0.1', '.5', '1.', '1e-3', '', 'half', '50%', '0,5', 'Infinity'],
    ])
  })
})

describe('decimal', () => {
  test('default: exact, whatever the size', () => {
    expect(['2000', '0.5', '0.000000000000000001', '007.10'].map(decimal(18))).toEqual([
      2000n * WAD,
      WAD / 2n,
      1n,
      (71n * WAD) / 10n,
    ])
    expect(decimal(18)(`${'9'.repeat(30)}.${'9'.repeat(18)}`)).toBe(10n ** 48n - 1n)
    expect(['1.5', '0.000001'].map(decimal(6))).toEqual([1_500_000n, 1n])
    expect(decimal(0)('12')).toBe(12n)
  })
  test('error: zero, too many decimals, and what is no number', () => {
    expectRefused(decimal(6), 'It is a number above 0 with at most 6 decimals, like 2000 or 0.5.', [
      ...['0', '0.0', '0.0000001', '1.0000000', '-1', '+1', '1.', '.5', '1e3', '', ' 1', '1,5'],
      ...['0x10', 'NaN', '1'.repeat(31)],
    ])
  })
})

describe('range', () => {
  test('default: two numbers, which may be the same', () => {
    expect(range(18)('0.01..2')).toEqual({ min: WAD / 100n, max: 2n * WAD })
    expect(range(18)('1..1')).toEqual({ min: WAD, max: WAD })
  })
  test('error: not two numbers in order', () => {
    expectRefused(range(18), 'It is two numbers above 0, the smaller first, like 0.01..2.', [
      ...['2..1', '1', '1..2..3', '', '1-2', '1.2'],
    ])
    const above = 'It is a number above 0 with at most 18 decimals, like 2000 or 0.5.'
    expectRefused(range(18), above, ['0..1', '0..0', '..1', '1..', '..', 'a..b', '1...2', '1..-2'])
  })
})

describe('mix', () => {
  const none = { open: 0, close: 0, deposit: 0, withdraw: 0 }
  test('default: weights by action; what is not named weighs nothing', () => {
    expect(mix('open=60,close=30,deposit=6,withdraw=4')).toEqual({
      ...{ open: 60, close: 30, deposit: 6, withdraw: 4 },
    })
    expect(mix('withdraw=0.5,open=1')).toEqual({ ...none, withdraw: 0.5, open: 1 })
  })
  test.each([
    '',
    'open',
    'open=',
    'open=-1',
    'open=1e3',
    'Open=1',
    'liquidate=1',
    'open:1',
    'toString=1',
  ])('error: "%s"', (part) => {
    const sentence = `"${part}" is none of open=<weight>, close=<weight>, deposit=<weight>, withdraw=<weight>.`
    expectRefused(mix, sentence, [part, `open=1,${part}`, `${part},open=1`])
  })
})

describe('mode, modes, oneOf', () => {
  test('default: the words themselves', () => {
    expect(['netting', 'keeper', 'direct'].map(mode)).toEqual(['netting', 'keeper', 'direct'])
    expect(modes('direct')).toEqual(['direct'])
    expect(modes('direct,netting')).toEqual(['direct', 'netting'])
    expect(oneOf(['a', 'b'])('b')).toBe('b')
  })
  test('error: other words, and a mode twice', () => {
    const words = 'It is one of netting, keeper, direct.'
    expectRefused(mode, words, ['', 'Netting', 'netting,direct', ' netting'])
    expectRefused(modes, words, ['', 'netting,', ',netting', 'netting, direct', 'all'])
    expectRefused(modes, 'It names a mode twice.', ['netting,netting', 'keeper,direct,keeper'])
    expectRefused(oneOf(['a', 'b']), 'It is one of a, b.', ['', 'c', 'A', 'ab'])
  })
})
