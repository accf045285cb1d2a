/** Where the parts that the shell starts or loads lie, from the sources and in the package. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export interface Surroundings {
  isPackaged: boolean
  /** The program's root: the folder of the sources, or app.asar. */
  appPath: string
  /** Electron's process.resourcesPath. */
  resourcesPath: string
  environment: Readonly<Record<string, string | undefined>>
  platform: NodeJS.Platform
  arch: string
}

export interface ProgramPlaces {
  /** The Node that the library process runs on. Electron's own can't: sharp and the system's GLib would meet in it. */
  nodeFile: string
  libraryProcessFile: string
  preloadFile: string
  iconFile: string
  licencesFile: string
}

export function programPlaces({ isPackaged, appPath, resourcesPath, environment, platform, arch }: Surroundings): ProgramPlaces {
  const node = platform === 'win32' ? 'node.exe' : 'node'
  const preloadFile = join(appPath, 'out/preload/index.cjs')
  if (isPackaged) {
    // A plain Node can't read an asar archive: all that it runs lies beside it.
    const unpacked = `${appPath}.unpacked`
    return {
      nodeFile: join(resourcesPath, 'node', node),
      libraryProcessFile: join(unpacked, 'out/engine/library-process.js'),
      preloadFile,
      iconFile: join(unpacked, 'resources/icons/kith.png'),
      licencesFile: join(resourcesPath, 'licences', 'THIRD-PARTY.txt'),
    }
  }
  const system = platform === 'win32' ? 'win' : platform
  const bundled = join(appPath, `node_modules/node-${system}-${arch}/bin/${node}`)
  return {
    nodeFile: environment['KITH_NODE'] || (existsSync(bundled) ? bundled : node),
    libraryProcessFile: join(appPath, 'src-main/engine/library-process.ts'),
    preloadFile,
    iconFile: join(appPath, 'resources/icons/kith.png'),
    licencesFile: join(appPath, 'out/licences/THIRD-PARTY.txt'),
  }
}
