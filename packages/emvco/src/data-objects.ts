import { refused, type Result } from './result';

/** Data objects by their id of two digits, in the order of the text. */
export type DataObjects = ReadonlyMap<string, string>;

const VALUE_LENGTH_MAX = 99;
const TWO_DIGITS = /^\d\d$/;

/** Writes data objects: id, length in characters as two digits, value. Throws where a value is empty or does not fit. */
export function writeObjects(objects: Iterable<readonly [id: string, value: string]>): string {
  let text = '';
  for (const [id, value] of objects) {
    const { length } = Array.from(value);
    if (!TWO_DIGITS.test(id) || length === 0 || length > VALUE_LENGTH_MAX) {
      throw new RangeError(`a data object ${id} of ${length} characters cannot be written`);
    }
    text += id + String(length).padStart(2, '0') + value;
  }
  return text;
}

/** Reads data objects. Lengths count characters, as in EMVCo's own example: four Chinese characters are "04". */
export function readObjects(text: string): Result<DataObjects> {
  const characters = Array.from(text);
  const objects = new Map<string, string>();
  for (let at = 0; at < characters.length;) {
    const id = characters.slice(at, at + 2).join('');
    const digits = characters.slice(at + 2, at + 4).join('');
    if (!TWO_DIGITS.test(id) || !TWO_DIGITS.test(digits)) return refused('MALFORMED');
    const length = Number(digits);
    const value = characters.slice(at + 4, at + 4 + length);
    if (length === 0 || value.length < length) return refused('MALFORMED');
    if (objects.has(id)) return refused('DUPLICATE');
    objects.set(id, value.join(''));
    at += 4 + length;
  }
  return { ok: true, value: objects };
}
