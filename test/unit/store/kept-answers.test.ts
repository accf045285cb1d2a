/** Answers that are kept and mended are those that a library opened just now gives, whatever was written or taken back. */
import type { Database } from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { createDecisions } from '../../../src-main/engine/library/decisions.ts'
import { createDrawing } from '../../../src-main/engine/library/draw.ts'
import { createClustersStore } from '../../../src-main/engine/store/clusters.ts'
import { openDatabase } from '../../../src-main/engine/store/database.ts'
import { createFolderStore } from '../../../src-main/engine/store/folders.ts'
import { createPeopleStore } from '../../../src-main/engine/store/people.ts'
import { createStatusCounts } from '../../../src-main/engine/store/status-counts.ts'
import { createTestLibrary, type TestLibrary } from '../../fixtures/library.ts'
import { createRandom } from '../../fixtures/random.ts'
import { decideAnything, fillWithFaces, judgeAnything } from '../../fixtures/random-decisions.ts'

/** Asks everything that is kept, by stores that last. */
function asker(db: Database): () => unknown {
  const stores = { people: createPeopleStore(db), clusters: createClustersStore(db), status: createStatusCounts(db), folders: createFolderStore(db) }
  return () => ({
    people: stores.people.list(), status: stores.status.read(), groups: stores.clusters.list(null, 100, 100),
    companions: stores.people.list().map(({ id }) => stores.people.companions(id, 3)),
    folders: stores.folders.all().map(({ id }) => stores.folders.counts(id)),
  })
}

function askAnew({ directory }: TestLibrary): unknown {
  const opened = openDatabase(directory, { readOnly: true })
  const answers = asker(opened.db)()
  opened.close()
  return answers
}

/** What comes of scanning and indexing, in short. */
const changes: ((library: TestLibrary, photoId: number) => void)[] = [
  ({ db }, photoId) => db.prepare("UPDATE photos SET missing_since = '2026', hidden = 1 WHERE id = ?").run(photoId),
  ({ db }, photoId) => db.prepare('UPDATE photos SET missing_since = NULL, hidden = 0 WHERE id = ?').run(photoId),
  ({ db }, photoId) => db.prepare("UPDATE photos SET status = 'failed' WHERE id = ?").run(photoId),
  ({ db }, photoId) => db.prepare("UPDATE photos SET status = 'pending' WHERE id = ?").run(photoId),
  (library) => library.addPhoto({ status: 'pending' }),
  (library, photoId) => library.addFace({ photoId, clusterId: 3, sizePx: 400 }),
]

describe('kept answers', () => {
  it.each([1, 2, 3, 4])('are the right ones after any decision and any other change (%i)', (seed) => {
    const random = createRandom(seed)
    const library = createTestLibrary()
    fillWithFaces(library, random, 40)
    library.refreshCounts()
    const decisions = createDecisions(library.context)
    const drawing = createDrawing(library.context)
    const ask = asker(library.db)
    for (let step = 0; step < 120; step++) {
      const before = ask()
      expect(ask()).toEqual(before)
      const kind = random.below(6)
      if (kind === 0) judgeAnything(library, random)
      else if (kind === 1 && decisions.nextLabels().undo !== null) decisions.undo()
      else if (kind === 2 && step > 40) {
        const photoId = random.pick(library.db.prepare('SELECT id FROM photos ORDER BY id').pluck().all() as number[])
        random.pick(changes)(library, photoId)
        library.refreshCounts()
      } else decideAnything(library, decisions, random, random.fraction() < 0.3 ? drawing : null)
      expect(ask()).toEqual(askAnew(library))
    }
    library.close()
  })

  it('are asked within a transaction as things stand in it, and are the old ones when it is taken back', () => {
    const library = createTestLibrary()
    const faceIds = [1, 2, 3].map(() => library.addFace({ clusterId: 1 }))
    const personId = library.addPerson('Anna')
    library.refreshCounts()
    const ask = asker(library.db)
    const before = ask()
    library.db.exec('BEGIN')
    library.db.prepare("UPDATE faces SET person_id = ?, assigned_by = 'user' WHERE id = ?").run(personId, faceIds[0])
    library.refreshCounts()
    expect(ask()).toMatchObject({ people: [{ name: 'Anna', faces: 1 }], status: { named: 1, unknown: 2 }, groups: { clusters: [{ size: 2 }] } })
    library.db.exec('ROLLBACK')
    expect(ask()).toEqual(before)
    expect(before).toMatchObject({ people: [], status: { named: 0, unknown: 3 }, groups: { clusters: [{ size: 3 }] } })
    library.close()
  })

  it('see what another connection writes', () => {
    const library = createTestLibrary()
    library.addFace({ personId: library.addPerson('Anna') })
    library.refreshCounts()
    const reader = openDatabase(library.directory, { readOnly: true })
    const ask = asker(reader.db)
    expect(ask()).toMatchObject({ people: [{ name: 'Anna', faces: 1 }] })
    library.addFace({ personId: 1, clusterId: 7 })
    library.addFace({ clusterId: 7 })
    library.refreshCounts()
    expect(ask()).toEqual(askAnew(library))
    expect(ask()).toMatchObject({ people: [{ name: 'Anna', faces: 2 }], status: { faces: 3 }, groups: { clusters: [{ size: 1 }] } })
    reader.close()
    library.close()
  })
})
