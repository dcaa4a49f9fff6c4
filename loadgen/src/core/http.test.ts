import { expect, test } from 'vitest'
import { httpTarget, readRetryAfter, reasonOf } from './http.js'

test('httpTarget: user and password become Basic credentials and leave the address', () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  for (const [address, url, authorization] of [
    ['http://127.0.0.1:8545/rpc?key=1', 'http://127.0.0.1:8545/rpc?key=1', undefined],
    ['https://me:pass@node.example/rpc', 'https://node.example/rpc', basic('me:pass')],
    ['https://a%40b:p%3Ass%C3%A9@node.example', 'https://node.example/', basic('a@b:p:ssé')],
    ['https://token@node.example', 'https://node.example/', basic('token:')],
  ] as const) {
    const target = httpTarget(address)
    expect(target.url.href).toBe(url)
    expect(target.headers).toEqual({
      'content-type': 'application/json',
      ...(authorization !== undefined && { authorization }),
    })
  }
})

test('readRetryAfter: seconds, a date, nothing', () => {
  expect(readRetryAfter('120', 0)).toBe(120_000)
  expect(readRetryAfter('Thu, 01 Jan 1970 00:01:00 GMT', 45_000)).toBe(15_000)
  expect(readRetryAfter('Thu, 01 Jan 1970 00:01:00 GMT', 90_000)).toBe(0)
  expect(readRetryAfter('soon', 0)).toBeUndefined()
  expect(readRetryAfter(undefined, 0)).toBeUndefined()
})

test('reasonOf: a code, a message, anything', () => {
  expect(reasonOf(Object.assign(new Error('long'), { code: 'ECONNRESET' }))).toBe('ECONNRESET')
  expect(reasonOf(new Error('long'))).toBe('long')
  expect(reasonOf('text')).toBe('text')
})
