import type { LiveView } from '../live/view.js'

/** What the live page shows. */
export type WatchState = {
  /** The command that runs, as one could repeat it. */
  command: string
  view: LiveView
}
