import { levelsOf } from './direction';
import type { FontOf } from './fonts';
import type { Sign } from './fitting.domain';
import { type Glyph, type ShapingFont, UNITS } from './harfbuzz';
import { type Grapheme, graphemesOf, isOneShape, mayBeDrawn } from './letters.domain';
import { lineEndsOf } from './line-ends';
import { familiesOf, languageOf, scriptsOf } from './scripts.domain';

/** Letters that are drawn as one: a grapheme, or some whose shapes stand for them together. */
export interface Unit extends Sign {
  /** Of UAX 9: odd ones are read from right to left. */
  readonly level: number;
  /** From left to right. */
  readonly glyphs: readonly Glyph[];
}

export interface Shaped {
  /** In the order of reading. */
  readonly units: readonly Unit[];
  /** Where the graphemes begin that cannot be drawn. */
  readonly undrawn: ReadonlySet<number>;
}

/** Graphemes beside each other that are alike in all that a font must know. */
interface Run {
  readonly font: ShapingFont | undefined;
  readonly script: string;
  readonly level: number;
  readonly graphemes: Grapheme[];
}

/** Puts the letters of a text together, each stretch of one script and direction as a whole: only so it is known which shape a letter has, and how wide it is. */
export async function shaped(text: string, fontOf: FontOf): Promise<Shaped> {
  const ends = lineEndsOf(text);
  const undrawn = new Set<number>();
  const units: Unit[] = [];
  for (const run of await runsOf(text, fontOf)) {
    for (const { graphemes, glyphs } of partsOf(text, run)) {
      const sign = graphemes.map((grapheme) => grapheme.text).join('');
      const lost = isDrawn(sign, glyphs) ? [] : graphemes;
      for (const { at } of lost) undrawn.add(at);
      const width = glyphs.reduce((sum, { advance }) => sum + advance, 0) / UNITS;
      units.push({ text: sign, width, mayEnd: ends.has(graphemes[0]!.at + sign.length), level: run.level, glyphs });
    }
  }
  return { units, undrawn };
}

const isDrawn = (sign: string, glyphs: readonly Glyph[]): boolean =>
  glyphs.length > 0 && !glyphs.some(({ isAmiss }) => isAmiss) && (glyphs.length === 1 || !isOneShape(sign));

async function runsOf(text: string, fontOf: FontOf): Promise<readonly Run[]> {
  const graphemes = graphemesOf(text);
  const scripts = scriptsOf(graphemes.map((grapheme) => grapheme.text));
  const levels = levelsOf(text);
  const runs: Run[] = [];
  for (const [index, grapheme] of graphemes.entries()) {
    const script = scripts[index]!;
    const level = levels[grapheme.at]!;
    const font = mayBeDrawn(grapheme.text) ? await fontOf(grapheme.text, familiesOf(script, text)) : undefined;
    const last = runs.at(-1);
    if (last && last.font === font && last.script === script && last.level === level) last.graphemes.push(grapheme);
    else runs.push({ font, script, level, graphemes: [grapheme] });
  }
  return runs;
}

interface Part {
  readonly graphemes: Grapheme[];
  readonly glyphs: Glyph[];
}

/** A run cut wherever both a grapheme and a shape begin: a shape may stand for two, as of a consonant below another, and a grapheme have many. */
function partsOf(text: string, { font, level, script, graphemes }: Run): readonly Part[] {
  if (!font) return graphemes.map((grapheme) => ({ graphemes: [grapheme], glyphs: [] }));
  const last = graphemes.at(-1)!;
  const glyphs = font.shaped({ text, from: graphemes[0]!.at, to: last.at + last.text.length, isRightToLeft: level % 2 === 1, script, language: languageOf(script, text) });
  const starts = new Set(glyphs.map(({ at }) => at));
  const parts: Part[] = [];
  for (const grapheme of graphemes) {
    if (parts.length === 0 || starts.has(grapheme.at)) parts.push({ graphemes: [grapheme], glyphs: [] });
    else parts.at(-1)!.graphemes.push(grapheme);
  }
  for (const glyph of glyphs) parts.findLast(({ graphemes: [first] }) => first!.at <= glyph.at)?.glyphs.push(glyph);
  return parts;
}
