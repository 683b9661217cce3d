import { PrivateAddress } from '@tael/platform/egress';
import { mailFault } from './mail.channel';
import { pushAnswer, pushOutcome } from './push.channel';

describe('a fault of the mail server', () => {
  it.each([
    [{ responseCode: 550, command: 'RCPT TO' }, 'REJECTED'],
    [{ responseCode: 554, command: 'DATA' }, 'REJECTED'],
    [{ responseCode: 451, command: 'MAIL FROM' }, 'BUSY'],
    [{ responseCode: 421, command: 'CONN' }, 'BUSY'],
    [{ code: 'ECONNREFUSED' }, 'BUSY'],
    [{ code: 'ESOCKET', command: 'CONN' }, 'BUSY'],
    [{ code: 'ETIMEDOUT', command: 'CONN' }, 'BUSY'],
    [{ code: 'EDNS' }, 'BUSY'],
    [{ code: 'EENVELOPE' }, 'REJECTED'],
    // The text was on its way: it may have been taken.
    [{ code: 'ETIMEDOUT', command: 'DATA' }, 'UNKNOWN'],
    [{ code: 'ECONNECTION', command: 'DATA' }, 'UNKNOWN'],
    [{ code: 'ESOCKET' }, 'UNKNOWN'],
    [{}, 'UNKNOWN'],
  ])('%j is %s', (fault, kind) => {
    expect(mailFault(fault).kind).toBe(kind);
  });
});

describe('an answer of a push service', () => {
  const fault = (code: string): Error => Object.assign(new Error('x'), { code });
  it.each([
    [{ status: 201, retryAfter: undefined }, { kind: 'HANDED_OFF' }],
    [
      { status: 429, retryAfter: '7' },
      { kind: 'BUSY', retryAfterMs: 7_000 },
    ],
    [
      { status: 503, retryAfter: 'Wed, 21 Oct 2026 07:28:00 GMT' },
      { kind: 'BUSY', retryAfterMs: undefined },
    ],
    [
      { status: 413, retryAfter: undefined },
      { kind: 'REJECTED', reason: 'PUSH 413' },
    ],
    [{ status: 302, retryAfter: undefined }, { kind: 'REJECTED' }],
    [
      { fault: fault('ECONNREFUSED'), sent: false },
      { kind: 'BUSY', reason: 'PUSH ECONNREFUSED' },
    ],
    [{ fault: fault('ETIMEDOUT'), sent: true }, { kind: 'UNKNOWN' }],
  ])('%j is %j', (answer, handOff) => {
    expect(pushAnswer(answer)).toMatchObject(handOff);
  });
  it.each([
    { status: 404, retryAfter: undefined },
    { status: 410, retryAfter: undefined },
    { fault: new PrivateAddress(), sent: false },
  ])('%j ends the subscription', (answer) => {
    expect(pushAnswer(answer)).toBe('GONE');
  });
  it('of several devices: one that got it is enough, else what may still work', () => {
    const [got, busy, no] = [
      { kind: 'HANDED_OFF', providerId: null },
      { kind: 'BUSY', reason: 'b' },
      { kind: 'REJECTED', reason: 'r' },
    ] as const;
    expect(pushOutcome([no, busy, got])).toBe(got);
    expect(pushOutcome([no, busy])).toBe(busy);
    expect(pushOutcome([no])).toBe(no);
    expect(pushOutcome([])).toEqual({ kind: 'SKIPPED', reason: 'NO_ADDRESS' });
  });
});
