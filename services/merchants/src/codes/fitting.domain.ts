/** Room for some lines of letters; sizes and lengths in one unit. */
export interface Room {
  readonly width: number;
  readonly height: number;
  readonly sizeMax: number;
  /** Below it lines may be broken within words. */
  readonly sizeMin: number;
}

export interface Fitted<Kind extends Sign> {
  readonly size: number;
  /** In the order of reading; without the space that a line ends with. */
  readonly lines: readonly (readonly Kind[])[];
}

/** What no line is broken in, with its width at size 1, and whether a line may end behind it. */
export interface Sign {
  readonly text: string;
  readonly width: number;
  readonly mayEnd: boolean;
}

/** From one line to the next, at size 1. */
export const LEADING = 1.3;

/** Breaks a text into the lines in which it is largest; of equal ones the fewest. */
export function fitted<Kind extends Sign>(signs: readonly Kind[], room: Room, leading = LEADING): Fitted<Kind> {
  const byWords = largest(signs, room, leading);
  return byWords.size >= room.sizeMin ? byWords : largest(signs.map((sign) => ({ ...sign, mayEnd: true })), room, leading);
}

function largest<Kind extends Sign>(signs: readonly Kind[], room: Room, leading: number): Fitted<Kind> {
  let best: Fitted<Kind> = { size: 0, lines: [] };
  for (let count = 1; count <= Math.max(1, Math.floor(room.height / (leading * Math.min(room.sizeMin, room.sizeMax)))); count += 1) {
    const lines = narrowest(signs, count);
    const width = Math.max(...lines.map(widthOf));
    const size = Math.min(room.sizeMax, room.height / (leading * lines.length), width > 0 ? room.width / width : Infinity);
    if (size > best.size * 1.000_001) best = { size, lines: lines.map(trimmed) };
  }
  return best;
}

/** The space that a line ends with is not seen. */
const trimmed = <Kind extends Sign>(line: readonly Kind[]): readonly Kind[] => (line.at(-1)?.text === ' ' ? line.slice(0, -1) : line);
const widthOf = (line: readonly Sign[]): number => trimmed(line).reduce((sum, { width }) => sum + width, 0);

/** At most so many lines, the longest of them as short as it can be. */
function narrowest<Kind extends Sign>(signs: readonly Kind[], count: number): readonly (readonly Kind[])[] {
  const words = wordsOf(signs);
  let [low, high] = [Math.max(...words.map(widthOf)), widthOf(signs)];
  if (broken(words, low).length <= count) high = low;
  // Forty halvings leave nothing that could be seen of any difference.
  for (let round = 0; round < 40 && high - low > 1e-6; round += 1) {
    const middle = (low + high) / 2;
    if (broken(words, middle).length <= count) high = middle;
    else low = middle;
  }
  return broken(words, high);
}

function wordsOf<Kind extends Sign>(signs: readonly Kind[]): readonly (readonly Kind[])[] {
  const words: Kind[][] = [[]];
  for (const sign of signs) {
    words.at(-1)!.push(sign);
    if (sign.mayEnd) words.push([]);
  }
  return words.filter((word) => word.length > 0);
}

/** Lines of as many words as a width holds; a word is wider than it never, by whoever asks. */
function broken<Kind extends Sign>(words: readonly (readonly Kind[])[], width: number): readonly (readonly Kind[])[] {
  const lines: Kind[][] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line && widthOf([...line, ...word]) <= width + 1e-9) line.push(...word);
    else lines.push([...word]);
  }
  return lines;
}
