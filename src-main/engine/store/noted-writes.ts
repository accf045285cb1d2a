/**
 * Notes which people and groups are written about, so that answers about all of them need not be asked anew as a whole. The
 * triggers live in this connection alone and end with it; a write that is taken back leaves a note too many, which costs a look.
 */
import type { Database } from 'better-sqlite3'
import { oncePerDatabase } from './per-database.ts'

export interface NotedWrites {
  people: Set<number>
  clusters: Set<number>
  /** People who came to be, or are no more, on a photo, and those who are on it with them. */
  company: Set<number>
  /** Faces came or went. */
  faces: boolean
  /** Photos came, went, moved, were indexed, hidden or shown, or belong to a folder that was. */
  photos: boolean
  /** What is written by others, and what hides or shows photos, may be about anything. */
  everything: boolean
}

const nothingNoted = (): NotedWrites => ({ people: new Set(), clusters: new Set(), company: new Set(), faces: false, photos: false, everything: false })

const triggers = `
  CREATE TEMP TRIGGER noted_face_update AFTER UPDATE OF photo_id, person_id, ignored, suggested_person_id, cluster_id, size_px ON main.faces
  BEGIN SELECT note_face(OLD.person_id, OLD.suggested_person_id, OLD.cluster_id), note_face(NEW.person_id, NEW.suggested_person_id, NEW.cluster_id); END;
  CREATE TEMP TRIGGER noted_face_insert AFTER INSERT ON main.faces
  BEGIN SELECT note_face(NEW.person_id, NEW.suggested_person_id, NEW.cluster_id), note_faces(); END;
  CREATE TEMP TRIGGER noted_face_delete AFTER DELETE ON main.faces
  BEGIN SELECT note_face(OLD.person_id, OLD.suggested_person_id, OLD.cluster_id), note_faces(); END;
  CREATE TEMP TRIGGER noted_person_update AFTER UPDATE ON main.people BEGIN SELECT note_person(NEW.id); END;
  CREATE TEMP TRIGGER noted_person_insert AFTER INSERT ON main.people BEGIN SELECT note_person(NEW.id); END;
  CREATE TEMP TRIGGER noted_person_delete AFTER DELETE ON main.people BEGIN SELECT note_person(OLD.id); END;
  CREATE TEMP TRIGGER noted_count_update AFTER UPDATE ON main.person_photo
  BEGIN SELECT note_everything(); END;
  CREATE TEMP TRIGGER noted_count_insert AFTER INSERT ON main.person_photo
  BEGIN SELECT note_person(NEW.person_id); SELECT note_company(person_id) FROM person_photo WHERE photo_id = NEW.photo_id; END;
  CREATE TEMP TRIGGER noted_count_delete AFTER DELETE ON main.person_photo
  BEGIN SELECT note_person(OLD.person_id), note_company(OLD.person_id); SELECT note_company(person_id) FROM person_photo WHERE photo_id = OLD.photo_id; END;
  -- Who is alone on a photo may be a person's picture.
  CREATE TEMP TRIGGER noted_photo_faces AFTER UPDATE OF face_count ON main.photos WHEN OLD.face_count <> NEW.face_count
  BEGIN SELECT note_person(person_id) FROM faces WHERE photo_id = NEW.id AND person_id IS NOT NULL; END;
  CREATE TEMP TRIGGER noted_photo_status AFTER UPDATE OF status, folder_id, relative_path ON main.photos BEGIN SELECT note_photos(); END;
  CREATE TEMP TRIGGER noted_photo_hidden AFTER UPDATE OF hidden, missing_since ON main.photos
  WHEN OLD.hidden <> NEW.hidden OR OLD.missing_since IS NOT NEW.missing_since BEGIN SELECT note_everything(); END;
  CREATE TEMP TRIGGER noted_photo_insert AFTER INSERT ON main.photos BEGIN SELECT note_photos(); END;
  CREATE TEMP TRIGGER noted_photo_delete AFTER DELETE ON main.photos BEGIN SELECT note_everything(); END;
  CREATE TEMP TRIGGER noted_folder_update AFTER UPDATE OF removed_at ON main.folders BEGIN SELECT note_everything(); END;
  CREATE TEMP TRIGGER noted_folder_delete AFTER DELETE ON main.folders BEGIN SELECT note_everything(); END;
`

/** Whoever wants to know: each has notes of its own. */
type Listeners = Set<{ notes: NotedWrites }>

const listenersOf = oncePerDatabase((db: Database): Listeners => {
  const listeners: Listeners = new Set()
  const define = (name: string, note: (notes: NotedWrites, ...values: (number | null)[]) => void) =>
    db.function(name, { varargs: true, deterministic: false }, (...values) => {
      for (const { notes } of listeners) note(notes, ...(values as (number | null)[]))
      return null
    })
  const add = (ids: Set<number>, id: number | null | undefined) => void (typeof id === 'number' && ids.add(id))
  define('note_face', (notes, personId, suggestedPersonId, clusterId) => {
    add(notes.people, personId)
    add(notes.people, suggestedPersonId)
    add(notes.clusters, clusterId)
  })
  define('note_person', (notes, personId) => add(notes.people, personId))
  define('note_company', (notes, personId) => add(notes.company, personId))
  define('note_faces', (notes) => void (notes.faces = true))
  define('note_photos', (notes) => void (notes.photos = true))
  define('note_everything', (notes) => void (notes.everything = true))
  db.exec(triggers)
  return listeners
})

/**
 * @returns what was written since it was asked last; everything the first time. Not to be asked within a transaction, which
 * may be taken back.
 */
export function createNotedWrites(db: Database): () => NotedWrites {
  const othersVersion = db.prepare<[], number>('PRAGMA data_version').pluck()
  let listener: { notes: NotedWrites } | null = null
  let version = 0
  return () => {
    if (!listener) {
      listener = { notes: { ...nothingNoted(), everything: true } }
      listenersOf(db).add(listener)
    }
    const { notes } = listener
    listener.notes = nothingNoted()
    const before = version
    version = othersVersion.get()!
    return version === before ? notes : { ...notes, everything: true }
  }
}

/** @returns the answer to `ask`, asked again once notes concern it; an answer must not be changed by whoever gets it */
export function createKeptUntilNoted<Answer>(db: Database, ask: () => Answer, concerned: (notes: NotedWrites) => boolean): () => Answer {
  const noted = createNotedWrites(db)
  let kept: { answer: Answer } | null = null
  return () => {
    if (db.inTransaction) return ask()
    const notes = noted()
    if (notes.everything || concerned(notes)) kept = null
    kept ??= { answer: ask() }
    return kept.answer
  }
}

/** Beyond this part of all, asking for all is faster than for some. */
const fewPart = 1 / 4

/**
 * Rows by id, kept and asked again as far as they were written about.
 * @param ask for all rows, or for those of these ids
 * @param idsOf of the notes
 * @returns the rows; the same object until a row was asked again
 */
export function createKeptRows<Row extends { id: number }>(
  db: Database, ask: (ids: readonly number[] | null) => Row[], idsOf: (notes: NotedWrites) => ReadonlySet<number>,
): () => readonly Row[] {
  const noted = createNotedWrites(db)
  let kept: Row[] | null = null
  return () => {
    if (db.inTransaction) return ask(null)
    const notes = noted()
    const ids = idsOf(notes)
    if (kept && !notes.everything && ids.size === 0) return kept
    const before = notes.everything || (kept && ids.size > kept.length * fewPart) ? null : kept
    // What fails is asked as a whole the next time.
    kept = null
    return (kept = before ? [...before.filter(({ id }) => !ids.has(id)), ...ask([...ids])] : ask(null))
  }
}
