import { describe, expect, test } from 'vitest'
import { modeRecord, WAD } from '../../test/fixtures/modeRecord.js'
import { riskRecord } from '../../test/fixtures/riskRecord.js'
import { splitRecord } from '../../test/fixtures/shardRecords.js'
import type { ChainEvent, ModeRecord } from '../core/types.js'
import { riskMetrics } from './risk.js'

describe('riskMetrics', () => {
  test('default: two liquidations that net against each other', () => {
    // 2 × 2,100 closed. Insurance: 0.6 of the taker fee in block 12; then 2 × 15.75 of liquidation fees less 2.5 of bad debt.
    expect(riskMetrics(riskRecord())).toEqual({
      ...{ liquidations: 2, liquidationsNettedShare: 1, badDebt: 2.5, fundingPaid: 10 },
      insuranceFund: 29.6,
      blocks: [
        {
          ...{ block: 12, liquidations: 0, closed: 0, netted: 0, badDebt: 0, fundingPaid: 0 },
          insuranceFund: 0.6,
        },
        {
          ...{ block: 13, liquidations: 2, closed: 4_200, netted: 4_200, badDebt: 2.5 },
          ...{ fundingPaid: 10, insuranceFund: 29.6 },
        },
      ],
    })
  })

  test('behavior: what the pool filled is not netted', () => {
    const record = riskRecord()
    const events = record.events.map((event): ChainEvent => {
      const isFirst =
        event.type === 'OrderSettled' && event.blockNumber === 13 && event.pooled === 0n
      return isFirst && event.baseDelta < 0n
        ? { ...event, netted: WAD / 4n, pooled: (3n * WAD) / 4n }
        : event
    })
    // 0.25 + 1 of 2 base; at 2,100 each.
    expect(riskMetrics({ ...record, events })).toMatchObject({
      liquidationsNettedShare: 0.625,
      blocks: [{}, { closed: 4_200, netted: 2_625 }],
    })
  })

  test('behavior: bad debt beyond the fund shows as less than nothing', () => {
    const record = riskRecord()
    const insurance = { fund: 0n, uncovered: 7n * WAD, badDebt: 39n * WAD, paidIn: 0n }
    const after = { ...record.after, insurance }
    expect(riskMetrics({ ...record, after })?.insuranceFund).toBe(-7)
  })

  test('behavior: a run without any of it has figures of 0 and no course', () => {
    const { before, after } = riskRecord()
    const quiet: ModeRecord = {
      ...modeRecord('netting'),
      ...{ before, after: { ...after, insurance: before.insurance } },
    }
    expect(riskMetrics(quiet)).toEqual({
      ...{ liquidations: 0, liquidationsNettedShare: null, badDebt: 0, fundingPaid: 0 },
      ...{ insuranceFund: 0, blocks: [] },
    })
  })

  test('behavior: nothing of a record that does not tell', () => {
    expect(riskMetrics(modeRecord('netting'))).toBeNull()
  })

  test('behavior: of one of several generators what happened to its own traders, and the fund of everybody', () => {
    // A and C, then B and the keeper, who liquidated both: A closed 1 at 2,100 and paid 10 of funding, B's bad debt is 2.5.
    const [first, second] = splitRecord(riskRecord(), 2).map(riskMetrics)
    const point = { liquidations: 1, closed: 2_100, netted: 2_100, insuranceFund: null }
    const quiet = { liquidations: 0, closed: 0, netted: 0, badDebt: 0, fundingPaid: 0 }
    expect(first).toEqual({
      ...{ liquidations: 1, liquidationsNettedShare: 1, badDebt: 0, fundingPaid: 10 },
      insuranceFund: 29.6,
      blocks: [
        { block: 12, ...quiet, insuranceFund: null },
        { block: 13, ...point, badDebt: 0, fundingPaid: 10 },
      ],
    })
    expect(second).toEqual({
      ...{ liquidations: 1, liquidationsNettedShare: 1, badDebt: 2.5, fundingPaid: 0 },
      insuranceFund: 29.6,
      blocks: [{ block: 13, ...point, badDebt: 2.5, fundingPaid: 0 }],
    })
  })

  test('behavior: the course of a long run has 300 points at most, and ends at the whole', () => {
    const record = riskRecord()
    const [fee] = record.events.filter(({ type }) => type === 'FeePaid')
    const events = Array.from({ length: 1_000 }, (_, i) => ({
      ...(fee as ChainEvent),
      blockNumber: 12 + i,
    }))
    const blocks = riskMetrics({ ...record, events })?.blocks ?? []
    // Four blocks a point.
    expect(blocks.length).toBe(250)
    expect(blocks.map(({ block }) => block).slice(0, 3)).toEqual([12, 16, 20])
    expect(blocks[0]?.insuranceFund).toBe(2.4)
    expect(blocks.at(-1)?.insuranceFund).toBe(600)
  })
})
