import { currencyCode } from '@tael/money';
import fc from 'fast-check';
import type { Outcome } from '../outcomes/outcome.domain';
import { decideLimit, isRaise, LIMIT_NOTICE_MS, type LimitVersion, type VersionedLimit, versionAt } from './limit-change.domain';

const NOON = new Date('2026-11-28T12:00:00Z');
const at = (seconds: number): Date => new Date(NOON.getTime() + seconds * 1_000);
const version = (number: number, cap: bigint, from: number): LimitVersion => (
  { version: number, cap, effectiveFrom: at(from), enteredAt: at(from - 60), enteredBy: null });
const limit = (versions: readonly LimitVersion[], measure: VersionedLimit['measure'] = 'AMOUNT'): VersionedLimit => (
  { id: 'l', currency: currencyCode('USD'), kinds: ['PAYMENT'], measure, window: 'DAY', versions });

const V1 = version(1, 100n, -10_000);

const told = (done: Outcome<object>): string =>
  done.ok ? 'OK' : done.refusals.map(({ code, reason, field }) => `${code} ${field?.join('.')} ${reason}`).join();

describe('versionAt', () => {
  it.each<[string, LimitVersion[], number]>([
    ['the only one', [V1], 1],
    ['the newest that has begun', [version(2, 5n, -1), V1], 2],
    ['from the instant on', [version(2, 5n, 0), V1], 2],
    ['not one that has not begun', [version(2, 5n, 1), V1], 1],
    ['the first, where none has begun', [version(3, 6n, 3), version(2, 5n, 2), version(1, 7n, 1)], 1],
    ['a later one in the place of one that was to come', [version(3, 7n, -1), version(2, 5n, 1), V1], 3],
    ['a later one in the place of one that has come', [version(3, 7n, -5), version(2, 5n, -1), V1], 3],
  ])('is %s', (_what, versions, expected) => expect(versionAt(versions, NOON).version).toBe(expected));
});

describe('decideLimit', () => {
  it.each<[string, LimitVersion[], bigint, number, number | undefined, 1 | 2, string]>([
    ['lower', [V1], 99n, 1, undefined, 1, 'OK'], ['nothing', [V1], 0n, 1, undefined, 1, 'OK'], ['the same', [V1], 100n, 1, undefined, 1, 'OK'],
    ['higher', [V1], 101n, 1, undefined, 1, 'TWO_PERSONS'], ['higher, by two', [V1], 101n, 1, undefined, 2, 'OK'],
    ['lower, by two', [V1], 99n, 1, undefined, 2, 'NO_RAISE'],
    ['up to a hundred times', [V1], 10_000n, 1, undefined, 2, 'OK'], ['above that', [V1], 10_001n, 1, undefined, 2, 'LIMIT_BOUNDS'],
    ['below nothing', [V1], -1n, 1, undefined, 1, 'LIMIT_BOUNDS'],
    ['of a version that is past', [version(2, 50n, -1), V1], 40n, 1, undefined, 1, 'STALE_VERSION'],
    ['of one that is not there', [V1], 40n, 2, undefined, 1, 'STALE_VERSION'],
    ['against one that is to come', [version(2, 50n, 60), V1], 60n, 2, undefined, 1, 'TWO_PERSONS'],
    ['below one that is to come', [version(2, 50n, 60), V1], 50n, 2, undefined, 1, 'OK'],
    ['above what was, below what is', [version(2, 200n, -60), V1], 150n, 2, undefined, 1, 'OK'],
    ['below what was, above what is', [version(2, 50n, -60), V1], 60n, 2, undefined, 1, 'TWO_PERSONS'],
    ['below what is, a raise to come', [version(2, 500n, 60), V1], 100n, 2, undefined, 1, 'OK'],
    ['with notice', [V1], 50n, 1, 15, 1, 'OK'], ['with less', [V1], 50n, 1, 14.999, 1, 'EFFECTIVE_FROM'],
    ['a year ahead', [V1], 50n, 1, 366 * 86_400, 1, 'OK'], ['more', [V1], 50n, 1, 366 * 86_400 + 1, 1, 'EFFECTIVE_FROM'],
  ])('%s: version %j, cap %s, seen %s, from %s, by %s: %s', (_what, versions, cap, expectedVersion, from, persons, expected) => {
    const done = decideLimit(limit(versions), { expectedVersion, cap, effectiveFrom: from === undefined ? undefined : at(from) }, { now: NOON, persons });
    const where = { OK: '', TWO_PERSONS: 'NOT_ALLOWED input.amount', NO_RAISE: 'NOT_ALLOWED input.amount', LIMIT_BOUNDS: 'INVALID_INPUT input.amount',
      STALE_VERSION: 'NOT_ALLOWED input.expectedVersion', EFFECTIVE_FROM: 'INVALID_INPUT input.effectiveFrom' }[expected];
    expect(told(done)).toBe(where ? `${where} ${expected}` : 'OK');
    if (done.ok) {
      expect(done.next).toEqual({ version: versions[0]!.version + 1, cap, effectiveFrom: from === undefined ? at(LIMIT_NOTICE_MS / 1_000) : at(from) });
    }
  });

  it('lets one person change a count', () => {
    const done = decideLimit(limit([V1], 'COUNT'), { expectedVersion: 1, cap: 200n, effectiveFrom: undefined }, { now: NOON, persons: 1 });
    expect(done).toMatchObject({ ok: true, next: { cap: 200n } });
    const two = decideLimit(limit([V1], 'COUNT'), { expectedVersion: 1, cap: 200n, effectiveFrom: undefined }, { now: NOON, persons: 2 });
    expect(told(two)).toBe('NOT_ALLOWED input.count NO_RAISE');
  });
});

describe('one person', () => {
  it('never lets more through at any time than would have gone through without them', () => {
    const step = fc.record({ cap: fc.bigInt(0n, 300n), from: fc.integer({ min: 15, max: 500 }), persons: fc.constantFrom<1 | 2>(1, 2) });
    fc.assert(fc.property(fc.array(step, { maxLength: 8 }), fc.integer({ min: 0, max: 900 }), (steps, later) => {
      let versions: readonly LimitVersion[] = [V1];
      for (const { cap, from, persons } of steps) {
        const done = decideLimit(limit(versions), { expectedVersion: versions[0]!.version, cap, effectiveFrom: at(from) }, { now: NOON, persons });
        if (!done.ok) continue;
        const after = [{ ...done.next, enteredAt: NOON, enteredBy: 'op' }, ...versions];
        if (persons === 1) expect(versionAt(after, at(later)).cap <= versionAt(versions, at(later)).cap).toBe(true);
        else expect(isRaise(limit(versions), cap, NOON)).toBe(true);
        versions = after;
      }
    }));
  });
});
