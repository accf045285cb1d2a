/** Bundles for Node: the desktop shell's main process and preload script, and the engine for the package. */
import type { InlineConfig } from 'vite'

/** Packages with native parts, or that are read as files: they stay packages. */
export const unbundledPackages = ['better-sqlite3', 'onnxruntime-node', 'sharp', '@vladmandic/face-api']
/** Never in the package: taken only where a person has put it, and done without elsewhere. */
const optionalPackages = ['@tensorflow/tfjs-node']

function bundle(outDir: string, input: Record<string, string>, format: 'es' | 'cjs'): InlineConfig {
  return {
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: true, external: [...unbundledPackages, ...optionalPackages] },
    build: {
      ssr: true, target: 'node24', outDir, emptyOutDir: true, minify: false, copyPublicDir: false,
      rollupOptions: {
        input, external: ['electron'],
        output: { format, entryFileNames: format === 'cjs' ? '[name].cjs' : '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  }
}

export const mainBundle = bundle('out/main', { index: 'src-main/shell/main.ts' }, 'es')
/** A sandboxed preload script has to be one CommonJS file. */
export const preloadBundle = bundle('out/preload', { index: 'src-main/shell/preload.ts' }, 'cjs')
/**
 * What a window needs of what places.ts starts, side by side in one folder: a plain Node strips no types inside a package.
 * Training is the command line's, which the package does not hold.
 */
export const engineBundle = bundle('out/engine', {
  'library-process': 'src-main/engine/library-process.ts',
  'vision-process': 'src-main/engine/vision-process.ts',
  'checkpoint-thread': 'src-main/engine/store/checkpoint-thread.ts',
  'layout-thread': 'src-main/engine/layout/layout-thread.ts',
  'recognition-thread': 'src-main/engine/recognition/recognition-thread.ts',
}, 'es')
