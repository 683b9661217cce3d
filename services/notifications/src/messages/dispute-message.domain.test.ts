import { TEMPLATES, type TemplateName } from '../templates/template.catalogue';
import { writeMessage } from '../templates/render';
import { disputeAnsweredNotices, disputeDecidedNotices, disputeDocumentNotices, disputeOpenedNotices } from './dispute-message.domain';
import type { MessageDraft } from './message.domain';

const occurredAt = new Date('2026-11-28T12:00:00Z');
const dispute = {
  disputeId: 'd1', transactionId: 't1', personId: 'payer', merchantId: 'm1', currency: 'USD', amount: 1_000n, merchantPeople: ['owner', 'manager'], occurredAt,
};
const written = (drafts: readonly MessageDraft[]) => drafts.map((draft) => {
  const { body } = writeMessage(draft.template as TemplateName, 'en', draft.facts, { merchant: 'Cafe', counterparty: '' });
  expect(TEMPLATES[draft.template as TemplateName].class).toBe(draft.class);
  return `${draft.personId}: ${body}`;
});

it.each<[string, MessageDraft[], string[]]>([
  ['opened', disputeOpenedNotices({ ...dispute, respondBy: occurredAt }), ['owner', 'manager'].map((who) => `${who}: $10.00 to Cafe is disputed. Answer within seven days, or it goes back.`)],
  ['contested', disputeAnsweredNotices({ ...dispute, answer: 'CONTESTED' }), ['payer: Cafe does not agree that $10.00 goes back. We look at both sides.']],
  ['accepted', disputeAnsweredNotices({ ...dispute, answer: 'ACCEPTED' }), []],
  ['won', disputeDecidedNotices({ ...dispute, outcome: 'PERSON' }), [
    'payer: $10.00 at Cafe: it was decided for you.', ...['owner', 'manager'].map((who) => `${who}: $10.00 to Cafe: it was decided for the payer.`)]],
  ['lost', disputeDecidedNotices({ ...dispute, outcome: 'MERCHANT' }), [
    'payer: $10.00 at Cafe: nothing goes back.', ...['owner', 'manager'].map((who) => `${who}: $10.00 to Cafe: it was decided for you.`)]],
  ['withdrawn', disputeDecidedNotices({ ...dispute, outcome: 'WITHDRAWN' }), ['owner', 'manager'].map((who) => `${who}: $10.00 to Cafe: the payer withdrew.`)],
  ['of a merchant without people', disputeDecidedNotices({ ...dispute, merchantPeople: [], outcome: 'PERSON' }), ['payer: $10.00 at Cafe: it was decided for you.']],
])('a dispute that is %s', (_what, drafts, expected) => {
  expect(written(drafts)).toEqual(expected);
  expect(new Set(drafts.map(({ dedupeKey }) => dedupeKey)).size).toBe(drafts.length);
});

it('is about its payment and its merchant, and of each person once, whatever comes again', () => {
  const drafts = [
    ...disputeOpenedNotices({ ...dispute, respondBy: occurredAt }), ...disputeAnsweredNotices({ ...dispute, answer: 'CONTESTED' }),
    ...disputeDecidedNotices({ ...dispute, outcome: 'PERSON' }),
  ];
  expect(drafts.map(({ transactionId, merchantId, personId, dedupeKey }) => `${transactionId} ${merchantId} ${personId} ${dedupeKey}`)).toEqual([
    't1 m1 owner dispute.opened/d1/owner', 't1 m1 manager dispute.opened/d1/manager', 't1 m1 payer dispute.contested/d1/payer',
    't1 m1 payer dispute.decided/d1/payer', 't1 m1 owner dispute.closed/d1/owner', 't1 m1 manager dispute.closed/d1/manager',
  ]);
});

it('has words only where it was decided', () => {
  expect(disputeAnsweredNotices({ ...dispute, answer: 'CONTESTED' })[0]!.facts).toEqual({ currency: 'USD', amounts: { amount: '1000' } });
  expect(disputeDecidedNotices({ ...dispute, outcome: 'MERCHANT' })[0]!.facts).toEqual({ currency: 'USD', amounts: { amount: '1000' }, words: { outcome: 'MERCHANT' } });
});

it('is news for a day once it is contested or decided', () => {
  const tomorrow = new Date('2026-11-29T12:00:00Z');
  const told = [...disputeAnsweredNotices({ ...dispute, answer: 'CONTESTED' }), ...disputeDecidedNotices({ ...dispute, outcome: 'WITHDRAWN' })];
  expect(told.map(({ validUntil }) => validUntil)).toEqual([tomorrow, tomorrow, tomorrow]);
});

it('is news for the merchant until it must answer', () => {
  const respondBy = new Date('2026-12-05T12:00:00Z');
  expect(disputeOpenedNotices({ ...dispute, respondBy }).map(({ validUntil }) => validUntil)).toEqual([respondBy, respondBy]);
});

const document = dispute;
it.each<[string, MessageDraft[], string[]]>([
  ['the payer, to all who answer', disputeDocumentNotices({ ...document, side: 'PERSON' }), ['owner', 'manager'].map((who) => `${who}: Who disputes $10.00 to Cafe handed in documents. The dispute shows them.`)],
  ['the payer, to a merchant of nobody', disputeDocumentNotices({ ...document, side: 'PERSON', merchantPeople: [] }), []],
  ['the payer who is an owner, to the others', disputeDocumentNotices({ ...document, side: 'PERSON', personId: 'owner' }), ['manager: Who disputes $10.00 to Cafe handed in documents. The dispute shows them.']],
  ['the merchant, to the payer', disputeDocumentNotices({ ...document, side: 'MERCHANT' }), ['payer: Cafe handed in documents about $10.00. Your dispute shows them.']],
])('a document by %s', (_what, drafts, expected) => expect(written(drafts)).toEqual(expected));

it.each<[string, Partial<typeof dispute>, boolean]>([
  ['later the same day', { occurredAt: new Date('2026-11-28T23:59:59.999Z') }, true], ['in the first moment of that day', { occurredAt: new Date('2026-11-28T00:00:00Z') }, true],
  ['the next day', { occurredAt: new Date('2026-11-29T00:00:00Z') }, false], ['of another dispute', { disputeId: 'd2' }, false],
])('a second document of a side has the message of the first: %s', (_what, change, isSame) => {
  const keys = (of: typeof dispute) => (['PERSON', 'MERCHANT'] as const).flatMap((side) => disputeDocumentNotices({ ...of, side }).map(({ dedupeKey }) => dedupeKey));
  const [first, second] = [keys(document), keys({ ...document, ...change })];
  expect(new Set([...first, ...second]).size).toBe(isSame ? 3 : 6);
});
