/** How a caller says which faces it means: one by one, as a group, or as a whole list of any length. */
import { z } from 'zod'
import { ClusterId, FaceId, PersonId, PhotoId } from './domain.ts'

export const FaceFilter = z.object({
  personId: PersonId.optional(),
  suggestedPersonId: PersonId.optional(),
  clusterId: ClusterId.optional(),
  photoId: PhotoId.optional(),
  /** Faces without a name that are not ignored. */
  unnamed: z.boolean().optional(),
  ignored: z.boolean().optional(),
  /** These faces alone, of those that pass the rest. */
  faceIds: z.array(FaceId).max(500).optional(),
})
export type FaceFilter = z.infer<typeof FaceFilter>

/** More than anybody names one by one, and few enough for the body of one request. */
export const manyFaceIds = z.array(FaceId).max(100_000)

/** What a decision names: a face, all unnamed faces of a cluster, or a whole list less some, each as it stands then. */
export const Target = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('face'), id: FaceId }),
  z.object({ kind: z.literal('cluster'), id: ClusterId }),
  z.object({
    kind: z.literal('list'),
    filter: FaceFilter.refine((filter) => Object.values(filter).some((value) => value !== undefined), 'A list needs a filter.'),
    except: manyFaceIds.default([]),
  }),
])
export type Target = z.infer<typeof Target>

/** The faces that a decision is about: by id, by targets, or both; the input of every decision about faces. */
export function aboutFaces<Shape extends z.ZodRawShape>(shape: Shape) {
  return z
    .object({ faceIds: manyFaceIds.optional(), targets: z.array(Target).max(10_000).optional(), ...shape })
    .refine(
      (input) => {
        const { faceIds, targets } = input as { faceIds?: unknown[]; targets?: unknown[] }
        return (faceIds?.length ?? 0) + (targets?.length ?? 0) > 0
      },
      { path: ['targets'], message: 'Name at least one face.' },
    )
}
