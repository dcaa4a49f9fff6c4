import { expect, test } from 'vitest'
import { classify } from './classify.js'

test.each([
  ['known', 'already known'],
  ['known', 'transaction already imported'],
  ['known', 'Known transaction'],
  ['known', 'AlreadyKnown'],
  ['nonceUsed', 'nonce too low: next nonce 5, tx nonce 4'],
  ['nonceUsed', 'nonce too low'],
  ['nonceUsed', 'OldNonce, Current nonce: 5, nonce of rejected tx: 4'],
  ['nonceUsed', 'replacement transaction underpriced'],
  ['nonceUsed', 'could not replace existing tx'],
  ['nonceGap', 'nonce too high'],
  ['nonceGap', 'gapped-nonce tx from delegated accounts'],
  ['nonceGap', 'NonceGap, Future nonce. Expected nonce: 5'],
  ['busy', 'txpool is full'],
  ['busy', 'Too Many Requests'],
  ['busy', 'daily request limit exceeded'],
  ['refused', 'transaction underpriced'],
  ['refused', 'insufficient funds for gas * price + value: address 0xab'],
  ['refused', 'Failed to decode signed transaction'],
  ['refused', 'intrinsic gas too low'],
])('%s: %s', (verdict, sentence) => {
  expect(classify(sentence)).toBe(verdict)
})
