/** Faces with all that other programs may want to know of them, in the order of their ids. */
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { AssignedBy, BoundingBox } from '../../../src-shared/domain.ts'
import { toCameraTime } from './camera-time.ts'

export interface ExportedFace {
  id: number
  /** Absolute. */
  path: string
  box: BoundingBox
  score: number
  /** Shorter side of the box in pixels. */
  sizePx: number
  person: string | null
  namedBy: AssignedBy | null
  /** The group of a face without a name. */
  clusterId: number | null
  ignored: boolean
  /** The camera's own clock, without a zone; null where the photo does not say. */
  takenAt: string | null
  /** SHA-256 of its crop. */
  cropHash: string | null
}

interface Row extends Omit<ExportedFace, 'path' | 'box' | 'ignored' | 'takenAt'>, BoundingBox {
  folderPath: string
  relativePath: string
  ignored: 0 | 1
  takenAt: number
  takenAtSource: 'camera' | 'file'
}

export function createFaceExport(db: Database) {
  const select = db.prepare<[], Row>(`
    SELECT f.id, d.path AS folderPath, p.relative_path AS relativePath, f.x, f.y, f.width, f.height, f.score,
      f.size_px AS sizePx, e.name AS person, f.assigned_by AS namedBy, f.ignored, p.taken_at AS takenAt,
      p.taken_at_source AS takenAtSource, f.crop_hash AS cropHash,
      CASE WHEN f.person_id IS NULL AND f.ignored = 0 THEN f.cluster_id END AS clusterId
    FROM faces f JOIN photos p ON p.id = f.photo_id JOIN folders d ON d.id = p.folder_id LEFT JOIN people e ON e.id = f.person_id
    WHERE p.hidden = 0 ORDER BY f.id`)
  return {
    /** All faces but those on photos that are missing or in a removed folder. */
    faces: (): ExportedFace[] =>
      select.all().map(({ folderPath, relativePath, x, y, width, height, ignored, takenAt, takenAtSource, ...rest }) => ({
        ...rest,
        path: join(folderPath, relativePath),
        box: { x, y, width, height },
        ignored: ignored === 1,
        takenAt: toCameraTime(takenAt, takenAtSource),
      })),
  }
}
