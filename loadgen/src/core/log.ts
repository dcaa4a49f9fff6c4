import { pino } from 'pino'
import { build as pretty } from 'pino-pretty'
import { UsageError } from './errors.js'

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
export type Log = pino.Logger

/**
 * Opens the log: progress and warnings go to stderr, so that stdout holds results alone. Readable lines on a terminal, one
 * JSON object a line otherwise.
 * @throws UsageError for an unknown level.
 */
export function createLog(options: createLog.Options = {}): Log {
  const level = options.level ?? 'info'
  if (!isLogLevel(level))
    throw new UsageError(`"${level}" is no log level; the levels are ${LOG_LEVELS.join(', ')}.`)
  const readable = options.pretty ?? process.stderr.isTTY === true
  // Written synchronously: the last lines before an exit are the ones that matter.
  const stream = readable
    ? pretty({
        destination: 2,
        sync: true,
        colorize: true,
        ignore: 'pid,hostname',
        translateTime: 'HH:MM:ss.l',
      })
    : pino.destination({ dest: 2, sync: true })
  return pino({ level, base: null }, stream)
}

function isLogLevel(level: string): level is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(level)
}

export declare namespace createLog {
  type Options = {
    /** Least severe level that is written: one of LOG_LEVELS. Default info. */
    level?: string | undefined
    /** Readable lines instead of JSON. Default: whether stderr is a terminal. */
    pretty?: boolean | undefined
  }
}
