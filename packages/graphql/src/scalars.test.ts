import { DateTime, Decimal } from './scalars';

describe('DateTime', () => {
  it.each(['2026-11-21T18:29:00Z', '2026-11-21T18:29:00.123Z', '2028-02-29T00:00:00Z', '2026-11-21T18:29:00.123456Z'])(
    'reads %s', (text) => expect((DateTime.parseValue(text) as Date).toISOString().slice(0, 19)).toBe(text.slice(0, 19)),
  );
  it.each([
    '2027-02-30T00:00:00Z', '2027-02-29T00:00:00Z', '2027-02-20T24:00:00Z', '2026-13-01T00:00:00Z', '2026-11-21', '2026-11-21T18:29:00',
    '2026-11-21T18:29:00+01:00', 'now', '', 0, null, '2026-11-21T18:29:60Z',
  ])('refuses %j', (value) => expect(() => DateTime.parseValue(value)).toThrow('RFC 3339'));
  it('writes UTC with milliseconds', () => {
    expect(DateTime.serialize(new Date('2026-11-21T18:29:00Z'))).toBe('2026-11-21T18:29:00.000Z');
  });
});

describe('Decimal', () => {
  it.each([12.5, 1, true, null, {}, ['1'], 'x'.repeat(65)])('refuses %j', (value) => expect(() => Decimal.parseValue(value)).toThrow('Decimal'));
  it('leaves the reading of text to the rules, which know the field', () => expect(Decimal.parseValue('1e3')).toBe('1e3'));
});
