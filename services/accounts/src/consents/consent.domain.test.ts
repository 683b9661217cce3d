import { consentDays, consentEnd, consentStatus } from './consent.domain';

it.each<[string | undefined, number | undefined]>([
  [undefined, 90], ['1', 1], ['30', 30], ['90', 90], ['91', undefined], ['99', undefined], ['100', undefined], ['0', undefined], ['', undefined],
  ['-1', undefined], ['1.5', undefined], ['1e1', undefined], ['07', undefined], [' 7', undefined], ['7 ', undefined], ['seven', undefined],
])('%s days are %s', (given, days) => {
  expect(consentDays(given)).toBe(days);
});

it('ends to the millisecond', () => {
  expect(consentEnd(new Date('2026-11-28T10:00:00.123Z'), 30)).toEqual(new Date('2026-12-28T10:00:00.123Z'));
});

const now = new Date('2026-11-28T10:00:00.000Z');
const [before, after] = [new Date(now.getTime() - 1), new Date(now.getTime() + 1)];
it.each([
  [after, null, 'ACTIVE'],
  [now, null, 'EXPIRED'],
  [before, null, 'EXPIRED'],
  [after, before, 'WITHDRAWN'],
  [before, before, 'WITHDRAWN'],
])('until %p, withdrawn %p: %s', (expiresAt, withdrawnAt, status) => {
  expect(consentStatus({ expiresAt, withdrawnAt }, now)).toBe(status);
});
