/** The report of kith evaluate as a person opens it: a file, in a real browser, without a network. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AxeResults } from 'axe-core'
import type { Browser } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EvaluationReport } from '../../src-main/engine/evaluation-report.ts'
import { runForJson, runKith } from '../unit/cli/run.ts'
import { findChromium, launchBrowser, openWindow } from './browser.ts'

const chromium = findChromium()
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const directory = mkdtempSync(join(tmpdir(), 'kith-report-'))
const folder = join(directory, 'people & <b>friends')
const page = join(directory, 'report.html')
const library = join(directory, 'library')
/** Names as folders may have them. */
const [scripted, quoted] = ['<script>document.title = "mine"<', '" onload=\'alert(1)\' & Zoë']
let report: EvaluationReport

/** Whole demo photos in several sizes, two "people", and a picture of nobody. */
beforeAll(async () => {
  const picture = (sample: number, widthPx: number) =>
    sharp(`node_modules/@vladmandic/face-api/demo/sample${sample}.jpg`).resize(widthPx).jpeg().toBuffer()
  for (const [name, sample] of [[scripted, 1], [quoted, 4]] as const) {
    mkdirSync(join(folder, name), { recursive: true })
    for (const widthPx of [700, 900, 1000]) writeFileSync(join(folder, name, `<i>${widthPx}.jpg`), await picture(sample, widthPx))
  }
  writeFileSync(join(folder, scripted, 'nobody.png'), await sharp({ create: { width: 200, height: 200, channels: 3, background: '#557799' } }).png().toBuffer())
  report = await runForJson<EvaluationReport>(library, 'evaluate', folder, '--report', page)
})
afterAll(() => rmSync(directory, { recursive: true }))

describe('kith evaluate --report', () => {
  it('prints the same report as JSON, with all that the page shows', () => {
    expect(report).toMatchObject({
      model: 'dlib-resnet', detector: 'kith-detector.v1', folder, images: 7, identities: 2, facesFound: 6,
      missed: [join(folder, scripted, 'nobody.png')], unreadable: [],
      detection: { faces: expect.any(Number), picturesWithOneFace: expect.any(Number), picturesWithSeveralFaces: expect.any(Number) },
      thresholds: { name: expect.any(Number), suggest: expect.any(Number) },
      verification: { same: 6, different: 9, atDefault: { threshold: 0.59 } },
      classification: {
        knn: 1, svm: 1, centroid: 1, mistakes: [],
        people: [{ person: quoted, tested: 2, right: 2 }, { person: scripted, tested: 2, right: 2 }],
      },
      unknown: { known: expect.any(Number), accepted: expect.any(Number) },
      clustering: { clusters: 2, bcubed: { f1: expect.any(Number) } },
    })
    // On one of the pictures another of its faces is the largest.
    expect(report.verification.auc).toBeGreaterThan(0.9)
    expect(report.verification.auc).toBeLessThan(1)
    const { distances, roc, curve } = report.verification
    expect([distances.same, distances.different].map((counts) => counts.reduce((a, b) => a + b))).toEqual([6, 9])
    expect(roc.at(-1)).toMatchObject({ tar: 1, far: 1 })
    expect(curve.length).toBeGreaterThan(100)
    expect(report.worstPairs.same).toHaveLength(2)
    expect(report.worstPairs.different).toHaveLength(3)
    expect(report.map?.points).toHaveLength(6)
    expect(Date.parse(report.measuredAt)).toBeGreaterThan(0)
    expect(report).not.toHaveProperty('pairs')
  })

  it('makes the same map of the same faces, and keeps page and JSON in a folder', async () => {
    const reports = join(directory, 'reports')
    mkdirSync(reports)
    const again = await runForJson<EvaluationReport>(library, 'evaluate', folder, '--report', reports)
    expect(again.map).toEqual(report.map)
    expect(readdirSync(reports).sort()).toEqual(['evaluation.html', 'evaluation.json'])
    expect(JSON.parse(readFileSync(join(reports, 'evaluation.json'), 'utf8'))).toEqual(again)
  })

  it('says before it measures that the page cannot be written', async () => {
    const { status, stderr } = await runKith(library, 'evaluate', folder, '--report', join(directory, 'nowhere/report.html'))
    expect(status).toBe(1)
    expect(stderr).toMatch(/the folder .*nowhere is not there/)
    expect(stderr).not.toContain('measuring')
    expect(existsSync(join(directory, 'nowhere'))).toBe(false)
  })

  describe.skipIf(!chromium)('in a browser', () => {
    let browser: Browser
    beforeAll(async () => {
      browser = await launchBrowser(chromium!)
    })
    afterAll(() => browser?.close())

    for (const look of [{ name: 'light', dark: false, width: 1280 }, { name: 'dark and narrow', dark: true, width: 420 }])
      it(`shows everything and complains of nothing: ${look.name}`, async () => {
        const window = await openWindow(browser, 'about:blank', look)
        await window.context.addInitScript(axe)
        const requests: string[] = []
        window.page.on('request', (request) => requests.push(request.url()))
        await window.page.goto(pathToFileURL(page).href)
        expect(requests.filter((url) => !url.startsWith('data:')), 'nothing is fetched').toHaveLength(1)
        expect(await window.page.title()).toBe('people & <b>friends: dlib-resnet, measured by Kith')
        expect(await window.page.locator('script, i > i, b > b, [onload]').count()).toBe(0)

        const charts = await window.page.locator('svg[data-chart]').evaluateAll((all) => all.map((svg) => ({
          name: svg.getAttribute('data-chart'), marks: svg.querySelectorAll('path[d], rect, circle').length,
          broken: /NaN|undefined|Infinity/.test(svg.outerHTML), isSeen: svg.getBoundingClientRect().height > 100,
        })))
        expect(charts.map(({ name }) => name)).toEqual(['distributions', 'thresholds', 'roc', 'precision-recall', 'confusion', 'map'])
        for (const { marks, ...rest } of charts) {
          expect(marks).toBeGreaterThan(0)
          expect(rest).toMatchObject({ broken: false, isSeen: true })
        }
        expect(await window.page.locator('svg[data-chart=map] circle title').count()).toBe(6)
        const pictures = await window.page.locator('.gallery img').evaluateAll((all) => all.map((image) => (image as HTMLImageElement).naturalWidth))
        expect(pictures).toHaveLength(10)
        expect(new Set(pictures)).toEqual(new Set([192]))
        const text = await window.page.locator('main').innerText()
        for (const shown of [scripted, quoted, '<i>900.jpg', 'nobody.png', report.verification.bestF1.threshold.toFixed(3)]) expect(text).toContain(shown)

        const { violations } = await window.page.evaluate(() => {
          const { axe } = window as unknown as { axe: { run(context: Document, options: object): Promise<AxeResults> } }
          return axe.run(document, { resultTypes: ['violations'], preload: false })
        })
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)).toEqual([])
        expect(await window.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
        expect(await window.complaints()).toEqual([])
        await window.context.close()
      })
  })
})
