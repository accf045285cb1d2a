/** How far each list was scrolled, so that coming back leads to the same place. */
export const scrollPositions = new Map<string, number>()

/** Attachment: keeps the scroll position of an element under a name. */
export function keepScroll(key: string) {
  return (node: HTMLElement) => {
    node.scrollTop = scrollPositions.get(key) ?? 0
    const save = () => scrollPositions.set(key, node.scrollTop)
    node.addEventListener('scroll', save, { passive: true })
    return () => node.removeEventListener('scroll', save)
  }
}
