/** The kept map of faces of each model, and what the window shows of the faces on it. */
import { setImmediate as pause } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { bytesOf, toFloat32, toInt32 } from './blobs.ts'
import { createVisibility } from './visibility.ts'

export interface StoredMap {
  /** ISO 8601, UTC. */
  madeAt: string
  /** Faces that were laid out themselves. */
  laidOut: number
  faceIds: Int32Array
  /** x and y of each, 0..1. */
  positions: Float32Array
}

/** A face that can be on the map. */
export interface MappedFace {
  id: number
  photoId: number
  personId: number | null
  assignedBy: 'user' | 'machine' | null
  suggestedPersonId: number | null
}

/** What the map shows of faces; row i of each array belongs to faceIds[i], which go up. */
export interface FacesOnMap {
  faceIds: Int32Array
  /** Who the face is or may be; 0 for nobody. */
  personIds: Int32Array
  /** 3 named by the user, 2 by the machine, 1 suggested, 0 unknown. */
  standings: Uint8Array
}

interface MapRow {
  madeAt: string
  laidOut: number
  faceIds: Buffer
  positions: Buffer
}

interface Place {
  modelId: string
  after: number
}

type FaceRow = [id: number, photoId: number, personId: number | null, assignedBy: 'user' | 'machine' | null, suggestedPersonId: number | null]

interface Block {
  rows: number
  faceIds: string
  personIds: string
  standings: string
}

const rowsAtOnce = 4000

export function createFaceMapStore(db: Database) {
  const select = db.prepare<[string], MapRow>(`
    SELECT made_at AS madeAt, laid_out AS laidOut, face_ids AS faceIds, positions FROM face_maps WHERE model_id = ?`)
  const write = db.prepare(`
    INSERT OR REPLACE INTO face_maps (model_id, made_at, laid_out, face_ids, positions) VALUES (?, ?, ?, ?, ?)`)
  const forgetOthers = db.prepare(`
    DELETE FROM face_maps WHERE NOT EXISTS (SELECT 1 FROM face_embeddings e WHERE e.model_id = face_maps.model_id)`)
  const visibility = createVisibility(db)
  /** The index holds no vectors, which are most of the library: only whether there is one. */
  const from = 'faces f CROSS JOIN face_embeddings e INDEXED BY face_embeddings_by_face ON e.face_id = f.id AND e.model_id = :modelId'
  const statements = visibility.choose((hidden) => {
    const seen = visibility.condition(hidden)
    const page = (columns: string) => `
      SELECT ${columns} FROM ${from} WHERE f.id > :after AND f.ignored = 0 ${seen} ORDER BY f.id LIMIT ${rowsAtOnce}`
    return {
      page: db.prepare<Place, FaceRow>(page('f.id, f.photo_id, f.person_id, f.assigned_by, f.suggested_person_id')).raw(),
      block: db.prepare<Place, Block>(`
        SELECT count(*) AS rows, json_group_array(id) AS faceIds, json_group_array(who) AS personIds,
          json_group_array(standing) AS standings
        FROM (${page(`f.id, coalesce(f.person_id, f.suggested_person_id, 0) AS who,
          CASE WHEN f.person_id IS NULL THEN f.suggested_person_id IS NOT NULL WHEN f.assigned_by = 'user' THEN 3 ELSE 2 END AS standing`)})`),
      piece: hidden ? db.prepare<Place, { rows: number; last: number }>(`SELECT count(*) AS rows, max(id) AS last FROM (${page('f.id')})`) : null,
    }
  })
  const ignored = db.prepare<{ modelId: string }, number>(`SELECT count(*) FROM ${from} WHERE f.ignored = 1`).pluck()
  const embedded = db
    .prepare<[string], number>('SELECT count(*) FROM face_embeddings INDEXED BY face_embeddings_by_face WHERE model_id = ?')
    .pluck()

  return {
    /** The map that was made last for a model, or null. */
    read(modelId: string): StoredMap | null {
      const row = select.get(modelId)
      return row ? { ...row, faceIds: toInt32(row.faceIds), positions: toFloat32(row.positions) } : null
    },

    /** Keeps a map in the place of the one before; those of models that are no more go. */
    write: db.transaction((modelId: string, { madeAt, laidOut, faceIds, positions }: StoredMap): void => {
      write.run(modelId, madeAt, laidOut, bytesOf(faceIds), bytesOf(positions))
      forgetOthers.run()
    }),

    /** How many faces can be on the map of a model: embedded, seen and not put aside. */
    async count(modelId: string): Promise<number> {
      const { piece } = statements()
      if (!piece) return embedded.get(modelId)! - ignored.get({ modelId })!
      let count = 0
      for (let rows = rowsAtOnce, after = 0; rows === rowsAtOnce; await pause()) {
        const found = piece.get({ modelId, after })!
        rows = found.rows
        after = found.last
        count += rows
      }
      return count
    },

    /** Every face that can be on the map of a model, as `count` has them; by id, with pauses. */
    async faces(modelId: string): Promise<MappedFace[]> {
      const faces: MappedFace[] = []
      for (let after = 0; ; ) {
        const rows = statements().page.all({ modelId, after })
        for (const [id, photoId, personId, assignedBy, suggestedPersonId] of rows) faces.push({ id, photoId, personId, assignedBy, suggestedPersonId })
        if (rows.length < rowsAtOnce) return faces
        after = rows.at(-1)![0]
        await pause()
      }
    },

    /** The same faces, as the map shows them. */
    async shown(modelId: string): Promise<FacesOnMap> {
      const faceIds: number[] = [], personIds: number[] = [], standings: number[] = []
      for (let rows = rowsAtOnce; rows === rowsAtOnce; ) {
        const block = statements().block.get({ modelId, after: faceIds.at(-1) ?? 0 })!
        rows = block.rows
        faceIds.push(...(JSON.parse(block.faceIds) as number[]))
        personIds.push(...(JSON.parse(block.personIds) as number[]))
        standings.push(...(JSON.parse(block.standings) as number[]))
        await pause()
      }
      return { faceIds: Int32Array.from(faceIds), personIds: Int32Array.from(personIds), standings: Uint8Array.from(standings) }
    },
  }
}
