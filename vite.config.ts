import { svelte } from '@sveltejs/vite-plugin-svelte'
import type { Component } from 'svelte'
import { render } from 'svelte/server'
import { createServer, defineConfig, type Plugin } from 'vite'

const root = 'src-renderer'
/** By the component's own path: the same names for the page that is built and for what is drawn while it is built. */
const svelteOptions = { compilerOptions: { cssHash: ({ hash, filename }: { hash(text: string): string; filename: string }) => `s-${hash(filename)}` } }

/** The page: one bundle for the browser and the desktop. Addresses are relative, so that any scheme can serve it. */
export default defineConfig({
  root,
  base: './',
  plugins: [svelte(svelteOptions), firstPicture()],
  build: { outDir: '../out/renderer', emptyOutDir: true, target: 'chrome140', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
})

/**
 * Draws the way around into the page itself: a new window shows it as soon as the style sheet is there, and not first when the
 * program has begun. The program puts its own in the same place.
 */
function firstPicture(): Plugin {
  return {
    name: 'first-picture',
    apply: 'build',
    async transformIndexHtml(html) {
      const server = await createServer({
        configFile: false, root, plugins: [svelte(svelteOptions)], appType: 'custom', logLevel: 'error',
        server: { middlewareMode: true, hmr: false, ws: false, watch: null }, optimizeDeps: { noDiscovery: true },
      })
      try {
        const { default: RailFrame } = (await server.ssrLoadModule('/components/RailFrame.svelte')) as { default: Component }
        return html.replace('<div id="app"></div>', () => `<div id="app">${render(RailFrame).body}</div>`)
      } finally {
        await server.close()
      }
    },
  }
}
