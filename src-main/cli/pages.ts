/** Lists that come in pages, read to the end. */

/** @param fetch answers one page; @param pick takes the items out of it */
export async function allPages<P extends { nextCursor: string | null }, T>(
  fetch: (page: { cursor: string | null; limit: number }) => Promise<P>,
  pick: (page: P) => T[],
): Promise<T[]> {
  const items: T[] = []
  let cursor: string | null = null
  do {
    const page: P = await fetch({ cursor, limit: 500 })
    items.push(...pick(page))
    cursor = page.nextCursor
  } while (cursor !== null)
  return items
}
