const NUMBERS = [0, 1, 2, 3].map(
  (fraction) =>
    new Intl.NumberFormat('en-US', {
      minimumFractionDigits: fraction,
      maximumFractionDigits: fraction,
    }),
)

/** A number with thousands separators and `fraction` decimals, 0 to 3. */
export function fixed(value: number, fraction = 0): string {
  return NUMBERS[fraction]?.format(value) ?? String(value)
}

/** 0.25 is `25 %`. */
export function percent(value: number, fraction = 0): string {
  return `${fixed(value * 100, fraction)} %`
}

/** Two of a kind: `1 order`, `2 orders`. */
export function amount(value: number, noun: string, plural = `${noun}s`): string {
  return `${fixed(value)} ${value === 1 ? noun : plural}`
}

/** Three significant digits: fits axes of any scale. */
export function significant(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 })
}

/** Makes a definition a sentence. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const SHORT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 })

/** 1234 is `1.23K`. */
export function shortNumber(value: number): string {
  return SHORT.format(value)
}
