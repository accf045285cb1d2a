/** Who may import whom (ARCHITECTURE.md). Arrows run down only; `npm run check` runs this. */
const only = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })
const engine = '^src-main/engine'

module.exports = {
  forbidden: [
    only('no-circles', 'A circle has no top.', {}, { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }),
    only('shared-knows-nobody', 'src-shared imports nothing but zod.', { path: '^src-shared' }, { pathNot: ['^src-shared', '^node_modules/zod/'] }),
    only('renderer-knows-the-contract', 'The page reaches the engine through fetch alone.', { path: '^src-renderer' }, { path: '^src-main' }),
    only('renderer-libraries', 'The page runs in a sandbox.', { path: '^src-renderer' }, { pathNot: ['^src-renderer', '^src-shared', '^node_modules/(svelte|esm-env|zod)/'] }),
    only('math-is-pure', 'math/ is numbers alone.', { path: `${engine}/math` }, { pathNot: [`${engine}/math`] }),
    only('models-are-data', 'models/ knows math and files.', { path: `${engine}/models` }, { path: '^src-main', pathNot: [`${engine}/(models|math)`, `${engine}/places\\.ts$`] }),
    only('vision-looks-down', 'vision/ stands on models and math.', { path: `${engine}/vision/` }, { path: '^src-main', pathNot: [`${engine}/(vision|models|math)/`, `${engine}/(ports|places|vision-process)\\.ts$`] }),
    only('recognition-looks-down', 'recognition/ stands on math.', { path: `${engine}/recognition/` }, { path: '^src-main', pathNot: [`${engine}/(recognition|math)/`, `${engine}/(ports|places)\\.ts$`] }),
    only('layout-looks-down', 'layout/ stands on math.', { path: `${engine}/layout/` }, { path: '^src-main', pathNot: [`${engine}/(layout|math)/`, `${engine}/(layout-port|places)\\.ts$`] }),
    only('training-looks-down', 'training/ stands on models and math.', { path: `${engine}/training/` }, { path: '^src-main', pathNot: [`${engine}/(training|models|math)/`, `${engine}/(training-port|content-cache|places)\\.ts$`] }),
    only('training-has-a-process', 'What trains runs in the training process; others only start it.', { path: '^src-main', pathNot: `${engine}/(training/|training-process\\.ts$)` }, { path: `${engine}/training/`, pathNot: `${engine}/training/start-training\\.ts$` }),
    only('starting-training-loads-little', 'The starter must not bring TensorFlow.js with it.', { path: `${engine}/training/(start-training|protocol)\\.ts$` }, { path: `${engine}/training/`, pathNot: `${engine}/training/protocol\\.ts$` }),
    only('store-knows-no-rule', 'store/ knows the database alone.', { path: `${engine}/store/` }, { path: '^src-main', pathNot: [`${engine}/store/`, `${engine}/places\\.ts$`] }),
    only('library-sees-ports', 'library/ sees vision and recognition through ports.ts.', { path: `${engine}/library/` }, { path: '^src-main', pathNot: [`${engine}/(library|store|math)/`, `${engine}/(ports|layout-port|training-port|content-cache|evaluation-report)\\.ts$`] }),
    only('report-is-text', 'report/ makes text of figures.', { path: `${engine}/report/` }, { pathNot: [`${engine}/(report|math)/`, `${engine}/evaluation-report\\.ts$`, '^src-shared'] }),
    only('engine-knows-no-host', 'The engine knows neither Electron nor HTTP nor a terminal.', { path: engine }, { path: ['^src-main/(shell|serve|cli)', '^electron$', '^node_modules/electron/', '^(node:)?https?$'] }),
    only('hosts-enter-at-the-top', 'Hosts use the engine, not its rooms.', { path: '^src-main/(serve|shell)' }, { path: `${engine}/.+/` }),
    only('one-importer-of-sqlite', 'store/ alone imports better-sqlite3.', { path: '^src-', pathNot: `${engine}/store/` }, { path: 'node_modules/better-sqlite3' }),
    only('one-importer-of-sharp', 'vision/decode.ts alone imports sharp.', { path: '^src-', pathNot: `${engine}/vision/decode\\.ts$` }, { path: 'node_modules/sharp' }),
    only('one-importer-of-onnx-runtime', 'vision/onnx-session.ts alone imports onnxruntime-node.', { path: '^src-', pathNot: `${engine}/vision/onnx-session\\.ts$` }, { path: 'node_modules/onnxruntime' }),
    only('one-importer-of-tensorflow', 'training/ alone imports TensorFlow.js.', { path: '^src-', pathNot: `${engine}/training/` }, { path: 'node_modules/@tensorflow/' }),
    only('one-importer-of-electron', 'shell/ alone imports electron.', { path: '^src-', pathNot: '^src-main/shell/' }, { path: ['^electron$', '^node_modules/electron/'] }),
    only('no-test-code', 'What ships knows no test.', { path: '^src-' }, { path: '^(test|bench|scripts)/', pathNot: [] }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    exclude: { path: `${engine}/math/kernel` },
    enhancedResolveOptions: { conditionNames: ['import', 'svelte', 'node', 'default', 'types'], exportsFields: ['exports'] },
  },
}
