import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { Analysis } from '../src/analyze/analyze.js'
import { loadgen, temporaryFolder } from './support/cli.js'

const EXAMPLES = fileURLToPath(new URL('../examples/analyze/', import.meta.url))
const folder = temporaryFolder()

async function analyzeExample(name: string): Promise<{ code: number | null; analysis: Analysis }> {
  const { code, stdout, complaint } = await loadgen(['analyze', join(EXAMPLES, name), '--json'])
  expect(complaint).toBe('')
  return { code, analysis: JSON.parse(stdout) as Analysis }
}

describe('the examples', () => {
  test('plain-counter.json, as text', async () => {
    const { code, stdout } = await loadgen(['analyze', join(EXAMPLES, 'plain-counter.json')])
    expect(code).toBe(1)
    expect(stdout).toContain('Block 1 of 2: 5 transactions, 1 generation, 4 aborted')
    expect(stdout).toContain(
      'conflict: PlainCounter.increment() against PlainCounter.increment(), 4 aborted',
    )
    expect(stdout).toMatch(/where: {3}PlainCounter\.count \(slot 0x0\)/)
    expect(stdout).toMatch(/instead: .*U256Cumulative/)
    expect(stdout).toContain('Block 2 of 2: 5 transactions, 1 generation, none aborted')
    expect(stdout).toContain('generation 1: 5 × PlainCounter.increment(), one after the other')
    expect(stdout).toMatch(/4 transactions would be aborted, none in the last block/)
  })

  test('cumulative-counter.json', async () => {
    const { code, analysis } = await analyzeExample('cumulative-counter.json')
    expect(code).toBe(0)
    expect(analysis.isClean).toBe(true)
    expect(analysis.blocks).toHaveLength(2)
    for (const { transactions, aborted, reverted, generations, conflicts } of analysis.blocks) {
      expect({ transactions, aborted, reverted, conflicts }).toEqual({
        ...{ transactions: 1_000, aborted: 0, reverted: {}, conflicts: [] },
      })
      expect(generations).toHaveLength(1)
      expect(generations[0]?.calls).toEqual({ 'CumulativeCounter.increment()': 1_000 })
    }
  })

  test('token-transfers.json: the receiver’s balance', async () => {
    const { code, analysis } = await analyzeExample('token-transfers.json')
    expect(code).toBe(1)
    const [first, second] = analysis.blocks
    expect(first).toMatchObject({ transactions: 10, aborted: 9, reverted: {} })
    expect(first?.conflicts).toHaveLength(1)
    expect(first?.conflicts[0]).toMatchObject({
      winner: 'PlainToken.transfer(address,uint256)',
      loser: 'PlainToken.transfer(address,uint256)',
      aborted: 9,
      place: 'PlainToken.balanceOf[$account:100]',
      where: { space: 'slot', contract: 'PlainToken', variable: 'balanceOf[$account:100]' },
      advice: expect.stringContaining('HashU256Map'),
    })
    expect(second).toMatchObject({ aborted: 0, generations: [{ sequences: [10] }] })
  })

  test('parallel-token.json, from an artifact', async () => {
    const { code, analysis } = await analyzeExample('parallel-token.json')
    expect(analysis.blocks).toMatchObject([
      { aborted: 0, reverted: {}, conflicts: [] },
      { aborted: 0, reverted: {}, conflicts: [] },
    ])
    expect(code).toBe(0)
  })

  test('parallel-token-first-transfer.json: the receiver’s first cumulative is made once', async () => {
    const { code, analysis } = await analyzeExample('parallel-token-first-transfer.json')
    expect(code).toBe(1)
    expect(analysis.blocks[0]?.conflicts[0]).toMatchObject({
      aborted: 9,
      place: 'the container of TestUSDC, key $account:100',
    })
  })

  test('reentrancy-guard.json: a lock that is set and reset', async () => {
    const { code, analysis } = await analyzeExample('reentrancy-guard.json')
    expect(code).toBe(1)
    expect(analysis.blocks[0]).toMatchObject({ transactions: 10, aborted: 9 })
    expect(analysis.blocks[0]?.conflicts[0]).toMatchObject({ place: 'GuardedVault._isEntered' })
  })
})

test('behavior: what fails by itself is told apart from what is aborted', async () => {
  const spec = write('broke.json', {
    contracts: { PlainToken: { source: join(EXAMPLES, 'PlainToken.sol') } },
    calls: [{ contract: 'PlainToken', function: 'transfer', args: ['$sender', 5], times: 2 }],
    blocks: 1,
  })
  const { code, stdout } = await loadgen(['analyze', spec])
  expect(stdout).toBe(
    `Block 1 of 1: 2 transactions, 1 generation, none aborted
  generation 1: 2 × PlainToken.transfer(address,uint256)
  2 × PlainToken.transfer(address,uint256) failed by itself, without a conflict

No conflict: all of it runs beside each other.
`,
  )
  expect(code).toBe(0)
})

test('behavior: too little gas for the prepayment is no conflict', async () => {
  const source = fileURLToPath(new URL('fixtures/facts/Deferring.sol', import.meta.url))
  const spec = write('prepaid.json', {
    contracts: { Deferring: { source, contract: 'Deferring' } },
    calls: [
      { contract: 'Deferring', function: 'act', times: 3 },
      { contract: 'Deferring', function: 'act', gas: 400_000 },
    ],
    blocks: 1,
  })
  const { code, stdout } = await loadgen(['analyze', spec])
  expect(stdout).toBe(
    `Block 1 of 1: 4 transactions, 2 generations, 1 aborted
  generation 1: 3 × Deferring.act()
  generation 2 (deferred): 1 × Deferring.act()
  1 more aborted: behind a loser in its sequence, or with less gas than the prepayment of a deferrable function

1 transaction would be aborted.
`,
  )
  expect(code).toBe(1)
})

describe('bad specs', () => {
  const contracts = { PlainCounter: { source: join(EXAMPLES, 'PlainCounter.sol') } }
  const cases: readonly [what: string, spec: unknown, says: RegExp][] = [
    ['a field', { contracts, call: [] }, /bad\.json: the spec has the field "call"/],
    [
      'a function',
      { contracts, calls: [{ contract: 'PlainCounter', function: 'decrement' }] },
      /^calls\[0\]\.function: PlainCounter has no function "decrement", but count\(\), increment\(\)\.$/,
    ],
    [
      'a set-up call that fails',
      {
        contracts: { PlainToken: { source: join(EXAMPLES, 'PlainToken.sol') } },
        setup: [{ contract: 'PlainToken', function: 'transfer', args: ['$sender', 5] }],
        calls: [{ contract: 'PlainToken', function: 'balanceOf', args: ['$sender'] }],
      },
      /^setup\[0\]: transaction 1 of 1, a call of PlainToken\.transfer\(address,uint256\), fails\.$/,
    ],
  ]
  test.each(cases)('%s', async (_, spec, says) => {
    const { code, stdout, complaint } = await loadgen(['analyze', write('bad.json', spec)])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(complaint).toMatch(says)
  })
})

function write(name: string, spec: unknown): string {
  const file = join(folder, name)
  writeFileSync(file, JSON.stringify(spec))
  return file
}
