const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * Gives a name as somebody may see it who must tell people apart and need not know who they are: of each word the first character, and
 * always three stars, so that the length of the rest tells nothing.
 */
export function maskedName(name: string): string {
  return name.split(/\s+/u).filter((word) => word !== '').map((word) => `${GRAPHEMES.segment(word).containing(0)!.segment}***`).join(' ');
}
