/** The window's own arithmetic: where tiles lie, what names complete to, how queries are put together. */
import { describe, expect, it } from 'vitest'
import { boxAround, boxBetween, handles, moveBox, resizeBox, stretchBox } from '../../src-renderer/box-geometry.ts'
import type { Person } from '../../src-shared/domain.ts'
import { completeKnownName, completeName, foldName } from '../../src-renderer/completion.ts'
import { indexAt, layoutGrid, moveBy, positionOf, sectionOf, visibleTiles } from '../../src-renderer/grid-layout.ts'
import { keepSame, missingFrom, positionsOf, uniqueBy } from '../../src-renderer/lists.ts'
import { joinTerms, quoteName, replaceWord, wordsOf } from '../../src-renderer/query-text.ts'

describe('the grid', () => {
  // 430 px hold four tiles of 100 with gaps of 10: each row is 110 px high, each heading 50.
  const layout = layoutGrid(
    [{ key: 'b', label: '', count: 5 }, { key: 'a', label: '', count: 4 }, { key: '0', label: '', count: 1 }],
    { widthPx: 430, targetTilePx: 100, gapPx: 10, headingPx: 50 },
  )

  it('places sections one under the other', () => {
    expect({ ...layout, sections: layout.sections.map(({ first, topPx, heightPx }) => [first, topPx, heightPx]) }).toMatchObject({
      columns: 4, tilePx: 100, rowPx: 110, count: 10, heightPx: 590,
      sections: [[0, 0, 270], [5, 270, 160], [9, 430, 160]],
    })
  })

  it('places tiles in their section', () => {
    expect(positionOf(layout, 0)).toEqual({ leftPx: 0, topPx: 50 })
    expect(positionOf(layout, 4)).toEqual({ leftPx: 0, topPx: 160 })
    expect(positionOf(layout, 6)).toEqual({ leftPx: 110, topPx: 320 })
    expect(sectionOf(layout, 9)?.key).toBe('0')
    expect([0, 165, 330, 589].map((yPx) => indexAt(layout, yPx))).toEqual([0, 4, 5, 9])
  })

  it('lets only those exist that are seen', () => {
    const seen = (from: number, to: number) => visibleTiles(layout, from, to).map((part) => [part.section.key, part.from, part.to])
    expect(seen(0, 100)).toEqual([['b', 0, 4]])
    expect(seen(160, 300)).toEqual([['b', 4, 5], ['a', 5, 5]])
    expect(seen(300, 600)).toEqual([['a', 5, 9], ['0', 9, 10]])
  })

  it('is walked by keys, across sections', () => {
    const to = (index: number, key: string) => moveBy(layout, index, key, 2)
    expect(to(1, 'ArrowDown')).toBe(4)
    expect(to(4, 'ArrowDown')).toBe(5)
    expect(to(8, 'ArrowDown')).toBe(9)
    expect(to(9, 'ArrowDown')).toBe(9)
    expect(to(6, 'ArrowUp')).toBe(4)
    expect(to(2, 'ArrowUp')).toBe(2)
    expect([to(3, 'ArrowRight'), to(0, 'ArrowLeft'), to(9, 'ArrowRight'), to(4, 'Home'), to(0, 'End')]).toEqual([4, 0, 9, 0, 9])
    expect(to(0, 'x')).toBeNull()
  })

  it('bears an empty list and no width', () => {
    const empty = layoutGrid([], { widthPx: 0, targetTilePx: 100, gapPx: 10, headingPx: 0 })
    expect(empty).toMatchObject({ columns: 1, count: 0, heightPx: 0 })
    expect(visibleTiles(empty, 0, 1000)).toEqual([])
    expect(indexAt(empty, 5)).toBe(0)
  })
})

describe('names', () => {
  const person = (name: string, faces: number) => ({ id: faces, name, faces, photos: faces, suggestions: 0, coverFaceId: null }) as Person
  const people = [person('Joanna', 90), person('Anna', 20), person('Émile Zorn', 5), person('Annabel', 40), person('Maria Anna', 3)]
  const offered = (typed: string) => completeName(typed, people).map((option) => (option.kind === 'new' ? `+${option.name}` : option.person.name))

  it('completes to what begins so, then to later words, then to what contains it; a new person last', () => {
    expect(offered('ann')).toEqual(['Annabel', 'Anna', 'Maria Anna', 'Joanna', '+ann'])
    expect(offered('emi')).toEqual(['Émile Zorn', '+emi'])
    expect(offered('zo')).toEqual(['Émile Zorn', '+zo'])
  })

  it('offers no second person of the same name, and a new one first where only the inside of names fits', () => {
    expect(offered('ANNA')[0]).toBe('Anna')
    expect(offered('anna')).not.toContain('+anna')
    expect(offered('oan')).toEqual(['+oan', 'Joanna'])
    expect(offered('Xaver')).toEqual(['+Xaver'])
    expect(offered('   ')).toEqual([])
    expect(completeKnownName('Xaver', people)).toEqual([])
  })

  it('compares without case, accents and spaces', () => {
    expect(foldName('  ÉMILE   Zorn ')).toBe('emile zorn')
  })
})

describe('queries', () => {
  it('quotes what is not one plain word', () => {
    expect(['Anna', 'Anna Maria', 'O’Neil', '2015', 'a"b\\c', 'only:'].map(quoteName)).toEqual(['Anna', '"Anna Maria"', 'O’Neil', '"2015"', '"a\\"b\\\\c"', '"only:"'])
  })

  it('joins parts so that each of them has to fit', () => {
    expect(joinTerms(['Anna', ' ', '-Ben'])).toBe('Anna -Ben')
    expect(joinTerms(['Anna | Ben', 'Carl'])).toBe('(Anna | Ben) Carl')
    expect(joinTerms(['(Anna | Ben)', 'Carl'])).toBe('(Anna | Ben) Carl')
    expect(joinTerms(['Anna | Ben'])).toBe('Anna | Ben')
  })

  it('changes one word and leaves the rest', () => {
    const query = 'anna -"ben x" carl'
    const [, second] = wordsOf(query)
    expect(second).toEqual({ text: '-"ben x"', from: 5, to: 13 })
    expect(replaceWord(query, second!, '-Ben')).toBe('anna -Ben carl')
  })
})

describe('lists', () => {
  it('are looked up by what is in them', () => {
    expect(positionsOf(['a', 'b']).get('b')).toBe(1)
    expect(uniqueBy([1, 2, 11, 3], (value) => value % 10)).toEqual([1, 2, 3])
    expect(missingFrom([1, 2, 3], [2])).toEqual([1, 3])
  })

  it('keep what says the same, and say what is new', () => {
    const idOf = ({ id }: { id: number }) => id
    const old = [{ id: 1, name: 'Anna', box: { x: 1 } }, { id: 2, name: 'Ben', box: { x: 2 } }, { id: 3, name: 'Carl', box: { x: 3 } }]
    const again = structuredClone(old)
    expect(keepSame(old, again, idOf)).toBe(old)
    again[1]!.box.x = 5
    const changed = keepSame(old, again, idOf)
    expect(changed).toEqual(again)
    expect(changed.map((item, index) => item === old[index])).toEqual([true, false, true])
    expect(keepSame(old, [old[2]!, old[0]!], idOf)).toEqual([old[2], old[0]])
    expect(keepSame(old, structuredClone(old.slice(0, 2)), idOf)).toEqual(old.slice(0, 2))
    expect(keepSame(old, [], idOf)).toEqual([])
  })
})

describe('a box in hand', () => {
  const least = { width: 0.05, height: 0.05 }
  const box = { x: 0.2, y: 0.3, width: 0.2, height: 0.1 }
  const isInside = ({ x, y, width, height }: typeof box) => x >= 0 && y >= 0 && x + width <= 1 + 1e-12 && y + height <= 1 + 1e-12

  it('is the same from whichever corner it is drawn, and ends at the edge of the photo', () => {
    const drawn = boxBetween({ x: 0.6, y: 0.2 }, { x: 0.4, y: 0.5 })
    expect(drawn).toEqual(boxBetween({ x: 0.4, y: 0.5 }, { x: 0.6, y: 0.2 }))
    expect(drawn.width).toBeCloseTo(0.2)
    expect(boxBetween({ x: -0.5, y: 0.9 }, { x: 0.5, y: 1.7 })).toEqual({ x: 0, y: 0.9, width: 0.5, height: expect.closeTo(0.1) })
  })

  it('stays inside the photo and keeps its size while it is moved', () => {
    for (const [dx, dy] of [[-1, 0], [1, 0], [0, -1], [0, 1], [0.9, 0.9]] as const) {
      const moved = moveBox(box, dx, dy)
      expect(isInside(moved)).toBe(true)
      expect([moved.width, moved.height]).toEqual([box.width, box.height])
    }
    expect(isInside(boxAround({ x: 1, y: 0 }, 0.3, 0.3))).toBe(true)
  })

  it('is pulled by every handle, never inside out and never over the edge', () => {
    for (const handle of handles) {
      for (const by of [-2, -0.15, 0.05, 2]) {
        const pulled = resizeBox(box, handle, by, by, least)
        expect(isInside(pulled), handle.name).toBe(true)
        expect(pulled.width).toBeGreaterThanOrEqual(least.width - 1e-12)
        expect(pulled.height).toBeGreaterThanOrEqual(least.height - 1e-12)
        if (handle.x === 1) expect(pulled.x).toBe(box.x)
        if (handle.x === -1) expect(pulled.x + pulled.width).toBeCloseTo(box.x + box.width)
        if (handle.x === 0) expect([pulled.x, pulled.width]).toEqual([box.x, box.width])
      }
    }
  })

  it('is stretched around its middle by keys', () => {
    const wider = stretchBox(box, 0.1, 0, least)
    expect(wider.x + wider.width / 2).toBeCloseTo(box.x + box.width / 2)
    expect(wider.width).toBeCloseTo(0.3)
    expect(stretchBox(box, -1, -1, least)).toMatchObject({ width: least.width, height: least.height })
  })
})
