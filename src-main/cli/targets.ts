/** What a command is to act upon: `face:ID`, `cluster:ID`, `person:NAME`. */
import type { Target } from '../../src-shared/api.ts'
import { ClusterId, FaceId, type Person, type PersonId } from '../../src-shared/domain.ts'
import { KithError } from '../../src-shared/errors.ts'
import { UsageError } from './usage-error.ts'

export type CommandTarget = Target | { kind: 'person'; name: string }

/** @throws UsageError */
export function parseTarget(text: string): CommandTarget {
  const [, kind, rest = ''] = /^(face|cluster|person):(.+)$/su.exec(text) ?? []
  if (kind === 'person') return { kind, name: rest }
  const id = Number(rest)
  if (kind && Number.isSafeInteger(id) && id > 0)
    return kind === 'face' ? { kind, id: FaceId.parse(id) } : { kind: 'cluster', id: ClusterId.parse(id) }
  throw new UsageError(`${text} is not a target. Write face:ID, cluster:ID or person:NAME; kith faces, kith clusters and kith people list them.`)
}

/** @throws UsageError where the target is anything but a face or a cluster */
export function parseFaceTarget(text: string): Target {
  const target = parseTarget(text)
  if (target.kind === 'person') throw new UsageError(`${text}: only face:ID and cluster:ID can be meant here.`)
  return target
}

/** @throws UsageError where the target is anything but a face */
export function parseFaceId(text: string): FaceId {
  const target = parseTarget(text)
  if (target.kind !== 'face') throw new UsageError(`${text}: only face:ID can be meant here.`)
  return target.id
}

/** What makes two names the same: no case, no accents. */
function nameKey(name: string): string {
  return name.normalize('NFKD').replace(/\p{M}+/gu, '').toLowerCase().replace(/\s+/gu, ' ').trim()
}

/** @throws KithError unknown-name */
export function findPerson(people: readonly Person[], name: string): PersonId {
  const person = people.find((one) => nameKey(one.name) === nameKey(name))
  if (!person) throw new KithError('unknown-name', `Nobody is called ${name}. kith people lists the names.`)
  return person.id
}
