/** What the shell decides by itself, as functions of plain values. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { foldersOf, foldersOfSecondStart } from '../../../src-main/shell/folder-arguments.ts'
import { libraryDirectoryFor } from '../../../src-main/shell/library-choice.ts'
import { menuTemplate, type MenuEntry } from '../../../src-main/shell/menu-template.ts'
import { destinationOf, isOwnPage, isTrustedSender, parseDroppedPaths, parsePhotoId } from '../../../src-main/shell/policy.ts'
import { programPlaces } from '../../../src-main/shell/program-places.ts'
import { parseSettings, withLibrary } from '../../../src-main/shell/settings.ts'
import { placeWindow } from '../../../src-main/shell/window-placement.ts'
import { createWorkWatch, keepsAwake, progressBarFor } from '../../../src-main/shell/work-signs.ts'
import type { IndexProgress } from '../../../src-shared/domain.ts'

describe('where the window opens', () => {
  const laptop = { x: 0, y: 25, width: 1440, height: 875 }
  const beside = { x: 1440, y: 0, width: 2560, height: 1400 }
  const place = { x: 1800, y: 200, width: 1300, height: 900, isMaximized: false }

  it('is in the middle of the main screen at first, and no larger than it', () => {
    expect(placeWindow(null, [laptop])).toEqual({ x: 80, y: 43, width: 1280, height: 840, isMaximized: false })
    expect(placeWindow(null, [{ x: 0, y: 0, width: 1024, height: 640 }])).toEqual({ x: 0, y: 0, width: 1024, height: 640, isMaximized: false })
  })
  it('is where it was while that screen is there', () => {
    expect(placeWindow(place, [laptop, beside])).toEqual(place)
  })
  it('moves to the main screen when its own is gone, as large as fits', () => {
    expect(placeWindow({ ...place, isMaximized: true }, [laptop])).toEqual({ x: 70, y: 25, width: 1300, height: 875, isMaximized: true })
  })
  it('moves back when nobody could take hold of its title', () => {
    expect(placeWindow({ ...place, x: 100, y: -300 }, [laptop])).toMatchObject({ x: 70, y: 25 })
    expect(placeWindow({ ...place, x: -1250, y: 100 }, [laptop])).toMatchObject({ x: 70 })
    expect(placeWindow({ ...place, x: -1100, y: 100 }, [laptop])).toMatchObject({ x: -1100, y: 100 })
  })
  it('is never too small to be used', () => {
    expect(placeWindow({ x: 50, y: 50, width: 3, height: 3, isMaximized: false }, [laptop])).toMatchObject({ width: 720, height: 480 })
  })
})

describe('where the page may go', () => {
  it('knows its own address by scheme and host, not by how it begins', () => {
    for (const url of ['app://kith/', 'app://kith/#/people', 'app://kith/index.html']) expect(isOwnPage(url)).toBe(true)
    for (const url of ['app://kith.example/', 'app://evil/', 'app:kith', 'https://kith/', 'app://x@kith/', 'app://kith:1/', 'file:///kith', 'about:blank', ''])
      expect(isOwnPage(url), url).toBe(false)
  })
  it('sends https to the browser and everything else nowhere', () => {
    expect(destinationOf('https://example.org/a?b')).toBe('browser')
    for (const url of ['http://example.org/', 'file:///etc/passwd', 'javascript:alert(1)', 'smb://host/share', 'ms-msdt:/id', 'https://a:b@example.org/', 'data:text/html,x', 'https:', 'nonsense'])
      expect(destinationOf(url), url).toBe('nowhere')
  })
  it('hears the outermost frame of its own page alone', () => {
    expect(isTrustedSender({ url: 'app://kith/#/x', isMainFrame: true })).toBe(true)
    expect(isTrustedSender({ url: 'app://kith/', isMainFrame: false })).toBe(false)
    expect(isTrustedSender({ url: 'https://example.org/', isMainFrame: true })).toBe(false)
    expect(isTrustedSender(null)).toBe(false)
  })
  it('takes nothing for a path or an id that is none', () => {
    expect(parseDroppedPaths(['/a', '/b'])).toEqual(['/a', '/b'])
    for (const value of [[], [''], ['/a', 7], '/a', null, undefined, { length: 1 }, Array(1001).fill('/a')]) expect(parseDroppedPaths(value)).toBeNull()
    expect(parsePhotoId(12)).toBe(12)
    for (const value of ['12', 0, -1, 1.5, Infinity, NaN, null, {}, 2 ** 53]) expect(parsePhotoId(value)).toBeNull()
  })
})

describe('the folders on a command line', () => {
  it('are absolute, without switches, from addresses too', () => {
    const here = resolve('/home/anna')
    expect(foldersOf(['kith', 'Pictures', '--ozone-platform=x11', resolve('/mnt/photos'), pathToFileURL(resolve('/a b')).href, ''], here, true))
      .toEqual([resolve(here, 'Pictures'), resolve('/mnt/photos'), resolve('/a b')])
    expect(foldersOf(['electron', '.', 'Pictures'], here, false)).toEqual([resolve(here, 'Pictures')])
    expect(foldersOf(['kith', 'file://elsewhere/%2F'], here, true)).toEqual(process.platform === 'win32' ? expect.anything() : [])
  })
  it('come from a second start only in the shape that a first one sends', () => {
    expect(foldersOfSecondStart({ folders: ['/a', 3, '/b'] })).toEqual(['/a', '/b'])
    for (const value of [null, undefined, {}, { folders: '/a' }, 'x']) expect(foldersOfSecondStart(value)).toEqual([])
  })
})

describe('the library that a person chooses', () => {
  it('is the directory itself where it is one or empty, else a new one inside', () => {
    expect(libraryDirectoryFor('/l', ['kith.sqlite', 'images'], 'Kith library')).toBe('/l')
    expect(libraryDirectoryFor('/l', ['.DS_Store'], 'Kith library')).toBe('/l')
    expect(libraryDirectoryFor(resolve('/photos'), ['a.jpg'], 'Kith library')).toBe(resolve('/photos/Kith library'))
  })
})

describe('what is remembered', () => {
  it('is taken as far as it can be understood', () => {
    for (const text of ['', '{', 'null', '7', '[]', '{"window":5,"theme":"pink","libraries":"x"}'])
      expect(parseSettings(text)).toEqual({ window: null, theme: 'system', libraries: [] })
    const window = { x: 1, y: 2, width: 3, height: 4, isMaximized: true }
    expect(parseSettings(JSON.stringify({ window, theme: 'dark', libraries: ['/a', 5, ''] }))).toEqual({ window, theme: 'dark', libraries: ['/a'] })
    expect(parseSettings(JSON.stringify({ window: { ...window, x: null } })).window).toBeNull()
  })
  it('puts the last used library first, once, and forgets the oldest', () => {
    expect(withLibrary(['/a', '/b'], '/b')).toEqual(['/b', '/a'])
    expect(withLibrary('abcdefgh'.split(''), 'z')).toEqual('zabcdefg'.split(''))
  })
})

describe('work in the background', () => {
  const idle: IndexProgress = {
    state: 'idle', done: 0, total: null, failed: 0, facesFound: 0, photosPerSecond: null, remainingSeconds: null, current: null,
  }
  it('is a bar in the dock', () => {
    expect(progressBarFor(idle)).toEqual({ value: -1, mode: 'none' })
    expect(progressBarFor({ ...idle, state: 'scanning' })).toEqual({ value: 2, mode: 'indeterminate' })
    expect(progressBarFor({ ...idle, state: 'indexing', done: 30, total: 120 })).toEqual({ value: 0.25, mode: 'normal' })
    expect(progressBarFor({ ...idle, state: 'indexing', done: 130, total: 120 })).toEqual({ value: 1, mode: 'normal' })
    expect(progressBarFor({ ...idle, state: 'paused', done: 30, total: 120 })).toEqual({ value: 0.25, mode: 'paused' })
    expect(progressBarFor({ ...idle, state: 'paused' })).toEqual({ value: 0, mode: 'paused' })
    expect(progressBarFor({ ...idle, state: 'grouping', done: 120, total: 120 })).toEqual({ value: 2, mode: 'indeterminate' })
    expect(progressBarFor({ ...idle, state: 'cancelling', done: 30, total: 120 })).toEqual({ value: -1, mode: 'none' })
  })
  it('keeps the machine awake while it goes on', () => {
    expect((['scanning', 'indexing', 'grouping'] as const).every((state) => keepsAwake({ ...idle, state }))).toBe(true)
    expect((['idle', 'paused', 'cancelling'] as const).some((state) => keepsAwake({ ...idle, state }))).toBe(false)
  })
  it('tells of its end when it was long, once, and not when it was cancelled', () => {
    const watch = createWorkWatch()
    expect(watch.next(idle, 0)).toBeNull()
    expect(watch.next({ ...idle, state: 'scanning' }, 1000)).toBeNull()
    expect(watch.next({ ...idle, state: 'grouping', done: 900, total: 900, facesFound: 1200 }, 61_000)).toBeNull()
    expect(watch.next(idle, 61_001)).toEqual({ photos: 900, faces: 1200 })
    expect(watch.next(idle, 99_000)).toBeNull()
    watch.next({ ...idle, state: 'indexing' }, 100_000)
    expect(watch.next(idle, 130_000)).toBeNull()
    watch.next({ ...idle, state: 'indexing' }, 200_000)
    watch.next({ ...idle, state: 'cancelling' }, 290_000)
    expect(watch.next(idle, 291_000)).toBeNull()
  })
})

describe('the menu', () => {
  const flatten = (entries: readonly MenuEntry[]): MenuEntry[] =>
    entries.flatMap((entry) => (entry.kind === 'menu' ? [entry, ...flatten(entry.entries)] : [entry]))
  const situation = { libraries: ['/now', '/before'], theme: 'dark', isDevelopment: false } as const
  const rolesOf = (platform: NodeJS.Platform) =>
    flatten(menuTemplate({ ...situation, platform })).flatMap((entry) => (entry.kind === 'role' ? [entry.role] : []))
  const titlesOf = (platform: NodeJS.Platform) =>
    menuTemplate({ ...situation, platform }).map((entry) => ('label' in entry ? entry.label : entry.kind))

  it('has the habits of each platform', () => {
    expect(titlesOf('darwin')).toEqual(['Kith', 'File', 'Edit', 'View', 'Window', 'Help'])
    expect(titlesOf('linux')).toEqual(['File', 'Edit', 'View', 'Help'])
    for (const role of ['services', 'hide', 'hideOthers', 'unhide', 'close'] as const) {
      expect(rolesOf('darwin')).toContain(role)
      expect(rolesOf('win32')).not.toContain(role)
    }
    for (const platform of ['darwin', 'win32', 'linux'] as const)
      expect(rolesOf(platform).filter((role) => role === 'quit')).toHaveLength(1)
  })
  it('gives no key twice and shows the keys that the page takes', () => {
    for (const platform of ['darwin', 'win32', 'linux'] as const) {
      const actions = flatten(menuTemplate({ ...situation, platform })).filter((entry) => entry.kind === 'action')
      const keys = actions.flatMap(({ accelerator }) => accelerator ?? [])
      expect(new Set(keys).size).toBe(keys.length)
      expect(actions.filter(({ keyIsPages }) => keyIsPages).map(({ label }) => label)).toEqual(['Undo', 'Redo'])
    }
  })
  it('marks the theme, lists the libraries, and keeps developer’s tools away from people', () => {
    const entries = flatten(menuTemplate({ ...situation, platform: 'linux' }))
    expect(entries.flatMap((entry) => (entry.kind === 'action' && entry.checked ? [entry.label] : []))).toEqual(['Dark'])
    expect(entries.flatMap((entry) => (entry.kind === 'action' && entry.action.kind === 'recent-library' ? [entry.action.directory] : []))).toEqual(['/now', '/before'])
    expect(rolesOf('linux')).not.toContain('toggleDevTools')
    const none = flatten(menuTemplate({ ...situation, libraries: [], platform: 'linux', isDevelopment: true }))
    expect(none.some((entry) => entry.kind === 'note')).toBe(true)
    expect(none.some((entry) => entry.kind === 'role' && entry.role === 'toggleDevTools')).toBe(true)
  })
})

describe('where the program’s parts lie', () => {
  const surroundings = { appPath: resolve('/k/resources/app.asar'), resourcesPath: resolve('/k/resources'), environment: { KITH_NODE: '/evil/node' }, arch: 'x64' }
  it('is beside the archive in the package, whatever the environment says', () => {
    const places = programPlaces({ ...surroundings, isPackaged: true, platform: 'win32' })
    expect(places.nodeFile).toBe(resolve('/k/resources/node/node.exe'))
    expect(places.libraryProcessFile).toBe(resolve('/k/resources/app.asar.unpacked/out/engine/library-process.js'))
    expect(places.preloadFile).toBe(resolve('/k/resources/app.asar/out/preload/index.cjs'))
  })
  it('is the Node that was named, or the one of the installation, from the sources', () => {
    const sources = { ...surroundings, appPath: resolve('.'), isPackaged: false } as const
    expect(programPlaces({ ...sources, platform: 'linux' }).nodeFile).toBe('/evil/node')
    expect(programPlaces({ ...sources, environment: {}, platform: 'linux', arch: 'riscv' }).nodeFile).toBe('node')
  })
})
