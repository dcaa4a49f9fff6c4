import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readTrades } from './csv.js'

const dir = mkdtempSync(join(tmpdir(), 'trades-'))
afterAll(() => rmSync(dir, { recursive: true }))
let files = 0
function file(...lines: string[]): string {
  const path = join(dir, `${files++}.csv`)
  writeFileSync(path, lines.join('\n'))
  return path
}

const HEADER = 'id,price,qty,quoteQty,time,isBuyerMaker,isBestMatch'
const SELL = '1,39432.48000000,0.00026300,10.37074224,1610064000278,True,True'
const BUY = '2,39439.44,0.004376,172.58698944,1610064000310,False,True'

const expected = [
  {
    line: 1,
    id: '1',
    price: 39_432_480_000_000_000_000_000n,
    qty: 263_000_000_000_000n,
    timeUs: 1_610_064_000_278_000,
    isBuy: false,
  },
  {
    line: 2,
    id: '2',
    price: 39_439_440_000_000_000_000_000n,
    qty: 4_376_000_000_000_000n,
    timeUs: 1_610_064_000_310_000,
    isBuy: true,
  },
]

describe('readTrades', () => {
  test('default: without a header', async () => {
    expect(await readTrades(file(SELL, BUY, ''))).toEqual(expected)
  })
  test('behavior: with a header', async () => {
    const trades = await readTrades(file(HEADER, SELL, BUY))
    expect(trades).toEqual(expected.map((trade) => ({ ...trade, line: trade.line + 1 })))
  })
  test('behavior: microseconds', async () => {
    const [trade] = await readTrades(file('1,2,3,6,1735689600123456,false,true'))
    expect(trade).toMatchObject({ timeUs: 1_735_689_600_123_456, isBuy: true })
  })
  test('args: limit reads no further', async () => {
    expect(await readTrades(file(SELL, BUY, 'nonsense'), { limit: 2 })).toHaveLength(2)
  })
})

test.each([
  [
    '1,2,3',
    'a trade has 7 columns, id,price,qty,quoteQty,time,isBuyerMaker,isBestMatch; this line has 3',
  ],
  ['x,2,3,6,1610064000278,True,True', 'id must be a whole number; it is "x"'],
  [
    '1,-2,3,6,1610064000278,True,True',
    'price must be a decimal above 0 with at most 18 decimals; it is "-2"',
  ],
  [
    '1,2,0.0,6,1610064000278,True,True',
    'qty must be a decimal above 0 with at most 18 decimals; it is "0.0"',
  ],
  [
    '1,2,1e3,6,1610064000278,True,True',
    'qty must be a decimal above 0 with at most 18 decimals; it is "1e3"',
  ],
  [
    '1,2,3,6,yesterday,True,True',
    'time must be milliseconds or microseconds since 1970; it is "yesterday"',
  ],
  ['1,2,3,6,1610064000278,maybe,True', 'isBuyerMaker must be True or False; it is "maybe"'],
])('error: %s', async (line, what) => {
  const path = file(HEADER, SELL, line)
  await expect(readTrades(path)).rejects.toMatchObject({
    name: 'UsageError',
    exitCode: 2,
    message: `"${path}", line 3: ${what}.`,
  })
})

test('error: a header that is not the first line', async () => {
  await expect(readTrades(file(SELL, HEADER))).rejects.toThrow('line 2: id must be a whole number')
})
test('error: no CSV', async () => {
  await expect(readTrades(file(SELL, '2,"39439.44,1'))).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringContaining('line 2: this is no CSV (Quote Not Closed'),
  })
})
test.each([
  ['missing.csv', 'ENOENT'],
  ['.', 'EISDIR'],
])('error: %s cannot be read', async (name, code) => {
  const path = join(dir, name)
  await expect(readTrades(path)).rejects.toMatchObject({
    name: 'UsageError',
    message: `The trades file "${path}" cannot be read (${code}); give a CSV of ${HEADER}.`,
  })
})
test('error: nothing but a header', async () => {
  await expect(readTrades(file(HEADER))).rejects.toThrow(`holds no trade; a line is ${HEADER}.`)
})
