/** Exit codes of the command line. */
export const EXIT = {
  /** Everything asked for was done and verified. */
  ok: 0,
  /** A fault of the tool, or a run whose verification failed. */
  fault: 1,
  /** Bad input: unknown option, malformed file, impossible value. */
  usage: 2,
  /** A threshold was missed. */
  threshold: 3,
  /** The node failed or could not be reached. */
  node: 4,
} as const

/** Base of every error that the tool raises on purpose: one clear sentence, an exit code, and the facts behind it. */
export class LoadgenError extends Error {
  override name = 'LoadgenError'
  /** What the process exits with. */
  readonly exitCode: number
  /** Values for the log; never secrets. */
  readonly facts: Readonly<Record<string, unknown>>

  constructor(message: string, options: LoadgenError.Options = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.exitCode = options.exitCode ?? EXIT.fault
    this.facts = options.facts ?? {}
  }
}

export declare namespace LoadgenError {
  type Options = {
    exitCode?: number | undefined
    facts?: Readonly<Record<string, unknown>> | undefined
    cause?: unknown
  }
}

/** Bad input of the user: exit code 2. */
export class UsageError extends LoadgenError {
  override name = 'UsageError'
  constructor(message: string, options: Omit<LoadgenError.Options, 'exitCode'> = {}) {
    super(message, { ...options, exitCode: EXIT.usage })
  }
}

/** The node failed, answered nonsense or is not there: exit code 4. */
export class NodeError extends LoadgenError {
  override name = 'NodeError'
  constructor(message: string, options: Omit<LoadgenError.Options, 'exitCode'> = {}) {
    super(message, { ...options, exitCode: EXIT.node })
  }
}
