import { withoutSecretsIn } from '../core/url.js'

/** The command that repeats a run, as a shell takes it. Secrets are left out: they belong into the environment. */
export function commandLine(argv: readonly string[]): string {
  const words: string[] = []
  for (let i = 2; i < argv.length; i++) {
    const word = argv[i] as string
    if (word === '--private-key') i++
    else if (!word.startsWith('--private-key=')) words.push(quote(withoutSecretsIn(word)))
  }
  return ['npm', 'run', 'loadgen', '--', ...words].join(' ')
}

function quote(word: string): string {
  return /^[\w./:=,%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
