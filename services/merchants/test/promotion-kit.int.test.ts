import { readTaelCode, writeTaelCode } from '@tael/emvco';
import { currencyCode } from '@tael/money';
import jsQR from 'jsqr';
import { PNG } from 'pngjs';
import { inflateSync } from 'node:zlib';
import { drawPdf, drawPng, drawSvg, type Poster, printable } from '../src/codes/promotion-kit';
import { activate, nobody, operator, register, somebody, startSubject, type Subject } from './support';

// A million pixels one by one are slow in the sandbox of jest, a hundred times as slow as outside.
jest.setTimeout(120_000);

/** What a reader of QR codes sees in a picture. */
function readPng(png: Buffer): string | undefined {
  const { data, width, height } = PNG.sync.read(png);
  return jsQR(new Uint8ClampedArray(data), width, height)?.data;
}

/** The chunks of a PNG, whose sums PNG.sync.read has checked. */
function chunksOf(png: Buffer): { type: string; data: Buffer }[] {
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + png.readUInt32BE(at)) });
  }
  return chunks;
}

/** Every stream of a PDF as text, as its reader would have it. */
function streamsOf(pdf: Buffer): string {
  const text = pdf.toString('latin1');
  return [...text.matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)]
    .map(([, stream]) => {
      try {
        return inflateSync(Buffer.from(stream!, 'latin1')).toString('latin1');
      } catch {
        return '';
      }
    })
    .join('\n');
}

/** Draws the strokes of an SVG, each a module high, into a picture of its own for a reader of QR codes. */
function readSvg(svg: string): string | undefined {
  const scale = 8;
  const side = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1]) * scale;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  let [x, y] = [0, 0];
  for (const [, command, first, second] of /stroke="#000000" d="([^"]*)"/.exec(svg)![1]!.matchAll(/([Mmh])([-\d.]+)(?: ([-\d.]+))?/g)) {
    if (command === 'M') [x, y] = [Number(first), Number(second) - 0.5];
    else if (command === 'm') [x, y] = [x + Number(first), y + Number(second ?? 0)];
    else {
      for (let row = y * scale; row < (y + 1) * scale; row += 1) pixels.fill(0, (row * side + x * scale) * 4, (row * side + (x + Number(first)) * scale) * 4);
      x += Number(first);
    }
  }
  return jsQR(pixels, side, side)?.data;
}

/** Draws the squares of a PDF into a picture of its own for a reader of QR codes; the white one is the ground they stand on. */
function readPdf(pdf: Buffer): string | undefined {
  const scale = 3;
  const [ground, ...squares] = [...streamsOf(pdf).matchAll(/^([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re$/gm)].map((square) => square.slice(1).map(Number));
  const [left = 0, top = 0, width = 0] = ground!;
  const side = Math.round(width * scale);
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [x = 0, y = 0, w = 0, h = 0] of squares) {
    const [from, to] = [Math.round((x - left) * scale), Math.round((x - left + w) * scale)];
    for (let row = Math.round((y - top) * scale); row < Math.round((y - top + h) * scale); row += 1) {
      for (let column = from; column < to; column += 1) pixels.fill(0, (row * side + column) * 4, (row * side + column) * 4 + 3);
    }
  }
  return jsQR(pixels, side, side)?.data;
}

const payload = writeTaelCode({
  merchantId: '0196a000-0000-7000-8000-000000000001', storeId: '0196a000-0000-7000-8000-000000000002', categoryCode: '5814',
  currency: currencyCode('USD'), country: 'US', name: 'Café Zoë 街角', city: 'San Francisco', postalCode: '94105',
});
const poster: Poster = { payload, name: 'Café Zoë', storeName: 'Ferry', address: '1 Main Street, 94105 San Francisco', at: new Date('2026-01-02T03:04:05Z') };

describe('the pictures of a code', () => {
  it('are read back as the code: PNG', async () => {
    expect(readPng(await drawPng(poster))).toBe(payload);
  });
  it('are read back as the code: PDF', async () => {
    expect(readPdf(await drawPdf(poster))).toBe(payload);
  });
  it('are read back as the code: SVG', async () => {
    expect(readSvg(await drawSvg(poster))).toBe(payload);
  });
  it.each([
    ['Café Zoë', 'Café Zoë'], ['街角咖啡', '街角咖啡'], ['Fish & Chips <3 "best"', 'Fish &amp; Chips &lt;3 &quot;best&quot;'],
    ['$& $1', '$&amp; $1'],
  ])('have the name below the code, as it is: SVG of %j', async (name, shown) => {
    const svg = await drawSvg({ ...poster, name });
    const [, width = '', height = ''] = /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? [];
    const [, y = '', size = '', text = ''] = /<text x="[\d.]+" y="([\d.]+)"[^>]*font-size="([\d.]+)">([^<]*)<\/text><\/svg>\s*$/.exec(svg) ?? [];
    expect(text).toBe(shown);
    expect(Number(y)).toBeGreaterThan(Number(width));
    expect(Number(y)).toBeLessThan(Number(height));
    expect(readSvg(svg)).toBe(payload);
    expect(Number(size) * 0.6 * [...name].length).toBeLessThan(Number(width));
  });
  // Wider than a letter of these scripts is: a W in bold is 0.95, a full-width letter 1.
  it.each(['W'.repeat(100), '街'.repeat(18), '角'.repeat(100)])('fit a long name: SVG of %s', async (name) => {
    const svg = await drawSvg({ ...poster, name });
    const [, width = ''] = /viewBox="0 0 ([\d.]+) /.exec(svg) ?? [];
    const [, size = ''] = /font-size="([\d.]+)"/.exec(svg) ?? [];
    expect(Number(size) * [...name].length).toBeLessThanOrEqual(Number(width));
  });
  it('leave out what no document of XML may hold: SVG', async () => {
    expect(await drawSvg({ ...poster, name: 'A\uFFFEB\uFFFFC' })).toContain('>ABC</text>');
  });
  it('are the same for the same: PDF', async () => {
    expect((await drawPdf(poster)).equals(await drawPdf(poster))).toBe(true);
  });
});

it.each([['Corner'], ['街角咖啡'], ['Tom & <Jerry\'s> "Café" 👍'], ['']])('the pictures of %j are called that', async (name) => {
  const poster = { payload: 'https://tael.example/none', name, storeName: 'Ferry', address: '1 Main Street', at: new Date(0) };
  const png = await drawPng(poster);
  expect(PNG.sync.read(png).width).toBeGreaterThan(900);
  const chunks = chunksOf(png);
  expect(chunks.map(({ type }) => type)).toEqual(['IHDR', 'iTXt', ...chunks.slice(2, -1).map(() => 'IDAT'), 'IEND']);
  // Keyword, not compressed, by the method 0, in no said language, without a translated keyword; then the text.
  expect(chunks[1]!.data.toString('utf8')).toBe(`Title\0\0\0\0\0${name}`);
  const [, title] = /^<svg[^>]* role="img"><title>([^<]*)<\/title>/.exec(await drawSvg(poster))!;
  expect(title!.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#39;/g, "'").replace(/&amp;/g, '&')).toBe(name);
});

it.each([
  ['Café Zoë', 'Café Zoë'], ['Joe’s', 'Joe’s'], ['街角 Corner', 'Corner'], ['街角咖啡', undefined], ['Łódź', 'Lodz'],
])('printable(%j) is %j', (name, expected) => {
  expect(printable(name)).toBe(expected);
});

describe('promotionKit', () => {
  let subject: Subject;
  beforeAll(async () => {
    subject = await startSubject('kit');
  });
  afterAll(() => subject?.stop());
  const ask = (as: Parameters<Subject['ask']>[0], storeId: string) => subject.ask(as,
    'query ($storeId: ID!) { promotionKit(storeId: $storeId) { payload svg png pdf printedName } }', { storeId });

  it('gives the shop\'s people the code as pictures, and nobody else', async () => {
    const owner = somebody();
    const { merchant } = await register(subject, owner, { name: '街角 Corner' });
    await activate(subject, operator(), merchant.id);
    const { data } = await subject.ask(owner, 'mutation ($input: AddStoreInput!) { addStore(input: $input) { store { id qrCode } } }', {
      input: {
        merchantId: merchant.id, name: 'Ferry', addressLines: ['1 Main Street'], city: 'San Francisco', country: 'US', latitude: 37.784064,
        longitude: -122.40398, timeZone: 'America/Los_Angeles', openingHours: [],
      },
    });
    const { id, qrCode } = data.addStore.store;
    const { promotionKit } = (await ask(owner, id)).data;
    expect(promotionKit).toMatchObject({ payload: qrCode, printedName: 'Corner' });
    expect(readPng(Buffer.from(promotionKit.png, 'base64'))).toBe(qrCode);
    expect(readPdf(Buffer.from(promotionKit.pdf, 'base64'))).toBe(qrCode);
    expect(readTaelCode(qrCode)).toMatchObject({ ok: true, value: { merchantId: merchant.id, storeId: id } });
    expect((await ask(operator(), id)).data.promotionKit.payload).toBe(qrCode);
    for (const unknown of [id, '0196a000-0000-7000-8000-00000000dead', 'none']) expect((await ask(somebody(), unknown)).data.promotionKit).toBeNull();
    expect((await ask(nobody, id)).errors[0].extensions.code).toBe('UNAUTHENTICATED');
  });
});
