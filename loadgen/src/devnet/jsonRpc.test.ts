import { expect, test } from 'vitest'
import { parseBody } from './jsonRpc.js'

const call = { jsonrpc: '2.0', method: 'eth_chainId', params: [], id: 1 }
const parse = (body: unknown) => parseBody(JSON.stringify(body))
const valid = { method: 'eth_chainId', params: [], id: 1 }

test('default: one call', () => {
  expect(parse(call)).toEqual({ isBatch: false, calls: [valid] })
})

test('default: a batch, a batch of one included', () => {
  expect(parse([call])).toEqual({ isBatch: true, calls: [valid] })
})

test('behavior: ids of every kind, absent parameters, a notification', () => {
  for (const id of [0, -1.5, '', 'x', null])
    expect(parse({ ...call, id })).toEqual({ isBatch: false, calls: [{ ...valid, id }] })
  const { params: _, ...bare } = call
  expect(parse(bare)).toEqual({ isBatch: false, calls: [valid] })
  expect(parse({ ...call, params: null })).toEqual({ isBatch: false, calls: [valid] })
  expect(parse({ ...call, id: undefined })).toEqual({
    isBatch: false,
    calls: [{ ...valid, id: undefined }],
  })
})

test('behavior: in a batch, what is no call is rejected alone', () => {
  expect(parse([call, 5, { ...call, method: 7, id: 'b' }])).toMatchObject({
    isBatch: true,
    calls: [
      valid,
      { id: null, rejected: { code: -32600 } },
      { id: 'b', rejected: { code: -32600, message: 'The "method" of a call is a string.' } },
    ],
  })
})

test('error: not JSON', () => {
  for (const body of ['', '{', '[1,', 'hello'])
    expect(parseBody(body)).toMatchObject({
      id: null,
      rejected: { code: -32700, message: expect.stringMatching(/^The body is not JSON: ./) },
    })
})

test('error: an empty batch', () => {
  expect(parse([])).toEqual({
    id: null,
    rejected: { code: -32600, message: 'A batch holds at least one call.' },
  })
})

test('error: what is no call', () => {
  const wrong = [
    null,
    'eth_chainId',
    [],
    {},
    { ...call, jsonrpc: '1.0' },
    { ...call, params: 'x' },
    { ...call, id: {} },
  ]
  expect(
    wrong.map((body) => {
      const parsed = parse([body])
      if ('rejected' in parsed) return 'the batch'
      const [first] = parsed.calls
      return first !== undefined && 'rejected' in first ? first.rejected.message : 'accepted'
    }),
  ).toMatchInlineSnapshot(`
    [
      "A call is an object with "jsonrpc", "method", "params" and "id".",
      "A call is an object with "jsonrpc", "method", "params" and "id".",
      "A call is an object with "jsonrpc", "method", "params" and "id".",
      "The "jsonrpc" of a call is "2.0".",
      "The "jsonrpc" of a call is "2.0".",
      "The "params" of a call are an array or an object.",
      "The "id" of a call is a string, a number or null.",
    ]
  `)
})
