import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createContentCache, type ContentCache } from '../../../src-main/engine/content-cache.ts'

let directory: string
let cache: ContentCache
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kith-cache-'))
  cache = createContentCache(join(directory, 'faces'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000)
const kept = (keys: readonly string[]) => keys.filter((key) => cache.sizeOf(key) !== null)

test('what was used longest ago goes first, what is used now stays whatever it takes', () => {
  const keys = ['aa1', 'aa2', 'bb3', 'bb4', 'cc5']
  keys.forEach((key, age) => {
    cache.write(key, new Uint8Array(100))
    utimesSync(cache.pathOf(key), daysAgo(age + 1), daysAgo(age + 1))
  })
  // The oldest is used again; of the others two fit.
  cache.prune(new Set(['cc5']), 300)
  expect(kept(keys)).toEqual(['aa1', 'aa2', 'cc5'])
  // Then it counts as new.
  cache.prune(new Set(), 100)
  expect(kept(keys)).toEqual(['cc5'])
  cache.prune(new Set(['cc5']), 0)
  expect(kept(keys)).toEqual(['cc5'])
})

test('what was left half written goes when it is old', () => {
  cache.write('aa1', new Uint8Array(1))
  const [old, fresh] = ['aa2.12.part', 'aa3.13.part'].map((name) => join(dirname(cache.pathOf('aa1')), name)) as [string, string]
  for (const path of [old, fresh]) writeFileSync(path, 'half')
  utimesSync(old, daysAgo(1), daysAgo(1))
  cache.prune(new Set(), 1000)
  expect([old, fresh].map((path) => existsSync(path))).toEqual([false, true])
  expect(kept(['aa1'])).toEqual(['aa1'])
})

test('a cache that was never written to is left as it is', () => {
  cache.prune(new Set(), 0)
  expect(readdirSync(directory)).toEqual([])
})
