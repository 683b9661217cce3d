import { crc32 } from 'node:zlib';
import { asciiOf } from '@tael/emvco';
import PDFDocument from 'pdfkit';
import { create, toBuffer, toString } from 'qrcode';

/** What hangs in a shop: its code, and its name and place beside it. */
export interface Poster {
  readonly payload: string;
  readonly name: string;
  readonly storeName: string;
  readonly address: string;
  /** The day that the document says it is of. */
  readonly at: Date;
}

const LEVEL = 'M';
/** White around the code, in its modules, that readers need (ISO/IEC 18004). */
const MARGIN = 4;
const PNG_WIDTH = 1_024;
// Grey and without filters: half the work of the best of five filters on four channels, for some kilobytes more.
const PNG_OPTIONS = { deflateLevel: 9, colorType: 0, filterType: 0 };
// A5 in points of 1/72 inch.
const PAGE = { width: 419.53, height: 595.28, margin: 36 };
const CODE_WIDTH = 300;
// What the fonts that every reader of PDF has can show, and no font must be sent along for.
const LATIN = /^[\x20-\x7e\xa0-\xff‘’“”–—€]*$/;

/** Gives a text as the document can show it: Latin letters, or what is left of it in those; undefined where nothing is. */
export function printable(text: string): string | undefined {
  return LATIN.test(text) ? text : asciiOf(text, 120);
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** As XML 1.0 may hold it: two code points of Unicode are none of its characters. */
const inXml = (text: string): string => text.replace(/[\uFFFE\uFFFF]/g, '').replace(/[&<>"']/g, (mark) => ESCAPES[mark]!);

/**
 * Draws the code with the shop's name below it, in whatever letters: whoever opens the picture has the fonts. Long names get small rather than cut.
 * The picture is as wide as the code with its margin, and a little higher.
 */
export async function drawSvg({ payload, name }: Poster): Promise<string> {
  const code = await toString(payload, { type: 'svg', errorCorrectionLevel: LEVEL, margin: MARGIN });
  const width = create(payload, { errorCorrectionLevel: LEVEL }).modules.size + 2 * MARGIN;
  const band = width / 8;
  // No letter is wider than it is high; most are little more than half of that, and stand with white beside them where the name is long.
  const size = Math.min(band * 0.6, (width - 2 * MARGIN) / Math.max(1, [...name].length));
  const label = `<path fill="#ffffff" d="M0 ${width}h${width}v${band}H0z"/><text x="${width / 2}" y="${width + band * 0.35}" text-anchor="middle"` +
    ` font-family="Helvetica, Arial, sans-serif" font-weight="bold" font-size="${Math.floor(size * 1_000) / 1_000}">${inXml(name)}</text>`;
  // What a screen reader says of the picture; it has to be its first element.
  const named = code.replace(/^(<svg[^>]*?)>/, (_whole, head: string) => `${head} role="img"><title>${inXml(name)}</title>`);
  return named.replace(`viewBox="0 0 ${width} ${width}"`, `viewBox="0 0 ${width} ${width + band}"`).replace('</svg>', () => `${label}</svg>`);
}

/** The signature of a PNG and its first chunk, which always has the same length: texts may stand after it. */
const PNG_HEAD = 8 + 25;

/** A chunk with the picture's title, in whatever letters: iTXt is UTF-8 (ISO/IEC 15948, 11.3.4.5), not compressed, in no said language. */
function titleChunk(title: string): Buffer {
  const data = Buffer.concat([Buffer.from('iTXtTitle\0\0\0\0\0', 'latin1'), Buffer.from(title, 'utf8')]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length - 4);
  sum.writeUInt32BE(crc32(data));
  return Buffer.concat([length, data, sum]);
}

/** Draws the code alone. Its name is the shop's: programs that describe pictures, and keep many, read it there. */
export async function drawPng({ payload, name }: Poster): Promise<Buffer> {
  const png = await toBuffer(payload, { type: 'png', errorCorrectionLevel: LEVEL, margin: MARGIN, width: PNG_WIDTH, rendererOpts: PNG_OPTIONS });
  return Buffer.concat([png.subarray(0, PNG_HEAD), titleChunk(name), png.subarray(PNG_HEAD)]);
}

/** Draws a page of A5 with the code as lines, so that it prints sharp in any size. */
export async function drawPdf(poster: Poster): Promise<Buffer> {
  const [title, store, address] = [poster.name, poster.storeName, poster.address].map(printable);
  const document = new PDFDocument({
    size: [PAGE.width, PAGE.height], margin: PAGE.margin, info: { Title: title ?? 'Tael', Producer: 'Tael', Creator: 'Tael', CreationDate: poster.at },
  });
  const parts: Buffer[] = [];
  const whole = new Promise<Buffer>((resolve, reject) => {
    document.on('data', (part: Buffer) => parts.push(part)).on('end', () => resolve(Buffer.concat(parts))).on('error', reject);
  });
  const width = PAGE.width - 2 * PAGE.margin;
  const line = (text: string | undefined, y: number, size: number, font: string): void => {
    if (text) document.font(font).fontSize(size).fillColor('#000').text(text, PAGE.margin, y, { width, height: size * 2.4, align: 'center', ellipsis: true });
  };
  line(title, 44, 24, 'Helvetica-Bold');
  drawCode(document, poster.payload, { x: (PAGE.width - CODE_WIDTH) / 2, y: 116 });
  line('Scan to pay with Tael', 432, 16, 'Helvetica-Bold');
  line(store, 468, 12, 'Helvetica');
  line(address, 500, 10, 'Helvetica');
  document.end();
  return whole;
}

function drawCode(document: PDFKit.PDFDocument, payload: string, at: { x: number; y: number }): void {
  const { modules } = create(payload, { errorCorrectionLevel: LEVEL });
  const side = CODE_WIDTH / (modules.size + 2 * MARGIN);
  document.rect(at.x, at.y, CODE_WIDTH, CODE_WIDTH).fill('#fff');
  for (let row = 0; row < modules.size; row += 1) {
    for (let column = 0; column < modules.size; column += 1) {
      if (modules.get(row, column)) document.rect(at.x + (column + MARGIN) * side, at.y + (row + MARGIN) * side, side, side);
    }
  }
  document.fill('#000');
}
