/** node --import test/standin/register.ts out/main/index.js: the main process with a stand-in for the module `electron`. */
import { registerHooks } from 'node:module'

const url = new URL('./electron.ts', import.meta.url).href
registerHooks({ resolve: (specifier, context, next) => (specifier === 'electron' ? { url, shortCircuit: true } : next(specifier, context)) })
