/** A binary heap of pairs, smallest cost first; equal costs in the order of the pair's numbers. */
export interface PairHeap {
  readonly size: number
  push(cost: number, a: number, b: number, versionA: number, versionB: number): void
  /** Takes the smallest off; its fields are in `top` until the next call. False where the heap is empty. */
  pop(): boolean
  readonly top: { cost: number; a: number; b: number; versionA: number; versionB: number }
}

const fields = 4

export function createPairHeap(): PairHeap {
  let costs = new Float64Array(1024)
  let pairs = new Int32Array(1024 * fields)
  let size = 0
  const top = { cost: 0, a: 0, b: 0, versionA: 0, versionB: 0 }

  return {
    get size() { return size },
    top,
    push(cost, a, b, versionA, versionB) {
      if (size === costs.length) grow()
      let at = size++
      while (at > 0) {
        const parent = (at - 1) >> 1
        if (!before(cost, a, b, parent)) break
        move(parent, at)
        at = parent
      }
      put(at, cost, a, b, versionA, versionB)
    },
    pop() {
      if (size === 0) return false
      top.cost = costs[0]
      top.a = pairs[0]
      top.b = pairs[1]
      top.versionA = pairs[2]
      top.versionB = pairs[3]
      size--
      const cost = costs[size], last = size * fields
      const a = pairs[last], b = pairs[last + 1]
      let at = 0
      for (let child = 1; child < size; child = 2 * at + 1) {
        if (child + 1 < size && before(costs[child + 1], pairs[(child + 1) * fields], pairs[(child + 1) * fields + 1], child)) child++
        if (before(cost, a, b, child)) break
        move(child, at)
        at = child
      }
      put(at, cost, a, b, pairs[last + 2], pairs[last + 3])
      return true
    },
  }

  function before(cost: number, a: number, b: number, other: number): boolean {
    if (cost !== costs[other]) return cost < costs[other]
    const otherA = pairs[other * fields]
    return a < otherA || (a === otherA && b < pairs[other * fields + 1])
  }

  function move(from: number, to: number): void {
    costs[to] = costs[from]
    for (let i = 0; i < fields; i++) pairs[to * fields + i] = pairs[from * fields + i]
  }

  function put(at: number, cost: number, a: number, b: number, versionA: number, versionB: number): void {
    costs[at] = cost
    pairs[at * fields] = a
    pairs[at * fields + 1] = b
    pairs[at * fields + 2] = versionA
    pairs[at * fields + 3] = versionB
  }

  function grow(): void {
    const grownCosts = new Float64Array(costs.length * 2)
    grownCosts.set(costs)
    costs = grownCosts
    const grownPairs = new Int32Array(pairs.length * 2)
    grownPairs.set(pairs)
    pairs = grownPairs
  }
}
