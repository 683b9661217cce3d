import { currencyCode } from '@tael/money';
import type { Outcome } from '../outcomes/outcome.domain';
import { decideFee, DEARER_NOTICE_MS, FEE_NOTICE_MS, feeAt, type FeeVersion } from './fee-change.domain';
import { QUOTE_VALIDITY_MS } from './fee.domain';

const NOON = new Date('2026-11-28T12:00:00Z');
const at = (minutes: number): Date => new Date(NOON.getTime() + minutes * 60_000);
const version = (rateBasisPoints: number, from: number, entered: number): FeeVersion => (
  { rateBasisPoints, minimum: 10n, maximum: 500n, effectiveFrom: at(from), enteredAt: at(entered), enteredBy: null });

const FIRST = version(100, -10_000, -20_000);
const fee = (versions: readonly FeeVersion[]) => ({ kind: 'PAYMENT' as const, currency: currencyCode('USD'), versions });

const told = (done: Outcome<object>): string =>
  done.ok ? 'OK' : done.refusals.map(({ code, reason, field }) => `${code} ${field?.join('.')} ${reason}`).join();

describe('feeAt', () => {
  it.each<[string, FeeVersion[], number]>([
    ['the only one', [FIRST], 100],
    ['the last that has begun', [version(200, 0, -90), FIRST], 200],
    ['not one that is to come', [version(200, 1, -90), FIRST], 100],
    ['the first, where none has begun', [version(300, 3, -80), version(200, 2, -90), version(100, 1, -100)], 100],
    ['the one entered last, though another began later', [version(300, -5, -70), version(200, -1, -90), FIRST], 300],
  ])('is %s', (_what, versions, rate) => expect(feeAt(versions, NOON).rateBasisPoints).toBe(rate));
});

describe('decideFee', () => {
  // rate, minimum, maximum, version seen, minutes ahead -> OK or why not
  it.each<[number, bigint, bigint, number, number | undefined, string]>([
    [100, 10n, 500n, 1, undefined, 'OK'], [100, 10n, 500n, 1, 6, 'OK'], [100, 10n, 500n, 1, 5.99, 'EFFECTIVE_FROM'], [0, 0n, 0n, 1, 6, 'OK'], [0, 0n, 0n, 1, 5.99, 'EFFECTIVE_FROM'],
    [101, 10n, 500n, 1, 59.9, 'EFFECTIVE_FROM'], [101, 10n, 500n, 1, 60, 'OK'], [100, 11n, 500n, 1, 59.9, 'EFFECTIVE_FROM'],
    [100, 10n, 501n, 1, 59.9, 'EFFECTIVE_FROM'], [1_000, 10n, 500n, 1, undefined, 'OK'], [1_001, 10n, 500n, 1, undefined, 'FEE_BOUNDS rateBasisPoints'],
    [-1, 10n, 500n, 1, undefined, 'FEE_BOUNDS rateBasisPoints'], [1.5, 10n, 500n, 1, undefined, 'FEE_BOUNDS rateBasisPoints'], [100, -1n, 500n, 1, undefined, 'FEE_BOUNDS minimum'],
    [100, 501n, 500n, 1, undefined, 'FEE_BOUNDS maximum'], [100, 10n, 10_000n, 1, undefined, 'OK'], [100, 10n, 10_001n, 1, undefined, 'FEE_BOUNDS maximum'],
    [50, 10n, 500n, 0, undefined, 'STALE_VERSION'], [50, 10n, 500n, 2, undefined, 'STALE_VERSION'],
    [50, 10n, 500n, 1, 366 * 1_440, 'OK'], [50, 10n, 500n, 1, 366 * 1_440 + 1, 'EFFECTIVE_FROM'],
  ])('%s bp, %s to %s, seen %s, in %s minutes: %s', (rateBasisPoints, minimum, maximum, expectedVersion, minutes, expected) => {
    const effectiveFrom = minutes === undefined ? undefined : at(minutes);
    const done = decideFee(fee([FIRST]), { rateBasisPoints, minimum, maximum, expectedVersion, effectiveFrom }, NOON);
    const [reason, bound] = expected.split(' ');
    const [code, field] = { OK: [], FEE_BOUNDS: ['INVALID_INPUT', bound], STALE_VERSION: ['NOT_ALLOWED', 'expectedVersion'], EFFECTIVE_FROM: ['INVALID_INPUT', 'effectiveFrom'] }[reason!]!;
    expect(told(done)).toBe(code ? `${code} input.${field} ${reason}` : 'OK');
  });

  it('names every bound that is broken', () => {
    const done = decideFee(fee([FIRST]), { rateBasisPoints: -1, minimum: -1n, maximum: -2n, expectedVersion: 1, effectiveFrom: undefined }, NOON);
    expect(done.ok ? [] : done.refusals.map(({ field }) => field?.[1])).toEqual(['rateBasisPoints', 'minimum', 'maximum']);
  });

  it('comes soonest in six minutes, after every quote of now, and in an hour where it is dearer', () => {
    const rate = { minimum: 10n, maximum: 500n, expectedVersion: 1, effectiveFrom: undefined };
    expect(decideFee(fee([FIRST]), { ...rate, rateBasisPoints: 90 }, NOON)).toEqual({ ok: true, effectiveFrom: new Date(NOON.getTime() + FEE_NOTICE_MS) });
    expect(decideFee(fee([FIRST]), { ...rate, rateBasisPoints: 110 }, NOON)).toEqual({ ok: true, effectiveFrom: new Date(NOON.getTime() + DEARER_NOTICE_MS) });
    expect(FEE_NOTICE_MS).toBeGreaterThan(QUOTE_VALIDITY_MS);
  });

  it('takes back a slip before it begins: what is in force may come again in six minutes', () => {
    const slip = version(1_000, 60, -0.1);
    const done = decideFee(fee([slip, FIRST]), { ...FIRST, expectedVersion: 2, effectiveFrom: undefined }, NOON);
    expect(done).toMatchObject({ ok: true });
    const back = { ...FIRST, enteredAt: NOON, effectiveFrom: done.ok ? done.effectiveFrom : NOON };
    expect(feeAt([back, slip, FIRST], at(61)).rateBasisPoints).toBe(100);
  });
});
