// AssemblyScript, not TypeScript: compiled by scripts/build-kernel.ts. Its caller is ../simd-kernel.ts, which says how a
// row is laid out. Dot products of 128 whole numbers of 16 bits, in tiles of 2 rows × 4 queries.

const queryBytes: usize = 256
const rowBytes: usize = 272
const gateOffset: usize = 256
const floorOffset: usize = 260
const rowsPerTile: i32 = 16
/** 1 / scale²: back to the embedder's own units. */
const unit: f32 = 1.0 / 67108864.0

/** The sums of four vectors' lanes, as one vector. */
// @ts-ignore: decorator
@inline function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7))
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7))
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7))
}

/** Bit j is set where query j is near the row, by the row's own limit or by the query's. */
// @ts-ignore: decorator
@inline function near(whole: v128, row: usize, halves: v128, floors: v128): i32 {
  const dots = f32x4.mul(f32x4.convert_i32x4_s(whole), f32x4.splat(unit))
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
      const q0 = queries + <usize>query * queryBytes
      const halves = v128.load(queryHalves + (<usize>query << 2))
      const floors = v128.load(queryFloors + (<usize>query << 2))
      for (let row = tile; row < tileEnd; row += 2) {
        const p = rows + <usize>row * rowBytes
        let a0 = i32x4.splat(0), a1 = i32x4.splat(0), a2 = i32x4.splat(0), a3 = i32x4.splat(0)
        let b0 = i32x4.splat(0), b1 = i32x4.splat(0), b2 = i32x4.splat(0), b3 = i32x4.splat(0)
        for (let k: usize = 0; k < queryBytes; k += 32) {
          const at = p + k, q = q0 + k
          let x = v128.load(at), y = v128.load(at, 272)
          let u = v128.load(q)
          a0 = i32x4.add(a0, i32x4.dot_i16x8_s(x, u))
          b0 = i32x4.add(b0, i32x4.dot_i16x8_s(y, u))
          u = v128.load(q, 256)
          a1 = i32x4.add(a1, i32x4.dot_i16x8_s(x, u))
          b1 = i32x4.add(b1, i32x4.dot_i16x8_s(y, u))
          u = v128.load(q, 512)
          a2 = i32x4.add(a2, i32x4.dot_i16x8_s(x, u))
          b2 = i32x4.add(b2, i32x4.dot_i16x8_s(y, u))
          u = v128.load(q, 768)
          a3 = i32x4.add(a3, i32x4.dot_i16x8_s(x, u))
          b3 = i32x4.add(b3, i32x4.dot_i16x8_s(y, u))
          x = v128.load(at, 16)
          y = v128.load(at, 288)
          u = v128.load(q, 16)
          a0 = i32x4.add(a0, i32x4.dot_i16x8_s(x, u))
          b0 = i32x4.add(b0, i32x4.dot_i16x8_s(y, u))
          u = v128.load(q, 272)
          a1 = i32x4.add(a1, i32x4.dot_i16x8_s(x, u))
          b1 = i32x4.add(b1, i32x4.dot_i16x8_s(y, u))
          u = v128.load(q, 528)
          a2 = i32x4.add(a2, i32x4.dot_i16x8_s(x, u))
          b2 = i32x4.add(b2, i32x4.dot_i16x8_s(y, u))
          u = v128.load(q, 784)
          a3 = i32x4.add(a3, i32x4.dot_i16x8_s(x, u))
          b3 = i32x4.add(b3, i32x4.dot_i16x8_s(y, u))
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
