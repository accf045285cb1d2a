/** Lists that are looked up by what is in them. */

/** Collections that a state class works with and no view reads: they need not be reactive. */
export const plainSet = <T>(items: Iterable<T> = []): Set<T> => new Set(items)
export const plainMap = <Key, Value>(entries: Iterable<readonly [Key, Value]> = []): Map<Key, Value> => new Map(entries)

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

/**
 * The items of `fresh`, but those that say the same as in `old` are the same objects, and the list is the same where nothing
 * changed: what shows them has nothing to do then. Items are plain data.
 */
export function keepSame<T>(old: readonly T[], fresh: readonly T[], keyOf: (item: T) => unknown): readonly T[] {
  const oldByKey = new Map(old.map((item) => [keyOf(item), item]))
  const kept = fresh.map((item) => {
    const known = oldByKey.get(keyOf(item))
    return known !== undefined && JSON.stringify(known) === JSON.stringify(item) ? known : item
  })
  return kept.length === old.length && kept.every((item, index) => item === old[index]) ? old : kept
}

/** The items of `fresh`, those of `first` in front, in the order they have there; all others in their own. */
export function keepFirst<T>(first: readonly T[], fresh: readonly T[], keyOf: (item: T) => unknown): T[] {
  const freshByKey = new Map(fresh.map((item) => [keyOf(item), item]))
  const kept = first.flatMap((item) => freshByKey.get(keyOf(item)) ?? [])
  const keys = new Set(kept.map(keyOf))
  return [...kept, ...fresh.filter((item) => !keys.has(keyOf(item)))]
}

/**
 * The items of `fresh`, those that were in `old` in the order they have there; a new one comes behind the one it comes behind
 * in `fresh`. So nothing moves that somebody looks at.
 */
export function keepOrder<T>(old: readonly T[], fresh: readonly T[], keyOf: (item: T) => unknown): T[] {
  const freshByKey = new Map(fresh.map((item) => [keyOf(item), item]))
  const known = new Set(old.map(keyOf))
  const first: T[] = []
  const behind = new Map<unknown, T[]>()
  let anchor: unknown = null
  let anchored = false
  for (const item of fresh) {
    const key = keyOf(item)
    if (known.has(key)) {
      anchor = key
      anchored = true
    } else if (!anchored) first.push(item)
    else behind.set(anchor, [...(behind.get(anchor) ?? []), item])
  }
  const kept = old.flatMap((item) => {
    const key = keyOf(item)
    const now = freshByKey.get(key)
    return now === undefined ? [] : [now, ...(behind.get(key) ?? [])]
  })
  return [...first, ...kept]
}
