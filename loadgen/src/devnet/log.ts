/** What the devnet needs of a logger; pino's satisfies it. */
export type DevnetLog = {
  debug(facts: object, message: string): void
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
}
