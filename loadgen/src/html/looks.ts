/** How a series looks: never by its colour alone, but also by its dashes and the shape of its points. */
export type Look = {
  /** A variable of style.ts, which knows its light and its dark value. */
  color: string
  /** SVG stroke-dasharray; absent for a solid line. */
  dash?: string | undefined
  symbol: 'circle' | 'square' | 'diamond' | 'triangle'
}

/** The modes of a run keep their looks on every page. Colours differ in lightness too, for eyes that see few hues. */
export const LOOKS = {
  netting: { color: 'var(--netting)', symbol: 'circle' },
  keeper: { color: 'var(--keeper)', dash: '7 4', symbol: 'square' },
  direct: { color: 'var(--direct)', dash: '2 4', symbol: 'diamond' },
  /** What could be at best, or what stands behind another series. */
  reference: { color: 'var(--reference)', dash: '1 4', symbol: 'triangle' },
} as const satisfies Record<string, Look>

/** Dashes of the series that share a colour, in their order. */
export const DASHES: readonly (string | undefined)[] = [undefined, '7 4', '2 4', '10 3 2 3', '4 2']
