/** Told how far a stage of a run is. */
export type OnProgress = (stage: string, done: number, total: number) => void
