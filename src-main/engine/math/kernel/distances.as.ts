// AssemblyScript, not TypeScript: compiled by scripts/build-kernel.ts. Its caller is ../distance-kernel.ts, which says
// how a row is laid out and what `gate` and `floor` mean. Dot products of 128-d vectors in tiles of 2 rows × 4 queries.

const dimensionBytes: usize = 512
const rowBytes: usize = 528
const gateOffset: usize = 512
const floorOffset: usize = 516
const rowsPerTile: i32 = 16

/** The sums of four vectors' lanes, as one vector. */
// @ts-ignore: decorator
@inline function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7))
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7))
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
}

/** Bit j is set where query j is near the row, by the row's own limit or by the query's. */
// @ts-ignore: decorator
@inline function near(dots: v128, row: usize, halves: v128, floors: v128): i32 {
  const byRow = f32x4.ge(f32x4.sub(dots, halves), v128.load32_splat(row + floorOffset))
  const byQuery = f32x4.ge(f32x4.sub(dots, v128.load32_splat(row + gateOffset)), floors)
  return i32x4.bitmask(v128.or(byRow, byQuery))
}

/**
 * Writes `row << 6 | query` for every pair that is near, and answers how many. rowCount is even, queryCount a multiple
 * of 4 and 64 at the most.
 */
export function collectNear(
  rows: usize, rowCount: i32, queries: usize, queryCount: i32, queryHalves: usize, queryFloors: usize, out: usize,
): i32 {
  let count = 0
  for (let tile = 0; tile < rowCount; tile += rowsPerTile) {
    const tileEnd = min(tile + rowsPerTile, rowCount)
    for (let query = 0; query < queryCount; query += 4) {
      const q0 = queries + <usize>query * dimensionBytes
      const q1 = q0 + dimensionBytes
      const q2 = q1 + dimensionBytes
      const q3 = q2 + dimensionBytes
      const halves = v128.load(queryHalves + (<usize>query << 2))
      const floors = v128.load(queryFloors + (<usize>query << 2))
      for (let row = tile; row < tileEnd; row += 2) {
        const p = rows + <usize>row * rowBytes
        let a0 = f32x4.splat(0), a1 = f32x4.splat(0), a2 = f32x4.splat(0), a3 = f32x4.splat(0)
        let b0 = f32x4.splat(0), b1 = f32x4.splat(0), b2 = f32x4.splat(0), b3 = f32x4.splat(0)
        for (let k: usize = 0; k < dimensionBytes; k += 32) {
          let x = v128.load(p + k), y = v128.load(p + k, 528)
          let u = v128.load(q0 + k)
          a0 = f32x4.relaxed_madd(x, u, a0)
          b0 = f32x4.relaxed_madd(y, u, b0)
          u = v128.load(q1 + k)
          a1 = f32x4.relaxed_madd(x, u, a1)
          b1 = f32x4.relaxed_madd(y, u, b1)
          u = v128.load(q2 + k)
          a2 = f32x4.relaxed_madd(x, u, a2)
          b2 = f32x4.relaxed_madd(y, u, b2)
          u = v128.load(q3 + k)
          a3 = f32x4.relaxed_madd(x, u, a3)
          b3 = f32x4.relaxed_madd(y, u, b3)
          x = v128.load(p + k, 16)
          y = v128.load(p + k, 544)
          u = v128.load(q0 + k, 16)
          a0 = f32x4.relaxed_madd(x, u, a0)
          b0 = f32x4.relaxed_madd(y, u, b0)
          u = v128.load(q1 + k, 16)
          a1 = f32x4.relaxed_madd(x, u, a1)
          b1 = f32x4.relaxed_madd(y, u, b1)
          u = v128.load(q2 + k, 16)
          a2 = f32x4.relaxed_madd(x, u, a2)
          b2 = f32x4.relaxed_madd(y, u, b2)
          u = v128.load(q3 + k, 16)
          a3 = f32x4.relaxed_madd(x, u, a3)
          b3 = f32x4.relaxed_madd(y, u, b3)
        }
        let mask = near(sums(a0, a1, a2, a3), p, halves, floors)
        while (mask) {
          store<i32>(out + (<usize>count << 2), (row << 6) | (query + ctz(mask)))
          count++
          mask &= mask - 1
        }
        mask = near(sums(b0, b1, b2, b3), p + rowBytes, halves, floors)
        while (mask) {
          store<i32>(out + (<usize>count << 2), ((row + 1) << 6) | (query + ctz(mask)))
          count++
          mask &= mask - 1
        }
      }
    }
  }
  return count
}
