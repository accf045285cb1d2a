/** Which names somebody may have meant. */
import { personNameKey } from './people.ts'

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment) that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  const from = [...a]
  const to = [...b]
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1]
      row[j] = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1)
    }
    beforeLast = last
    last = row
  }
  return last[to.length]!
}

/**
 * At most `limit` of the names, nearest to `text` first: those that begin with it, or one of whose words does, then those
 * within a third of its letters, as a whole or by one word.
 */
export function nearestNames(text: string, people: readonly { name: string; nameKey: string }[], limit = 5): string[] {
  const key = personNameKey(text)
  const letters = [...key].length
  const farthest = Math.max(1, Math.floor(letters / 3))
  const near = people.flatMap(({ name, nameKey }) => {
    const forms = [nameKey, ...nameKey.split(' ')]
    if (forms.some((form) => form.startsWith(key))) return [{ name, distance: 0.5 }]
    // Names much longer or shorter can't be near: spares most of the work.
    const distances = forms
      .filter((form) => Math.abs([...form].length - letters) <= farthest)
      .map((form) => editDistance(key, form))
    const distance = Math.min(...distances)
    return distance <= farthest ? [{ name, distance }] : []
  })
  near.sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
  return near.slice(0, limit).map(({ name }) => name)
}
