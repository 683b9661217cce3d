import fc from 'fast-check';
import { CLASSES, type MessageClass } from '../messages/gate.domain';
import { afterAttempt, ATTEMPTS_MAX, type HandOff, pauseMs } from './delivery.domain';

const now = new Date('2026-11-22T12:00:00Z');
const busy: HandOff = { kind: 'BUSY', reason: 'SMTP 451' };
const lost: HandOff = { kind: 'UNKNOWN', reason: 'WORKER_LOST' };

describe('after an attempt', () => {
  const rows: [HandOff, MessageClass, number, object][] = [
    [
      { kind: 'HANDED_OFF', providerId: 'x' },
      'SERVICE',
      1,
      { status: 'HANDED_OFF', reason: null, providerId: 'x', dueAt: null },
    ],
    [
      { kind: 'SKIPPED', reason: 'NO_ADDRESS' },
      'SECURITY',
      1,
      { status: 'SKIPPED', reason: 'NO_ADDRESS', dueAt: null },
    ],
    [{ kind: 'REJECTED', reason: 'SMTP 550' }, 'SECURITY', 1, { status: 'FAILED', reason: 'SMTP 550', dueAt: null }],
    [busy, 'TRANSACTIONAL', 1, { status: 'PLANNED', reason: 'SMTP 451', dueAt: new Date(now.getTime() + 1_000) }],
    [busy, 'MARKETING', 3, { status: 'PLANNED', dueAt: new Date(now.getTime() + 4_000) }],
    [
      { ...busy, retryAfterMs: 30_000 } as HandOff,
      'SERVICE',
      1,
      { status: 'PLANNED', dueAt: new Date(now.getTime() + 30_000) },
    ],
    [
      { ...busy, retryAfterMs: 9e9 } as HandOff,
      'SERVICE',
      1,
      { status: 'PLANNED', dueAt: new Date(now.getTime() + 900_000) },
    ],
    [busy, 'SERVICE', ATTEMPTS_MAX, { status: 'FAILED', reason: 'SMTP 451', dueAt: null }],
    [lost, 'SECURITY', 1, { status: 'PLANNED' }],
    [lost, 'TRANSACTIONAL', 1, { status: 'PLANNED' }],
    [lost, 'SERVICE', 1, { status: 'PLANNED' }],
    // An offer is not risked twice.
    [lost, 'MARKETING', 1, { status: 'UNKNOWN', reason: 'WORKER_LOST', dueAt: null }],
    [lost, 'SECURITY', ATTEMPTS_MAX, { status: 'UNKNOWN', dueAt: null }],
  ];
  it.each(rows)('%j of a %s message, attempt %i', (handOff, messageClass, attempts, outcome) => {
    expect(afterAttempt(handOff, { class: messageClass, attempts, validUntil: null }, now)).toMatchObject(outcome);
  });
  it('gives up where the next attempt would be too late, but not on security', () => {
    const state = { attempts: 2, validUntil: new Date(now.getTime() + 1_000) };
    expect(afterAttempt(busy, { ...state, class: 'SERVICE' }, now).status).toBe('FAILED');
    expect(afterAttempt(busy, { ...state, class: 'SERVICE', attempts: 1 }, now).status).toBe('PLANNED');
    expect(afterAttempt(busy, { ...state, class: 'SECURITY' }, now).status).toBe('PLANNED');
  });
  it('ends after a bounded number of attempts, whatever happens', () => {
    const handOff = fc.constantFrom<HandOff>(busy, lost, { kind: 'BUSY', reason: 'r', retryAfterMs: 5 });
    fc.assert(
      fc.property(
        fc.array(handOff, { minLength: ATTEMPTS_MAX, maxLength: ATTEMPTS_MAX }),
        fc.constantFrom(...CLASSES),
        (all, kind) => {
          const ends = all.map(
            (one, index) => afterAttempt(one, { class: kind, attempts: index + 1, validUntil: null }, now).status,
          );
          expect(ends.at(-1)).not.toBe('PLANNED');
        },
      ),
    );
  });
  it('waits longer each time, up to a bound', () => {
    expect([1, 2, 3, 8, 20, 0].map(pauseMs)).toEqual([1_000, 2_000, 4_000, 128_000, 900_000, 1_000]);
  });
});
