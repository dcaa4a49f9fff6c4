import { SingleBar as Bar, Presets, type SingleBar } from 'cli-progress'
import type { Log } from '../core/log.js'
import type { OnProgress } from '../run/progress.js'

/** Shows how far a run is: a bar a stage on a terminal, else a line in the log when a stage begins. */
export type Progress = {
  on: OnProgress
  /** Ends the bar that is drawn. */
  end(): void
}

export function createProgress(options: {
  log: Log
  stream: NodeJS.WriteStream
  isQuiet: boolean
}): Progress {
  const { log, stream, isQuiet } = options
  let stage: string | undefined
  let bar: SingleBar | undefined

  function end(): void {
    bar?.stop()
    bar = undefined
    stage = undefined
  }

  return {
    end,
    on(name, done, total) {
      if (isQuiet) return
      if (name !== stage) {
        end()
        stage = name
        if (stream.isTTY) {
          bar = new Bar(
            { format: '{stage} {bar} {value}/{total} {eta_formatted}', stream, hideCursor: true },
            Presets.shades_classic,
          )
          bar.start(total, done, { stage: name.padEnd(10) })
        } else log.info({ total }, name)
      }
      bar?.update(done)
      if (done >= total) bar?.render()
    },
  }
}
