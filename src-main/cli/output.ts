/** What a command says: one JSON document or text for people on stdout; everything else on stderr. */

export interface Output {
  readonly json: boolean
  /** The command's one answer. `text` says it for people. */
  result(value: unknown, text: () => string): Promise<void>
  /** A line for people beside the answer. */
  note(line: string): void
}

function write(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()))
}

export function createOutput(json: boolean): Output {
  return {
    json,
    async result(value, text) {
      if (json) return write(`${JSON.stringify(value, null, process.stdout.isTTY ? 2 : undefined)}\n`)
      const said = text()
      if (said) await write(`${said}\n`)
    },
    note: (line) => void process.stderr.write(`${line}\n`),
  }
}

/** A reader that goes away (`kith faces | head`) is no error: the rest goes nowhere. */
export function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
      process.exit()
    })
}

/** A file's name may hold newlines and codes that move the cursor: on a terminal they are shown, not obeyed. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1).replace(/^[\x7f-\x9f]$/, '\ufffd'))
}

/** Columns side by side, numbers to the right. The rows are of equal length. */
export function formatTable(header: readonly string[], given: readonly (readonly (string | number)[])[]): string {
  const rows = given.map((row) => row.map((cell) => (typeof cell === 'string' ? printable(cell) : cell)))
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => String(row[column]).length)))
  const line = (cells: readonly (string | number)[]) =>
    cells
      .map((cell, column) => (typeof cell === 'number' ? String(cell).padStart(widths[column]!) : String(cell).padEnd(widths[column]!)))
      .join('  ')
      .trimEnd()
  const titles = header.map((title, column) => (typeof rows[0]?.[column] === 'number' ? title.padStart(widths[column]!) : title))
  return [line(titles), ...rows.map(line)].join('\n')
}

/** `1 face`, `2 faces` */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`
}

/** `97 %`; what is not quite certain is never written as 100 %. */
export function percent(fraction: number): string {
  const rounded = Math.round(fraction * 100)
  return rounded === 100 && fraction < 1 ? '> 99 %' : `${rounded} %`
}

/** `45 s`, `3 min 20 s`, `2 h 5 min` */
export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
