/** Links lib/forge-std and lib/solady to their npm packages. Runs after every `npm ci`. */
import { existsSync, lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { platform } from 'node:process'
import { fileURLToPath } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const LINKS = {
  'forge-std': 'node_modules/@layerzerolabs/toolbox-foundry/lib/forge-std',
  solady: 'node_modules/solady',
}

mkdirSync(join(ROOT, 'lib'), { recursive: true })
for (const [name, target] of Object.entries(LINKS)) {
  const link = join(ROOT, 'lib', name)
  if (!existsSync(join(ROOT, target))) throw new Error(`${target} is missing: run \`npm ci\`.`)
  if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link, { recursive: true })
  const type = platform === 'win32' ? 'junction' : 'dir'
  symlinkSync(relative(dirname(link), join(ROOT, target)), link, type)
}
