/** So many characters a chunk may have: it fits into a request of the door with its quotes escaped. */
export const CHUNK_MAX = 200_000;

/** What a chunk is to an upload: the next, one that was taken before, or neither. */
export function placeOf(number: number, nextChunk: number): 'DUE' | 'BEFORE' | 'NOT_DUE' {
  if (!Number.isInteger(number) || number < 0 || number > nextChunk) return 'NOT_DUE';
  return number === nextChunk ? 'DUE' : 'BEFORE';
}

/** How many lines end in a chunk. */
export const endsOf = (text: string): number => text.split('\n').length - 1;

/** How many lines of the file a chunk of whole lines has: the last may lack its end. */
export function linesOf(text: string): number {
  return text === '' || text.endsWith('\n') ? endsOf(text) : endsOf(text) + 1;
}
