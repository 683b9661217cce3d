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
