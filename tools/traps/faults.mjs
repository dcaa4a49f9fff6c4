/** What the checks of the runtime's traps find. */

/** @typedef {{ check: string, file: string, line?: number, text: string }} Fault `line` from 1; none for a whole file */

/**
 * Faults as lines, by place, each once: two contracts can share a faulty base.
 *
 * @param {Fault[]} faults
 * @returns {string[]}
 */
export function renderFaults(faults) {
  const byPlace = (a, b) =>
    compare(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || compare(a.check, b.check)
  const lines = faults.toSorted(byPlace).map(({ check, file, line, text }) => {
    const place = line === undefined ? file : `${file}:${line}`
    return `${place}: [${check}] ${text}`
  })
  return [...new Set(lines)]
}

function compare(a, b) {
  if (a === b) return 0
  return a < b ? -1 : 1
}
