/** Where the square tiles of a grid with sections lie: pure arithmetic, so that only what is seen needs to exist. */

export interface GridSection {
  key: string
  label: string
  count: number
}

export interface PlacedSection extends GridSection {
  /** Index of the section's first tile among all tiles. */
  first: number
  topPx: number
  heightPx: number
}

export interface GridLayout {
  columns: number
  tilePx: number
  /** From one row's top to the next. */
  rowPx: number
  headingPx: number
  sections: PlacedSection[]
  count: number
  heightPx: number
}

export interface GridMeasures {
  widthPx: number
  /** The tile's wanted side; it grows so that the columns fill the width. */
  targetTilePx: number
  gapPx: number
  /** Height of a section's heading; 0 where sections have none. */
  headingPx: number
}

export function layoutGrid(sections: readonly GridSection[], measures: GridMeasures): GridLayout {
  const { widthPx, targetTilePx, gapPx, headingPx } = measures
  const columns = Math.max(1, Math.floor((widthPx + gapPx) / (targetTilePx + gapPx)))
  const tilePx = Math.max(1, (widthPx - gapPx * (columns - 1)) / columns)
  const rowPx = tilePx + gapPx
  let first = 0
  let topPx = 0
  const placed = sections.map((section) => {
    const heightPx = headingPx + Math.ceil(section.count / columns) * rowPx
    const place = { ...section, first, topPx, heightPx }
    first += section.count
    topPx += heightPx
    return place
  })
  return { columns, tilePx, rowPx, headingPx, sections: placed, count: first, heightPx: topPx }
}

/** The last item whose `valueOf` is not above `value`, by halving; 0 where there is none. */
export function lastNotAbove<T>(items: ArrayLike<T>, value: number, valueOf: (item: T) => number): number {
  let low = 0
  let high = items.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (valueOf(items[middle]!) <= value) low = middle
    else high = middle - 1
  }
  return low
}

export function sectionAt(layout: GridLayout, yPx: number): PlacedSection | null {
  return layout.sections[lastNotAbove(layout.sections, yPx, (section) => section.topPx)] ?? null
}

export function sectionOf(layout: GridLayout, index: number): PlacedSection | null {
  return layout.sections[lastNotAbove(layout.sections, index, (section) => section.first)] ?? null
}

/** Left and top of a tile, from the top left corner of the grid. */
export function positionOf(layout: GridLayout, index: number): { leftPx: number; topPx: number } {
  const section = sectionOf(layout, index)
  if (!section) return { leftPx: 0, topPx: 0 }
  const inSection = index - section.first
  const row = Math.floor(inSection / layout.columns)
  return {
    leftPx: (inSection - row * layout.columns) * layout.rowPx,
    topPx: section.topPx + layout.headingPx + row * layout.rowPx,
  }
}

/** The first tile of the row that lies at a height. */
export function indexAt(layout: GridLayout, yPx: number): number {
  const section = sectionAt(layout, yPx)
  if (!section) return 0
  const row = Math.max(0, Math.floor((yPx - section.topPx - layout.headingPx) / layout.rowPx))
  return Math.min(section.first + row * layout.columns, section.first + section.count - 1)
}

/** The sections that reach into a stretch of height, each with its tiles there. */
export function visibleTiles(layout: GridLayout, fromPx: number, toPx: number): { section: PlacedSection; from: number; to: number }[] {
  const result: { section: PlacedSection; from: number; to: number }[] = []
  let at = lastNotAbove(layout.sections, fromPx, (section) => section.topPx)
  for (; at < layout.sections.length && layout.sections[at]!.topPx < toPx; at++) {
    const section = layout.sections[at]!
    const tilesTop = section.topPx + layout.headingPx
    const firstRow = Math.max(0, Math.floor((fromPx - tilesTop) / layout.rowPx))
    const rows = Math.max(0, Math.ceil((toPx - tilesTop) / layout.rowPx))
    const from = Math.min(section.count, firstRow * layout.columns)
    const to = Math.min(section.count, rows * layout.columns)
    result.push({ section, from: section.first + from, to: section.first + Math.max(from, to) })
  }
  return result
}

/** A box in pixels, from the top left corner of the grid. */
export interface PixelBox {
  leftPx: number
  topPx: number
  widthPx: number
  heightPx: number
}

/** The tiles that a box touches, in order. */
export function tilesIn(layout: GridLayout, { leftPx, topPx, widthPx, heightPx }: PixelBox): number[] {
  const bottomPx = topPx + heightPx
  return visibleTiles(layout, Math.max(0, topPx), bottomPx).flatMap(({ from, to }) =>
    Array.from({ length: to - from }, (_, offset) => from + offset).filter((index) => {
      const tile = positionOf(layout, index)
      return (
        tile.leftPx <= leftPx + widthPx && tile.leftPx + layout.tilePx >= leftPx &&
        tile.topPx <= bottomPx && tile.topPx + layout.tilePx >= topPx
      )
    }))
}

/** Where an arrow key leads from a tile; null for keys that don't move. */
export function moveBy(layout: GridLayout, index: number, key: string, pageRows: number): number | null {
  const last = layout.count - 1
  const vertical = (rows: number): number => {
    const { leftPx, topPx } = positionOf(layout, index)
    const column = Math.round(leftPx / layout.rowPx)
    if (rows > 0) {
      const section = sectionOf(layout, index)!
      const lastRow = Math.floor((section.count - 1) / layout.columns)
      const row = Math.floor((index - section.first) / layout.columns)
      if (row + rows <= lastRow) return Math.min(index + rows * layout.columns, section.first + section.count - 1)
      const next = layout.sections[layout.sections.indexOf(section) + 1]
      if (!next) return last
      if (rows > 1) return indexAt(layout, Math.min(topPx + rows * layout.rowPx, layout.heightPx - 1))
      return Math.min(next.first + column, next.first + next.count - 1)
    }
    const section = sectionOf(layout, index)!
    const row = Math.floor((index - section.first) / layout.columns)
    if (row + rows >= 0) return index + rows * layout.columns
    const before = layout.sections[layout.sections.indexOf(section) - 1]
    if (!before) return rows < -1 ? 0 : index
    if (rows < -1) return indexAt(layout, Math.max(0, topPx + rows * layout.rowPx))
    const lastRowFirst = before.first + Math.floor((before.count - 1) / layout.columns) * layout.columns
    return Math.min(lastRowFirst + column, before.first + before.count - 1)
  }
  switch (key) {
    case 'ArrowLeft': return Math.max(0, index - 1)
    case 'ArrowRight': return Math.min(last, index + 1)
    case 'ArrowUp': return vertical(-1)
    case 'ArrowDown': return vertical(1)
    case 'PageUp': return vertical(-pageRows)
    case 'PageDown': return vertical(pageRows)
    case 'Home': return 0
    case 'End': return last
    default: return null
  }
}
