/** kith train: from a folder of pictures to a model that --model takes; what it refuses; what loads TensorFlow.js. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTools, type Tools, type TrainReport } from '../../../src-main/engine/tools.ts'
import { outcomeOf, repository, runKith, startKith } from './run.ts'

let root: string, library: string, folder: string
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'kith-train-'))
  library = join(root, 'library')
  folder = join(root, 'Four People')
  for (const sample of [1, 2, 3, 4]) {
    mkdirSync(join(folder, `person ${sample}`), { recursive: true })
    for (const widthPx of [600, 800]) {
      writeFileSync(join(folder, `person ${sample}`, `${widthPx}.jpg`),
        await sharp(`node_modules/@vladmandic/face-api/demo/sample${sample}.jpg`).resize(widthPx).jpeg().toBuffer())
    }
  }
  writeFileSync(join(folder, 'person 1', 'broken.jpg'), 'not a picture')
  writeFileSync(join(folder, 'person 2', 'sky.png'), await blank())
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const blank = () => sharp({ create: { width: 200, height: 200, channels: 3, background: '#557799' } }).png().toBuffer()
const train = (...args: string[]) => runKith(library, '--json', '--detector', 'kith-detector.v1', 'train', ...args)

test('trains a model that other commands take by its name', async () => {
  const { status, stdout, stderr } = await train(folder, '--epochs', '2', '--steps', '2', '--seed', '3')
  expect([status, stderr]).toEqual([0, expect.stringMatching(/training: 1 of 2, epoch 1 of 2, loss \d\.\d+, \d+ % active, .*images\/s, (wasm|tensorflow)/)])
  const report = JSON.parse(stdout) as TrainReport
  expect(report).toMatchObject({
    model: 'nn4.small2.four-people', from: 'nn4.small2.kith.v1', layers: 'embedding', people: 4, pictures: 10, faces: 8, stopped: 'done',
    options: { epochs: 2, steps: 2, seed: 3, margin: 0.2, learningRate: 0.001 },
    withoutFace: [join(folder, 'person 2', 'sky.png')], unreadable: [{ path: join(folder, 'person 1', 'broken.jpg') }],
    epochs: [{ epoch: 1 }, { epoch: 2 }], split: { people: { training: 2, validation: 2, tooFew: 0 } },
  })
  for (const { loss, active, imagesPerSecond, validation } of report.epochs) {
    expect(loss).toBeGreaterThanOrEqual(0)
    expect(active).toBeGreaterThanOrEqual(0)
    expect(imagesPerSecond).toBeGreaterThan(0)
    expect(validation.auc).toBeGreaterThan(0.5)
  }
  expect(report.path).toBe(join(library, 'models', 'nn4.small2.four-people.safetensors'))
  expect(statSync(report.path!).size).toBeGreaterThan(14_000_000)

  const verified = await runKith(library, '--json', 'verify', '--model', report.model, ...['600.jpg', '800.jpg'].map((name) => join(folder, 'person 1', name)))
  expect(JSON.parse(verified.stdout)).toMatchObject({ same: true })
  // The name is taken now; nothing is trained over it.
  const again = await train(folder, '--epochs', '1')
  expect([again.status, JSON.parse(again.stdout)]).toMatchObject([1, { error: { code: 'name-taken', message: expect.stringContaining('--name') } }])
})

test('Ctrl-C leaves a checkpoint, and --resume goes on from it', async () => {
  const child = startKith(library, ['--json', '--detector', 'kith-detector.v1', 'train', folder, '--name', 'stopped', '--epochs', '100000', '--patience', '100000'])
  child.stdin.end()
  let interrupted = false
  const { status, stdout } = await outcomeOf(child, (_, stderr) => {
    if (interrupted || !stderr.includes('epoch 2 of')) return
    interrupted = true
    child.kill('SIGINT')
  })
  expect(status).toBe(1)
  const stopped = JSON.parse(stdout) as TrainReport
  expect(stopped).toMatchObject({ stopped: 'interrupted', path: null })
  expect(stopped.epochs.length).toBeGreaterThan(0)
  expect(existsSync(join(library, 'training', 'stopped.checkpoint.safetensors'))).toBe(true)
  // It is not written over by a run that begins anew.
  const size = statSync(join(library, 'training', 'stopped.checkpoint.safetensors')).size
  const anew = await train(folder, '--name', 'stopped', '--epochs', '1')
  expect([anew.status, JSON.parse(anew.stdout)]).toMatchObject([1, { error: { code: 'name-taken', message: expect.stringMatching(/--resume.*--name.*stopped\.checkpoint\.safetensors/) as string } }])
  expect(statSync(join(library, 'training', 'stopped.checkpoint.safetensors')).size).toBe(size)
  const resumed = await train(folder, '--name', 'stopped', '--resume', '--epochs', String(stopped.epochs.length + 1))
  expect(resumed.status).toBe(0)
  const report = JSON.parse(resumed.stdout) as TrainReport
  expect(report.epochs.slice(0, stopped.epochs.length)).toEqual(stopped.epochs)
  expect(report).toMatchObject({ stopped: 'done', path: join(library, 'models', 'stopped.safetensors') })
})

test('what it refuses: a clear error each, and nothing is left behind', async () => {
  const person = (name: string, content: string | Uint8Array, ...files: string[]) => files.forEach((file) => {
    mkdirSync(join(root, name, file, '..'), { recursive: true })
    writeFileSync(join(root, name, file), content)
  })
  const sky = await blank()
  person('one', sky, 'anna/1.png', 'anna/2.png')
  person('single', sky, 'anna/1.png', 'bert/1.png')
  person('skies', sky, 'anna/1.png', 'anna/2.png', 'bert/1.png', 'bert/2.png')
  person('three', sky, 'person 4/1.png')
  for (const sample of [1, 2, 3]) {
    for (const widthPx of [600, 800]) {
      person('three', await sharp(join(folder, `person ${sample}`, `${widthPx}.jpg`)).toBuffer(), `person ${sample}/${widthPx}.jpg`)
    }
  }
  const damaged = join(root, 'damaged.safetensors')
  writeFileSync(damaged, 'no weights')
  const models = () => (existsSync(join(library, 'models')) ? readdirSync(join(library, 'models')).toSorted() : [])
  const before = models()
  const refusals: [folder: string, options: Parameters<Tools['train']>[1], code: string, message: RegExp][] = [
    [join(root, 'nowhere'), {}, 'folder-unreadable', /nowhere/],
    [join(root, 'one'), {}, 'invalid-input', /only pictures of one person \(anna\)/],
    [join(root, 'single'), {}, 'invalid-input', /single picture/],
    [join(root, 'skies'), {}, 'no-face', /No face was found on any of the 4 pictures/],
    [join(root, 'three'), {}, 'invalid-input', /3 people only.*needs 4 such people/],
    [folder, { id: 'new', from: damaged }, 'model-damaged', /damaged\.safetensors/],
    [folder, { id: 'new', from: 'dlib-resnet' }, 'invalid-input', /another network/],
    [folder, { id: 'new/er' }, 'invalid-input', /new\/er/],
    [folder, { id: 'nn4.small2' }, 'name-taken', /nn4\.small2/],
    [folder, { id: 'new', resume: true }, 'not-found', /nothing to resume/],
    [folder, { id: 'new', options: { margin: -1 } }, 'invalid-input', /--margin/],
    [folder, { id: 'new', options: { learningRate: 1e38 } }, 'invalid-input', /no longer a number/],
  ]
  const tools = createTools({ libraryDirectory: library, modelsDirectories: [], detectorId: 'kith-detector.v1', log: () => {} })
  for (const [trained, options, code, message] of refusals) {
    await expect(tools.train(trained, options), JSON.stringify(options)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  }
  await tools.close()
  expect(models()).toEqual(before)
  expect((await train(folder, '--epochs', 'many')).status).toBe(2)
})

test('TensorFlow.js is loaded by the training process alone', () => {
  const script = "await import('./src-main/engine/tools.ts'); await import('./src-main/engine/engine.ts'); await import('./src-main/cli/kith.ts');" +
    "console.log(Object.keys((await import('node:module')).createRequire(import.meta.url).cache).filter((path) => path.includes('@tensorflow')).length)"
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: resolve(repository), encoding: 'utf8' })
  expect([stdout.trim(), stderr]).toEqual(['0', ''])
})
