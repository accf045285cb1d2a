/** Builds what can't run as it is written: the page (Vite) and the SIMD kernel (AssemblyScript). */
import { build as buildPage } from 'vite'
import { buildKernel } from './build-kernel.ts'

const silent = process.argv.includes('--silent')
await buildKernel()
await buildPage({ logLevel: silent ? 'silent' : 'warn' })
