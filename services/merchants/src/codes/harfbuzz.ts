import createProgram from 'harfbuzzjs/hb.js';
import bindingOf, { type HarfBuzz, type HarfBuzzFont } from 'harfbuzzjs/hbjs.js';

/** What a stretch of text is, as a font must know it. */
export interface Stretch {
  /** All of the text: what stands beside the stretch says how its first and last letter are joined. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly isRightToLeft: boolean;
  /** By ISO 15924. */
  readonly script: string;
  /** By ISO 639, where it is known. */
  readonly language?: string | undefined;
}

/** A shape of a font, in thousandths of the size, y upwards. */
export interface Glyph {
  /** Where in the text begins what it stands for, alone or with others. */
  readonly at: number;
  readonly advance: number;
  readonly x: number;
  readonly y: number;
  /** Path data: letters for commands, each with points `x,y`. */
  readonly outline: string;
  /** Whether it stands for a letter that the font has not, or for the one that a mark lacks. */
  readonly isAmiss: boolean;
}

export const UNITS = 1_000;
/** Where a mark has no letter to stand on, a font draws it on this one. */
const DOTTED_CIRCLE = '\u25CC';
const MISSING = 0;

let ready: Promise<HarfBuzz> | undefined;

/** The program is loaded with the first font, once. */
function loaded(): Promise<HarfBuzz> {
  ready ??= createProgram().then(bindingOf);
  ready.catch(() => {
    ready = undefined;
  });
  return ready;
}

/** A font that puts letters together by HarfBuzz. What it holds is WebAssembly's, which no collector sees: it must be closed. */
export class ShapingFont {
  private readonly known = new Map<number, boolean>();
  private readonly dottedCircle: number;

  private constructor(private readonly program: HarfBuzz, private readonly font: HarfBuzzFont) {
    this.dottedCircle = this.glyphOf(DOTTED_CIRCLE);
  }

  static async open(trueType: Uint8Array, weight: number): Promise<ShapingFont> {
    const program = await loaded();
    const blob = program.createBlob(trueType);
    const face = program.createFace(blob, 0);
    const font = program.createFont(face);
    // The font holds both.
    face.destroy();
    blob.destroy();
    font.setScale(UNITS, UNITS);
    font.setVariations({ wght: weight });
    return new ShapingFont(program, font);
  }

  close(): void {
    this.font.destroy();
  }

  /** Whether it has a sign by itself. */
  has(code: number): boolean {
    const known = this.known.get(code) ?? this.glyphOf(String.fromCodePoint(code)) !== MISSING;
    this.known.set(code, known);
    return known;
  }

  /** The shapes of a stretch, from left to right. */
  shaped(stretch: Stretch): readonly Glyph[] {
    const { text, from, to } = stretch;
    return this.placed(stretch).map(({ codepoint: glyph, cluster, x_advance: advance, x_offset: x, y_offset: y }) => ({
      at: cluster, advance, x, y, outline: this.font.glyphToPath(glyph),
      isAmiss: glyph === MISSING || (glyph === this.dottedCircle && !text.slice(from, to).includes(DOTTED_CIRCLE)),
    }));
  }

  private glyphOf(sign: string): number {
    return this.placed({ text: sign, from: 0, to: sign.length, isRightToLeft: false, script: 'Zyyy' })[0]?.codepoint ?? MISSING;
  }

  private placed({ text, from, to, isRightToLeft, script, language }: Stretch) {
    const buffer = this.program.createBuffer();
    try {
      buffer.addText(text, from, to - from);
      buffer.setDirection(isRightToLeft ? 'rtl' : 'ltr');
      buffer.setScript(script);
      if (language) buffer.setLanguage(language);
      buffer.setFlags(['REMOVE_DEFAULT_IGNORABLES']);
      this.program.shape(this.font, buffer);
      return buffer.getGlyphInfosAndPositions();
    } finally {
      buffer.destroy();
    }
  }
}
