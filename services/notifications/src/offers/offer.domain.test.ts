import fc from 'fast-check';
import {
  actsAt,
  type Affinity,
  type Campaign,
  offerFits,
  offerTemplate,
  offerValidUntil,
  scoreAt,
  withPayment,
} from './offer.domain';

const DAY_MS = 86_400_000;
const day = (n: number): Date => new Date(Date.UTC(2026, 0, 1) + n * DAY_MS);
const count = (days: readonly number[]): Affinity =>
  days.reduce<Affinity | null>((sum, n) => withPayment(sum, day(n)), null)!;

describe('affinity', () => {
  it('halves every 45 days', () => {
    expect(scoreAt(count([0]), day(45))).toBeCloseTo(0.5, 12);
    expect(scoreAt(count([0, 45]), day(90))).toBeCloseTo(0.75, 12);
  });
  it('is the same in whatever order the payments are told', () => {
    const days = fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        days.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([a, b]) => {
          expect(scoreAt(count(a), day(500))).toBeCloseTo(scoreAt(count(b), day(500)), 9);
        },
      ),
    );
  });
  it('prefers a new habit to an old one', () => {
    expect(scoreAt(count([88, 89, 90]), day(90))).toBeGreaterThan(scoreAt(count([0, 1, 2, 3]), day(90)));
  });
});

const coffee: Campaign = {
  id: 'c',
  status: 'ACTIVE',
  effect: 'CASHBACK',
  currency: 'USD',
  rateBasisPoints: 250,
  merchantIds: null,
  merchantCategoryCodes: ['5814'],
  startsAt: null,
  endsAt: null,
};
const habit = { payments: 3, merchantId: 'm', merchantCategoryCode: '5814' };

describe('an offer', () => {
  const number = (place: number): string => `PAYMENTS 3 OF 30 DAYS, CATEGORY 5814 IS NUMBER ${place}`;
  it.each<[string, Partial<Campaign>, typeof habit | null, string[], boolean, string]>([
    ['three payments in the favourite category', {}, habit, ['5814', 'a'], true, number(1)],
    ['two payments are not often', {}, { ...habit, payments: 2 }, ['5814'], false, 'PAYMENTS 2'],
    ['nothing bought', {}, null, ['5814'], false, 'PAYMENTS 0'],
    ['third favourite', {}, habit, ['a', 'b', '5814'], true, number(3)],
    ['fourth favourite', {}, habit, ['a', 'b', 'c', '5814'], false, 'NOT_A_FAVOURITE_CATEGORY'],
    ['no favourite', {}, habit, ['a'], false, 'NOT_A_FAVOURITE_CATEGORY'],
    ['an empty list of merchants is none', { merchantIds: [] }, habit, ['a'], false, 'NOT_A_FAVOURITE_CATEGORY'],
    [
      'at the merchant itself the category does not matter',
      { merchantIds: ['m'], merchantCategoryCodes: null },
      habit,
      ['a', 'b', 'c', '5814'],
      true,
      number(4),
    ],
    ['a campaign for everything is not personal', { merchantCategoryCodes: null }, habit, ['5814'], false, 'NOT_TARGETED'],
    ['a referral campaign is about no purchase', { effect: 'REFERRAL_REWARD' }, habit, ['5814'], false, 'NOT_TARGETED'],
  ])('%s', (_name, change, has, favourites, fits, because) => {
    expect(offerFits({ ...coffee, ...change }, has, favourites)).toEqual({ fits, because });
  });
  it.each<[Partial<Campaign>, string | null]>([
    [{}, 'offer.cashback'],
    [{ effect: 'FEE_WAIVER', rateBasisPoints: null }, 'offer.fee-waiver'],
    [{ rateBasisPoints: null }, null],
    [{ merchantCategoryCodes: [] }, null],
    [{ merchantCategoryCodes: [], merchantIds: [] }, null],
    [{ merchantCategoryCodes: null, merchantIds: ['m'] }, 'offer.cashback'],
    [{ effect: 'REFERRAL_REWARD' }, null],
  ])('%j is told by %s', (change, template) => {
    expect(offerTemplate({ ...coffee, ...change })).toBe(template);
  });
  it.each<[Partial<Campaign>, boolean]>([
    [{}, true],
    [{ status: 'PAUSED' }, false],
    [{ startsAt: day(11) }, false],
    [{ startsAt: day(10) }, true],
    [{ endsAt: day(10) }, false],
    [{ endsAt: day(11) }, true],
  ])('of %j acts: %s', (change, acts) => {
    expect(actsAt({ ...coffee, ...change }, day(10))).toBe(acts);
  });
  it('is worth sending for a week, or until the campaign ends', () => {
    expect(offerValidUntil(coffee, day(0))).toEqual(day(7));
    expect(offerValidUntil({ ...coffee, endsAt: day(2) }, day(0))).toEqual(day(2));
    expect(offerValidUntil({ ...coffee, endsAt: day(8) }, day(0))).toEqual(day(7));
  });
});
