/** What a command is to act upon: `face:ID`, `cluster:ID`, `person:NAME`. */
import type { Target } from '../../src-shared/api.ts'
import { ClusterId, FaceId } from '../../src-shared/domain.ts'
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
