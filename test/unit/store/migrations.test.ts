import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { databaseFileName, migrations, openDatabase } from '../../../src-main/engine/store/database.ts'
import { createEmbedderStore } from '../../../src-main/engine/store/embedders.ts'

let directory: string
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'kith-migrations-'))))
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const schemaOf = (db: Database.Database) =>
  db.prepare("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2").all()

it('brings a database of every older schema to the same newest one', () => {
  const reference = openDatabase(join(directory, 'new'))
  const newest = schemaOf(reference.db)
  reference.close()
  expect(newest).not.toEqual([])
  for (let version = 0; version < migrations.length; version++) {
    const older = join(directory, String(version))
    openDatabase(older).close()
    rmSync(join(older, databaseFileName))
    const db = new Database(join(older, databaseFileName))
    for (const sql of migrations.slice(0, version)) db.exec(sql)
    db.pragma(`user_version = ${version}`)
    db.close()
    const migrated = openDatabase(older)
    expect(schemaOf(migrated.db)).toEqual(newest)
    expect(migrated.db.pragma('user_version', { simple: true })).toBe(migrations.length)
    migrated.close()
  }
})

it('keeps the faces of a library from before boxes could be drawn: they are the detector\'s', () => {
  openDatabase(directory).close()
  rmSync(join(directory, databaseFileName))
  const db = new Database(join(directory, databaseFileName))
  const before = migrations.findIndex((sql) => sql.includes('box_by'))
  for (const sql of migrations.slice(0, before)) db.exec(sql)
  db.exec(`
    INSERT INTO folders (id, path, added_at) VALUES (1, '/photos', '2026');
    INSERT INTO photos (id, folder_id, relative_path, size_bytes, modified_ms, taken_at, taken_at_source) VALUES (1, 1, 'a.jpg', 1, 1, 1, 'file');
    INSERT INTO people (id, name, name_key, created_at) VALUES (1, 'Anna', 'anna', '2026');
    INSERT INTO faces (id, photo_id, x, y, width, height, score, size_px, sharpness, person_id, assigned_by)
      VALUES (7, 1, 0.1, 0.2, 0.3, 0.4, 0.9, 100, 50, 1, 'user')`)
  db.pragma(`user_version = ${before}`)
  db.close()
  const migrated = openDatabase(directory)
  expect(migrated.db.prepare('SELECT id, x, width, person_id, box_by FROM faces').get())
    .toEqual({ id: 7, x: 0.1, width: 0.3, person_id: 1, box_by: 'detector' })
  expect(migrated.db.prepare('SELECT count(*) FROM refused_boxes').pluck().get()).toBe(0)
  migrated.close()
})

it('leaves a database of a newer Kith as it is, and says so', () => {
  const opened = openDatabase(directory)
  opened.db.exec("INSERT INTO folders (path, added_at) VALUES ('/photos', '2026')")
  opened.db.pragma(`user_version = ${migrations.length + 1}`)
  opened.close()
  for (const readOnly of [false, true])
    expect(() => openDatabase(directory, { readOnly })).toThrow(expect.objectContaining({ code: 'library-newer', message: expect.stringContaining(directory) }))
  const db = new Database(join(directory, databaseFileName), { readonly: true })
  expect(db.prepare('SELECT path FROM folders').pluck().all()).toEqual(['/photos'])
  db.close()
})

it('applies a migration wholly or not at all', () => {
  const db = new Database(join(directory, databaseFileName))
  // A table in the way makes the first migration fail in its middle.
  db.exec('CREATE TABLE faces (id INTEGER)')
  db.close()
  expect(() => openDatabase(directory)).toThrow('already exists')
  const after = new Database(join(directory, databaseFileName))
  expect(schemaOf(after)).toHaveLength(1)
  expect(after.pragma('user_version', { simple: true })).toBe(0)
  after.close()
})

describe('a library from before models were chosen', () => {
  /** As the first schema's Kith left it: four photos, three of them looked at with one model and one with another. */
  function writeFirst(embedders: readonly string[]): void {
    openDatabase(directory).close()
    rmSync(join(directory, databaseFileName))
    const db = new Database(join(directory, databaseFileName))
    db.exec(migrations[0]!)
    db.pragma('user_version = 1')
    db.exec("INSERT INTO folders (id, path, added_at) VALUES (1, '/photos', '2026')")
    db.exec("INSERT INTO people (id, name, name_key, created_at) VALUES (1, 'Anna', 'anna', '2026')")
    embedders.forEach((embedder, i) => {
      const id = i + 1
      db.prepare(`INSERT INTO photos (id, folder_id, relative_path, size_bytes, modified_ms, taken_at, taken_at_source, status, embedder_id)
        VALUES (?, 1, ?, 1, 1, 1, 'file', 'indexed', ?)`).run(id, `${id}.jpg`, embedder)
      db.prepare(`INSERT INTO faces (id, photo_id, x, y, width, height, score, size_px, sharpness, person_id, assigned_by)
        VALUES (?, ?, 0, 0, 1, 1, 1, 100, 1, 1, 'user')`).run(id, id)
      db.prepare('INSERT INTO face_embeddings (face_id, model_id, vector) VALUES (?, ?, ?)').run(id, embedder, Buffer.alloc(512, id))
    })
    db.close()
  }

  it('gets the one that most of its photos have, and loses nothing', () => {
    writeFirst(['dlib-resnet', 'other', 'dlib-resnet', 'dlib-resnet'])
    const migrated = openDatabase(directory)
    expect(createEmbedderStore(migrated.db).current()).toEqual({ spaceId: 'dlib-resnet', description: null })
    expect(createEmbedderStore(migrated.db).embeddedFaces('dlib-resnet')).toEqual({ embedded: 3, faces: 4 })
    expect(migrated.db.prepare('SELECT face_id, model_id, length(vector) FROM face_embeddings ORDER BY 1').raw().all())
      .toEqual([[1, 'dlib-resnet', 512], [2, 'other', 512], [3, 'dlib-resnet', 512], [4, 'dlib-resnet', 512]])
    expect(migrated.db.prepare("SELECT count(*) FROM faces WHERE person_id = 1 AND assigned_by = 'user'").pluck().get()).toBe(4)
    migrated.close()
  })

  it('has none where no photo was looked at', () => {
    writeFirst([])
    const migrated = openDatabase(directory)
    expect(createEmbedderStore(migrated.db).current()).toBeNull()
    migrated.close()
  })
})
