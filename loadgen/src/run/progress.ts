import type { LiveSample } from '../live/registry.js'

/** Told how far a stage of a run is. */
export type OnProgress = (stage: string, done: number, total: number) => void
/** Told what becomes of the transactions of a mode. */
export type OnSample = (sample: LiveSample) => void
