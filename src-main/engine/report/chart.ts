/** Charts as SVG: axes, lines, areas, markers. Colours are classes of the page's style, so that they follow light and dark. */
import { html } from './html.ts'
import type { Html } from './html.ts'
import type { Scale } from './scale.ts'

export const chartSize = { width: 560, height: 330 } as const
const margin = { left: 52, right: 24, top: 40, bottom: 48 } as const
const labelRoomPx = 110

/** Where the data is drawn. */
export const plotArea = {
  x: [margin.left, chartSize.width - margin.right],
  y: [chartSize.height - margin.bottom, margin.top],
} as const

export interface Axis {
  scale: Scale
  title: string
  format(tick: number): string
}

/** Names the two colours of pairs, and the line styles. */
export type Series = 'same' | 'different' | 'accuracy'

const round = (value: number) => Number(value.toFixed(2))

/** A chart with axes and a grid. @param description read out in place of the picture */
export function chart(name: string, description: string, x: Axis, y: Axis, marks: readonly Html[]): Html {
  const [left, right] = plotArea.x
  const [bottom, top] = plotArea.y
  const { width, height } = chartSize
  return html`<svg class="chart" data-chart="${name}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${description}">
<g class="grid">${x.scale.ticks.map((tick) => html`<path d="M${round(x.scale(tick))} ${bottom}V${top}"/>`)}${
  y.scale.ticks.map((tick) => html`<path d="M${left} ${round(y.scale(tick))}H${right}"/>`)}</g>
<g class="ticks">${x.scale.ticks.map((tick) => html`<text x="${round(x.scale(tick))}" y="${bottom + 18}" text-anchor="middle">${x.format(tick)}</text>`)}${
  y.scale.ticks.map((tick) => html`<text x="${left - 8}" y="${round(y.scale(tick)) + 4}" text-anchor="end">${y.format(tick)}</text>`)}</g>
<path class="axis" d="M${left} ${top}V${bottom}H${right}"/>
<text class="axis-title" x="${(left + right) / 2}" y="${height - 8}" text-anchor="middle">${x.title}</text>
<text class="axis-title" x="${left}" y="${14}" text-anchor="start">${y.title}</text>
${marks}</svg>`
}

export type Point = readonly [x: number, y: number]

const path = (points: readonly Point[]) => points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('')

/** A line through points of the picture. */
export function line(series: Series, points: readonly Point[]): Html {
  return html`<path class="line ${series}" d="${path(points)}"/>`
}

/** Bars side by side as one outline, down to the bottom; edges has one more than tops. */
export function bars(series: Series, edges: readonly number[], tops: readonly number[]): Html {
  const [bottom] = plotArea.y
  const outline = tops.flatMap((y, i): Point[] => [[edges[i], y], [edges[i + 1], y]])
  return html`<path class="area ${series}" d="${path([[edges[0], bottom], ...outline, [edges.at(-1)!, bottom]])}Z"/>`
}

/** Two thresholds as upright lines with their names above, one to the left and one to the right, so that they never touch. */
export function thresholdLines(lines: readonly [ThresholdLine, ThresholdLine]): Html {
  const [bottom, top] = plotArea.y
  const [left, right] = plotArea.x
  const ordered = lines.toSorted((a, b) => a.x - b.x)
  return html`<g class="thresholds">${ordered.map(({ x, label, dashed }, i) => {
    const hasRoom = i === 0 ? x - left > labelRoomPx : right - x > labelRoomPx
    const isLeft = (i === 0) === hasRoom
    const labelY = hasRoom ? top - 4 : top + 9
    return html`<path class="${dashed ? 'dashed' : 'solid'}" d="M${round(x)} ${bottom}V${top - 12}"/><text x="${round(x) + (isLeft ? -4 : 4)}" y="${labelY}" text-anchor="${isLeft ? 'end' : 'start'}">${label}</text>`
  })}</g>`
}

export interface ThresholdLine {
  x: number
  label: string
  dashed?: boolean
}

/** A dot with a label below and more on hover. @param row keeps the labels of dots that are near one another apart, from 0 */
export function dot([x, y]: Point, label: string, title: string, row: number): Html {
  const isRight = x > plotArea.x[1] - labelRoomPx
  return html`<g class="dot"><title>${title}</title><circle cx="${round(x)}" cy="${round(y)}" r="4.5"/><text x="${round(x) + (isRight ? -9 : 9)}" y="${round(y) + 16 + row * 15}" text-anchor="${isRight ? 'end' : 'start'}">${label}</text></g>`
}

/** What the colours mean, as text under the chart. */
export function legend(entries: readonly { series: Series; label: string }[]): Html {
  return html`<p class="legend">${entries.map(({ series, label }) => html`<span><i class="swatch ${series}"></i>${label}</span>`)}</p>`
}
