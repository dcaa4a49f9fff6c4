import { SingleBar as Bar, Presets, type SingleBar } from 'cli-progress'
import { type Clock, systemClock } from '../core/clock.js'
import type { Log } from '../core/log.js'
import { createPace, type Pace } from '../live/pace.js'
import type { OnProgress } from '../run/progress.js'

/**
 * Shows how far a run is, how fast it goes, and how long it still takes: a bar a stage on a terminal, else a line in the log when a
 * stage begins and every few seconds while it goes on.
 */
export type Progress = {
  on: OnProgress
  /** Ends the stage that is shown. */
  end(): void
}

export function createProgress(options: createProgress.Options): Progress {
  const { log, stream, isQuiet, live, clock = systemClock, everyMs = 5_000 } = options
  let stage: Stage | undefined
  let bar: SingleBar | undefined
  let timer: NodeJS.Timeout | undefined

  function end(): void {
    bar?.stop()
    clearInterval(timer)
    bar = undefined
    stage = undefined
  }

  function begin(name: string, done: number, total: number): Stage {
    end()
    const begun = { name, done, total, pace: createPace({ clock, start: done }) }
    if (stream.isTTY) {
      bar = new Bar(
        { format: '{stage} {bar} {value}/{total} {rate} {left}', stream, hideCursor: true },
        Presets.shades_classic,
      )
      bar.start(total, done, payload(begun))
    } else {
      log.info({ total }, name)
      // By the clock, not by progress: a stage that stands still is what one wants to see.
      timer = setInterval(() => log.info(figures(begun), name), everyMs)
      timer.unref()
    }
    return begun
  }

  return {
    end,
    on(name, done, total) {
      live?.onProgress(name, done, total)
      if (isQuiet) return
      if (name !== stage?.name) stage = begin(name, done, total)
      stage.done = done
      stage.total = total
      stage.pace.reach(done)
      bar?.setTotal(total)
      bar?.update(done, payload(stage))
      if (done < total) return
      bar?.render()
      clearInterval(timer)
    },
  }
}

export declare namespace createProgress {
  type Options = {
    log: Pick<Log, 'info'>
    stream: NodeJS.WriteStream
    /** Shows nothing. */
    isQuiet: boolean
    /** Is told all the same. */
    live?: { onProgress: OnProgress } | undefined
    clock?: Pick<Clock, 'now'> | undefined
    /** Milliseconds between the lines of a stage in the log. Default 5,000. */
    everyMs?: number | undefined
  }
}

type Stage = { name: string; done: number; total: number; pace: Pace }

/** What the log says of a stage. */
function figures({ done, total, pace }: Stage): Record<string, number> {
  const perSecond = pace.perSecond()
  const remainingMs = pace.remainingMs(total)
  return {
    ...{ done, total },
    ...(perSecond !== undefined && { perSecond: Math.round(perSecond) }),
    ...(remainingMs !== undefined && { remainingSeconds: Math.ceil(remainingMs / 1_000) }),
  }
}

/** What the bar says of a stage. */
function payload({ name, total, pace }: Stage): Record<'stage' | 'rate' | 'left', string> {
  const perSecond = pace.perSecond()
  const remainingMs = pace.remainingMs(total)
  return {
    stage: name.padEnd(10),
    rate: perSecond === undefined ? '' : `${Math.round(perSecond).toLocaleString('en-US')}/s`,
    left: remainingMs === undefined || remainingMs === 0 ? '' : `${duration(remainingMs)} left`,
  }
}

/** `42 s`, `3 min 5 s` or `2 h 10 min`, rounded up. */
export function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`
}
