import { seen } from './direction';
import { fitted, LEADING, type Room } from './fitting.domain';
import { type FontOf, Fonts } from './fonts';
import { UNITS } from './harfbuzz';
import { drawable, tidied } from './letters.domain';
import { shaped, type Unit } from './shaping';

/** A line of letters as the outline of its shapes. */
export interface Line {
  /** Path data of SVG and PDF alike: `UNITS` a size, from the left end of the line on its ground, y upwards. */
  readonly outline: string;
  /** In the unit of the room, as everything below. */
  readonly width: number;
  /** From the top of the room to the ground that the letters stand on. */
  readonly ground: number;
}

export interface Lettering {
  /** In the order of reading. */
  readonly text: string;
  /** Whether letters of the name are left out. */
  readonly isLess: boolean;
  readonly size: number;
  readonly height: number;
  readonly lines: readonly Line[];
}

/** Where letters stand in a line, at size 1: marks above capital letters have room, and so has a g below. */
const GROUND = 1.02;
/** White between what reaches beyond that and the next line. */
const AIR = 0.04;

/** One for the process: the files that one shop's name needs, another's needs too. */
const fonts = new Fonts();

/** Names that are put together already: a kit asks for its own four times. */
const recent = new Map<string, Promise<Prepared | undefined>>();
const RECENT_MAX = 8;

interface Prepared {
  readonly text: string;
  readonly isLess: boolean;
  readonly units: readonly Unit[];
  readonly reach: Reach;
}

/** How far letters reach above and below their ground, at size 1. */
interface Reach {
  readonly rise: number;
  readonly fall: number;
}

/** Gives a name as it can be drawn, or undefined where no letter of it can: what that leaves out, `drawable` says. */
export async function drawnName(name: string): Promise<string | undefined> {
  return (await prepared(name))?.text;
}

/** Draws a name into a room, as large as it fits; undefined where no letter of it can be drawn. */
export async function letter(name: string, room: Room): Promise<Lettering | undefined> {
  const ready = await prepared(name);
  if (!ready) return undefined;
  const { text, isLess, units, reach: { rise, fall } } = ready;
  const leading = rise + fall;
  const { size, lines } = fitted(units, room, leading);
  return {
    text, isLess, size, height: lines.length * leading * size,
    lines: lines.map((line, index) => {
      const { outline, advance } = outlineOf(seen(line));
      return { outline, width: advance * size, ground: (index * leading + rise) * size };
    }),
  };
}

function prepared(name: string): Promise<Prepared | undefined> {
  const known = recent.get(name);
  if (known) return known;
  const ready = fonts.lend((fontOf) => prepare(tidied(name), fontOf));
  recent.set(name, ready);
  if (recent.size > RECENT_MAX) recent.delete(recent.keys().next().value!);
  // What failed is tried anew.
  ready.catch(() => recent.delete(name));
  return ready;
}

async function prepare(whole: string, fontOf: FontOf): Promise<Prepared | undefined> {
  let text: string | undefined = whole;
  while (text !== undefined) {
    const { units, undrawn } = await shaped(text, fontOf);
    const left: string | undefined = drawable(text, ({ at }) => !undrawn.has(at));
    if (left === text) return { text, isLess: text !== whole, units, reach: reachOf(units) };
    // What is left has other letters beside each other, and is put together anew; it is shorter each time.
    text = left;
  }
  return undefined;
}

const POINT = /([^\sA-Z,]+),([^\sA-Z,]+)/g;

/** At least as far as a line of Latin letters has room for: in Burmese or Khmer they stand on and below each other. */
function reachOf(units: readonly Unit[]): Reach {
  let [rise, fall] = [GROUND, LEADING - GROUND];
  for (const { outline, y } of units.flatMap(({ glyphs }) => glyphs)) {
    for (const [, , py] of outline.matchAll(POINT)) {
      const height = (Number(py) + y) / UNITS;
      rise = Math.max(rise, height + AIR);
      fall = Math.max(fall, AIR - height);
    }
  }
  return { rise, fall };
}

const rounded = (length: number): number => Math.round(length * 100) / 100;

/** The outline of a line whose parts are given from left to right, and how wide it is at size 1. */
function outlineOf(line: readonly Unit[]): { outline: string; advance: number } {
  let outline = '';
  let pen = 0;
  for (const { outline: shape, x, y, advance } of line.flatMap(({ glyphs }) => glyphs)) {
    const left = pen + x;
    outline += shape.replace(POINT, (_point, px: string, py: string) => `${rounded(Number(px) + left)} ${rounded(Number(py) + y)}`);
    pen += advance;
  }
  return { outline, advance: pen / UNITS };
}
