import type { Analysis, BlockAnalysis, GenerationAnalysis } from './analyze.js'
import { type Explanation, shortened } from './explain.js'

/** Conflicts of a block that are shown, those with the most aborted transactions. */
const MOST_SHOWN = 10

/** An analysis as text for a terminal. */
export function renderAnalysis(analysis: Analysis): string {
  const { blocks } = analysis
  const lines = blocks.flatMap((block, i) => [
    `Block ${i + 1} of ${blocks.length}: ${summary(block)}`,
    ...block.generations.map((generation, g) => `  ${generationLine(generation, g + 1)}`),
    ...block.conflicts.slice(0, MOST_SHOWN).flatMap(conflictLines),
    ...(block.conflicts.length > MOST_SHOWN
      ? [`  and ${block.conflicts.length - MOST_SHOWN} more conflicts; --json shows all`]
      : []),
    ...unexplained(block),
    ...Object.entries(block.reverted).map(
      ([name, count]) => `  ${count} × ${name} failed by itself, without a conflict`,
    ),
    ...(block.sampled.length === 0
      ? []
      : [`  writes taken from samples of: ${block.sampled.join(', ')}`]),
    '',
  ])
  return `${[...lines, verdict(analysis)].join('\n')}\n`
}

function summary({ transactions, generations, aborted }: BlockAnalysis): string {
  const lost = aborted === 0 ? 'none aborted' : `${aborted} aborted`
  return `${plural(transactions, 'transaction')}, ${plural(generations.length, 'generation')}, ${lost}`
}

function generationLine({ isDeferred, sequences, calls }: GenerationAnalysis, n: number): string {
  const [longest = 0] = sequences
  const order =
    longest > 1 && sequences.length === 1
      ? ', one after the other'
      : longest > 1
        ? `, ${longest} of them one after the other`
        : ''
  const names = Object.entries(calls).map(([name, count]) => `${count} × ${name}`)
  return `generation ${n}${isDeferred ? ' (deferred)' : ''}: ${names.join(', ')}${order}`
}

function conflictLines(conflict: Explanation): string[] {
  const { winner, loser, aborted, where, place, sentence, advice } = conflict
  const slot =
    where.space === 'slot' && where.key !== '' && where.variable !== undefined
      ? ` (slot ${shortened(where.key)})`
      : ''
  return [
    `  conflict: ${winner} against ${loser}, ${aborted} aborted`,
    `    where:   ${place}${slot}`,
    `    what:    ${sentence}`,
    `    instead: ${advice}`,
  ]
}

/** Not every aborted transaction lost a conflict of its own. */
function unexplained({ aborted, conflicts }: BlockAnalysis): string[] {
  const others = aborted - conflicts.reduce((sum, conflict) => sum + conflict.aborted, 0)
  if (others === 0) return []
  return [
    `  ${others} more aborted: behind a loser in its sequence, or with less gas than the prepayment of a deferrable function`,
  ]
}

function verdict({ isClean, blocks }: Analysis): string {
  if (isClean) return 'No conflict: all of it runs beside each other.'
  const aborted = blocks.reduce((sum, block) => sum + block.aborted, 0)
  const last = blocks.at(-1)?.aborted === 0
  return `${plural(aborted, 'transaction')} would be aborted${last ? ', none in the last block: its schedule keeps apart what conflicted' : ''}.`
}

function plural(count: number, word: string): string {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`
}
