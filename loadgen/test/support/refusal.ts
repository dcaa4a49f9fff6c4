import { expect, test } from 'vitest'
import { loadgen } from './cli.js'
import { readAll } from './runs.js'

/** A command that the tool refuses. */
export type Refusal = {
  args: readonly string[]
  /** All that stderr says, but for the log's everyday lines. */
  says: string | RegExp
  /** The tool's environment variables. */
  env?: Readonly<Record<string, string>>
  /** Exit code; bad input by default. */
  code?: number
}

/** Runs the command: its sentence, its exit code, nothing on stdout, and no file in `reports`. */
export async function expectRefusal(reports: string, refusal: Refusal): Promise<void> {
  const { args, says, env = {}, code = 2 } = refusal
  const output = await loadgen(args, { env })
  expect({ code: output.code, stdout: output.stdout, complaint: output.complaint }).toEqual({
    code,
    stdout: '',
    complaint: typeof says === 'string' ? says : expect.stringMatching(says),
  })
  expect(await readAll(reports)).toEqual(new Map())
}

/** A test for each command, named after it. */
export function testRefusals(reports: string, refusals: readonly Refusal[]): void {
  for (const refusal of refusals) {
    const words = refusal.args.filter((word) => word !== '--reports' && word !== reports)
    test(words.join(' '), () => expectRefusal(reports, refusal))
  }
}
