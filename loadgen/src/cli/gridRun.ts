import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../core/log.js'
import { checkThresholds, type Threshold } from '../metrics/thresholds.js'
import type { RunReport } from '../report/runReport.js'
import {
  createSweepReport,
  nameOf,
  type SweepPoint,
  type SweepReport,
  toSweepPoint,
} from '../report/sweep.js'
import { storeIndex, storeSweep } from '../run/pages.js'
import type { Point } from './grid.js'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** A point that is to be run. */
export type GridPoint = {
  values: Point
  /** See {@link SweepPoint.expected}. */
  expected: number | null
  /** @param hooks.onInterrupt called when the process is about to end in the middle of it. */
  run(hooks: { onInterrupt: () => void }): Promise<RunReport>
}

/**
 * Runs the points of a grid that are not done yet, and stores the sweep after each and the list of runs after the last. A sweep without a point that is done leaves
 * nothing behind.
 */
export async function runGrid(
  grid: readonly GridPoint[],
  options: runGrid.Options,
): Promise<SweepReport> {
  const { head, reports, thresholds, log } = options
  const { id } = head.sweep
  const done = new Map(options.done.map((point) => [keyOf(point.values), point]))
  const reportOf = () =>
    createSweepReport({
      ...{ sweep: head.sweep, modes: head.modes, variables: head.variables, size: head.size },
      points: grid.flatMap(({ values }) => done.get(keyOf(values)) ?? []),
    })
  const leave = () => {
    if (done.size === 0) rmSync(join(reports, id), { recursive: true, force: true })
    else log.info(`sweep --resume ${id} goes on with this sweep`)
  }
  const stop = () => {
    // While a point runs, whoever runs it ends what it opened, and calls `leave`.
    if (process.listenerCount('SIGINT') > 1) return
    leave()
    process.exit(130)
  }
  for (const signal of SIGNALS) process.on(signal, stop)
  try {
    await storeSweep(reports, reportOf())
    for (const [i, { values, expected, run }] of grid.entries()) {
      if (done.has(keyOf(values))) continue
      log.info({ point: `${i + 1}/${grid.length}` }, nameOf({ values }))
      const report = await run({ onInterrupt: leave })
      const results = checkThresholds(report.modes, thresholds)
      done.set(keyOf(values), toSweepPoint(report, { values, expected, thresholds: results }))
      await storeSweep(reports, reportOf())
    }
  } catch (error) {
    leave()
    throw error
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop)
  }
  await storeIndex(reports)
  return reportOf()
}

export declare namespace runGrid {
  type Options = {
    head: Pick<SweepReport, 'sweep' | 'modes' | 'variables' | 'size'>
    /** Points that an earlier call has done. */
    done: readonly SweepPoint[]
    /** Folder of all runs. */
    reports: string
    thresholds: readonly Threshold[]
    log: Pick<Log, 'info'>
  }
}

function keyOf(values: Point): string {
  return JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)))
}
