import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ACCEPTED, checkTraps, PRODUCTION, productionSources } from './check-traps.mjs'
import { deployedContracts, readCodes } from './traps/artifacts.mjs'
import { renderFaults } from './traps/faults.mjs'
import { codesOf } from './traps/opcodes.mjs'
import { compileSources, indexProgram } from './traps/program.mjs'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const FIXTURES = 'tools/traps/fixtures'
const WITH_CODE = {
  '*': {
    '': ['ast'],
    '*': [
      'evm.bytecode.object',
      'evm.bytecode.sourceMap',
      'evm.deployedBytecode.object',
      'evm.deployedBytecode.sourceMap',
    ],
  },
}

/** A fixture, compiled and checked as `make lint` does it with production code. */
function check(name, { settings = {}, accepted } = {}) {
  const file = `${FIXTURES}/${name}.sol`
  const source = readFileSync(join(ROOT, file), 'utf8')
  const compiled = compileSources({ sources: { [file]: source }, root: ROOT, settings })
  const program = indexProgram(compiled)
  const isChecked = (path) => path === file
  const contracts = settings.outputSelection ? deployedContracts({ program, isChecked }) : []
  const codes = contracts.flatMap((node) =>
    codesOf({
      contract: { ...program.where(node), name: node.name },
      artifact: artifactOf(compiled.output, file, node.name),
      paths: pathsOf(compiled.output),
    }),
  )
  return {
    source,
    compiled,
    program,
    codes,
    isChecked,
    ...checkTraps({ program, codes, isChecked, accepted }),
  }
}

function artifactOf(output, file, name) {
  const { bytecode, deployedBytecode } = output.contracts[file][name].evm
  return { bytecode, deployedBytecode }
}

function pathsOf(output) {
  return Object.fromEntries(Object.entries(output.sources).map(([path, { id }]) => [id, path]))
}

/** Lines that a fixture marks by `// TRAP`. */
function marked(source) {
  return source.split('\n').flatMap((line, index) => (line.includes('// TRAP') ? [index + 1] : []))
}

function lines(faults, ...checks) {
  const found = faults.filter((fault) => checks.includes(fault.check)).map(({ line }) => line)
  return [...new Set(found)].sort((a, b) => a - b)
}

describe('opcodes', () => {
  const settings = { outputSelection: WITH_CODE }

  test('error: each instruction that came after London, at the line that brings it in', () => {
    const { faults, source } = check('Later', { settings: { ...settings, evmVersion: 'cancun' } })
    const found = faults.map(
      ({ line, text }) => `${line}: ${/the (\w+) code of Later has (\w+)/.exec(text)?.slice(1)}`,
    )
    const at = (name) =>
      source.split('\n').findIndex((line) => line.includes(`// TRAP`) && line.includes(name)) + 1
    const later = ['TLOAD', 'TSTORE', 'MCOPY', 'BLOBHASH', 'BLOBBASEFEE']
    expect(found).toEqual(
      expect.arrayContaining(later.map((name) => `${at(name)}: runtime,${name}`)),
    )
    expect(found.filter((text) => text.endsWith('PUSH0'))).toHaveLength(2)
    expect(found).toHaveLength(later.length + 2)
  })

  test('error: BASEFEE in creation and in runtime code', () => {
    const { faults, source } = check('BaseFee', { settings })
    expect(lines(faults, 'basefee')).toEqual(marked(source))
    expect(renderFaults(faults)).toMatchInlineSnapshot(`
      [
        "tools/traps/fixtures/BaseFee.sol:6: [basefee] the creation code of BaseFee reads the base fee (BASEFEE at byte 5): the runtime's node crashes on it; do not read block.basefee, which is never charged there.",
        "tools/traps/fixtures/BaseFee.sol:9: [basefee] the runtime code of BaseFee reads the base fee (BASEFEE at byte 146): the runtime's node crashes on it; do not read block.basefee, which is never charged there.",
      ]
    `)
  })

  test('behavior: pushed bytes, data, code of other contracts and metadata are no instructions', () => {
    const { faults, codes } = check('BaseFee', { settings })
    const [creation, runtime] = codes.filter(({ contract }) => contract.name === 'PushedAndData')
    for (const { object } of [creation, runtime]) {
      expect(object).toContain(Buffer.from('HIJ\\]^_ HIJ').toString('hex'))
    }
    expect(runtime.object).toContain('6648494a5c5d5e5f')
    expect(runtime.object).toContain(
      codes.find(({ contract }) => contract.name === 'PushedInside').object,
    )
    expect(runtime.object).toContain(Buffer.from('dsolc').toString('hex').slice(2))
    expect(faults.filter(({ text }) => !text.includes('code of BaseFee '))).toEqual([])
  })

  test('error: a source map of other code', () => {
    const { codes, program, isChecked } = check('BaseFee', { settings })
    const [code] = codes
    const cut = { ...code, sourceMap: code.sourceMap.split(';').slice(0, -2).join(';') }
    expect(() => checkTraps({ program, codes: [cut], isChecked })).toThrow(
      /BaseFee does not fit its source map/,
    )
  })
})

describe('results of calls', () => {
  test('error: try, and every way to overlook a failure; behavior: the same calls, looked at', () => {
    const { faults, source } = check('Results')
    expect(lines(faults, 'try', 'call-result')).toEqual(marked(source))
    expect(faults.filter(({ check: name }) => name === 'try')).toHaveLength(1)
    expect(renderFaults(faults).slice(0, 2)).toMatchInlineSnapshot(`
      [
        "tools/traps/fixtures/Results.sol:14: [try] \`try target.poke()\` goes on after a failure: on the runtime an inner revert does not roll back what was written before it; check first and write afterwards, and let a failing call fail the transaction.",
        "tools/traps/fixtures/Results.sol:18: [call-result] nothing looks at the success of \`target.call("")\`: on the runtime an inner revert does not roll back what was written before it; check first and write afterwards, and let a failing call fail the transaction.",
      ]
    `)
  })
})

describe('deferral', () => {
  test('error: a registration after a call, or outside of a constructor; behavior: one that comes first', () => {
    const { faults, source } = check('DeferFirst')
    expect(lines(faults, 'defer-first')).toEqual(marked(source))
    expect(renderFaults(faults).slice(3, 4)).toMatchInlineSnapshot(`
      [
        "tools/traps/fixtures/DeferFirst.sol:40: [defer-first] the constructor of AfterABase registers a deferrable function after another call (\`Containers.create(CONTAINERS, Containers.U256_CUMULATIVE)\`, contracts/arcology/HashU256Map.sol:19): the runtime takes a registration only before every other external call of the deployment, those of bases and initial values included; make it the first, in a contract that is listed first among the bases.",
      ]
    `)
  })

  test('error: a second registration in one contract; behavior: one in each of two', () => {
    const { faults, source } = check('DeferOnce')
    expect(lines(faults, 'defer-once')).toEqual(marked(source))
    expect(lines(faults, 'defer-first')).toEqual([])
    expect(renderFaults(faults).slice(0, 1)).toMatchInlineSnapshot(`
      [
        "tools/traps/fixtures/DeferOnce.sol:14: [defer-once] Twice registers a second deferrable function: a block then has two deferred transactions that run in parallel with each other, and the scheduler drops the deferral of selectors that come after one with a single call; register one, and let the others queue for it.",
      ]
    `)
  })

  test('error: plain writes that a deferrable function reaches; behavior: containers, and writes when deferred', () => {
    const { faults, source } = check('DeferWrites')
    expect(lines(faults, 'defer-writes')).toEqual(marked(source))
    expect(renderFaults(faults).slice(0, 1)).toMatchInlineSnapshot(`
      [
        "tools/traps/fixtures/DeferWrites.sol:23: [defer-writes] the deferrable WritesAtOnce.act writes the slot \`sums.byTrader[msg.sender]\` (WritesAtOnce.act > SumsLib.add): two calls of one generation conflict on it, and the runtime then stops deferring the function for good; keep it in a container or cumulative of contracts/arcology/, or write it where Runtime.isInDeferred() holds.",
      ]
    `)
  })

  test('args: accepted lets an unknown call pass, and says when there is none', () => {
    const accepted = {
      'CallsTheUnknown.act': { 'CallsTheUnknown.act': 'because' },
      'WritesAtOnce.act': { 'WritesAtOnce.act': 'because' },
    }
    const { faults } = check('DeferWrites', { accepted })
    expect(faults.filter(({ text }) => text.includes('CallsTheUnknown'))).toEqual([])
    expect(renderFaults(faults)).toContain(
      'tools/check-traps.mjs: [defer-writes] WritesAtOnce.act is allowed the unknown call of WritesAtOnce.act but makes none: ' +
        'take it out of the table.',
    )
    // A write is a write.
    expect(
      faults.some(({ text }) => text.startsWith('the deferrable WritesAtOnce.act writes the slot')),
    ).toBe(true)
  })
})

describe('production contracts', () => {
  const isChecked = (path) => PRODUCTION.test(path)

  /** The faults of the production sources with some text replaced, without their lines. */
  function checkMutated(mutations) {
    const sources = productionSources(ROOT)
    for (const [file, from, to] of mutations) {
      expect(sources[file], `${file} has the text to replace`).toContain(from)
      sources[file] = sources[file].replace(from, to)
    }
    const program = indexProgram(compileSources({ sources, root: ROOT }))
    const { faults, deferrable } = checkTraps({ program, codes: [], isChecked, accepted: ACCEPTED })
    const found = faults.map(
      ({ check: name, file, text }) => `${name} ${file} ${/[^:;(]+/.exec(text)[0].trim()}`,
    )
    return { found: [...new Set(found)].sort(), deferrable }
  }

  test('default: no trap', () => {
    const { found, deferrable } = checkMutated([])
    expect(found).toEqual([])
    expect(deferrable.sort()).toEqual([
      'PerpClearingHouse.changePosition',
      'SpotNettingEngine.queueSwapRequest',
    ])
  })

  test('error: one slip in each contract of the way of an order', () => {
    const { found } = checkMutated([
      [
        'contracts/netting/QueueBook.sol',
        '_add(queue.pushRequest(order)',
        '++queuedMarkets; _add(queue.pushRequest(order)',
      ],
      [
        'contracts/netting/SwapRequestStore.sol',
        '_setByKey(abi.encode(order)',
        'pushes++; _setByKey(abi.encode(order)',
      ],
      [
        'contracts/netting/SwapRequestStore.sol',
        'constructor()',
        'uint256 public pushes; constructor()',
      ],
      [
        'contracts/spot/SpotNettingEngine.sol',
        'SpotDeferral, NettingEngine,',
        'NettingEngine, SpotDeferral,',
      ],
      ['contracts/perp/Fund.sol', 'REGISTRY = registry;', 'REGISTRY = registry; registry.count();'],
      [
        'contracts/perp/PerpClearingHouse.sol',
        'ENGINE = engine;',
        'Runtime.defer(this.getMarkPrice.selector, 500_000); ENGINE = engine;',
      ],
      ['contracts/arcology/Multiprocess.sol', 'if (ok) results', 'results'],
      [
        'contracts/perp/PositionTracker.sol',
        'Position memory before = positionOf(trader);',
        'try this.getPosition(trader) { } catch { } Position memory before = positionOf(trader);',
      ],
    ])
    expect(found).toMatchInlineSnapshot(`
      [
        "call-result contracts/arcology/Multiprocess.sol nothing looks at the success of \`MULTIPROCESS.call",
        "defer-first contracts/perp/PerpClearingHouse.sol the constructor of PerpClearingHouse registers a deferrable function after another call",
        "defer-first contracts/spot/SpotDeferral.sol the constructor of SpotNettingEngine registers a deferrable function after another call",
        "defer-once contracts/perp/PerpClearingHouse.sol PerpClearingHouse registers a second deferrable function",
        "defer-writes contracts/netting/QueueBook.sol the deferrable PerpClearingHouse.changePosition writes the slot \`queuedMarkets\`",
        "defer-writes contracts/netting/QueueBook.sol the deferrable SpotNettingEngine.queueSwapRequest writes the slot \`queuedMarkets\`",
        "defer-writes contracts/netting/SwapRequestStore.sol the deferrable PerpClearingHouse.changePosition writes the slot \`pushes\`",
        "defer-writes contracts/netting/SwapRequestStore.sol the deferrable SpotNettingEngine.queueSwapRequest writes the slot \`pushes\`",
        "try contracts/perp/PositionTracker.sol \`try this.getPosition",
      ]
    `)
  })

  test('error: a settlement that does not wait for the deferred transaction', () => {
    const { found } = checkMutated([
      ['contracts/perp/PerpClearingHouse.sol', 'if (Runtime.isInDeferred()) ENGINE', 'ENGINE'],
    ])
    const writes = (file, slot) =>
      `defer-writes contracts/${file} the deferrable PerpClearingHouse.changePosition writes the slot \`${slot}\``
    expect(found).toEqual(
      expect.arrayContaining([
        writes('netting/Netting.sol', 'dust.base'),
        writes('netting/BatchSettler.sol', '_inProgress'),
        writes('netting/BatchSettler.sol', 'progressOf[work.id]'),
      ]),
    )
  })
})

describe('code that forge compiled', () => {
  let root
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'traps-'))
  })
  afterAll(() => rmSync(root, { recursive: true }))

  const write = (path, value) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), JSON.stringify(value))
  }

  test('default: the build for london where there are two; error: a contract that was not compiled', () => {
    const file = `${FIXTURES}/BaseFee.sol`
    const { compiled, program, isChecked, codes } = check('BaseFee', {
      settings: { outputSelection: WITH_CODE },
    })
    const profiles = (name) => ({
      '0.8.30': {
        default: { path: `BaseFee.sol/${name}.json`, build_id: 'none' },
        london: { path: `BaseFee.sol/${name}.london.json`, build_id: 'b1' },
      },
    })
    const names = ['BaseFee', 'PushedAndData', 'PushedInside']
    write('cache/solidity-files-cache.json', {
      paths: { artifacts: 'out', build_infos: 'out/build-info' },
      files: {
        [file]: { artifacts: Object.fromEntries(names.map((name) => [name, profiles(name)])) },
      },
    })
    write('out/build-info/b1.json', { source_id_to_path: pathsOf(compiled.output) })
    for (const name of names)
      write(`out/BaseFee.sol/${name}.london.json`, artifactOf(compiled.output, file, name))

    const contracts = deployedContracts({ program, isChecked })
    const read = readCodes({ root, program, contracts })
    expect(read).toEqual(codes)
    expect(read).toHaveLength(6)
    const missing = { ...contracts[0], name: 'Missing' }
    expect(() => readCodes({ root, program, contracts: [missing] })).toThrow(
      `${file}: Missing was not compiled; run \`make build\`.`,
    )
  })
})
