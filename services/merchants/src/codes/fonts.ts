import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { create, type Font } from 'fontkit';
import decompress from 'wawoff2/decompress.js';
import { type Family, standsAlone } from './letters.domain';

const PACKAGES: Readonly<Record<Family, string>> = { sans: 'noto-sans', sc: 'noto-sans-sc', jp: 'noto-sans-jp', kr: 'noto-sans-kr' };
/** Letters of other scripts that the packages hold too, which would have to be shaped. */
const LEFT_OUT = ['devanagari'];
const WEIGHT = 700;
/** A file is a slice of a font, some hundred letters, a third of a megabyte when open. So many stay open: what one name can need, which a kit asks for four times. */
const OPEN_MAX = 128;

/** Which file of a family has a sign, by its number. */
type Index = ReadonlyMap<number, string>;

/**
 * The fonts of Noto (SIL Open Font Licence), as their packages bring them: cut into files of some hundred letters each. A file is read when one of its letters is first asked for.
 */
export class Fonts {
  private readonly indexes = new Map<Family, Promise<Index>>();
  private readonly open = new Map<string, Promise<Font>>();

  /** Gives the font that draws a sign, from the first of some families that has it; undefined where none does. */
  async fontOf(sign: string, families: readonly Family[]): Promise<Font | undefined> {
    if (!standsAlone(sign)) return undefined;
    const code = sign.codePointAt(0)!;
    for (const family of families) {
      const file = (await this.indexOf(family)).get(code);
      const font = file === undefined ? undefined : await this.opened(file);
      // The list says which file to look into, not that the font has the letter.
      if (font?.hasGlyphForCodePoint(code)) return font;
    }
    return undefined;
  }

  private indexOf(family: Family): Promise<Index> {
    return kept(this.indexes, family, () => readIndex(PACKAGES[family]));
  }

  private opened(file: string): Promise<Font> {
    const font = kept(this.open, file, () => readFont(file));
    // The one that was asked for last is the last to go.
    this.open.delete(file);
    this.open.set(file, font);
    for (const oldest of this.open.keys()) {
      if (this.open.size <= OPEN_MAX) break;
      this.open.delete(oldest);
    }
    return font;
  }
}

/** What was read once is not read again; what could not be read is tried anew. */
function kept<Key, Value>(map: Map<Key, Promise<Value>>, key: Key, read: () => Promise<Value>): Promise<Value> {
  const known = map.get(key);
  if (known) return known;
  const value = read();
  map.set(key, value);
  value.catch(() => map.delete(key));
  return value;
}

async function readIndex(name: string): Promise<Index> {
  const list = require.resolve(`@fontsource-variable/${name}/unicode.json`);
  const ranges = JSON.parse(await readFile(list, 'utf8')) as Record<string, string>;
  const index = new Map<number, string>();
  for (const [subset, text] of Object.entries(ranges)) {
    if (LEFT_OUT.includes(subset)) continue;
    const file = join(dirname(list), 'files', `${name}-${subset.replace(/[[\]]/g, '')}-wght-normal.woff2`);
    for (const code of codesIn(text)) if (!index.has(code)) index.set(code, file);
  }
  return index;
}

/** The numbers that a unicode-range of CSS names: `U+20-7E,U+A0`. */
function* codesIn(ranges: string): Generator<number> {
  for (const [, first = '', last = first] of ranges.matchAll(/U\+([\dA-F]+)(?:-([\dA-F]+))?/gi)) {
    for (let code = Number.parseInt(first, 16); code <= Number.parseInt(last, 16); code += 1) yield code;
  }
}

async function readFont(file: string): Promise<Font> {
  // Weights are read of TrueType alone, and the files are WOFF2, which is the same compressed.
  const font = create(Buffer.from(await decompress(await readFile(file))));
  if (!('getVariation' in font)) throw new Error(`${file} is a collection of fonts, and one was expected`);
  return font.getVariation({ wght: WEIGHT });
}
