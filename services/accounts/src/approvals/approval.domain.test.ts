import { currencyCode } from '@tael/money';
import fc from 'fast-check';
import { type Approval, approvalText, mayDecide, statusAt } from './approval.domain';

const NOON = new Date('2026-11-28T12:00:00Z');
const at = (minutes: number): Date => new Date(NOON.getTime() + minutes * 60_000);
const approval: Approval = {
  id: 'a', kind: 'MANUAL_ADJUSTMENT', subjectId: 'wallet', currency: currencyCode('USD'), amount: 500n, payload: { direction: 'CREDIT' },
  status: 'REQUESTED', reason: 'why', requestedBy: 'ada', requestedAt: at(-60), expiresAt: at(1), decidedBy: null, decidedAt: null,
  decisionReason: null, resultId: null,
};

describe('mayDecide', () => {
  // decision, by, status, minutes from noon -> OK or why not
  it.each([
    ['APPROVE', 'bob', 'REQUESTED', 0, 'OK'], ['APPROVE', 'ada', 'REQUESTED', 0, 'OWN_REQUEST'],
    ['REJECT', 'bob', 'REQUESTED', 0, 'OK'], ['REJECT', 'ada', 'REQUESTED', 0, 'OWN_REQUEST'],
    ['CANCEL', 'ada', 'REQUESTED', 0, 'OK'], ['CANCEL', 'bob', 'REQUESTED', 0, 'OTHERS_REQUEST'],
    ['APPROVE', 'bob', 'REQUESTED', 0.999, 'OK'], ['APPROVE', 'bob', 'REQUESTED', 1, 'APPROVAL_EXPIRED'],
    ['APPROVE', 'ada', 'REQUESTED', 1, 'APPROVAL_EXPIRED'], ['REJECT', 'bob', 'REQUESTED', 2, 'APPROVAL_EXPIRED'],
    ['CANCEL', 'ada', 'REQUESTED', 2, 'APPROVAL_EXPIRED'],
    ['APPROVE', 'bob', 'EXECUTED', 0, 'APPROVAL_DECIDED'], ['REJECT', 'bob', 'EXECUTED', 0, 'APPROVAL_DECIDED'],
    ['CANCEL', 'ada', 'EXECUTED', 0, 'APPROVAL_DECIDED'], ['APPROVE', 'bob', 'REJECTED', 0, 'APPROVAL_DECIDED'],
    ['APPROVE', 'bob', 'CANCELLED', 9, 'APPROVAL_DECIDED'], ['APPROVE', 'bob', 'EXPIRED', 9, 'APPROVAL_EXPIRED'],
  ] as const)('%s by %s of one that is %s, %s minutes on: %s', (decision, personId, status, minutes, expected) => {
    const done = mayDecide({ ...approval, status }, decision, { personId, now: at(minutes) });
    expect(done).toEqual(expected === 'OK' ? { ok: true } : { ok: false, refusals: [{ code: 'NOT_ALLOWED', field: ['input', 'approvalId'], reason: expected }] });
  });
});

describe('statusAt', () => {
  it.each([['REQUESTED', 0, 'REQUESTED'], ['REQUESTED', 1, 'EXPIRED'], ['EXECUTED', 1, 'EXECUTED'], ['CANCELLED', 1, 'CANCELLED']] as const)(
    '%s %s minutes on is %s', (status, minutes, expected) => {
      expect(statusAt({ status, expiresAt: at(1) }, at(minutes))).toBe(expected);
    });
});

describe('approvalText', () => {
  it('is all that is approved, as one list: a digest that was named once holds for as long as its request', () => {
    const payload = { b: null, a: { y: [2, { q: 2, p: 1 }], x: 'one' } };
    expect(approvalText({ ...approval, payload })).toBe(
      '["a","MANUAL_ADJUSTMENT","wallet","USD","500",[["a",[["x","one"],["y",[2,[["p",1],["q",2]]]]]],["b",null]],"why","ada"]',
    );
  });

  it('is the same whatever order the payload has', () => {
    const text = approvalText({ ...approval, payload: { a: { x: 1, y: [2, { p: 1, q: 2 }] }, b: null } });
    expect(approvalText({ ...approval, payload: { b: null, a: { y: [2, { q: 2, p: 1 }], x: 1 } } })).toBe(text);
  });

  it('is another for each other word of what is approved', () => {
    const change = fc.constantFrom<Partial<Approval>>(
      { id: 'b' }, { kind: 'BREAK_WRITE_OFF' }, { subjectId: 'other' }, { currency: currencyCode('EUR') }, { amount: 501n },
      { payload: { direction: 'DEBIT' } }, { payload: {} }, { payload: { direction: ['CREDIT'] } }, { reason: 'other' }, { requestedBy: 'eve' },
    );
    fc.assert(fc.property(change, (changed) => approvalText({ ...approval, ...changed }) !== approvalText(approval)));
  });
});
