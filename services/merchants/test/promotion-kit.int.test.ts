import { readTaelCode, writeTaelCode } from '@tael/emvco';
import { currencyCode } from '@tael/money';
import jsQR from 'jsqr';
import { PNG } from 'pngjs';
import { inflateSync } from 'node:zlib';
import { UNITS } from '../src/codes/harfbuzz';
import { drawnName, letter } from '../src/codes/lettering';
import { drawPdf, drawPng, drawSvg, type Poster } from '../src/codes/promotion-kit';
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

const viewBoxOf = (svg: string): readonly number[] =>
  /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg)!.slice(1).map(Number);

/** The lines of letters of an SVG: where each stands, and the points of its outline. */
function linesOf(svg: string): { x: number; y: number; scale: number; points: [number, number][] }[] {
  return [...svg.matchAll(/<path transform="translate\(([-\d.]+) ([-\d.]+)\) scale\(([\d.]+) -([\d.]+)\)" d="([^"]*)"/g)].map(([, x, y, scale, flipped, outline]) => {
    expect(flipped).toBe(scale);
    const numbers = outline!.match(/-?[\d.]+/g)!.map(Number);
    return { x: Number(x), y: Number(y), scale: Number(scale), points: Array.from({ length: numbers.length / 2 }, (_, at) => [numbers[2 * at]!, numbers[2 * at + 1]!]) };
  });
}

/** What of a picture is dark, row by row: in the square of the code, and below it. */
function dotsOf(png: Buffer): { width: number; height: number; square: string; below: string } {
  const { data, width, height } = PNG.sync.read(png);
  const row = (y: number): string => Array.from({ length: width }, (_, x) => (data[(y * width + x) * 4]! < 128 ? '#' : ' ')).join('');
  const rows = Array.from({ length: height }, (_, y) => row(y));
  return { width, height, square: rows.slice(0, width).join(''), below: rows.slice(width).join('').trim() };
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
  // Drawn by the fonts of the service, so that they are the same wherever they are opened.
  it.each([['Café Zoë'], ['街角咖啡'], ['Кофейня на углу'], ['Fish & Chips <3 "best"'], ['W'.repeat(120)], ['角'.repeat(120)], ['a b '.repeat(30)],
    // Right to left, and high and deep.
    ['مقهى الزاوية'], ['مقهى '.repeat(24)], ['ที่น้ำ'.repeat(20)], ['ကြွှုံ့ '.repeat(12)], ['ស្ត្រី'.repeat(20)], ['Ẩ́ợ̃'.repeat(10)]])(
    'have the name below the code as shapes, within the picture: SVG of %s', async (name) => {
      const svg = await drawSvg({ ...poster, name });
      const [width = 0, height = 0] = viewBoxOf(svg);
      expect(svg).not.toContain('<text');
      const lines = linesOf(svg);
      expect(lines.reduce((sum, { points }) => sum + points.length, 0)).toBeGreaterThan(4 * name.replaceAll(' ', '').length);
      for (const { x, y, scale, points } of lines) {
        const [across, down] = [points.map(([px]) => x + px * scale), points.map(([, py]) => y - py * scale)];
        expect([Math.min(...across) >= 0, Math.max(...across) <= width, Math.min(...down) > width, Math.max(...down) < height]).toEqual([true, true, true, true]);
      }
      expect(readSvg(svg)).toBe(payload);
    },
  );
  it.each([
    ['མོག་མོག', 'མོག་མོག'], ['ߒߞߏ ߞߏ', 'ߒߞߏ ߞߏ'], ['Кафе ཀ <&>', 'Кафе ཀ &lt;&amp;&gt;'], ['A\u0F40\uFFFEB\uFFFFC', 'A\u0F40BC'], ['$& $1 ཀ', '$&amp; $1 ཀ'], ['مقهى 👍', 'مقهى 👍'],
  ])('have the whole name as text where a letter of it cannot be drawn here: SVG of %j', async (name, shown) => {
    const svg = await drawSvg({ ...poster, name });
    const [width = 0, height = 0] = viewBoxOf(svg);
    const [, y = '', size = '', text = ''] = /<text x="[\d.]+" y="([\d.]+)"[^>]*font-size="([\d.]+)">([^<]*)<\/text><\/svg>\s*$/.exec(svg) ?? [];
    expect(text).toBe(shown);
    expect(Number(y)).toBeGreaterThan(width);
    expect(Number(y)).toBeLessThan(height);
    expect(Number(size) * [...name].length).toBeLessThanOrEqual(width);
  });
  // To look at a million dots takes the sandbox of jest seconds: each is drawn once, and all are compared.
  it('have the name below the code as dots, each its own: PNG', async () => {
    const names = ['Corner Coffee', '街角咖啡', 'モカ珈琲店', '커피 한잔', 'Кофейня на углу', 'Καφές στη γωνία', 'Łódź Café', 'Phở Việt', 'مقهى', 'हिन्दी', 'མོག་མོག'];
    const seen = [];
    for (const name of names) seen.push(dotsOf(await drawPng({ ...poster, name })));
    // The code fills a square; what is below it is the name alone.
    expect(seen.at(-1)).toMatchObject({ width: 1024, height: 1024, below: '' });
    for (const { width, square, below } of seen.slice(0, -1)) {
      expect([width, square]).toEqual([1024, seen.at(-1)!.square]);
      expect(below.match(/#/g)!.length).toBeGreaterThan(500);
    }
    expect(new Set(seen.map(({ below }) => below)).size).toBe(names.length);
  });
  it.each([['Corner Coffee'], ['街角咖啡'], ['Кофейня на углу'], ['커피 한잔'], ['מקום בפינה'], ['కాఫీ దుకాణం']])('have the outlines of the name\'s letters: PDF of %s', async (name) => {
    const [named, other] = await Promise.all([drawPdf({ ...poster, name }), drawPdf({ ...poster, name: 'Wax' })].map(async (pdf) => streamsOf(await pdf)));
    const { lines } = (await letter(name, { width: 300, height: 60, sizeMax: 24, sizeMin: 8 }))!;
    const moves = lines.flatMap(({ outline }) => [...outline.matchAll(/M(-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => `${x} ${y} m`));
    expect(moves.length).toBeGreaterThanOrEqual(name.replaceAll(' ', '').length);
    const isIn = (stream: string): boolean => moves.every((move) => stream.includes(`\n${move}\n`));
    expect([isIn(named!), isIn(other!)]).toEqual([true, false]);
  });
  it('have the store\'s name and address in other letters too: PDF', async () => {
    const plain = streamsOf(await drawPdf({ ...poster, storeName: '', address: '' }));
    const full = streamsOf(await drawPdf({ ...poster, storeName: '码头店', address: 'شارع النيل 15, مصر' }));
    expect([plain, full].map((stream) => stream.match(/ActualText/g)!.length)).toEqual([1, 3]);
    for (const text of ['码头店', 'شارع النيل 15, مصر']) {
      // UTF-16, as a text of PDF begins with a mark to say; in the order of reading.
      expect(full).toContain(`/ActualText (\xfe\xff${Buffer.from(text, 'utf16le').swap16().toString('latin1')})`);
    }
  });
  // What a shop calls itself is text in a PDF, whatever it looks like.
  it.each([[') Tj ET endstream endobj (('], ['\\) /Type /Action'], ['>> BDC <<'], ['\r\nendobj\r\n']])('keep what a name says from the document: PDF of %j', async (name) => {
    const hostile = await drawPdf({ ...poster, name, storeName: name, address: name });
    const plain = await drawPdf(poster);
    const parts = (pdf: Buffer): readonly number[] => [/^\d+ 0 obj$/gm, /^endobj$/gm, /^stream$/gm, /^endstream$/gm].map((mark) => pdf.toString('latin1').match(mark)!.length);
    expect(parts(hostile)).toEqual(parts(plain));
    const operators = streamsOf(hostile).replace(/\((?:\\[^]|[^\\()])*\)/g, '()');
    expect(operators.match(/BDC/g)).toHaveLength(3);
    expect(operators).not.toContain('endobj');
  });
  it('are drawn in bounded time, whatever the name: 120 rare signs, each of another part of a font', async () => {
    const name = Array.from({ length: 120 }, (_, index) => String.fromCodePoint(0x4e00 + index * 170)).join('');
    const at = performance.now();
    await Promise.all([drawSvg({ ...poster, name }), drawPng({ ...poster, name }), drawPdf({ ...poster, name })]);
    expect(performance.now() - at).toBeLessThan(20_000);
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
  ['Café Zoë', 'Café Zoë'], ['Joe’s', 'Joe’s'], ['街角 Corner', '街角 Corner'], ['街角咖啡', '街角咖啡'], ['繁體茶館', '繁體茶館'], ['Łódź', 'Łódź'], ['カフェ角', 'カフェ角'], ['카페', '카페'],
  ['Кофейня', 'Кофейня'], ['Καφές', 'Καφές'], ['Phở', 'Phở'], ['Cafe\u0301', 'Café'], ['Ђорђе', 'Ђорђе'],
  ['مقهى Corner', 'مقهى Corner'], ['กาแฟ', 'กาแฟ'], ['קפה', 'קפה'], ['कॉफ़ी', 'कॉफ़ी'], ['Coffee 👍', 'Coffee'], ['مقهى 👍', 'مقهى'], ['👍 קפה', 'קפה'], ['\u202EBar', 'Bar'],
  ['کافه می\u200Cخواهم', 'کافه می\u200Cخواهم'], ['কফি শপ', 'কফি শপ'], ['காபி கடை', 'காபி கடை'], ['కాఫీ', 'కాఫీ'], ['કૉફી', 'કૉફી'], ['ਕੌਫੀ', 'ਕੌਫੀ'], ['ಕಾಫಿ', 'ಕಾಫಿ'], ['കാപ്പി', 'കാപ്പി'], ['කෝපි', 'කෝපි'],
  ['កាហ្វេ', 'កាហ្វេ'], ['ກາເຟ', 'ກາເຟ'], ['ကော်ဖီဆိုင်', 'ကော်ဖီဆိုင်'], ['ቡና ቤት', 'ቡና ቤት'], ['ყავა', 'ყავა'], ['Սրճարան', 'Սրճարան'], ['କଫି', 'କଫି'],
  // A mark that its font can put on the letter, and one that it has not.
  ['x\u0303', 'x\u0303'], ['x\u0337', undefined], ['街\u0303', undefined],
  // Signs that no letter is below or before: a font would draw a ring for it.
  ['ि', undefined], ['Bar \u0E48', undefined], ['กาแฟ ास मकान', 'मकान'],
  ['མོག Corner', 'Corner'], ['ߒߞߏ', undefined], ['Café ཀ مقهى', 'Café مقهى'], ['ᄒ', undefined],
])('drawnName(%j) is %j', async (name, expected) => {
  expect(await drawnName(name)).toBe(expected);
});

it('letters are wider where a name is in bold, and stand beside each other as their font says', async () => {
  const widthOf = async (name: string): Promise<number> => (await letter(name, { width: 10_000, height: 100, sizeMax: 1, sizeMin: 1 }))!.lines[0]!.width;
  // In Noto Sans Regular n is 618 units wide, in Bold some 650. A full-width sign is as wide as it is high.
  expect(await widthOf('n') * UNITS).toBeGreaterThan(640);
  expect(await widthOf('街')).toBeCloseTo(1, 3);
  const [both, sum] = [await widthOf('AV'), await widthOf('A') + await widthOf('V')];
  expect(both).toBeLessThan(sum);
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
    expect(promotionKit).toMatchObject({ payload: qrCode, printedName: '街角 Corner' });
    expect(readPng(Buffer.from(promotionKit.png, 'base64'))).toBe(qrCode);
    expect(readPdf(Buffer.from(promotionKit.pdf, 'base64'))).toBe(qrCode);
    expect(readTaelCode(qrCode)).toMatchObject({ ok: true, value: { merchantId: merchant.id, storeId: id } });
    expect((await ask(operator(), id)).data.promotionKit.payload).toBe(qrCode);
    for (const unknown of [id, '0196a000-0000-7000-8000-00000000dead', 'none']) expect((await ask(somebody(), unknown)).data.promotionKit).toBeNull();
    expect((await ask(nobody, id)).errors[0].extensions.code).toBe('UNAUTHENTICATED');
  });
});
