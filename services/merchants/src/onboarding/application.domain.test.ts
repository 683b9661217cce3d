import fc from 'fast-check';
import {
  APPLICATION_STATUSES, type ApplicationStatus, type BusinessDetails, decideStep, isApplicantStep, messageFault, OPEN_STATUSES, readDetails, type Step,
  stepFrom, STEPS,
} from './application.domain';

const applicant = { personId: 'applicant', isOperator: false };
const reviewer = { personId: 'reviewer', isOperator: true };
const colleague = { personId: 'colleague', isOperator: true };
const stranger = { personId: 'stranger', isOperator: false };
const at = (status: ApplicationStatus, reviewerId: string | null = 'reviewer') => ({ status, applicantId: 'applicant', reviewerId });
const told = (decision: ReturnType<typeof decideStep>): string =>
  decision.ok ? `${decision.next}${decision.repeated ? ' again' : ''}` : [decision.refusal.code, decision.refusal.reason, ...(decision.refusal.field.join('.') === 'input.applicationId' ? [] : decision.refusal.field)].filter(Boolean).join(' ');

it('an applicant edits, submits and withdraws; what is open waits for somebody', () => {
  expect(STEPS.filter(isApplicantStep)).toEqual(['EDIT', 'SUBMIT', 'WITHDRAW']);
  expect(OPEN_STATUSES).toEqual(['DRAFT', 'SUBMITTED', 'IN_REVIEW', 'NEEDS_MORE']);
});

it('the whole table: from each state each step', () => {
  const table = Object.fromEntries(APPLICATION_STATUSES.map((status) => [status, STEPS.map((step) => stepFrom(status, step) ?? '-').join(' ')]));
  // EDIT SUBMIT WITHDRAW TAKE RELEASE ASK_MORE APPROVE REJECT
  expect(table).toEqual({
    DRAFT: 'DRAFT SUBMITTED WITHDRAWN - - - - -',
    SUBMITTED: '- SUBMITTED WITHDRAWN IN_REVIEW - - - -',
    IN_REVIEW: '- - WITHDRAWN IN_REVIEW SUBMITTED NEEDS_MORE APPROVED REJECTED',
    NEEDS_MORE: 'NEEDS_MORE SUBMITTED WITHDRAWN - - - - -',
    APPROVED: '- - - - - - APPROVED -',
    REJECTED: '- - - - - - - REJECTED',
    WITHDRAWN: '- - WITHDRAWN - - - - -',
  });
});

it.each<[string, ReturnType<typeof at> | undefined, Step, typeof applicant, string]>([
  ['the applicant edits a draft', at('DRAFT', null), 'EDIT', applicant, 'DRAFT'],
  ['the applicant edits what is reviewed', at('IN_REVIEW'), 'EDIT', applicant, 'NOT_ALLOWED APPLICATION_STATUS'],
  ['the applicant submits twice', at('SUBMITTED', null), 'SUBMIT', applicant, 'SUBMITTED again'],
  ['an operator submits for somebody', at('DRAFT', null), 'SUBMIT', reviewer, 'NOT_ALLOWED'],
  ['a stranger', at('DRAFT', null), 'SUBMIT', stranger, 'NOT_FOUND'],
  ['anybody, of nothing', undefined, 'TAKE', reviewer, 'NOT_FOUND'],
  ['an operator takes one that waits', at('SUBMITTED', null), 'TAKE', reviewer, 'IN_REVIEW'],
  ['an operator takes it again', at('IN_REVIEW'), 'TAKE', reviewer, 'IN_REVIEW again'],
  ['a colleague takes it', at('IN_REVIEW'), 'TAKE', colleague, 'NOT_ALLOWED APPLICATION_TAKEN'],
  ['a colleague approves it', at('IN_REVIEW'), 'APPROVE', colleague, 'NOT_ALLOWED APPLICATION_TAKEN'],
  ['a colleague gives it back', at('IN_REVIEW'), 'RELEASE', colleague, 'SUBMITTED'],
  ['the reviewer approves', at('IN_REVIEW'), 'APPROVE', reviewer, 'APPROVED'],
  ['the reviewer approves again', at('APPROVED'), 'APPROVE', reviewer, 'APPROVED again'],
  ['the reviewer rejects what is approved', at('APPROVED'), 'REJECT', reviewer, 'NOT_ALLOWED APPLICATION_STATUS'],
  ['nobody has taken it', at('SUBMITTED', null), 'APPROVE', reviewer, 'NOT_ALLOWED APPLICATION_STATUS'],
  ['nobody has taken it back', at('SUBMITTED', null), 'RELEASE', reviewer, 'NOT_ALLOWED APPLICATION_STATUS'],
  ['a colleague rejects again', at('REJECTED'), 'REJECT', colleague, 'NOT_ALLOWED APPLICATION_TAKEN'],
  ['the applicant takes it', at('SUBMITTED', null), 'TAKE', applicant, 'NOT_ALLOWED OWN_APPLICATION'],
  ['a stranger takes it', at('SUBMITTED', null), 'TAKE', stranger, 'NOT_FOUND'],
  ['the applicant withdraws what is reviewed', at('IN_REVIEW'), 'WITHDRAW', applicant, 'WITHDRAWN'],
  ['the applicant edits again', at('NEEDS_MORE'), 'EDIT', applicant, 'NEEDS_MORE'],
  ['an operator reviews their own', at('SUBMITTED', null), 'TAKE', { ...applicant, isOperator: true }, 'NOT_ALLOWED OWN_APPLICATION'],
  ['an operator approves their own', { ...at('IN_REVIEW'), reviewerId: 'applicant' }, 'APPROVE', { ...applicant, isOperator: true }, 'NOT_ALLOWED OWN_APPLICATION'],
])('%s', (_who, application, step, viewer, expected) => {
  expect(told(decideStep(application, step, viewer))).toBe(expected);
});

it('over any walk: what is at its end stays there, and nothing is approved without a review of somebody else', () => {
  const walk = fc.array(fc.tuple(fc.constantFrom(...STEPS), fc.constantFrom(applicant, reviewer, colleague, stranger, { ...applicant, isOperator: true })), { maxLength: 40 });
  fc.assert(fc.property(walk, (steps) => {
    let state = at('DRAFT', null);
    for (const [step, viewer] of steps) {
      const decision = decideStep(state, step, viewer);
      if (!decision.ok) continue;
      if (!OPEN_STATUSES.includes(state.status)) expect(decision.next).toBe(state.status);
      if (!isApplicantStep(step)) expect(viewer.isOperator && viewer.personId !== 'applicant').toBe(true);
      if (step === 'APPROVE' || step === 'REJECT' || step === 'ASK_MORE') expect(state.reviewerId).toBe(viewer.personId);
      if (step === 'APPROVE' && !decision.repeated) expect(state.status).toBe('IN_REVIEW');
      const reviewerId = step === 'TAKE' ? viewer.personId : step === 'RELEASE' || step === 'SUBMIT' ? null : state.reviewerId;
      state = { ...state, status: decision.next, reviewerId };
    }
  }));
});

const business: BusinessDetails = {
  legalName: 'Corner Coffee Ltd', tradingName: 'Corner Coffee', categoryCode: '5814', country: 'GB', currency: 'GBP', registrationNumber: '0123 4567/A-b.c',
  owners: [{ name: 'Mara Merchant', share: 60 }, { name: 'Noor Partner', share: 40 }],
};
const faults = (change: Partial<BusinessDetails>, category = true): string[] => {
  const read = readDetails({ ...business, ...change }, { category });
  if (read.ok) return [];
  expect(read.refusals.every(({ code, field }) => code === 'INVALID_INPUT' && field[0] === 'input' && field[1] === 'business')).toBe(true);
  return read.refusals.map(({ field, reason }) => `${field.slice(2).join('.')} ${reason}`);
};

it.each<[string, Partial<BusinessDetails>, string[]]>([
  ['plain ones', {}, []],
  ['no legal name', { legalName: ' ' }, ['legalName EMPTY']],
  ['a trading name that is too long', { tradingName: 'x'.repeat(121) }, ['tradingName TOO_LONG']],
  ['a category of three digits', { categoryCode: '581' }, ['categoryCode CATEGORY_CODE']],
  ['no country', { country: 'ZZ' }, ['country COUNTRY']],
  ['no currency', { currency: 'XXX' }, ['currency UNKNOWN_CURRENCY']],
  ['no number', { registrationNumber: ' ' }, ['registrationNumber EMPTY']],
  ['a number of signs', { registrationNumber: '#1' }, ['registrationNumber CHARACTERS']],
  ['a number that begins with a sign', { registrationNumber: '-1' }, ['registrationNumber CHARACTERS']],
  ['a number with another sign', { registrationNumber: '1_2' }, ['registrationNumber CHARACTERS']],
  ['a number in another script', { registrationNumber: '登記 12' }, []],
  ['a number of 50 outside the basic plane', { registrationNumber: '𠀀'.repeat(50) }, []],
  ['a number of 51 outside the basic plane', { registrationNumber: '𠀀'.repeat(51) }, ['registrationNumber TOO_LONG']],
  ['a number of 50', { registrationNumber: '1'.repeat(50) }, []],
  ['a number of 51', { registrationNumber: '1'.repeat(51) }, ['registrationNumber TOO_LONG']],
  ['nobody', { owners: [] }, ['owners EMPTY']],
  ['ten owners', { owners: Array.from({ length: 10 }, () => ({ name: 'A', share: 10 })) }, []],
  ['eleven owners', { owners: Array.from({ length: 11 }, () => ({ name: 'A', share: 1 })) }, ['owners TOO_MANY']],
  ['more than there is', { owners: [{ name: 'A', share: 60 }, { name: 'B', share: 41 }] }, ['owners OUT_OF_RANGE']],
  ['all there is', { owners: [{ name: 'A', share: 100 }] }, []],
  ['an owner of more than there is', { owners: [{ name: 'A', share: 101 }] }, ['owners OUT_OF_RANGE', 'owners.0.share OUT_OF_RANGE']],
  ['an owner of half a percent', { owners: [{ name: 'A', share: 0.5 }, { name: 'B', share: 1.5 }] }, ['owners.0.share OUT_OF_RANGE', 'owners.1.share OUT_OF_RANGE']],
  ['an owner of less than nothing', { owners: [{ name: 'A', share: -1 }] }, ['owners.0.share OUT_OF_RANGE']],
  ['an owner of nothing', { owners: [{ name: 'A', share: 0 }] }, ['owners.0.share OUT_OF_RANGE']],
  ['an owner without a name', { owners: [{ name: 'A', share: 1 }, { name: '', share: 1 }] }, ['owners.1.name EMPTY']],
])('details with %s', (_what, change, expected) => {
  expect(faults(change)).toEqual(expected);
});
it('details with a category that is not on the list', () => expect(faults({}, false)).toEqual(['categoryCode CATEGORY_CODE']));
it('keeps texts in one Unicode form and without blanks around', () => {
  const given = ' Cafe\u0301 ';
  const read = readDetails({ ...business, legalName: given, tradingName: given, registrationNumber: given, owners: [{ name: given, share: 7 }] }, { category: true });
  const tidy = 'Caf\u00e9';
  expect(read).toEqual({ ok: true, details: { ...business, legalName: tidy, tradingName: tidy, registrationNumber: tidy, owners: [{ name: tidy, share: 7 }] } });
});

it.each([
  ['Please send a newer one.', undefined], ['7', undefined], ['two\nlines\tand a tab', undefined], ['a\r', 'CHARACTERS'], ['a\x7f', 'CHARACTERS'], ['a\ud800', 'CHARACTERS'],
  ['a\u061cb', 'CHARACTERS'], ['a\u200eb', 'CHARACTERS'], ['a\u200fb', 'CHARACTERS'], ['a\u202ab', 'CHARACTERS'], ['a\u2066b', 'CHARACTERS'], ['a\u2069b', 'CHARACTERS'],
  ['\u202e', 'CHARACTERS'], ['👩\u200d🚀 a', undefined], ['😀a'.repeat(500), undefined], ['😀a'.repeat(500) + '!', 'TOO_LONG'], ['', 'EMPTY'], [' . ', 'EMPTY'], ['x'.repeat(1_000), undefined],
  ['x'.repeat(1_001), 'TOO_LONG'], ['a\0', 'CHARACTERS'], ['a\u202eb', 'CHARACTERS'],
])('a message %j', (text, expected) => expect(messageFault(text)).toBe(expected));
