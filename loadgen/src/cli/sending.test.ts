import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { EXECUTORS } from '../core/sending.js'
import { addSendingOptions, readSending, requireEnough, type SendingOptions } from './sending.js'

function parse(words: string): SendingOptions {
  return addSendingOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .parse(words.split(' ').filter(Boolean), { from: 'user' })
    .opts<SendingOptions>()
}
const read = (words: string, isEmbedded = false) => readSending(parse(words), { isEmbedded })
const refusal = (message: string | RegExp) =>
  expect.objectContaining({
    ...{ name: 'UsageError', exitCode: 2 },
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  })

describe('readSending', () => {
  test('default: batch by batch, everything measured, no further node', () => {
    expect(read('', true)).toEqual({ executor: { type: 'per-block' }, endpoints: [], warmupMs: 0 })
    expect(readSending({}, { isEmbedded: false, executor: 'closed' }).executor).toEqual({
      type: 'closed',
    })
  })

  test('args: every option has its place, in the units of the submission', () => {
    expect(
      read(
        '--executor rate --rate 12.5 --max-delay 300 --warmup 1.5 --send-workers 0 --endpoint http://a:1 --endpoint https://b/x',
      ),
    ).toEqual({
      ...{ executor: { type: 'rate', perSecond: 12.5 }, maxDelayMs: 300, warmupMs: 1_500 },
      ...{ workers: 0, endpoints: ['http://a:1', 'https://b/x'] },
    })
  })

  test('args: a ramp rises by a tenth of its range, five seconds a step, unless told otherwise', () => {
    const { executor } = read('--executor ramp --ramp 100..2100')
    expect(executor).toEqual({
      ...{ type: 'ramp', from: 100, to: 2_100, step: 200, holdMs: 5_000, limits: {} },
    })
    expect(read('--executor ramp --ramp 70..70').executor).toMatchObject({ step: 1 })
    expect(
      read(
        '--executor ramp --ramp 1..9 --ramp-step 2 --ramp-hold 0.5 --ramp-max-latency 80 --ramp-max-errors 0.1 --ramp-min-accepted 0.5',
      ).executor,
    ).toEqual({
      ...{ type: 'ramp', from: 1, to: 9, step: 2, holdMs: 500 },
      limits: { p99Ms: 80, errorShare: 0.1, acceptedShare: 0.5 },
    })
  })

  test.each([
    ['--rate 5', '--rate needs --executor rate.'],
    ['--executor closed --ramp 1..2', '--ramp needs --executor ramp.'],
    ['--executor rate --rate 5 --ramp-hold 1', '--ramp-hold needs --executor ramp.'],
    ['--executor rate --rate 5 --ramp-step 1', '--ramp-step needs --executor ramp.'],
    ['--ramp-max-latency 5', '--ramp-max-latency needs --executor ramp.'],
    ['--ramp-max-errors 0.5', '--ramp-max-errors needs --executor ramp.'],
    ['--ramp-min-accepted 0.5', '--ramp-min-accepted needs --executor ramp.'],
    ['--executor closed --max-delay 5', '--max-delay needs --executor rate or ramp.'],
    ['--executor rate', '--executor rate needs --rate, the transactions a second.'],
    ['--executor ramp', /^--executor ramp needs --ramp, its first and its last rate/],
    ['--endpoint http://***@host', /^The address of a further node had a secret in it/],
  ])('error: %s', (words, message) => {
    expect(() => read(words)).toThrow(refusal(message))
  })

  test('error: on an embedded node, which is alone and makes its blocks when it is told', () => {
    for (const name of EXECUTORS.filter((executor) => executor !== 'per-block'))
      expect(() => read(`--executor ${name} ${NEEDED[name]}`, true)).toThrow(
        refusal(
          `--executor ${name} needs a node that makes blocks by itself; give one with --rpc-url (loadgen devnet serves one).`,
        ),
      )
    expect(() => read('--endpoint http://a', true)).toThrow(
      refusal('--endpoint needs --rpc-url: an embedded node is the only one of its chain.'),
    )
  })

  test.each([
    ['--executor fast', 'It is one of per-block, closed, rate, ramp.'],
    ['--rate 0', 'It is a number from 0.01 to 10000000.'],
    ['--ramp 5..1', 'It is two rates, the smaller first, like 100..2000.'],
    ['--ramp 100', 'It is two rates, the smaller first, like 100..2000.'],
    ['--endpoint localhost:8545', 'It is an address of http or https.'],
    ['--send-workers 65', 'It is a whole number from 0 to 64.'],
  ])('error: %s is no value', (words, rule) => {
    expect(() => parse(words)).toThrow(rule)
  })
})

const NEEDED = { closed: '', rate: '--rate 5', ramp: '--ramp 1..2' }

describe('requireEnough', () => {
  const require = (words: string, transactions: number) => () =>
    requireEnough(read(words), { transactions })

  test('a warm-up leaves something to measure', () => {
    const words = '--executor rate --rate 100 --warmup 3'
    expect(require(words, 301)).not.toThrow()
    expect(require(words, 300)).toThrow(
      refusal(/^The warm-up takes all 300 transactions: 100 a second for 3 s;/),
    )
  })
  test('a ramp has enough for its first step', () => {
    const words = '--executor ramp --ramp 100..200 --ramp-hold 2'
    expect(require(words, 200)).not.toThrow()
    expect(require(words, 199)).toThrow(
      refusal(/^The first step of the ramp takes 200 transactions, and the workload has 199;/),
    )
  })
  test('the others take any', () => {
    expect(require('--executor closed --warmup 9', 1)).not.toThrow()
  })
})
