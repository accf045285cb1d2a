/** The question why a face may be somebody, while it is being answered. */
import type { Face, PersonId } from '../../src-shared/domain.ts'

export interface WhyQuestion {
  face: Face
  personId: PersonId
  personName: string
}

class Why {
  question = $state.raw<WhyQuestion | null>(null)

  /** Asks about the person a face is suggested to be, or was named by the machine; or about the one given. */
  ask(face: Face, person: { personId: PersonId; personName: string } | null = face.suggestion): void {
    if (person) this.question = { face, personId: person.personId, personName: person.personName }
    else if (face.personId !== null && face.personName !== null && face.assignedBy === 'machine')
      this.question = { face, personId: face.personId, personName: face.personName }
  }

  close(): void {
    this.question = null
  }
}

export const why = new Why()
