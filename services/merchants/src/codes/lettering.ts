import LineBreaker from 'linebreak';
import type { Font } from 'fontkit';
import { Fonts } from './fonts';
import { drawable, familiesOf, fitted, LEADING, type Room, type Sign, tidied } from './letters.domain';

/** A line of letters as the outline of its shapes. */
export interface Line {
  /** Path data of SVG and PDF alike: a thousand units a size, from the beginning of the line on its ground, y upwards. */
  readonly outline: string;
  /** In the unit of the room, as everything below. */
  readonly width: number;
  /** From the top of the room to the ground that the letters stand on. */
  readonly ground: number;
}

export interface Lettering {
  readonly text: string;
  /** Whether letters of the name are left out. */
  readonly isLess: boolean;
  readonly size: number;
  readonly height: number;
  readonly lines: readonly Line[];
}

export const UNITS = 1_000;
/** Where letters stand in a line, at size 1: marks above capital letters have room, and so has a g below. */
const GROUND = 1.02;

/** One for the process: the files that one shop's name needs, another's needs too. */
const fonts = new Fonts();

/** Gives a name as it can be drawn, or undefined where no letter of it can: what that leaves out, `drawable` says. */
export async function drawnName(name: string): Promise<string | undefined> {
  return (await prepared(name))?.text;
}

/** Draws a name into a room, as large as it fits; undefined where no letter of it can be drawn. */
export async function letter(name: string, room: Room): Promise<Lettering | undefined> {
  const ready = await prepared(name);
  if (!ready) return undefined;
  const { text, isLess, fontOf } = ready;
  const { size, lines } = fitted(signsOf(text, fontOf), room);
  const drawn = lines.map((line) => outlineOf(line, fontOf));
  // Letters stand closer than the sum of their widths says, or wider: what is drawn must fit.
  const fitting = Math.min(size, ...drawn.map(({ advance }) => (advance > 0 ? room.width / advance : size)));
  return {
    text, isLess, size: fitting, height: lines.length * LEADING * fitting,
    lines: drawn.map(({ outline, advance }, index) => ({ outline, width: advance * fitting, ground: (index * LEADING + GROUND) * fitting })),
  };
}

type FontOf = (sign: string) => Font;

async function prepared(name: string): Promise<{ text: string; isLess: boolean; fontOf: FontOf } | undefined> {
  const text = tidied(name);
  const families = familiesOf(text);
  const found = new Map<string, Font | undefined>();
  for (const sign of new Set(text)) found.set(sign, await fonts.fontOf(sign, families));
  const left = drawable(text, (sign) => found.get(sign) !== undefined);
  return left && { ...left, fontOf: (sign) => found.get(sign)! };
}

function signsOf(text: string, fontOf: FontOf): readonly Sign[] {
  const ends = new Set<number>();
  const breaker = new LineBreaker(text);
  for (let end = breaker.nextBreak(); end; end = breaker.nextBreak()) ends.add(end.position);
  let at = 0;
  return Array.from(text, (sign) => {
    at += sign.length;
    const font = fontOf(sign);
    return { text: sign, width: font.glyphForCodePoint(sign.codePointAt(0)!).advanceWidth / font.unitsPerEm, mayEnd: ends.has(at) };
  });
}

/** The outline of a line, with what its fonts say of letters beside each other, and how wide it is at size 1. */
function outlineOf(line: string, fontOf: FontOf): { outline: string; advance: number } {
  let outline = '';
  let x = 0;
  for (const { font, text } of runsOf(line, fontOf)) {
    const scale = UNITS / font.unitsPerEm;
    const { glyphs, positions } = font.layout(text);
    for (const [index, glyph] of glyphs.entries()) {
      const { xAdvance, xOffset, yOffset } = positions[index]!;
      outline += glyph.path.transform(scale, 0, 0, scale, x + xOffset * scale, yOffset * scale).toSVG();
      x += xAdvance * scale;
    }
  }
  return { outline, advance: x / UNITS };
}

/** The stretches of a line that one font draws. */
function runsOf(line: string, fontOf: FontOf): { font: Font; text: string }[] {
  const runs: { font: Font; text: string }[] = [];
  for (const sign of line) {
    const font = fontOf(sign);
    const last = runs.at(-1);
    if (last?.font === font) last.text += sign;
    else runs.push({ font, text: sign });
  }
  return runs;
}
