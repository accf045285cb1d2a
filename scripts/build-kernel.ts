/** Compiles the WebAssembly SIMD kernel of the neighbour search into out/kernel/. */
import { mkdirSync } from 'node:fs'
import asc from 'assemblyscript/asc'

const source = 'src-main/engine/math/kernel/distances.as.ts'
export const kernelFile = 'out/kernel/distances.wasm'

/** @throws Error with the compiler's messages */
export async function buildKernel(): Promise<void> {
  mkdirSync('out/kernel', { recursive: true })
  const { error, stderr } = await asc.main([
    source, '--outFile', kernelFile, '-O3', '--runtime', 'stub', '--noAssert', '--importMemory',
    '--enable', 'simd',
  ])
  if (error) throw new Error(`The kernel did not compile: ${stderr.toString()}`, { cause: error })
}

if (import.meta.main) await buildKernel()
