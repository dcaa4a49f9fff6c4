import { expect, test } from 'vitest'
import { systemClock } from '../core/clock.js'
import { createRng, type Rng } from '../core/rng.js'
import { ACCESS_KINDS, type Access, type AccessKind, type Conflict, type Space } from './access.js'
import { arbitrate } from './arbitrate.js'

const OWNER = '0x00000000000000000000000000000000000000aa'

/** `container append 0x01`, `slot plainWrite 0x05`, `balance delta`. */
function access(words: string): Access {
  const [space, kind, key = ''] = words.split(' ')
  return { space: space as Space, kind: kind as AccessKind, owner: OWNER, key: key as '0x' }
}

/** Transactions beside each other, one sequence each, their accesses apart by `;`. */
function singles(...transactions: readonly string[]): arbitrate.Sequence[] {
  return transactions.map((accesses, id) => ({
    ids: [id],
    accesses: [accesses.split('; ').map(access)],
  }))
}

function losersOf(...transactions: readonly string[]): number[] {
  return [...arbitrate(singles(...transactions)).losers]
}

const INCREMENT = 'slot plainRead 0x05; slot plainWrite 0x05'

/* PLAIN STORAGE */

test('default: of five plain increments the lowest id stands', () => {
  const { losers, conflicts } = arbitrate(singles(...Array(5).fill(INCREMENT)))
  expect([...losers]).toEqual([1, 2, 3, 4])
  expect(conflicts.map(({ winner }) => winner)).toEqual([0, 0, 0, 0])
  expect(conflicts[0]).toEqual({
    winner: 0,
    loser: 1,
    winnerAccess: access('slot plainWrite 0x05'),
    loserAccess: access('slot plainWrite 0x05'),
  })
})

test.each([
  [0, [1, 2, 3, 4]],
  [1, [1, 2, 3, 4]],
  [2, [1, 2, 3, 4]],
  [4, [1, 2, 3, 4]],
])('behavior: four writers and a reader with id %i', (reader, losers) => {
  const transactions = Array.from({ length: 5 }, (_, id) =>
    id === reader ? 'slot plainRead 0x05' : 'slot plainWrite 0x05',
  )
  const result = arbitrate(singles(...transactions))
  expect([...result.losers]).toEqual(losers)
  // Where the reader comes first, it is what all writers lose to.
  expect(new Set(result.conflicts.map(({ winner }) => winner))).toEqual(new Set([0]))
})

test('behavior: readers stand beside each other, other slots and other accounts', () => {
  expect(losersOf('slot plainRead 0x05', 'slot plainRead 0x05', 'slot plainWrite 0x06')).toEqual([])
  const other = { ...access('slot plainWrite 0x05'), owner: '0xbb' } as const
  const sequences = [...singles('slot plainWrite 0x05'), { ids: [1], accesses: [[other]] }]
  expect(arbitrate(sequences).losers.size).toBe(0)
})

test('behavior: what a loser does elsewhere makes others lose all the same', () => {
  const { losers, conflicts } = arbitrate(
    singles(
      'slot plainWrite 0x01',
      'slot plainWrite 0x01; slot plainWrite 0x02',
      'slot plainRead 0x02',
    ),
  )
  expect([...losers]).toEqual([1, 2])
  expect(conflicts.map(({ winner }) => winner)).toEqual([0, 1])
})

test('behavior: an access that does not stand makes nobody lose', () => {
  // 1 loses to the read of 0; 2 only reads, beside 0.
  expect(losersOf('slot plainRead 0x05', 'slot plainWrite 0x05', 'slot plainRead 0x05')).toEqual([
    1,
  ])
})

test('behavior: a transaction does not conflict with itself', () => {
  expect(losersOf(INCREMENT)).toEqual([])
  expect(losersOf('container append 0x01; container readStructure; container clear')).toEqual([])
})

/* CUMULATIVES, BALANCES, CODE */

test('behavior: a thousand additions to a cumulative stand, but not beside a read of it', () => {
  const deltas = Array<string>(1_000).fill('cumulative delta')
  expect(losersOf(...deltas)).toEqual([])
  expect(losersOf(...deltas, 'cumulative read')).toEqual([1_000])
  expect(losersOf('cumulative read', ...deltas)).toHaveLength(1_000)
})

test('behavior: additions to one key of a container of cumulatives stand', () => {
  expect(losersOf('container delta 0x01', 'container delta 0x01')).toEqual([])
  expect(losersOf('container delta 0x01', 'container read 0x01', 'container read 0x02')).toEqual([
    1,
  ])
})

test('behavior: balances may be moved together, but not read', () => {
  expect(losersOf('balance delta', 'balance delta', 'balance read')).toEqual([2])
})

test('behavior: a creation and a call of what it creates', () => {
  expect(losersOf('code plainWrite', 'code plainRead')).toEqual([1])
  expect(losersOf('code plainRead', 'code plainRead')).toEqual([])
})

test('behavior: spaces of one account are apart', () => {
  expect(
    losersOf('cumulative delta', 'balance read', 'code plainRead', 'slot plainWrite 0x'),
  ).toEqual([])
})

/* CONTAINERS */

test.each([
  ['push beside push', 'append 0x01', 'append 0x02', false],
  ['push beside committedLength', 'append 0x01', 'readCommittedLength', false],
  ['push beside get of a committed index', 'append 0x01', 'readCommitted', false],
  ['set of one key beside set of another', 'update 0x01', 'update 0x02', false],
  ['push beside length', 'append 0x01', 'readStructure', true],
  ['length beside deletion', 'readStructure', 'delete 0x01', true],
  ['length beside update', 'readStructure', 'update 0x01', false],
  ['push of one key twice', 'append 0x01', 'append 0x01', true],
  ['update of one key twice', 'update 0x01', 'update 0x01', true],
  ['read of a key that another updates', 'read 0x01', 'update 0x01', true],
  ['read of another key', 'read 0x02', 'update 0x01', false],
  ['read by index beside update', 'readCommitted', 'update 0x01', true],
  ['read by index beside addition', 'readCommitted', 'delta 0x01', true],
  ['clear beside push', 'clear', 'append 0x01', true],
  ['clear beside read', 'clear', 'read 0x01', true],
  ['clear beside clear', 'clear', 'clear', true],
  ['clear beside committedLength', 'clear', 'readCommittedLength', false],
])('behavior: %s', (_, a, b, isConflict) => {
  expect(losersOf(`container ${a}`, `container ${b}`)).toEqual(isConflict ? [1] : [])
  expect(losersOf(`container ${b}`, `container ${a}`)).toEqual(isConflict ? [1] : [])
})

test('behavior: the winner named is the lowest id that stands and collides', () => {
  const { conflicts } = arbitrate(
    singles(
      'container append 0x01',
      'container append 0x02',
      'container append 0x02',
      'container readStructure',
      'container clear',
    ),
  )
  expect(conflicts.map(({ winner, loser }) => [winner, loser])).toEqual([
    [1, 2],
    [0, 3],
    [0, 4],
  ])
})

/* SEQUENCES */

test('behavior: transactions of one sequence do not conflict with each other', () => {
  const sequence = { ids: [0, 1, 2], accesses: Array(3).fill(INCREMENT.split('; ').map(access)) }
  expect(arbitrate([sequence])).toEqual({ losers: new Set(), conflicts: [] })
})

test('behavior: the first loser of a sequence takes those behind it along', () => {
  const write = [access('slot plainWrite 0x05')]
  const { losers, conflicts } = arbitrate([
    { ids: [3, 1, 4, 2], accesses: [[], write, write, []] },
    { ids: [0], accesses: [write] },
  ])
  expect([...losers]).toEqual([1, 2, 4])
  expect(conflicts.map(({ winner, loser }) => [winner, loser])).toEqual([[0, 1]])
})

test('behavior: who stands in the own sequence does not hide who stands in another', () => {
  const read = [access('slot plainRead 0x05')]
  const write = [access('slot plainWrite 0x05')]
  const { conflicts } = arbitrate([
    { ids: [0, 1, 4], accesses: [read, read, write] },
    { ids: [2], accesses: [read] },
    { ids: [3], accesses: [read] },
  ])
  expect(conflicts.map(({ winner, loser }) => [winner, loser])).toEqual([[2, 4]])
})

test('behavior: a sequence loses against the calls beside it, and they against it', () => {
  const write = (key: string) => [access(`slot plainWrite ${key}`)]
  const { losers } = arbitrate([
    { ids: [0, 3], accesses: [write('0x01'), write('0x02')] },
    { ids: [1], accesses: [write('0x01')] },
    { ids: [2], accesses: [write('0x02')] },
  ])
  expect([...losers]).toEqual([1, 3])
})

test('error: accesses that do not belong to the transactions', () => {
  expect(() => arbitrate([{ ids: [0, 1], accesses: [[]] }])).toThrow(
    'A sequence of 2 transactions came with 1 lists of accesses.',
  )
})

/* AGAINST PAIRS, ONE BY ONE */

/** The rules of contracts/test/utils/Accesses.sol as a table, written down apart from the code. */
function collideByTable(a: Access, b: Access): boolean {
  if (a.space !== b.space || a.owner !== b.owner) return false
  const ANY_KEY = [
    'readStructure append, readStructure delete',
    'readCommitted update, readCommitted delta, readCommitted delete',
    ACCESS_KINDS.filter((kind) => !/plain|readCommittedLength/.test(kind)).map(
      (kind) => `clear ${kind}`,
    ),
  ].join()
  const SAME_KEY =
    'plainRead plainWrite, plainWrite plainWrite, read append, read update, read delta, ' +
    'read delete, append append, append update, append delta, append delete, update update, ' +
    'update delta, update delete, delta delete, delete delete'
  const names = (table: string) => table.split(',').map((pair) => pair.trim())
  const pairs = [...names(ANY_KEY), ...(a.key === b.key ? names(SAME_KEY) : [])]
  return pairs.includes(`${a.kind} ${b.kind}`) || pairs.includes(`${b.kind} ${a.kind}`)
}

test('property: two kinds collide as the table says, for every two of them', () => {
  for (const a of ACCESS_KINDS)
    for (const b of ACCESS_KINDS)
      for (const key of ['0x01', '0x02']) {
        const pair = [`container ${a} 0x01`, `container ${b} ${key}`] as const
        const isConflict = collideByTable(access(pair[0]), access(pair[1]))
        expect([...pair, losersOf(...pair)]).toEqual([...pair, isConflict ? [1] : []])
      }
})

/** Every access against every other, with no index: the definition, taken word by word. */
function arbitrateByPairs(sequences: readonly arbitrate.Sequence[]): arbitrate.Result {
  const rank = ({ kind }: Access) => (/read/i.test(kind) ? 1 : 0)
  const all = sequences
    .flatMap(({ ids, accesses }, sequence) =>
      ids.flatMap((id, place) => accesses[place]!.map((a) => ({ id, sequence, access: a }))),
    )
    .map((one, position) => ({ ...one, position }))
    .sort((a, b) => a.id - b.id || rank(a.access) - rank(b.access) || a.position - b.position)
  const standing: typeof all = []
  const first = new Map<number, Conflict>()
  for (const one of all) {
    const winner = standing.find(
      (other) => other.sequence !== one.sequence && collideByTable(other.access, one.access),
    )
    if (winner === undefined) standing.push(one)
    else if (!first.has(one.id))
      first.set(one.id, {
        winner: winner.id,
        loser: one.id,
        winnerAccess: winner.access,
        loserAccess: one.access,
      })
  }
  const losers = new Set<number>()
  const conflicts: Conflict[] = []
  for (const { ids } of sequences) {
    let hasLost = false
    for (const id of ids) {
      const conflict = first.get(id)
      if (!hasLost && conflict !== undefined) conflicts.push(conflict)
      hasLost ||= conflict !== undefined
      if (hasLost) losers.add(id)
    }
  }
  return { losers, conflicts: conflicts.sort((a, b) => a.loser - b.loser) }
}

/** A small generation, so that collisions are many; ids are shuffled over the sequences. */
function randomGeneration(rng: Rng): arbitrate.Sequence[] {
  const spaces = ['slot', 'balance', 'code', 'container', 'cumulative'] as const
  const kinds = rng.int(4) === 0 ? ACCESS_KINDS : rng.shuffle(ACCESS_KINDS).slice(0, 3)
  const randomAccess = (): Access => ({
    space: rng.int(3) === 0 ? rng.pick(spaces) : 'container',
    kind: rng.pick(kinds),
    owner: rng.pick(['0xaa', '0xbb']),
    key: rng.pick(['', '0x01', '0x02']),
  })
  const ids = rng.shuffle(Array.from({ length: 1 + rng.int(12) }, (_, id) => id))
  const sequences: arbitrate.Sequence[] = []
  while (ids.length > 0) {
    const mine = ids.splice(0, rng.int(3) === 0 ? 1 + rng.int(4) : 1)
    const accesses = mine.map(() => Array.from({ length: rng.int(4) }, randomAccess))
    sequences.push({ ids: mine, accesses })
  }
  return sequences
}

test('property: losers and conflicts are those that comparing all pairs gives', () => {
  const rng = createRng('arbitrate', 'pairs')
  let lost = 0
  for (let round = 0; round < 3_000; round++) {
    const generation = randomGeneration(rng)
    const result = arbitrate(generation)
    expect(result).toEqual(arbitrateByPairs(generation))
    lost += result.losers.size
  }
  // Else the generations would be too thin to prove anything.
  expect(lost).toBeGreaterThan(3_000)
})

test('behavior: 5,000 transactions on one container are not compared pair by pair', () => {
  // 12 accesses each; pairwise these are 1.8 billion comparisons, which take many seconds.
  const sequences = Array.from({ length: 5_000 }, (_, id) => ({
    ids: [id],
    accesses: [
      Array.from({ length: 12 }, (_, n) =>
        access(n === 0 ? 'container readCommitted' : `container append 0x${id * 12 + n}`),
      ),
    ],
  }))
  const startMs = systemClock.now()
  expect(arbitrate(sequences).losers.size).toBe(0)
  expect(systemClock.now() - startMs).toBeLessThan(1_500)
})
