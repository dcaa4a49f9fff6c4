import { describe, expect, test } from 'vitest'
import { runReport } from '../../test/fixtures/runReport.js'
import { createSweepReport, type SweepPoint, type SweepReport, toSweepPoint } from './sweep.js'
import { parseSweepReport } from './sweepShape.js'
import { renderSweepCsv, renderSweepMarkdown, renderSweepTerminal } from './sweepTables.js'

/** The hand-made run, as a point of a sweep over the batch interval. Its netting ratio is 2/3. */
function point(interval: string, change: Partial<SweepPoint> = {}): SweepPoint {
  const report = runReport()
  const verification = { ok: true, checks: [] }
  const values = { batchInterval: interval }
  const options = { values, expected: 0.666666666667, thresholds: [] }
  return { ...toSweepPoint({ ...report, verification }, options), ...change }
}

function sweep(points: readonly SweepPoint[], change: Partial<SweepReport> = {}): SweepReport {
  return createSweepReport({
    sweep: {
      id: 'sweep-batchInterval-1-20250102-030405-000',
      commit: 'abc1234',
      command: 'npm run loadgen -- sweep --replay trades.csv --vary batchInterval=100,1000',
      words: ['--replay', 'trades.csv', '--vary', 'batchInterval=100,1000'],
      startedAt: '2025-01-02T03:04:05.000Z',
    },
    modes: ['netting', 'direct'],
    variables: [{ name: 'batchInterval', values: ['100', '1000'] }],
    size: 2,
    points,
    ...change,
  })
}

describe('createSweepReport', () => {
  test('default: verified when every run is and every ratio is that of the trades', () => {
    const { verification } = sweep([point('100'), point('1000')])
    expect(verification).toEqual({
      ok: true,
      checks: [
        { name: 'every point is verified', ok: true, detail: '2 runs' },
        {
          name: 'every netting ratio is the one that the trades alone give',
          ok: true,
          // `direct` nets nothing: it is not compared.
          detail: '2 ratios, to 1e-9',
        },
      ],
    })
  })
  test('behavior: a workload that is no replay has no ratio to be held against', () => {
    const { verification } = sweep([point('100', { expected: null })])
    expect(verification.checks.map(({ name }) => name)).toEqual(['every point is verified'])
  })
  test.each([0.66666666, 0.6666666687, 0])('error: another ratio, %d', (expected) => {
    const { verification } = sweep([point('100'), point('1000', { expected })])
    expect(verification.ok).toBe(false)
    expect(verification.checks[1]).toMatchObject({
      ok: false,
      detail: expect.stringContaining(
        `batchInterval=1000, netting: 0.666666666666666 instead of ${expected}`,
      ),
    })
  })
  test('error: a run without a ratio', () => {
    const none = point('100', { modes: { netting: { 'netting.ratioVolume': null } } })
    expect(sweep([none]).verification.ok).toBe(false)
  })
  test('error: a run that is not verified', () => {
    const { verification } = sweep([
      point('100'),
      point('1000', { failedChecks: ['netting: base is conserved'] }),
    ])
    expect(verification.ok).toBe(false)
    expect(verification.checks[0]).toEqual({
      name: 'every point is verified',
      ok: false,
      detail: 'batchInterval=1000: netting: base is conserved',
    })
  })
})

test('toSweepPoint: the figures of the report by their places, and the checks that failed', () => {
  const report = runReport()
  const checks = [
    { name: 'netting: a', ok: true, detail: '' },
    { name: 'direct: b', ok: false, detail: '' },
  ]
  const options = { values: { orders: '5' }, expected: null, thresholds: [] }
  const done = toSweepPoint({ ...report, verification: { ok: false, checks } }, options)
  expect(done).toMatchObject({ ...options, run: report.run.id, failedChecks: ['direct: b'] })
  const { netting, direct } = report.modes
  expect(done.modes.netting).toMatchObject({
    'netting.ratioVolume': netting?.netting.ratioVolume,
    poolTouches: netting?.poolTouches,
    'slippageBps.mean': netting?.slippageBps.mean,
    'gas.perOrder': netting?.gas.perOrder,
    'latencyMs.settlement.p99': netting?.latencyMs.settlement.p99,
  })
  expect(done.modes.direct?.['throughput.settledPerSecond']).toBe(
    direct?.throughput.settledPerSecond,
  )
  expect(done.modes.keeper).toBeUndefined()
})

describe('parseSweepReport', () => {
  const stored = () => structuredClone(sweep([point('100')]))
  test('default: what was stored', () => {
    expect(parseSweepReport(JSON.stringify(stored()), 'x')).toEqual(stored())
  })
  test.each([
    ['{', '"x" is no sweep: it is not valid JSON.'],
    ['null', '"x" is no sweep: it must be an object.'],
    [
      JSON.stringify({ ...stored(), schemaVersion: 2 }),
      '"x" has schemaVersion 2, of a newer version of this tool; this one reads 1.',
    ],
    [
      JSON.stringify({ ...stored(), size: undefined }),
      '"x" is no sweep: size must be a whole number.',
    ],
    [
      JSON.stringify(sweep([point('100', { expected: 'x' as never })])),
      '"x" is no sweep: points[0].expected must be a number.',
    ],
    [
      JSON.stringify(sweep([point('100', { modes: { direct: { poolTouches: 'x' as never } } })])),
      '"x" is no sweep: points[0].modes.direct.poolTouches must be a number.',
    ],
  ])('error: %s', (json, message) => {
    expect(() => parseSweepReport(json, 'x')).toThrow(
      expect.objectContaining({ exitCode: 2, message }),
    )
  })
})

describe('tables', () => {
  const thresholds = [
    { threshold: 'touches < 3', mode: 'direct', actual: 4, ok: false },
    { threshold: 'aborted == 0', mode: 'netting', actual: null, ok: false },
  ] as const
  const report = sweep([point('100', { thresholds }), point('1000', { expected: 0.5 })])

  test('renderSweepMarkdown: a table for each curve, a row for each point', () => {
    const markdown = renderSweepMarkdown(report)
    expect(markdown).toContain('# Sweep sweep-batchInterval-1-20250102-030405-000\n')
    expect(markdown).toContain(
      [
        '| batchInterval | netting | direct | the trades alone |',
        '| ---: | ---: | ---: | ---: |',
        '| 100 | 66.67 % | 0.00 % | 66.67 % |',
        '| 1000 | 66.67 % | 0.00 % | 50.00 % |',
      ].join('\n'),
    )
    expect(markdown).toContain(
      [
        '## pool touches',
        '',
        'Swap events of the pools (measured).',
        '',
        '| batchInterval | netting | direct |',
        '| ---: | ---: | ---: |',
        '| 100 | 1 | 4 |',
        '| 1000 | 1 | 4 |',
      ].join('\n'),
    )
    // What no point has is no curve.
    expect(markdown).not.toContain('Arcology')
    expect(markdown).toContain('| touches < 3 | 100 | direct | 4 | **MISSED** |')
    expect(markdown).toContain('| aborted == 0 | 100 | netting | not measured | **MISSED** |')
    expect(markdown).toContain(
      '| every netting ratio is the one that the trades alone give | **FAILED** |',
    )
    expect(renderSweepMarkdown(sweep([point('100')]))).toContain('| points | 1 of 2 done |')
  })

  test('renderSweepTerminal: a line for each point and mode', () => {
    const lines = renderSweepTerminal(report).split('\n')
    expect(lines[1]).toBe('2 of 2 points')
    expect(lines[4]).toMatch(/^ +100 +netting +66\.67 % +66\.67 % +1 /)
    expect(lines[5]).toMatch(/^ +100 +direct +66\.67 % +0\.00 % +4 /)
    expect(lines[6]).toMatch(/^ +1000 +netting +50\.00 % +66\.67 % +1 /)
    expect(lines).toContain('NOT VERIFIED: 1 of 2 checks fail.')
    expect(renderSweepTerminal(sweep([]))).toContain('0 of 2 points')
  })

  test('renderSweepCsv: a row for each point and mode, quoted where it must be', () => {
    const [header, ...rows] = renderSweepCsv(
      sweep([point('a "b", c', { failedChecks: ['x'] }), point('1000')]),
    ).split('\r\n')
    expect(header).toMatch(
      /^batchInterval,mode,run,verified,expected,netting\.ratioVolume,netting\.optimum,poolTouches,/,
    )
    expect(rows[0]).toMatch(
      /^"a ""b"", c",netting,mix-hand-20250102-030405,false,0\.666666666667,0\.666666666666666,/,
    )
    expect(rows[1]).toMatch(/^"a ""b"", c",direct,/)
    expect(rows[2]).toMatch(/^1000,netting,mix-hand-20250102-030405,true,/)
    for (const row of rows.slice(2, 4))
      expect(row.split(',').length).toBe(header?.split(',').length)
    expect(rows[4]).toBe('')
  })
})
