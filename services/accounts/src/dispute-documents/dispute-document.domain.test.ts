import fc from 'fast-check';
import { decideStep, DISPUTE_STATUSES, type DisputeState, respondBy } from '../disputes/dispute.domain';
import type { Outcome } from '../outcomes/outcome.domain';
import { CONTENT_DAYS, DOCUMENTS_A_DAY, DOCUMENTS_MAX, isShown, keptSince, mayAddTo, mayAnnounce, mayChange, mayStillChange, readsAs, sideOf } from './dispute-document.domain';

const told = (outcome: Outcome<object>): string =>
  outcome.ok
    ? ['OK', 'side' in outcome && outcome.side].filter(Boolean).join(' ')
    : outcome.refusals.map(({ code, reason, field }) => [code, reason, field?.[0] === 'input' ? field.slice(1).join('.') : field].filter(Boolean).join(' ')).join();

const deadline = respondBy(new Date(0));
const [early, late] = [new Date(deadline.getTime() - 1), deadline];
const parties = { personId: 'payer', merchantPeople: ['owner', 'manager', 'till'], cashiers: ['till'] };
const state = (change: Partial<DisputeState> = {}): DisputeState => ({ status: 'OPEN', respondBy: deadline, ...parties, ...change });

type Who = { personId: string; operator: boolean };
/** What an announcement, or a step with a document, is answered, as the service asks: who, then when. */
function announcement(dispute: DisputeState | undefined, who: Who, now: Date): Outcome<object> {
  const allowed = mayAnnounce(dispute, who);
  const still = allowed.ok ? mayStillChange(dispute!, now, 'disputeId') : allowed;
  return still.ok ? allowed : still;
}
function step(document: { side: 'PERSON' | 'MERCHANT' } | undefined, dispute: DisputeState | undefined, who: Who, now: Date): Outcome<object> {
  const allowed = mayChange(document, dispute, who);
  return allowed.ok ? mayStillChange(dispute!, now, 'documentId') : allowed;
}

describe('who hands in what', () => {
  it.each<[string, DisputeState | undefined, string, boolean, Date, string]>([
    ['the payer', state(), 'payer', false, early, 'OK PERSON'],
    ['the payer, once it is contested', state({ status: 'CONTESTED' }), 'payer', false, early, 'OK PERSON'],
    ['the owner', state(), 'owner', false, early, 'OK MERCHANT'],
    ['a manager, once it is contested', state({ status: 'CONTESTED' }), 'manager', false, early, 'OK MERCHANT'],
    ['a cashier', state(), 'till', false, early, 'NOT_ALLOWED disputeId'],
    ['an operator', state(), 'op', true, early, 'NOT_ALLOWED disputeId'],
    ['an operator who paid', state(), 'payer', true, early, 'OK PERSON'],
    ['an owner who paid', state({ personId: 'owner' }), 'owner', false, early, 'OK PERSON'],
    ['a stranger', state(), 'x', false, early, 'NOT_FOUND disputeId'],
    ['a stranger, late', state(), 'x', false, late, 'NOT_FOUND disputeId'],
    ['anybody, of nothing', undefined, 'op', true, early, 'NOT_FOUND disputeId'],
    ['the payer, at the deadline', state(), 'payer', false, late, 'NOT_ALLOWED EVIDENCE_OVERDUE disputeId'],
    ['the owner, at the deadline of what is contested', state({ status: 'CONTESTED' }), 'owner', false, late, 'NOT_ALLOWED EVIDENCE_OVERDUE disputeId'],
    ['the payer, of what was accepted', state({ status: 'ACCEPTED' }), 'payer', false, early, 'NOT_ALLOWED DISPUTE_STATUS disputeId'],
    ['the owner, of what was decided', state({ status: 'DECIDED' }), 'owner', false, early, 'NOT_ALLOWED DISPUTE_STATUS disputeId'],
    ['the owner, of what was decided, late', state({ status: 'DECIDED' }), 'owner', false, late, 'NOT_ALLOWED DISPUTE_STATUS disputeId'],
    ['the payer, of what was withdrawn', state({ status: 'WITHDRAWN' }), 'payer', false, early, 'NOT_ALLOWED DISPUTE_STATUS disputeId'],
  ])('%s', (_who, dispute, personId, operator, now, expected) => {
    expect(told(announcement(dispute, { personId, operator }, now))).toBe(expected);
  });
});

describe('who goes on with a document, or withdraws it', () => {
  it.each<[string, 'PERSON' | 'MERCHANT', DisputeState, string, boolean, Date, string]>([
    ['the payer, theirs', 'PERSON', state(), 'payer', false, early, 'OK'],
    ['the payer, the merchant\'s', 'MERCHANT', state(), 'payer', false, early, 'NOT_FOUND documentId'],
    ['a manager, what the owner handed in', 'MERCHANT', state(), 'manager', false, early, 'OK'],
    ['the owner, the payer\'s', 'PERSON', state(), 'owner', false, early, 'NOT_FOUND documentId'],
    ['a cashier', 'MERCHANT', state(), 'till', false, early, 'NOT_FOUND documentId'],
    ['an operator', 'PERSON', state(), 'op', true, early, 'NOT_FOUND documentId'],
    ['the payer, at the deadline', 'PERSON', state(), 'payer', false, late, 'NOT_ALLOWED EVIDENCE_OVERDUE documentId'],
    ['the owner, after the end', 'MERCHANT', state({ status: 'DECIDED' }), 'owner', false, early, 'NOT_ALLOWED DISPUTE_STATUS documentId'],
    ['an owner who left', 'MERCHANT', state({ merchantPeople: ['manager'] }), 'owner', false, early, 'NOT_FOUND documentId'],
  ])('%s', (_who, side, dispute, personId, operator, now, expected) => {
    expect(told(step({ side }, dispute, { personId, operator }, now))).toBe(expected);
  });
  it('nobody, what is not there', () => {
    expect(told(step(undefined, state(), { personId: 'payer', operator: false }, early))).toBe('NOT_FOUND documentId');
    expect(told(step({ side: 'PERSON' }, undefined, { personId: 'payer', operator: false }, early))).toBe('NOT_FOUND documentId');
  });
});

it('evidence is taken as long as an answer would be, and never once there is an end', () => {
  const status = fc.constantFrom(...DISPUTE_STATUSES);
  fc.assert(fc.property(status, fc.integer({ min: 0, max: 2 * deadline.getTime() }), fc.constantFrom('payer', 'owner'), (is, milliseconds, personId) => {
    const [dispute, now] = [state({ status: is }), new Date(milliseconds)];
    const viewer = { personId, operator: false };
    const taken = announcement(dispute, viewer, now).ok;
    expect(taken).toBe((is === 'OPEN' || is === 'CONTESTED') && now < deadline);
    expect(step({ side: sideOf(dispute, viewer)! }, dispute, viewer, now).ok).toBe(taken);
    if (is === 'OPEN') expect(taken).toBe(decideStep(dispute, 'CONTEST', { personId: 'owner', operator: false }, now).ok);
  }));
});

it.each([
  [0, 0, 'OK'], [DOCUMENTS_MAX - 1, DOCUMENTS_A_DAY - 1, 'OK'], [DOCUMENTS_MAX, 0, 'LIMIT_EXCEEDED EVIDENCE disputeId'],
  [0, DOCUMENTS_A_DAY, 'LIMIT_EXCEEDED EVIDENCE_A_DAY disputeId'],
])('with %d of the side and %d of the day: %s', (ofSide, ofDay, expected) => expect(told(mayAddTo({ ofSide, ofDay }))).toBe(expected));

it.each<[string, boolean, string, string]>([
  // who, an operator; whole documents of PERSON and MERCHANT, then such that are on their way: which of the four are shown; how they are read
  ['payer', false, 'PERSON MERCHANT PERSON…', 'SIDE'],
  ['owner', false, 'PERSON MERCHANT MERCHANT…', 'SIDE'],
  ['manager', false, 'PERSON MERCHANT MERCHANT…', 'SIDE'],
  ['till', false, 'PERSON MERCHANT', 'not at all'],
  ['till', true, 'PERSON MERCHANT', 'OPERATOR'],
  ['op', true, 'PERSON MERCHANT', 'OPERATOR'],
  ['payer', true, 'PERSON MERCHANT PERSON…', 'SIDE'],
  ['x', false, '', 'not at all'],
])('%s (an operator: %s) is shown %s, and reads them: %s', (personId, operator, shown, read) => {
  const viewer = { personId, operator };
  const all = [true, false].flatMap((stored) => (['PERSON', 'MERCHANT'] as const).map((side) => ({ side, stored })));
  const seen = all.filter((document) => isShown(document, parties, viewer)).map(({ side, stored }) => `${side}${stored ? '' : '…'}`);
  expect(seen.join(' ')).toBe(shown);
  expect(readsAs(parties, viewer) ?? 'not at all').toBe(read);
});

it('what is in a document is kept for 540 days', () => {
  expect(CONTENT_DAYS).toBe(540);
  expect(keptSince(new Date('2026-11-29T00:00:00Z'))).toEqual(new Date('2025-06-07T00:00:00Z'));
});
