import { readObjects, writeObjects } from './data-objects';

describe('data objects', () => {
  it.each<[string, string]>([
    ['', ''], ['0001a', '00 a'], ['6201x0504最佳运输', '62 x,05 最佳运输'],
    ['00', 'MALFORMED'], ['0000', 'MALFORMED'], ['0002a', 'MALFORMED'], ['0a01x', 'MALFORMED'], ['a001x', 'MALFORMED'], ['000ax', 'MALFORMED'], ['00a1x', 'MALFORMED'],
    ['0001a0', 'MALFORMED'], ['0001a0001b', 'DUPLICATE'], ['0001a0001', 'MALFORMED'],
  ])('of %j are %s', (text, expected) => {
    const read = readObjects(text);
    expect(read.ok ? [...read.value].map(([id, value]) => `${id} ${value}`).join() : read.fault).toBe(expected);
  });
  it.each<[string, string, boolean]>([
    ['00', 'x', true], ['99', 'x'.repeat(99), true], ['00', '', false], ['00', 'x'.repeat(100), false], ['0', 'x', false], ['000', 'x', false], ['a0', 'x', false],
  ])('are written of %s and %j: %s', (id, value, good) => {
    const written = (): string => writeObjects([[id, value]]);
    if (good) expect(written()).toBe(`${id}${String(value.length).padStart(2, '0')}${value}`);
    else expect(written).toThrow(new RangeError(`a data object ${id} of ${value.length} characters cannot be written`));
  });
});
