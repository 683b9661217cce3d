import { endsOf, linesOf, placeOf } from './chunk.domain';

it.each([
  [0, 0, 'DUE'], [3, 3, 'DUE'], [0, 1, 'BEFORE'], [2, 3, 'BEFORE'], [1, 0, 'NOT_DUE'], [-1, 3, 'NOT_DUE'], [0.5, 3, 'NOT_DUE'], [Number.NaN, 3, 'NOT_DUE'],
] as const)('chunk %s where %s is the next is %s', (number, next, expected) => {
  expect(placeOf(number, next)).toBe(expected);
});

it.each([['', 0], ['a', 1], ['a\n', 1], ['a\nb', 2], ['a\r\n\r\nb\r\n', 3], ['\n', 1]])('%j has %s lines', (text, expected) => {
  expect(linesOf(text)).toBe(expected);
});
it.each([['', 0], ['a', 0], ['a\nb', 1], ['a\n\n', 2]])('%j ends %s lines', (text, expected) => expect(endsOf(text)).toBe(expected));
