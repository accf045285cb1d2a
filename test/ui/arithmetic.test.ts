/** The window's own arithmetic: where tiles lie, what names complete to, how queries are put together. */
import { describe, expect, it } from 'vitest'
import type { Person } from '../../src-shared/domain.ts'
import { completeKnownName, completeName, foldName } from '../../src-renderer/completion.ts'
import { indexAt, layoutGrid, moveBy, positionOf, sectionOf, visibleTiles } from '../../src-renderer/grid-layout.ts'
import { missingFrom, positionsOf, uniqueBy } from '../../src-renderer/lists.ts'
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
})
