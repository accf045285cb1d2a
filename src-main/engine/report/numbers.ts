/** Numbers as a reader wants them. */

/** `0.983`; what is not quite 1 is never written as 1. */
export function decimal(value: number, digits = 3): string {
  const text = value.toFixed(digits)
  return value < 1 && Number(text) === 1 ? `> ${(1 - 10 ** -digits).toFixed(digits)}` : text
}

/** `1,234` */
export function whole(value: number): string {
  return value.toLocaleString('en')
}

/** `1 face`, `2 faces` */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${whole(value)} ${value === 1 ? one : many}`
}

/** A share as a percentage with as many digits as it needs: `0.1 %`, `12 %`. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))}\u00a0%`
}
