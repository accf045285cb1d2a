/** Hardly anybody is on a photo twice. */
import type { Judgement, Verdicts } from '../ports.ts'

/**
 * Of several faces that would be named the same, the nearest keeps the name; it is suggested for the others.
 * @param judgements on the faces of one photo
 */
export function onceAPhoto(judgements: Judgement[]): Judgement[] {
  const best = new Map<number, Judgement>()
  for (const judgement of judgements) {
    const rival = best.get(judgement.personId)
    if (judgement.verdict === 'name' && (!rival || judgement.distance < rival.distance)) best.set(judgement.personId, judgement)
  }
  return judgements.map((judgement) =>
    judgement.verdict === 'name' && best.get(judgement.personId) !== judgement ? { ...judgement, verdict: 'suggest' } : judgement)
}

/** The verdicts on judged faces; null: unknown. */
export function verdictsOf(judged: ReadonlyMap<number, Judgement | null>): Verdicts {
  return { faceIds: Int32Array.from(judged.keys()), judgements: [...judged.values()].filter((judgement) => judgement !== null) }
}
