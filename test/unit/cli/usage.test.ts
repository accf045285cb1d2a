import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { defaultLibraryDirectory, modelsDirectories } from '../../../src-main/environment.ts'
import { duration, formatTable, printable } from '../../../src-main/cli/output.ts'
import { parseTarget } from '../../../src-main/cli/targets.ts'
import { runKith } from './run.ts'

const library = mkdtempSync(join(tmpdir(), 'kith-usage-'))
afterAll(() => rmSync(library, { recursive: true }))

describe('where things live', () => {
  it('takes the data folder of each platform', () => {
    expect(defaultLibraryDirectory({}, 'linux', '/home/anna')).toBe('/home/anna/.local/share/kith')
    expect(defaultLibraryDirectory({ XDG_DATA_HOME: '/data' }, 'linux', '/home/anna')).toBe('/data/kith')
    expect(defaultLibraryDirectory({ XDG_DATA_HOME: 'data' }, 'linux', '/home/anna')).toBe('/home/anna/.local/share/kith')
    expect(defaultLibraryDirectory({}, 'darwin', '/Users/anna')).toBe('/Users/anna/Library/Application Support/Kith')
    expect(defaultLibraryDirectory({ APPDATA: '/Roaming' }, 'win32', '/Users/anna')).toBe(join('/Roaming', 'Kith'))
    expect(defaultLibraryDirectory({ KITH_LIBRARY: '/photos/kith', XDG_DATA_HOME: '/data' }, 'linux', '/home/anna')).toBe('/photos/kith')
  })
  it('takes the models folders that were given before those of the environment', () => {
    expect(modelsDirectories(['/a', '/b'], { KITH_MODELS: '/c' })).toEqual(['/a', '/b'])
    expect(modelsDirectories([], { KITH_MODELS: '/c:/d' })).toEqual(['/c', '/d'])
    expect(modelsDirectories([], {})).toEqual([])
  })
})

it('reads targets', () => {
  expect(parseTarget('face:12')).toEqual({ kind: 'face', id: 12 })
  expect(parseTarget('cluster:3')).toEqual({ kind: 'cluster', id: 3 })
  expect(parseTarget('person:Anna Maria')).toEqual({ kind: 'person', name: 'Anna Maria' })
  for (const wrong of ['face:', 'face:x', 'face:0', 'face:-1', 'face:1.5', 'cluster:1e99', 'anna', 'person:', ''])
    expect(() => parseTarget(wrong), wrong).toThrow('is not a target')
})

it('shows codes for the terminal instead of obeying them', () => {
  expect(printable('a\nb\u001b[2Jc\u009bd Ünï 😀')).toBe('a\\nb\\u001b[2Jc\ufffdd Ünï 😀')
})

it('sets tables and durations', () => {
  expect(formatTable(['Name', 'Faces'], [['Anna', 5], ['Benedikt', 1200]])).toBe('Name      Faces\nAnna          5\nBenedikt   1200')
  expect([5, 200, 7500].map(duration)).toEqual(['5 s', '3 min 20 s', '2 h 5 min'])
})

describe('wrong usage', () => {
  const wrong: [string[], RegExp][] = [
    [['serach'], /neither a command nor a folder/],
    [['name'], /missing required argument/],
    [['name', 'Anna'], /needs a target and a name/],
    [['name', 'anna', 'Anna'], /is not a target/],
    [['confirm', 'cluster:1'], /only face:ID/],
    [['ignore', 'person:Anna'], /only face:ID and cluster:ID/],
    [['reject', 'Anna'], /needs a face/],
    [['verify', 'a.jpg'], /missing required argument/],
    [['export', 'xmp', 'out'], /cannot write XMP yet\. It can write: projector, csv/],
    [['export', 'xls', 'out'], /no format xls/],
    [['export', 'csv'], /missing required argument/],
    [['status', '--nonsense'], /unknown option/],
    [['status', 'extra'], /too many arguments/],
    [['serve', '--port', 'eighty'], /A port is a number/],
    [['serve', '--port', '65536'], /A port is a number/],
  ]
  it.concurrent.each(wrong)('kith %j ends with 2', async (args, message) => {
    const { status, stdout, stderr } = await runKith(library, ...args)
    expect(status, stderr).toBe(2)
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(stdout).toBe('')
  })
  it('is one JSON document where JSON was asked for', async () => {
    const { status, stdout } = await runKith(library, 'name', 'Anna', '--json')
    expect(status).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'invalid-input', message: expect.stringContaining('kith name cluster:3 Anna') } })
  })
})

it('explains itself', async () => {
  const help = await runKith(library, '--help')
  expect(help.status).toBe(0)
  for (const command of [
    'index', 'serve', 'status', 'faces', 'clusters', 'people', 'name', 'confirm', 'reject', 'ignore', 'search', 'undo', 'redo',
    'history', 'verify', 'identify', 'evaluate', 'export', 'models', 'doctor',
  ]) expect(help.stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
  const { status, stdout } = await runKith(library, 'name', '--help')
  expect(status).toBe(0)
  expect(stdout).toContain('--library <dir>')
  expect((await runKith(library, '--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})
