/** The pieces that several commands' JSON documents are made of. */
import type { Suggestion } from '../../src-shared/domain.ts'

export interface SuggestionDocument {
  person: string
  probability: number
  distance: number
}

/** A suggestion by the person's name; null stays null. */
export function toSuggestionDocument(suggestion: Suggestion | null): SuggestionDocument | null {
  return suggestion && { person: suggestion.personName, probability: suggestion.probability, distance: suggestion.distance }
}
