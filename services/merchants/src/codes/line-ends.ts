import LineBreaker from 'linebreak';

/** Thai, Lao, Khmer and Burmese write no space between words: only a dictionary knows where one ends. */
const SPACELESS = /(?:(?=[\p{L}\p{M}])[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}])+/gu;
/** Signs that repeat or shorten the word before them. */
const BOUND = /^[\u0E2F\u0E46\u0EAF\u0EC6\u17D7]/;
const WORDS = new Intl.Segmenter('und', { granularity: 'word' });

/** Where in a text a line may end: by UAX 14, and between words that have no space between them. */
export function lineEndsOf(text: string): ReadonlySet<number> {
  const ends = new Set<number>();
  const breaker = new LineBreaker(text);
  for (let end = breaker.nextBreak(); end; end = breaker.nextBreak()) ends.add(end.position);
  for (const { 0: stretch, index: at } of text.matchAll(SPACELESS)) {
    for (const { index } of WORDS.segment(stretch)) if (index > 0 && !BOUND.test(stretch.slice(index))) ends.add(at + index);
  }
  return ends;
}
