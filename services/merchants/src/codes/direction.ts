import bidiFactory from 'bidi-js';

const bidi = bidiFactory();

/**
 * The levels of UAX 9 of each place in a text: even ones are read from left to right, odd ones from right to left, and a higher one stands within a lower.
 * The first letter that has a direction gives the whole text its own.
 */
export const levelsOf = (text: string): ArrayLike<number> => bidi.getEmbeddingLevels(text, 'auto').levels;

/** The parts of a line from left to right, as they are seen (UAX 9, L2), given in the order of reading. */
export function seen<Part extends { readonly level: number }>(line: readonly Part[]): readonly Part[] {
  const parts = [...line];
  const odd = parts.map(({ level }) => level).filter((level) => level % 2 === 1);
  if (odd.length === 0) return parts;
  for (let level = Math.max(...parts.map((part) => part.level)); level >= Math.min(...odd); level -= 1) {
    for (let from = 0; from < parts.length; from += 1) {
      let end = from;
      while (end < parts.length && parts[end]!.level >= level) end += 1;
      if (end > from) parts.splice(from, end - from, ...parts.slice(from, end).reverse());
      from = Math.max(from, end);
    }
  }
  return parts;
}
