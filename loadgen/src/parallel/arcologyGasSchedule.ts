import { keccak256, toBytes } from 'viem'

/**
 * Arcology's gas schedule: what its runtime charges where it differs from Ethereum. The numbers and where each comes from stand
 * in docs/arcology-gas.md, with what they give for measured transactions.
 */
export const GAS = {
  transaction: 21_000,
  /** Call data, a byte. */
  nonZeroByte: 68,
  zeroByte: 4,
  /** What every call of the deferrable function pays in advance, at least. */
  prepaid: 500_000,
} as const

/** Charged for every call of a precompile, whatever it does. */
const CALL = 1_000
const ENCODE = 2_000
const DECODE = 1_000
/** Something that the runtime knows of the transaction or the container. */
const INFO = 1_000
/** Description of a container, and the dearer way to it that getByIndex takes. */
const META = 1_000
const META_BY_INDEX = 1_600
const READ = 400
const NEW = 10_000
const DEFER = 10_000
/** Reading or writing data: 1 gas for each begun 32 bytes. */
const WORD = 32
/** Bytes that the description of a container has for each element. */
const ELEMENT = 64

/** Gas of moving data. */
const words = (bytes: number) => Math.ceil(Math.max(0, bytes) / WORD)

/** What the gas of a call of a precompile depends on. */
export type Operands = {
  /** Bytes of the arguments, without the selector. */
  inputBytes: number
  outputBytes: number
  /** False when the call failed, as reads of an absent element do. */
  found: boolean
  /** Elements of the caller's container, as far as the transaction asked for their number before; else 0. */
  elements: number
  /** Jobs that the call ran. */
  jobs: number
}

type Price = (operands: Operands) => number

/** ABI encoding of two byte strings: two offsets and two lengths. */
const HEADS = 4 * WORD

/** Calls of `eval` on a container, 0x84 and 0xb0. */
const CONTAINER = table({
  'setByKey(bytes,bytes)': ({ inputBytes }) => ENCODE + words(inputBytes - HEADS),
  'init(bytes,bytes,bytes)': () => NEW + READ + DECODE + words(2 * WORD),
  'delByKey(bytes)': () => DECODE + words(WORD),
  'delLast()': ({ elements, outputBytes }) => 3 * words(elements * ELEMENT) + words(outputBytes),
  'clear()': ({ elements }) => words(elements * (ELEMENT + WORD)),
  'getByKey(bytes)': ({ found, outputBytes }) =>
    META + DECODE + ENCODE + INFO + words(Math.max(outputBytes, WORD)) + (found ? ENCODE : 0),
  'getByIndex(uint256)': ({ elements, outputBytes }) =>
    // Here the data is charged by the byte.
    META_BY_INDEX + DECODE + elements * ELEMENT + outputBytes,
  'indToKey(uint256)': () => DECODE + words(WORD),
  'keyToInd(bytes)': ({ found }) => DECODE + words(WORD) + (found ? ENCODE : 0),
  'fullLength()': () => DECODE + INFO,
  'length()': ({ elements }) => META + words(elements * ELEMENT) + ENCODE,
  'committedLength()': ({ elements }) => words(elements * ELEMENT) + ENCODE,
})

/** Creation of a container, and the jobs of 0xb0. */
const OUTSIDE_EVAL = table({
  'new(uint8,bool)': () => NEW,
  'invoke(bytes)': ({ jobs }) => 3 * DECODE + jobs * ELEMENT,
})

const CUMULATIVE = table({
  'New(uint256, uint256, uint256)': () => NEW,
  'add(uint256)': () => 0,
  'sub(uint256)': () => 0,
  'get()': () => 0,
  'min()': () => 0,
  'max()': () => 0,
})

const RUNTIME = table({
  'pid()': () => DECODE + INFO,
  'uuid()': () => INFO,
  'isInDeferred()': () => ENCODE + INFO,
  'defer(bytes4,uint64)': () => INFO + DEFER + DECODE + words(3 * WORD),
})

/** Where the precompiles are. */
export const PRECOMPILES = {
  containers: '0x0000000000000000000000000000000000000084',
  cumulative: '0x0000000000000000000000000000000000000085',
  runtime: '0x00000000000000000000000000000000000000a0',
  multiprocess: '0x00000000000000000000000000000000000000b0',
} as const

const EVAL = selectorOf('eval(bytes)')

const TABLES: ReadonlyMap<string, ReadonlyMap<string, Operation>> = new Map([
  [PRECOMPILES.containers, OUTSIDE_EVAL],
  [PRECOMPILES.multiprocess, OUTSIDE_EVAL],
  [PRECOMPILES.cumulative, CUMULATIVE],
  [PRECOMPILES.runtime, RUNTIME],
])

/** A call of a precompile: its name, what it charges, and the arguments that count (of `eval`, those of the inner command). */
export type Operation = { name: string; gas: Price }

/** A call that no precompile has: it fails, and costs as much as the runtime charges for it. */
const UNKNOWN: Operation = { name: 'unknown', gas: () => 2 * CALL }

/** True for the address (lower case) of a precompile. */
export function isPrecompile(address: string): boolean {
  return TABLES.has(address)
}

/**
 * What a call of a precompile does, and what it costs as a function of its operands.
 * @param address A precompile, lower case.
 * @param input Call data, lower case.
 */
export function findOperation(address: string, input: string): findOperation.ReturnType {
  const selector = input.slice(0, 10)
  if (selector !== EVAL || TABLES.get(address) !== OUTSIDE_EVAL)
    return {
      operation: TABLES.get(address)?.get(selector) ?? UNKNOWN,
      inputBytes: Math.max(0, input.length / 2 - 5),
    }
  // eval(bytes): selector, offset, length of the command, command.
  const length = Number(`0x${input.slice(74, 138) || '0'}`)
  const command = `0x${input.slice(138, 138 + 2 * length)}`
  return {
    operation: CONTAINER.get(command.slice(0, 10)) ?? UNKNOWN,
    inputBytes: Math.max(0, command.length / 2 - 5),
  }
}

export declare namespace findOperation {
  type ReturnType = {
    operation: Operation
    /** Bytes of its arguments, without the selector. */
    inputBytes: number
  }
}

/** Prices by selector, the charge for the call itself added. */
function table(prices: Readonly<Record<string, Price>>): ReadonlyMap<string, Operation> {
  return new Map(
    Object.entries(prices).map(([signature, price]) => [
      selectorOf(signature),
      {
        name: signature.slice(0, signature.indexOf('(')),
        gas: (operands) => CALL + price(operands),
      },
    ]),
  )
}

/** Of a signature as it stands: that of the runtime's `New` has spaces, which no declaration can produce. */
export function selectorOf(signature: string): string {
  return keccak256(toBytes(signature)).slice(0, 10)
}
