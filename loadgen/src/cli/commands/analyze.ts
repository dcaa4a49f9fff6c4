import { dirname } from 'node:path'
import type { Command } from 'commander'
import { analyze, loadCode } from '../../analyze/analyze.js'
import { readSpec } from '../../analyze/spec.js'
import { renderAnalysis } from '../../analyze/text.js'
import { EXIT } from '../../core/errors.js'
import { createLog } from '../../core/log.js'
import { formatJson } from '../../report/json.js'
import { createNodes } from '../nodes.js'
import { addLogOption, type LogOptions } from '../options.js'

/** `analyze`: which calls of any contracts would conflict on Arcology, where, and what to use instead. */
export function addAnalyzeCommand(program: Command): void {
  const command = program
    .command('analyze')
    .description('tell which calls of any contracts conflict, where, and what to use instead')
    .argument('<spec>', 'JSON file that names contracts and calls (docs/analyze.md)')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 no conflict, 1 some transaction would be aborted, 2 a bad spec, 4 the node failed.',
    )
  addLogOption(command).action(async (path: string, options: AnalyzeOptions) => {
    const spec = readSpec(path)
    const codes = loadCode(spec, dirname(path))
    const log = createLog({ level: options.logLevel })
    const nodes = createNodes({ chainId: 118, gasPrice: 1, connections: 8, strict: true, log })
    const stop = () => void nodes.closeAll().then(() => process.exit(130))
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
    try {
      const node = await nodes.open()
      const analysis = await analyze(spec, { codes, rpc: node.rpc })
      await nodes.close(node)
      process.stdout.write(options.json === true ? formatJson(analysis) : renderAnalysis(analysis))
      process.exitCode = analysis.isClean ? EXIT.ok : EXIT.fault
    } finally {
      await nodes.closeAll()
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
    }
  })
}

type AnalyzeOptions = LogOptions & { json?: boolean | undefined }
