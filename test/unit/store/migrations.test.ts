import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { databaseFileName, migrations, openDatabase } from '../../../src-main/engine/store/database.ts'

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
