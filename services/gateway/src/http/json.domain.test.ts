import fc from 'fast-check';
import { problemOfValues, repeatedName, VALUES_DEPTH_MAX, VALUES_MAX } from './json.domain';

test.each<[string, string | undefined]>([
  ['{"a":1,"b":2}', undefined],
  ['{"a":1,"a":2}', 'a'],
  ['{"a":{"b":1,"c":{"b":1}},"d":{"b":1}}', undefined],
  ['{"a":[{"b":1},{"b":1}]}', undefined],
  ['{"a":[{"b":1},{"b":1,"b":2}]}', 'b'],
  ['{"a":["b","b","a"],"b":"a"}', undefined],
  ['{"a":"\\"a\\":1,\\"a\\":2","b":"\\\\"}', undefined],
  ['{"a":1,"\\u0061":2}', 'a'],
  ['{"a" : [ { } , [ ] , null ] , "a" : 1}', 'a'],
  ['{"":1,"":2}', ''],
  ['7', undefined],
  ['"a"', undefined],
])('a name that stands twice: %s', (text, expected) => expect(repeatedName(text)).toBe(expected));

test('what JSON.stringify writes never names a field twice', () => {
  fc.assert(fc.property(fc.json(), (text) => expect(repeatedName(JSON.stringify(JSON.parse(text)))).toBeUndefined()));
});

test('a name put in twice anywhere is found', () => {
  fc.assert(
    fc.property(fc.json(), fc.string(), fc.nat(3), (value, name, depth) => {
      const key = JSON.stringify(name);
      let text = `{${key}:${value},${key}:1}`;
      for (let n = 0; n < depth; n++) text = `[${value},{"x":${text}}]`;
      expect(repeatedName(text)).toBeDefined();
    }),
  );
});

const nested = (levels: number): unknown => {
  let value: unknown = 1;
  for (let n = 0; n < levels; n++) value = n % 2 ? [value] : { a: value };
  return value;
};

test.each<[string, unknown, string | undefined]>([
  ['plain ones', { a: 1, b: [1, 2, { c: null }] }, undefined],
  ['as deep as may be', nested(VALUES_DEPTH_MAX), undefined],
  ['deeper', nested(VALUES_DEPTH_MAX + 1), `are nested deeper than ${VALUES_DEPTH_MAX} levels`],
  ['far deeper', nested(200_000), `are nested deeper than ${VALUES_DEPTH_MAX} levels`],
  ['as many as may be', { a: Array(VALUES_MAX - 1).fill(1) }, undefined],
  ['more', { a: Array(VALUES_MAX).fill(1) }, `hold more than ${VALUES_MAX} values`],
  [
    'in several lists',
    Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`a${n}`, Array(100).fill(1)])),
    `hold more than ${VALUES_MAX} values`,
  ],
  ['__proto__', JSON.parse('{"a":{"__proto__":{"b":1}}}'), 'have a field that no type has'],
])('values: %s', (_what, values, expected) => expect(problemOfValues(values)).toBe(expected));
