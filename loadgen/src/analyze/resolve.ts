import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/**
 * Where an import that is no relative path may be, for a source in `folder`: in each folder from there upward, what its
 * remappings.txt says, then node_modules, then lib/ as forge lays it out (`lib/<package>/`, `/src`, `/contracts`).
 * @returns the file, or undefined when it is in none of these places.
 */
export function resolveImport(path: string, folder: string): string | undefined {
  for (const root of ancestors(folder)) {
    const found = candidates(path, root).find((file) => existsSync(file))
    if (found !== undefined) return found
  }
  return undefined
}

function candidates(path: string, root: string): string[] {
  const [name = '', ...rest] = path.split('/')
  const remapped = remappings(root)
    .filter(({ prefix }) => path.startsWith(prefix))
    .sort((a, b) => b.prefix.length - a.prefix.length)
    .map(({ prefix, target }) => resolve(root, target, path.slice(prefix.length)))
  return [
    ...remapped,
    join(root, 'node_modules', path),
    join(root, 'lib', path),
    join(root, 'lib', name, 'src', ...rest),
    join(root, 'lib', name, 'contracts', ...rest),
  ]
}

/** Lines of the form `prefix=target`; a context before a colon is not looked at. */
function remappings(root: string): { prefix: string; target: string }[] {
  const file = join(root, 'remappings.txt')
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => /^(?:[^:=]*:)?([^=]+)=(.*)$/.exec(line.trim()))
    .filter((match) => match !== null)
    .map(([, prefix = '', target = '']) => ({ prefix, target }))
}

function ancestors(folder: string): string[] {
  const parent = dirname(folder)
  return parent === folder ? [folder] : [folder, ...ancestors(parent)]
}
