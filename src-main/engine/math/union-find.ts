/** Disjoint sets over 0 … count − 1, with path halving; the smaller root stays, so that the result has no history. */
export interface UnionFind {
  find(element: number): number
  /** False where both are in one set already. */
  union(a: number, b: number): boolean
}

export function createUnionFind(count: number): UnionFind {
  const parents = Int32Array.from({ length: count }, (_, i) => i)
  const sets: UnionFind = {
    find(element) {
      while (parents[element] !== element) {
        parents[element] = parents[parents[element]]
        element = parents[element]
      }
      return element
    },
    union(a, b) {
      const rootA = sets.find(a), rootB = sets.find(b)
      if (rootA === rootB) return false
      parents[Math.max(rootA, rootB)] = Math.min(rootA, rootB)
      return true
    },
  }
  return sets
}
