import { type OpeningHours, dayOf, hoursFaults, isOpen, localTimeOf, minutesOf, timeZoneOf, WEEKDAYS } from './hours.domain';

const daily = (opens: string, closes: string): OpeningHours => ({
  weekly: WEEKDAYS.map((weekday) => ({ weekday, opens, closes })), exceptions: [],
});
const NIGHTS: OpeningHours = { weekly: [{ weekday: 'FRIDAY', opens: '22:00', closes: '03:00' }], exceptions: [] };
const SPLIT: OpeningHours = {
  weekly: [{ weekday: 'MONDAY', opens: '08:00', closes: '12:00' }, { weekday: 'MONDAY', opens: '14:00', closes: '18:00' }], exceptions: [],
};
const HOLIDAYS: OpeningHours = {
  weekly: daily('09:00', '17:00').weekly,
  exceptions: [
    { date: '2026-12-25', times: [] }, { date: '2026-12-24', times: [{ opens: '09:00', closes: '12:00' }] },
    { date: '2026-12-31', times: [{ opens: '20:00', closes: '04:00' }] },
  ],
};

it.each<[string, OpeningHours, string, string, boolean]>([
  ['before it opens', daily('09:00', '17:00'), 'UTC', '2026-06-01T08:59:59Z', false],
  ['as it opens', daily('09:00', '17:00'), 'UTC', '2026-06-01T09:00:00Z', true],
  ['in its last minute', daily('09:00', '17:00'), 'UTC', '2026-06-01T16:59:59Z', true],
  ['as it closes', daily('09:00', '17:00'), 'UTC', '2026-06-01T17:00:00Z', false],
  ['round the clock, at midnight', daily('00:00', '24:00'), 'UTC', '2026-06-01T00:00:00Z', true],
  ['round the clock, a minute before', daily('00:00', '24:00'), 'UTC', '2026-06-01T23:59:00Z', true],
  ['until midnight, a minute before', daily('20:00', '00:00'), 'UTC', '2026-06-01T23:59:00Z', true],
  ['until midnight, at midnight', daily('20:00', '00:00'), 'UTC', '2026-06-02T00:00:00Z', false],
  ['on Friday night', NIGHTS, 'UTC', '2026-06-05T23:00:00Z', true],
  ['on Saturday, still from Friday', NIGHTS, 'UTC', '2026-06-06T02:59:00Z', true],
  ['on Saturday, no longer', NIGHTS, 'UTC', '2026-06-06T03:00:00Z', false],
  ['on Friday morning, not yet', NIGHTS, 'UTC', '2026-06-05T02:00:00Z', false],
  ['on Saturday night', NIGHTS, 'UTC', '2026-06-06T23:00:00Z', false],
  ['at noon between two openings', SPLIT, 'UTC', '2026-06-01T13:00:00Z', false],
  ['in the second of two', SPLIT, 'UTC', '2026-06-01T14:00:00Z', true],
  ['on a day without hours', SPLIT, 'UTC', '2026-06-02T09:00:00Z', false],
  ['by the store\'s clock and not ours', daily('09:00', '17:00'), 'America/Los_Angeles', '2026-06-01T16:00:00Z', true],
  ['by the store\'s clock, too early there', daily('09:00', '17:00'), 'America/Los_Angeles', '2026-06-01T15:59:00Z', false],
  ['on the store\'s date, ours being the next', NIGHTS, 'America/Los_Angeles', '2026-06-06T05:30:00Z', true],
  ['on a Monday before 1970', SPLIT, 'UTC', '1969-12-29T09:00:00Z', true],
  ['on a Sunday before 1970', SPLIT, 'UTC', '1969-12-28T09:00:00Z', false],
  ['on a holiday', HOLIDAYS, 'UTC', '2026-12-25T10:00:00Z', false],
  ['on the day before, by its own hours', HOLIDAYS, 'UTC', '2026-12-24T13:00:00Z', false],
  ['on New Year\'s Eve, not by its weekday', HOLIDAYS, 'UTC', '2026-12-31T10:00:00Z', false],
  ['on New Year, still from the eve', HOLIDAYS, 'UTC', '2027-01-01T03:59:00Z', true],
  // New York: 02:00 becomes 03:00 on 8 March 2026, and 02:00 becomes 01:00 on 1 November.
  ['a minute before the hour that is left out', daily('01:00', '02:30'), 'America/New_York', '2026-03-08T06:59:00Z', true],
  ['after the hour that is left out', daily('01:00', '02:30'), 'America/New_York', '2026-03-08T07:00:00Z', false],
  ['in an hour that only other days have', daily('02:00', '03:00'), 'America/New_York', '2026-03-08T07:30:00Z', false],
  ['the first time that it is half past one', daily('01:00', '02:00'), 'America/New_York', '2026-11-01T05:30:00Z', true],
  ['the second time', daily('01:00', '02:00'), 'America/New_York', '2026-11-01T06:30:00Z', true],
  ['past both', daily('01:00', '02:00'), 'America/New_York', '2026-11-01T07:00:00Z', false],
  ['through the night of the change', daily('22:00', '03:00'), 'America/New_York', '2026-11-01T07:59:00Z', true],
  ['after the night of the change', daily('22:00', '03:00'), 'America/New_York', '2026-11-01T08:00:00Z', false],
  ['where the clocks change at midnight', daily('00:00', '02:00'), 'Africa/Cairo', '2026-04-23T22:30:00Z', true],
  ['in a zone of quarters of an hour', daily('09:00', '17:00'), 'Asia/Kathmandu', '2026-06-01T03:15:00Z', true],
])('a store is open %s: %s', (_when, hours, zone, at, expected) => {
  expect(isOpen(hours, localTimeOf(new Date(at), zone))).toBe(expected);
});

it.each([
  ['00:00', 0], ['09:30', 570], ['23:59', 1439], ['24:00', 1440], ['24:01', undefined], ['9:30', undefined], ['09:60', undefined], ['', undefined],
  ['09:30:00', undefined],
])('minutesOf(%j) is %s', (time, expected) => {
  expect(minutesOf(time)).toBe(expected);
});

it.each([
  ['1970-01-01', 0], ['2026-02-28', 20512], ['2026-02-29', undefined], ['2028-02-29', 21243], ['2026-13-01', undefined], ['26-01-01', undefined],
])('dayOf(%j) is %s', (date, expected) => {
  expect(dayOf(date)).toBe(expected);
});

it.each([
  ['America/New_York', 'America/New_York'], ['america/new_york', 'America/New_York'], ['UTC', 'UTC'], ['Etc/GMT+5', 'Etc/GMT+5'],
  ['America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'], ['Asia/Calcutta', 'Asia/Calcutta'], ['+02:00', undefined],
  ['Mars/Olympus', undefined], ['', undefined], ['../etc', undefined], ['U'.repeat(65), undefined],
])('timeZoneOf(%j) is %s', (name, expected) => {
  expect(timeZoneOf(name)).toBe(expected);
});

describe('hoursFaults', () => {
  const weekly = (opens: string, closes: string): OpeningHours => ({ weekly: [{ weekday: 'MONDAY', opens, closes }], exceptions: [] });
  const exception = (...exceptions: OpeningHours['exceptions']): OpeningHours => ({ weekly: [], exceptions });
  it.each<[string, OpeningHours, string[]]>([
    ['none', { weekly: [], exceptions: [] }, []],
    ['plain ones', weekly('09:00', '17:00'), []],
    ['past midnight', weekly('22:00', '03:00'), []],
    ['a whole day', weekly('00:00', '24:00'), []],
    ['opening at 24:00', weekly('24:00', '03:00'), ['openingHours.0.opens TIME_OF_DAY']],
    ['closing at 25:00', weekly('09:00', '25:00'), ['openingHours.0.closes TIME_OF_DAY']],
    ['no time at all', weekly('09:00', '09:00'), ['openingHours.0.closes HOURS_EMPTY']],
    ['a closed day', exception({ date: '2026-12-25', times: [] }), []],
    ['a date that is none', exception({ date: '2026-02-30', times: [] }), ['openingExceptions.0.date DATE']],
    ['a date twice', exception({ date: '2026-12-25', times: [] }, { date: '2026-12-25', times: [] }), ['openingExceptions.1.date TWICE']],
    ['a bad time on a date', exception({ date: '2026-12-25', times: [{ opens: 'x', closes: '09:00' }] }), ['openingExceptions.0.times.0.opens TIME_OF_DAY']],
    ['five openings on a date', exception({ date: '2026-12-25', times: Array(5).fill({ opens: '08:00', closes: '09:00' }) }), ['openingExceptions.0.times TOO_MANY']],
    ['29 openings a week', { weekly: Array(29).fill({ weekday: 'MONDAY', opens: '08:00', closes: '09:00' }), exceptions: [] }, ['openingHours TOO_MANY']],
    ['28 openings a week', { weekly: Array(28).fill({ weekday: 'MONDAY', opens: '08:00', closes: '09:00' }), exceptions: [] }, []],
    ['four openings on a date', exception({ date: '2026-12-25', times: Array(4).fill({ opens: '08:00', closes: '09:00' }) }), []],
    ['100 dates', exception(...Array.from({ length: 100 }, (_, day) => ({ date: new Date(day * 86_400_000).toISOString().slice(0, 10), times: [] }))), []],
    ['an empty time on a date', exception({ date: '2026-12-25', times: [{ opens: '08:00', closes: '09:00' }, { opens: '09:00', closes: '09:00' }] }),
      ['openingExceptions.0.times.1.closes HOURS_EMPTY']],
    ['101 dates', exception(...Array.from({ length: 101 }, () => ({ date: '2026-12-25', times: [] }))), ['openingExceptions TOO_MANY']],
  ])('of %s', (_what, hours, expected) => {
    expect(hoursFaults(hours).map(({ field, reason }) => `${field.join('.')} ${reason}`)).toEqual(expected);
  });
});
