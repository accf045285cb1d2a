/** Colours that tell people apart, on light and on dark ground. */

export type Rgb = readonly [red: number, green: number, blue: number]

/** Each next hue lies in the largest gap between those before. */
const goldenAngleDegrees = 137.508
const lightness = { light: [0.56, 0.66, 0.46], dark: [0.72, 0.62, 0.82] } as const
const chroma = 0.15
/** So many neighbours in the order have one lightness before the next has its turn. */
const huesPerLightness = 9

/** @param index place among the people, those with most faces first */
export function personColour(index: number, dark: boolean): Rgb {
  const steps = lightness[dark ? 'dark' : 'light']
  return fromOklch(steps[Math.floor(index / huesPerLightness) % steps.length]!, chroma, 25 + index * goldenAngleDegrees)
}

/** A colour between two. */
export function mix(one: Rgb, other: Rgb, share: number): Rgb {
  const between = (k: 0 | 1 | 2) => Math.round(one[k] * (1 - share) + other[k] * share)
  return [between(0), between(1), between(2)]
}

export const cssColour = ([red, green, blue]: Rgb): string => `rgb(${red} ${green} ${blue})`

/** `rgb(…)` as a browser computes it. */
export function parseColour(text: string): Rgb {
  const [red = 0, green = 0, blue = 0] = (text.match(/[\d.]+/g) ?? []).map(Number)
  return [red, green, blue]
}

/** OKLCH to sRGB (Ottosson 2020, "A perceptual color space for image processing"). */
function fromOklch(light: number, strength: number, hueDegrees: number): Rgb {
  const hue = (hueDegrees * Math.PI) / 180
  const [a, b] = [strength * Math.cos(hue), strength * Math.sin(hue)]
  const l = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (light - 0.0894841775 * a - 1.291485548 * b) ** 3
  const displayed = (linear: number) => {
    const inside = Math.min(1, Math.max(0, linear))
    return Math.round(255 * (inside <= 0.0031308 ? 12.92 * inside : 1.055 * inside ** (1 / 2.4) - 0.055))
  }
  return [
    displayed(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    displayed(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    displayed(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ]
}
