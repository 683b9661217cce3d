/** Levels of objects and lists in the variables of an operation. */
export const VALUES_DEPTH_MAX = 16;
/** Single values in the variables of an operation, list entries among them. */
export const VALUES_MAX = 1_000;

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** Gives where a string that begins at `start` ends, at its closing quote; the end of the text where there is none. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at++;
  }
  return text.length;
}

const keyOf = (raw: string): string => (raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw);

/**
 * Gives a name that one object of a valid JSON text has twice, or undefined. Readers differ in which of the two counts,
 * so whoever looked at the request on its way here may have seen another one.
 */
export function repeatedName(text: string): string | undefined {
  // One entry a level: the names of an object, null for a list.
  const levels: (Set<string> | null)[] = [];
  let namesNext = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      const names = namesNext ? levels[levels.length - 1] : null;
      const name = names ? keyOf(text.slice(at + 1, end)) : '';
      if (names?.has(name)) return name;
      names?.add(name);
      at = end;
    } else if (code === OPEN_OBJECT) {
      levels.push(new Set());
      namesNext = true;
    } else if (code === OPEN_LIST) levels.push(null);
    else if (code === CLOSE_OBJECT || code === CLOSE_LIST) levels.pop();
    else if (code === COLON) namesNext = false;
    else if (code === COMMA) namesNext = true;
  }
  return undefined;
}

/** Says what is wrong with the form of variables: too deep, too many, or a name that no field can have. */
export function problemOfValues(values: unknown): string | undefined {
  const waiting: { value: unknown; depth: number }[] = [{ value: values, depth: 0 }];
  let count = 0;
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, depth } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= VALUES_DEPTH_MAX) return `are nested deeper than ${VALUES_DEPTH_MAX} levels`;
    if (Object.hasOwn(value, '__proto__')) return 'have a field that no type has';
    const entries = Array.isArray(value) ? (value as unknown[]) : Object.values(value);
    count += entries.length;
    if (count > VALUES_MAX) return `hold more than ${VALUES_MAX} values`;
    for (const entry of entries) waiting.push({ value: entry, depth: depth + 1 });
  }
  return undefined;
}
