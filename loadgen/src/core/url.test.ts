import { expect, test } from 'vitest'
import { isHidden, withoutSecrets, withoutSecretsIn } from './url.js'

test.each([
  ['http://127.0.0.1:8545', 'http://127.0.0.1:8545'],
  ['https://node.example/rpc/v1', 'https://node.example/rpc/v1'],
  ['https://me:pass@node.example:8443/', 'https://***@node.example:8443'],
  ['https://token@node.example', 'https://***@node.example'],
  ['https://node.example/v3/0123456789abcdef0123', 'https://node.example/v3/***'],
  ['https://node.example/?apikey=s3cret&net=1', 'https://node.example?apikey=***&net=***'],
  ['not an address', 'not an address'],
])('withoutSecrets: %s', (address, shown) => {
  expect(withoutSecrets(address)).toBe(shown)
  expect(isHidden(shown)).toBe(shown.includes('*'))
})

test('withoutSecretsIn: every address of a list, and nothing else', () => {
  const text = '--rpc-url=https://a:b@x.example/,http://y.example?k=v --seed a:b@c'
  expect(withoutSecretsIn(text)).toBe(
    '--rpc-url=https://***@x.example,http://y.example?k=*** --seed a:b@c',
  )
})
