/** npm run icons: draws resources/icons/kith.svg as the pictures that the systems want: PNG, ICO (Windows), ICNS (macOS). */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'

const directory = 'resources/icons'
const svg = readFileSync(join(directory, 'kith.svg'))

const draw = (sizePx: number) => sharp(svg, { density: (72 * sizePx) / 512 }).resize(sizePx, sizePx).png({ compressionLevel: 9, palette: true }).toBuffer()

/** An ICO file of PNG pictures: a directory of 16 bytes each, then the pictures. */
function ico(pictures: readonly { sizePx: number; png: Buffer }[]): Buffer {
  const head = Buffer.alloc(6 + 16 * pictures.length)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(pictures.length, 4)
  let offset = head.length
  for (const [index, { sizePx, png }] of pictures.entries()) {
    const at = 6 + 16 * index
    head.writeUInt8(sizePx % 256, at)
    head.writeUInt8(sizePx % 256, at + 1)
    head.writeUInt16LE(1, at + 4)
    head.writeUInt16LE(32, at + 6)
    head.writeUInt32LE(png.length, at + 8)
    head.writeUInt32LE(offset, at + 12)
    offset += png.length
  }
  return Buffer.concat([head, ...pictures.map(({ png }) => png)])
}

/** An ICNS file of PNG pictures: each with a type of four letters and its length. */
function icns(pictures: readonly { type: string; png: Buffer }[]): Buffer {
  const parts = pictures.map(({ type, png }) => {
    const head = Buffer.alloc(8)
    head.write(type, 'latin1')
    head.writeUInt32BE(8 + png.length, 4)
    return Buffer.concat([head, png])
  })
  const head = Buffer.alloc(8)
  head.write('icns', 'latin1')
  head.writeUInt32BE(8 + parts.reduce((bytes, part) => bytes + part.length, 0), 4)
  return Buffer.concat([head, ...parts])
}

writeFileSync(join(directory, 'kith.png'), await draw(512))
const icoSizesPx = [16, 24, 32, 48, 64, 128, 256]
writeFileSync(join(directory, 'kith.ico'), ico(await Promise.all(icoSizesPx.map(async (sizePx) => ({ sizePx, png: await draw(sizePx) })))))
const icnsTypes = { ic07: 128, ic08: 256, ic09: 512, ic10: 1024, ic11: 32, ic12: 64, ic13: 256, ic14: 512 }
writeFileSync(join(directory, 'kith.icns'), icns(await Promise.all(Object.entries(icnsTypes).map(async ([type, sizePx]) => ({ type, png: await draw(sizePx) })))))
