import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { EXIT, UsageError } from '../../core/errors.js'
import { createLog } from '../../core/log.js'
import type { Mode, ModeRecord } from '../../core/types.js'
import { compareModes } from '../../metrics/compare.js'
import type { ShardPart } from '../../metrics/mergeChecks.js'
import { mergeMode, overlapOf } from '../../metrics/mergeMode.js'
import { isShardRecord } from '../../metrics/mergeShard.js'
import type { ModeMetrics } from '../../metrics/modeMetrics.js'
import { groupBy } from '../../metrics/numbers.js'
import { isOrderIntent } from '../../metrics/trace.js'
import type { CheckResult } from '../../metrics/verify.js'
import { formatJson } from '../../report/json.js'
import type { RunInfo, RunReport } from '../../report/runReport.js'
import {
  checkReports,
  createRun,
  loadModeRecords,
  loadReport,
  splitRun,
} from '../../report/store.js'
import { renderTerminal, wantsColor } from '../../report/terminal.js'
import { storeIndex, storeReport } from '../../run/pages.js'
import { commandLine } from '../commandLine.js'
import { addLogOption, addReportOptions, type LogOptions, type ReportOptions } from '../options.js'

/** `merge`: the shards of a run as one report. */
export function addMergeCommand(program: Command): void {
  const command = program
    .command('merge')
    .description('make one report of all the shards of a run (docs/many-machines.md)')
    .argument('[runs...]', 'each shard: the id of its run, its folder, or <reports>/latest')
    .option('--all <folder>', 'the latest run of every folder in this one')
  addReportOptions(command)
  addLogOption(command).action(async (runs: string[], options: MergeOptions) => {
    const { reports } = options
    const log = createLog({ level: options.logLevel })
    checkReports(reports)
    const shards: Loaded[] = []
    for (const run of [...runs, ...latestIn(options.all)]) shards.push(await load(run, reports))
    if (shards.length === 0)
      throw new UsageError('There is nothing to merge; name the runs of the shards, or give --all.')
    for (const [mode, { togetherMs, spanMs }] of overlaps(shards))
      log.info(
        { mode, togetherMs: Math.round(togetherMs), spanMs: Math.round(spanMs) },
        'all shards were submitting together',
      )
    const report = mergeReports(shards, reports)
    const folder = await storeReport(reports, report)
    await storeIndex(reports)
    const color = wantsColor(process.stdout, process.env)
    process.stdout.write(
      options.json === true ? formatJson(report) : renderTerminal(report, { color }),
    )
    log.info({ folder }, 'report written')
    process.exitCode = report.verification.ok ? EXIT.ok : EXIT.fault
  })
}

type MergeOptions = ReportOptions & LogOptions & { all?: string | undefined }

/** @throws UsageError when the folder cannot be read, or one in it holds no run. */
function latestIn(folder: string | undefined): string[] {
  if (folder === undefined) return []
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(folder, name, 'latest'))
  } catch (cause) {
    throw new UsageError(`"${folder}" cannot be read; --all takes a folder of folders of runs.`, {
      cause,
    })
  }
}

/** What is stored of a shard. */
type Loaded = { report: RunReport; records: ModeRecord[] }

/** @throws UsageError when the run has no report or no record. */
async function load(run: string, reports: string): Promise<Loaded> {
  const { reports: folder, id } = splitRun(run, reports)
  return { report: await loadReport(folder, id), records: await loadModeRecords(folder, id) }
}

function overlaps(shards: readonly Loaded[]): Map<Mode, ReturnType<typeof overlapOf>> {
  const records = groupBy(
    shards.flatMap((shard) => shard.records),
    ({ mode }) => mode,
  )
  return new Map([...records].map(([mode, ofMode]) => [mode, overlapOf(ofMode)]))
}

/** @throws UsageError when these are not all the shards of one run, each once. */
function mergeReports(shards: readonly Loaded[], reports: string): RunReport {
  const [first] = shards as [Loaded]
  const modes: Partial<Record<Mode, ModeMetrics>> = {}
  const checks: CheckResult[] = []
  let workload: RunReport['workload'] | undefined
  for (const { mode } of first.records) {
    const result = mergeMode(shards.map((shard) => partOf(shard, mode)))
    const { scenario, traders, markets, batches, intents } = result.merged.plan
    const orders = intents.filter(isOrderIntent).length
    modes[mode] = result.metrics
    workload = { scenario, traders, orders, markets, batches, transfers: intents.length - orders }
    checks.push(...result.checks.map((check) => ({ ...check, name: `${mode}: ${check.name}` })))
  }
  const { scenario, seed } = (first.records[0] as ModeRecord).plan
  const { id } = createRun(reports, {
    ...{ scenario: `${scenario}-merged`, seed, startedAt: new Date() },
  })
  return {
    schemaVersion: first.report.schemaVersion,
    run: { ...runOf(shards), id },
    environment: environmentOf(shards),
    workload: workload as RunReport['workload'],
    modes,
    comparison: compareModes(modes),
    verification: { ok: checks.every(({ ok }) => ok), checks },
  }
}

function partOf({ report, records }: Loaded, mode: Mode): ShardPart {
  const record = records.find((found) => found.mode === mode)
  const metrics = report.modes[mode]
  if (record === undefined || metrics === undefined)
    throw new UsageError(`The run ${report.run.id} has no mode ${mode}, which the first one has.`)
  if (!isShardRecord(record))
    throw new UsageError(`The run ${report.run.id} is no shard; make one with shard.`)
  return { record, metrics }
}

/** @throws UsageError when the shards ran different code. */
function runOf(shards: readonly Loaded[]): Omit<RunInfo, 'id'> {
  const runs = shards.map(({ report }) => report.run)
  const [{ seed, commit }] = runs as [RunInfo]
  for (const run of runs)
    if (run.commit !== commit)
      throw new UsageError(
        `The run ${run.id} is of commit ${run.commit}, the first one of ${commit}: shards of one run take one version.`,
      )
  const starts = runs.map(({ startedAt }) => Date.parse(startedAt))
  const ends = runs.map(({ durationMs }, i) => (starts[i] as number) + durationMs)
  const startMs = Math.min(...starts)
  return {
    ...{ seed, commit, command: commandLine(process.argv) },
    startedAt: new Date(startMs).toISOString(),
    durationMs: Math.max(...ends) - startMs,
  }
}

/** That of the first shard, which says how many there are. */
function environmentOf(shards: readonly Loaded[]): RunReport['environment'] {
  const { environment } = (shards[0] as Loaded).report
  return {
    ...environment,
    platform: `${environment.platform} (the first of ${shards.length} generators)`,
  }
}
