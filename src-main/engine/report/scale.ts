/** From values to places in a picture. */

export interface Scale {
  (value: number): number
  readonly ticks: readonly number[]
}

/** Evenly, with about `tickCount` round ticks. */
export function linearScale(domain: readonly [number, number], range: readonly [number, number], tickCount = 6): Scale {
  const [low, high] = domain
  const span = high - low || 1
  const place = (value: number) => range[0] + ((value - low) / span) * (range[1] - range[0])
  return Object.assign(place, { ticks: roundTicks(low, low + span, tickCount) })
}

const maxLogTicks = 5

/** By powers of ten; values below the domain are placed at its start. @param domain greater than 0 */
export function logScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [low, high] = domain.map(Math.log10) as [number, number]
  const place = (value: number) =>
    range[0] + ((Math.max(low, Math.log10(Math.max(value, Number.MIN_VALUE))) - low) / (high - low)) * (range[1] - range[0])
  const decades = Math.floor(high) - Math.ceil(low)
  const step = Math.max(1, Math.ceil(decades / maxLogTicks))
  const ticks = Array.from({ length: Math.floor(decades / step) + 1 }, (_, i) => 10 ** (Math.floor(high) - i * step)).reverse()
  return Object.assign(place, { ticks })
}

/** Multiples of 1, 2 or 5 times a power of ten. */
function roundTicks(low: number, high: number, wanted: number): number[] {
  const rough = (high - low) / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * (1 - 1e-9))!
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9)
  const digits = Math.max(0, -Math.floor(Math.log10(step)))
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toFixed(digits)))
}
