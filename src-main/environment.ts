/** Where Kith keeps things on this machine, unless somebody says otherwise. */
import { homedir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** The platform's folder for an application's data: XDG base directories, Apple's and Microsoft's guidelines. */
export function defaultLibraryDirectory(
  environment: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  if (environment['KITH_LIBRARY']) return resolve(environment['KITH_LIBRARY'])
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Kith')
  if (platform === 'win32') return join(environment['APPDATA'] || join(home, 'AppData', 'Roaming'), 'Kith')
  // The specification says that a relative path in XDG_DATA_HOME is to be ignored.
  const dataHome = environment['XDG_DATA_HOME']
  return join(dataHome?.startsWith('/') ? dataHome : join(home, '.local', 'share'), 'kith')
}

/** Folders that may hold model files, the first one first: as given, else KITH_MODELS (a list like PATH). */
export function modelsDirectories(given: readonly string[], environment: Environment = process.env): string[] {
  const directories = given.length > 0 ? given : (environment['KITH_MODELS'] ?? '').split(delimiter).filter(Boolean)
  return directories.map((directory) => resolve(directory))
}
