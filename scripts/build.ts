/**
 * Builds what can't run as it is written: the page, the SIMD kernel (AssemblyScript), and the desktop shell; with `--engine`
 * also the engine as the package carries it.
 */
import { build } from 'vite'
import { buildKernel } from './build-kernel.ts'
import { engineBundle, mainBundle, preloadBundle } from './bundles.ts'
import { writeLicences } from './licences.ts'

const logLevel = process.argv.includes('--silent') ? 'silent' : 'warn'
await buildKernel()
await build({ logLevel })
await build({ ...mainBundle, logLevel })
await build({ ...preloadBundle, logLevel })
if (process.argv.includes('--engine')) await build({ ...engineBundle, logLevel })
writeLicences()
