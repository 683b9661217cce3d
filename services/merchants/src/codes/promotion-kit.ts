import { crc32 } from 'node:zlib';
import PDFDocument from 'pdfkit';
import { create, toString } from 'qrcode';
import { UNITS } from './harfbuzz';
import { letter, type Lettering } from './lettering';
import { rasterised } from './raster';

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
// A5 in points of 1/72 inch.
const PAGE = { width: 419.53, height: 595.28, margin: 36 };
const CODE_WIDTH = 300;

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** As XML 1.0 may hold it: two code points of Unicode are none of its characters. */
const inXml = (text: string): string => text.replace(/[\uFFFE\uFFFF]/g, '').replace(/[&<>"']/g, (mark) => ESCAPES[mark]!);
/** A thousandth of a module is seen by nobody; a scale needs more, for what it is multiplied by. */
const inModules = (length: number, digits = 3): string => String(Math.round(length * 10 ** digits) / 10 ** digits);

/** The code and what stands below it, in modules. */
interface Picture {
  readonly code: string;
  readonly width: number;
  readonly label: string;
  readonly band: number;
}

/**
 * Draws the code with the shop's name below it, as outlines of letters: the same wherever it is opened. Where letters of the name cannot be drawn
 * here, it is text, and whoever opens the picture has the fonts. Long names get small and are broken into lines rather than cut.
 */
export async function drawSvg(poster: Poster): Promise<string> {
  const code = await codeOf(poster);
  const lettering = await labelOf(poster, code.width);
  const label = lettering && !lettering.isLess ? outlined(lettering, code.width) : written(poster.name, code.width);
  return svgOf({ ...code, ...label }, poster.name);
}

async function codeOf({ payload }: Poster): Promise<{ code: string; width: number }> {
  const code = await toString(payload, { type: 'svg', errorCorrectionLevel: LEVEL, margin: MARGIN });
  return { code, width: create(payload, { errorCorrectionLevel: LEVEL }).modules.size + 2 * MARGIN };
}

const labelOf = ({ name }: Poster, width: number): Promise<Lettering | undefined> =>
  letter(name, { width: width - 2 * MARGIN, height: width / 4, sizeMax: width / 12, sizeMin: width / 40 });

function outlined({ lines, size, height }: Lettering, width: number): Pick<Picture, 'label' | 'band'> {
  const scale = inModules(size / UNITS, 7);
  const paths = lines.map(({ outline, width: length, ground }) =>
    `<path transform="translate(${inModules((width - length) / 2)} ${inModules(width + ground)}) scale(${scale} -${scale})" d="${outline}"/>`);
  return { label: `<g fill="#000000" shape-rendering="geometricPrecision">${paths.join('')}</g>`, band: height + MARGIN };
}

function written(name: string, width: number): Pick<Picture, 'label' | 'band'> {
  const band = width / 8;
  // No letter is wider than it is high; most are little more than half of that, and stand with white beside them where the name is long.
  const size = Math.min(band * 0.6, (width - 2 * MARGIN) / Math.max(1, [...name].length));
  return {
    band,
    label: `<text x="${width / 2}" y="${width + band * 0.35}" text-anchor="middle" font-family="Helvetica, Arial, sans-serif" font-weight="bold"` +
      ` font-size="${Math.floor(size * 1_000) / 1_000}">${inXml(name)}</text>`,
  };
}

function svgOf({ code, width, label, band }: Picture, name: string): string {
  const height = inModules(width + band);
  const ground = band > 0 ? `<path fill="#ffffff" d="M0 ${width}h${width}V${height}H0z"/>` : '';
  // What a screen reader says of the picture; it has to be its first element.
  const named = code.replace(/^(<svg[^>]*?)>/, (_whole, head: string) => `${head} role="img"><title>${inXml(name)}</title>`);
  return named.replace(`viewBox="0 0 ${width} ${width}"`, `viewBox="0 0 ${width} ${height}"`).replace('</svg>', () => `${ground}${label}</svg>`);
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

/**
 * Draws the same as a picture of dots, 1,024 wide. What cannot be drawn is left out here: nobody who opens it could add it. Programs that describe pictures, and keep many,
 * read the whole name in its title.
 */
export async function drawPng(poster: Poster): Promise<Buffer> {
  const code = await codeOf(poster);
  const lettering = await labelOf(poster, code.width);
  const label = lettering ? outlined(lettering, code.width) : { label: '', band: 0 };
  const png = await rasterised(svgOf({ ...code, ...label }, poster.name), PNG_WIDTH);
  return Buffer.concat([png.subarray(0, PNG_HEAD), titleChunk(poster.name), png.subarray(PNG_HEAD)]);
}

/** Draws a page of A5 with the code and the letters as lines, so that it prints sharp in any size, and needs no font. */
export async function drawPdf(poster: Poster): Promise<Buffer> {
  const width = PAGE.width - 2 * PAGE.margin;
  const lettered = (text: string, sizeMax: number) => letter(text, { width, height: sizeMax * 2.6, sizeMax, sizeMin: sizeMax / 3 });
  const [title, store, address] = await Promise.all([lettered(poster.name, 24), lettered(poster.storeName, 12), lettered(poster.address, 10)]);
  const document = new PDFDocument({
    size: [PAGE.width, PAGE.height], margin: PAGE.margin, info: { Title: poster.name, Producer: 'Tael', Creator: 'Tael', CreationDate: poster.at },
  });
  const parts: Buffer[] = [];
  const whole = new Promise<Buffer>((resolve, reject) => {
    document.on('data', (part: Buffer) => parts.push(part)).on('end', () => resolve(Buffer.concat(parts))).on('error', reject);
  });
  drawLines(document, title, 40);
  drawCode(document, poster.payload, { x: (PAGE.width - CODE_WIDTH) / 2, y: 116 });
  document.font('Helvetica-Bold').fontSize(16).fillColor('#000').text('Scan to pay with Tael', PAGE.margin, 432, { width, align: 'center' });
  drawLines(document, store, 466);
  drawLines(document, address, 500);
  document.end();
  return whole;
}

function drawLines(document: PDFKit.PDFDocument, lettering: Lettering | undefined, y: number): void {
  if (!lettering) return;
  const scale = lettering.size / UNITS;
  // The letters are shapes; the text itself is there for readers aloud, for search and for copying.
  document.markContent('Span', { actual: lettering.text });
  for (const { outline, width, ground } of lettering.lines) {
    document.save().translate((PAGE.width - width) / 2, y + ground).scale(scale, -scale).path(outline).fill('#000').restore();
  }
  document.endMarkedContent();
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
