import { describe, expect, test } from 'vitest'
import { createGrid, parseVary } from './grid.js'

describe('parseVary', () => {
  test.each([
    ['orders=100,1000', ['100', '1000']],
    ['seed=a, b', ['a', 'b']],
    ['submit=standard,arcology', ['standard', 'arcology']],
    // A factor where the ends are far apart, a distance where they are not.
    ['orders=100..10000', ['100', '316', '1000', '3162', '10000']],
    ['orders=100..500', ['100', '200', '300', '400', '500']],
    ['longShare=0.5..1', ['0.5', '0.625', '0.75', '0.875', '1']],
    ['threads=0..20:3', ['0', '10', '20']],
    ['orders=100..10000:3', ['100', '1000', '10000']],
    ['orders=100..101:5', ['100', '101']],
    ['traders=7..7', ['7']],
    ['batchInterval=100..10000*10', ['100', '1000', '10000']],
    ['batchInterval=100..1000*3', ['100', '300', '900', '1000']],
    ['orders=3..10*1.5', ['3', '5', '7', '10']],
    // Whole ends of something that is no whole number.
    ['longShare=0..1:5', ['0', '0.25', '0.5', '0.75', '1']],
    ['price=1000..2000:4', ['1000', '1333.33', '1666.67', '2000']],
  ])('%s', (text, values) => {
    expect(parseVary(text).values).toEqual(values)
  })

  test('behavior: a name as it stands on the command line', () => {
    expect(parseVary('long-share=1')).toEqual({ name: 'longShare', values: ['1'] })
    expect(parseVary('max-price-move=5,6').name).toBe('maxPriceMove')
  })

  const FORM =
    'it is an option and its values, like orders=100,1000, longShare=0.5..1:6 (that many points) or batchInterval=100..10000*10 (that factor).'
  test.each([
    ['orders', `"orders" is nothing to vary: ${FORM}`],
    ['=5', `"=5" is nothing to vary: ${FORM}`],
    ['orders=', `"orders=" is nothing to vary: ${FORM}`],
    ['--orders=5', `"--orders=5" is nothing to vary: ${FORM}`],
    ['orders=1,,2', `"orders=1,,2" has an empty value: ${FORM}`],
    ['orders=1,2,1', '"orders=1,2,1" names the value 1 twice.'],
    ['orders=1..x', `"orders=1..x" has no range of numbers: ${FORM}`],
    ['orders=1..2..3', `"orders=1..2..3" has no range of numbers: ${FORM}`],
    ['orders=5..1', '"orders=5..1" falls from 5 to 1; a range rises.'],
    ['orders=1..5:1', '"orders=1..5:1" asks for 1 points; a range has 2 or more.'],
    ['orders=1..5:2.5', '"orders=1..5:2.5" asks for 2.5 points; a range has 2 or more.'],
    [
      'orders=1..5*1',
      '"orders=1..5*1" never gets to its end: a factor is above 1, and its range starts above 0.',
    ],
    [
      'threads=0..5*2',
      '"threads=0..5*2" never gets to its end: a factor is above 1, and its range starts above 0.',
    ],
    ['orders=1..9:1001', '"orders=1..9:1001" has more than 1000 values.'],
    ['orders=1..1000000*1.00001', '"orders=1..1000000*1.00001" has more than 1000 values.'],
  ])('error: %s', (text, message) => {
    expect(() => parseVary(text)).toThrow(expect.objectContaining({ exitCode: 2, message }))
  })
})

describe('createGrid', () => {
  test('default: every combination, the last variable fastest', () => {
    expect(
      createGrid([
        { name: 'orders', values: ['1', '2'] },
        { name: 'seed', values: ['a', 'b'] },
      ]),
    ).toEqual([
      { orders: '1', seed: 'a' },
      { orders: '1', seed: 'b' },
      { orders: '2', seed: 'a' },
      { orders: '2', seed: 'b' },
    ])
  })
  test('error: one name twice', () => {
    const orders = { name: 'orders', values: ['1'] }
    expect(() => createGrid([orders, orders])).toThrow('--vary names orders twice.')
  })
  test('error: too many points', () => {
    const values = Array.from({ length: 101 }, (_, i) => String(i))
    const variables = ['orders', 'traders'].map((name) => ({ name, values }))
    expect(() => createGrid(variables)).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: 'The sweep has 10201 points; 1000 is the most.',
      }),
    )
  })
})
