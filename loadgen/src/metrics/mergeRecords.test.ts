import { describe, expect, test } from 'vitest'
import { modeRecord } from '../../test/fixtures/modeRecord.js'
import { splitRecord } from '../../test/fixtures/shardRecords.js'
import type { ModeRecord } from '../core/types.js'
import { mergeRecords } from './mergeRecords.js'

const sortedReceipts = (record: ModeRecord) => ({
  ...record,
  receipts: record.receipts.toSorted((a, b) => a.blockNumber - b.blockNumber || a.index - b.index),
})

describe('property: what was split and merged is what it was', () => {
  for (const mode of ['netting', 'direct'] as const)
    for (const count of [1, 2, 3])
      test(`${mode}, ${count} shards, in any order`, () => {
        const whole = modeRecord(mode)
        const shards = splitRecord(whole, count)
        expect(sortedReceipts(mergeRecords(shards))).toEqual(sortedReceipts(whole))
        expect(sortedReceipts(mergeRecords(shards.toReversed()))).toEqual(sortedReceipts(whole))
      })
})

test('a block counts as seen when the first generator saw it', () => {
  const [a, b] = splitRecord(modeRecord('netting'), 2)
  const late = b!.blocks.map((block) => ({ ...block, seenMs: block.seenMs + 7 }))
  expect(mergeRecords([{ ...b!, blocks: late }, a!]).blocks).toEqual(a!.blocks)
})

test('what generators signed anew is put together', () => {
  const [a, b] = splitRecord(modeRecord('netting'), 2)
  const anew = { intent: 1, replaced: '0x01', hash: '0x02' } as const
  expect(mergeRecords([a!, { ...b!, healed: [anew] }]).healed).toEqual([anew])
  expect(mergeRecords([a!, b!])).not.toHaveProperty('healed')
})

test('the market is that of the earliest and of the latest look', () => {
  const [a, b] = splitRecord(modeRecord('netting'), 2)
  const early = { ...b!.before, blockNumber: 9, fund: 1n }
  const late = { ...b!.after, blockNumber: 13, fund: 2n }
  const merged = mergeRecords([a!, { ...b!, before: early, after: late }])
  expect(merged.before).toMatchObject({ blockNumber: 9, fund: 1n })
  expect(merged.after).toMatchObject({ blockNumber: 13, fund: 2n })
})

describe('what cannot be merged', () => {
  const [a, b, c] = splitRecord(modeRecord('netting'), 3)
  test.each([
    ['nothing', [], 'There is nothing to merge.'],
    ['a shard too few', [a!, c!], 'netting: shard 1/3 is missing.'],
    ['a shard twice', [a!, b!, c!, b!], 'netting: shard 1/3 is there twice.'],
    [
      'no shard',
      [modeRecord('netting')],
      'A run that is no shard of another cannot be merged; run it with --shard.',
    ],
    [
      'another seed',
      [a!, { ...b!, plan: { ...b!.plan, seed: 'other' } }, c!],
      'Shard 1/3 is of another workload: mix, seed other, netting, 1 markets, 2 batches, collateral 10000000000, 3 shards instead of mix, seed hand, netting,',
    ],
    [
      'another number of shards',
      [a!, ...splitRecord(modeRecord('netting'), 2)],
      'Shard 0/2 is of another workload:',
    ],
  ] as const)('%s', (_, records, message) => {
    expect(() => mergeRecords(records)).toThrow(message)
  })
  test('the traders of another number', () => {
    const plan = { ...b!.plan, traders: 2 }
    expect(() => mergeRecords([a!, { ...b!, plan }, c!])).toThrow(
      'netting: shard 0/3 has 1 of 4 traders: not its part.',
    )
  })
})
