import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type ChainSnapshot, type Deployment, type Hex, MODES, type Mode } from '../core/types.js'
import { readValue, writeValue } from './jsonFiles.js'
import { DEPLOYMENT, SNAPSHOT } from './recordShape.js'
import type { Environment } from './runReport.js'
import { ENVIRONMENT } from './runReportShape.js'
import { dictionary, hex, list, object, oneOf, text } from './shape.js'

/** How a run was asked for: what a resumed one needs to know. */
export type RunFile = {
  runVersion: 1
  id: string
  /** Commit of the code that planned it; `unknown` outside a repository. */
  commit: string
  /** The command that repeats the run. */
  command: string
  /** ISO 8601, UTC. */
  startedAt: string
  /** Modes that one command carries out; empty where each stage has its own command. */
  modes: readonly Mode[]
  /** The options of that command, without secrets. */
  options: Readonly<Record<string, unknown>>
}

/** Where a mode runs: its chain is ready, and nothing measured has been sent. */
export type Setup = {
  setupVersion: 1
  mode: Mode
  /** Address of the node, without secrets. */
  url: string
  environment: Environment
  /** Seed of the accounts' keys. */
  accountSeed: string
  /** Address of each trader, by index. */
  traders: readonly Hex[]
  deployment: Deployment
  /** State before the first measured transaction. */
  before: ChainSnapshot
}

const RUN = 'run.json'
const SETUP = 'setup.json'

export function saveRunFile(folder: string, run: Omit<RunFile, 'runVersion'>): Promise<void> {
  return writeValue(join(folder, RUN), { runVersion: 1, ...run } satisfies RunFile)
}

/** @throws UsageError when the folder has none, or a malformed one. */
export function loadRunFile(folder: string): Promise<RunFile> {
  return readValue(join(folder, RUN), { what: 'what a run was asked for', shape: RUN_FILE })
}

/** @param folder of the mode. */
export function saveSetup(folder: string, setup: Omit<Setup, 'setupVersion'>): Promise<void> {
  return writeValue(join(folder, SETUP), { setupVersion: 1, ...setup } satisfies Setup)
}

/** @param folder of the mode. @throws UsageError when it has none, or a malformed one. */
export function loadSetup(folder: string): Promise<Setup> {
  return readValue(join(folder, SETUP), { what: 'the set-up of a mode', shape: SETUP_FILE })
}

export function hasSetup(folder: string): boolean {
  return existsSync(join(folder, SETUP))
}

const RUN_FILE = object<RunFile>({
  runVersion: oneOf([1]),
  id: text,
  commit: text,
  command: text,
  startedAt: text,
  modes: list(oneOf(MODES)),
  options: dictionary(() => undefined),
})

const SETUP_FILE = object<Setup>({
  setupVersion: oneOf([1]),
  mode: oneOf(MODES),
  url: text,
  environment: ENVIRONMENT,
  accountSeed: text,
  traders: list(hex),
  deployment: DEPLOYMENT,
  before: SNAPSHOT,
})
