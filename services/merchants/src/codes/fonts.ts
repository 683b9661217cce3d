import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import decompress from 'wawoff2/decompress.js';
import { ShapingFont } from './harfbuzz';
import type { Family } from './scripts.domain';

/** Cut into files that have a font together; of every other family one file is for its script, and the rest is Latin. */
const CUT: readonly Family[] = ['sans', 'sc', 'jp', 'kr'];
/** Noto Sans holds letters of Devanagari too, which has a font of its own. */
const LEFT_OUT = ['devanagari'];
const WEIGHT = 700;
/** A file is a slice of a font, some hundred letters, a third of a megabyte when open. So many stay open: what one name can need, which a kit asks for four times. */
const OPEN_MAX = 128;
/** ZWNJ, ZWJ and the like need no shape. */
const SHAPELESS = /\p{Default_Ignorable_Code_Point}/gu;

/** Gives the file of a family that a sign may be in, by its number. */
type Index = (code: number) => string | undefined;

/** An open file: who left the list of open ones is closed by the last who has it in use. */
interface Slice {
  readonly font: Promise<ShapingFont>;
  users: number;
  isOut: boolean;
}

/** Gives the font that draws all signs of a grapheme, from the first of some families that has them; undefined where none does. */
export type FontOf = (grapheme: string, families: readonly Family[]) => Promise<ShapingFont | undefined>;

/**
 * The fonts of Noto (SIL Open Font Licence), as their packages bring them: cut into files of some hundred letters each. A file is read when one of its letters is first asked for.
 */
export class Fonts {
  private readonly indexes = new Map<Family, Promise<Index>>();
  private readonly open = new Map<string, Slice>();

  /** Lends fonts: those that are asked for stay open until the use of them ends. */
  async lend<Result>(use: (fontOf: FontOf) => Promise<Result>): Promise<Result> {
    const lent = new Set<Slice>();
    try {
      return await use((grapheme, families) => this.find(grapheme, families, lent));
    } finally {
      for (const slice of lent) {
        slice.users -= 1;
        closeUnused(slice);
      }
    }
  }

  private async find(grapheme: string, families: readonly Family[], lent: Set<Slice>): Promise<ShapingFont | undefined> {
    const codes = Array.from(grapheme.replace(SHAPELESS, ''), (sign) => sign.codePointAt(0)!);
    for (const family of families) {
      const index = await this.indexOf(family);
      for (const file of new Set(codes.map(index))) {
        if (file === undefined) continue;
        const font = await this.opened(file, lent);
        // The list says which file to look into, not that the font has the letter.
        if (codes.every((code) => font.has(code))) return font;
      }
    }
    return undefined;
  }

  private indexOf(family: Family): Promise<Index> {
    const known = this.indexes.get(family);
    if (known) return known;
    const index = readIndex(family);
    this.indexes.set(family, index);
    // What could not be read is tried anew.
    index.catch(() => this.indexes.delete(family));
    return index;
  }

  private opened(file: string, lent: Set<Slice>): Promise<ShapingFont> {
    const slice = this.open.get(file) ?? this.opening(file);
    if (!lent.has(slice)) {
      lent.add(slice);
      slice.users += 1;
    }
    // The one that was asked for last is the last to go.
    this.open.delete(file);
    this.open.set(file, slice);
    for (const [oldest, left] of this.open) {
      if (this.open.size <= OPEN_MAX) break;
      this.open.delete(oldest);
      left.isOut = true;
      closeUnused(left);
    }
    return slice.font;
  }

  private opening(file: string): Slice {
    const slice: Slice = { font: readFont(file), users: 0, isOut: false };
    slice.font.catch(() => {
      if (this.open.get(file) === slice) this.open.delete(file);
    });
    return slice;
  }
}

function closeUnused({ font, users, isOut }: Slice): void {
  // One that could not be opened has nothing to close.
  if (isOut && users === 0) font.then((open) => open.close(), () => undefined);
}

async function readIndex(family: Family): Promise<Index> {
  const name = family === 'sans' ? 'noto-sans' : `noto-sans-${family}`;
  const list = require.resolve(`@fontsource-variable/${name}/unicode.json`);
  const fileOf = (subset: string): string => join(dirname(list), 'files', `${name}-${subset.replace(/[[\]]/g, '')}-wght-normal.woff2`);
  if (!CUT.includes(family)) return () => fileOf(family);
  const ranges = JSON.parse(await readFile(list, 'utf8')) as Record<string, string>;
  const files = new Map<number, string>();
  for (const [subset, text] of Object.entries(ranges)) {
    if (LEFT_OUT.includes(subset)) continue;
    for (const code of codesIn(text)) if (!files.has(code)) files.set(code, fileOf(subset));
  }
  return (code) => files.get(code);
}

/** The numbers that a unicode-range of CSS names: `U+20-7E,U+A0`. */
function* codesIn(ranges: string): Generator<number> {
  for (const [, first = '', last = first] of ranges.matchAll(/U\+([\dA-F]+)(?:-([\dA-F]+))?/gi)) {
    for (let code = Number.parseInt(first, 16); code <= Number.parseInt(last, 16); code += 1) yield code;
  }
}

/** HarfBuzz reads TrueType, and the files are WOFF2, which is the same compressed. */
const readFont = async (file: string): Promise<ShapingFont> => ShapingFont.open(await unpacked(await readFile(file)), WEIGHT);

let unpacking: Promise<unknown> = Promise.resolve();

/** What wawoff2 gives is a view of its own memory, which the next file is unpacked into: so one after the other, and each is copied before the next. */
function unpacked(woff2: Uint8Array): Promise<Uint8Array> {
  const bytes = unpacking.then(async () => Uint8Array.from(await decompress(woff2)));
  unpacking = bytes.catch(() => undefined);
  return bytes;
}
