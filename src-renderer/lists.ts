/** Lists that are looked up by what is in them. */

/** Place of each item, from 0. */
export function positionsOf<T>(items: readonly T[]): ReadonlyMap<T, number> {
  return new Map(items.map((item, index) => [item, index]))
}

/** The items without later ones that have the key of an earlier one. */
export function uniqueBy<T>(items: readonly T[], keyOf: (item: T) => unknown): T[] {
  const seen = new Set<unknown>()
  return items.filter((item) => {
    const key = keyOf(item)
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** The items that are in `some` but not in `others`. */
export function missingFrom<T>(some: Iterable<T>, others: readonly T[]): T[] {
  const present = new Set(others)
  return [...some].filter((item) => !present.has(item))
}
