/** Packages without types of their own, by what is used of them. */
declare module 'wawoff2/decompress.js' {
  /** Gives the TrueType font that a WOFF2 file holds. */
  function decompress(woff2: Uint8Array): Promise<Uint8Array>;
  export = decompress;
}

declare module 'linebreak' {
  /** Says where a line may end, by Unicode's UAX 14. */
  class LineBreaker {
    constructor(text: string);
    nextBreak(): { readonly position: number; readonly required: boolean } | null;
  }
  export = LineBreaker;
}

declare module 'harfbuzzjs/hb.js' {
  /** Loads the program. */
  function createProgram(): Promise<object>;
  export = createProgram;
}

declare module 'harfbuzzjs/hbjs.js' {
  interface Freed {
    destroy(): void;
  }
  interface HarfBuzzFont extends Freed {
    setScale(x: number, y: number): void;
    setVariations(axes: Readonly<Record<string, number>>): void;
    glyphToPath(glyph: number): string;
  }
  interface HarfBuzzBuffer extends Freed {
    addText(text: string, from: number, length: number): void;
    setDirection(direction: 'ltr' | 'rtl'): void;
    setScript(script: string): void;
    setLanguage(language: string): void;
    setFlags(flags: readonly string[]): void;
    getGlyphInfosAndPositions(): {
      /** The number of the glyph, once it is shaped. */
      codepoint: number;
      cluster: number;
      x_advance: number;
      x_offset: number;
      y_offset: number;
    }[];
  }
  interface HarfBuzz {
    createBlob(bytes: Uint8Array): Freed;
    createFace(blob: Freed, index: number): Freed;
    createFont(face: Freed): HarfBuzzFont;
    createBuffer(): HarfBuzzBuffer;
    shape(font: HarfBuzzFont, buffer: HarfBuzzBuffer): void;
  }
  const bindingOf: (program: object) => HarfBuzz;
  export { bindingOf as default, type HarfBuzz, type HarfBuzzFont };
}
