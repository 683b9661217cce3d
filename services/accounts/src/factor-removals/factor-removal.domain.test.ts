import { removalDay } from './factor-removal.domain';

const now = new Date('2026-11-30T12:00:00Z');

it.each([
  ['now', '2026-11-30T12:00:00Z', '2026-12-14T12:00:00Z'],
  ['a moment less than a week ago', '2026-11-23T12:00:00.001Z', '2026-12-14T12:00:00Z'],
  ['a week ago', '2026-11-23T12:00:00Z', '2026-12-07T12:00:00Z'],
  ['years ago', '2020-01-01T00:00:00Z', '2026-12-07T12:00:00Z'],
])('with a password of %s', (_when, since, day) => {
  expect(removalDay(now, new Date(since))).toEqual(new Date(day));
});
