/** The named people. */
import type { MethodOutput, MethodParsedInput } from '../../../src-shared/api.ts'
import type { Person } from '../../../src-shared/domain.ts'
import { KithError } from '../../../src-shared/errors.ts'
import { createPeopleStore } from '../store/people.ts'
import type { LibraryContext } from './context.ts'

/**
 * Accents, points and variation selectors: marks that any letter may carry, and Hebrew's. Vowel signs of Indic and
 * other scripts are letters to their readers and stay (Kiran is not Karan), and so do the Japanese voicing marks.
 */
const accents = /[[[\p{Script=Inherited}&&\p{M}][\p{Script=Hebrew}&&\p{M}]]--[\u3099\u309A]]/gv
/** Control characters and marks of writing direction: nobody sees or types them. */
const invisible = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu

const unaccented = (text: string) => text.normalize('NFKD').replace(accents, '')

/** A text without regard to case and accents: two are the same where their keys are. Parts keep their order and spaces. */
export function foldText(text: string): string {
  // By way of upper case, so that ß meets SS; the two small sigmas are one letter, all apostrophes one sign.
  return unaccented(unaccented(text).toUpperCase().toLowerCase()).replaceAll('ς', 'σ').replace(/[‘’ʼ]/gu, "'").replace(/\s+/gu, ' ').replace(invisible, '').trim()
}

/** What makes two names the same. Never empty for a name that is not. */
export function personNameKey(name: string): string {
  return foldText(name) || name.normalize('NFC')
}

export function createPeople(context: LibraryContext) {
  const store = createPeopleStore(context.database.db)
  return {
    /** People who can be seen, those with the most faces first. */
    list: (): MethodOutput<'people.list'> => ({ people: store.list() }),
    /** @throws KithError not-found */
    get(input: { personId: number }): MethodOutput<'people.get'> {
      const person: Person | null = store.get(input.personId)
      if (!person) throw new KithError('not-found', 'That person is not in the library any more.')
      return { person }
    },
    /** Nobody, for somebody who is not in the library. */
    oftenWith: ({ personId, limit }: MethodParsedInput<'people.oftenWith'>): MethodOutput<'people.oftenWith'> => ({
      companions: store.companions(personId, limit),
    }),
  }
}
export type People = ReturnType<typeof createPeople>
