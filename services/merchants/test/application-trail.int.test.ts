import type { Identity } from '@tael/platform/identity';
import { BUSINESS, onboardingOf } from './onboarding-world';
import { operator, somebody, startSubject, type Subject } from './support';

// Every step of an application stands in its trail, with who did it, from which state into which, and nothing of what was said.

let subject: Subject;
let onboarding: ReturnType<typeof onboardingOf>;
beforeAll(async () => {
  subject = await startSubject('application_trail');
  onboarding = onboardingOf(subject);
});
afterAll(() => subject?.stop());

const reason = 'Ticket 9';
const message = 'The photograph is dark';

async function step(as: Identity, name: string, input: object): Promise<void> {
  const { userErrors } = await onboarding.mutate(as, name, input, 'userErrors { code message }');
  expect(userErrors).toEqual([]);
}

/** Who did what, and the states before and after. */
async function stepsOf(id: string, names: Record<string, Identity>): Promise<string[]> {
  const trail = await onboarding.trail(operator(), id);
  expect(JSON.stringify(trail)).not.toMatch(new RegExp(`${message}|${BUSINESS.legalName}|${BUSINESS.owners[0]!.name}`));
  const who = (actorId: string) => Object.entries(names).find(([, as]) => as.principal!.personId === actorId)?.[0];
  return trail.map(({ action, actorId, before, after, reason: why }) => {
    const [from, to] = [JSON.parse(before ?? '{}'), JSON.parse(after ?? '{}')];
    return `${who(actorId)} ${action} ${from.status ?? from.kind ?? '-'} ${to.status ?? to.kind ?? '-'} (${why})`;
  });
}

it('tells of each step up to a rejection', async () => {
  const [applicant, staff, colleague] = [somebody(), operator(), operator()];
  const { application: { id: applicationId } } = await onboarding.begin(applicant);
  await step(applicant, 'updateMerchantApplication', { applicationId, business: { ...BUSINESS, tradingName: 'Corner Café' } });
  const documentId = await onboarding.upload(applicant, applicationId, 'REGISTRATION');
  await step(applicant, 'removeMerchantDocument', { documentId });
  for (const kind of ['REGISTRATION', 'OWNER_IDENTITY', 'BANK_PROOF']) await onboarding.upload(applicant, applicationId, kind);
  await step(applicant, 'submitMerchantApplication', { applicationId });
  await step(staff, 'takeMerchantApplication', { applicationId });
  await step(staff, 'releaseMerchantApplication', { applicationId, reason });
  await step(colleague, 'takeMerchantApplication', { applicationId });
  await step(colleague, 'askMoreOfMerchant', { applicationId, reason, message });
  await step(applicant, 'submitMerchantApplication', { applicationId });
  await step(staff, 'takeMerchantApplication', { applicationId });
  await step(staff, 'rejectMerchantApplication', { applicationId, reason, message });
  const own = 'By the applicant';
  const steps = await stepsOf(applicationId, { applicant, staff, colleague });
  expect(steps).toEqual([
    `applicant BEGUN - DRAFT (${own})`, `applicant UPDATED DRAFT DRAFT (${own})`,
    `applicant DOCUMENT_ADDED - REGISTRATION (${own})`, `applicant DOCUMENT_REMOVED REGISTRATION - (${own})`,
    ...['REGISTRATION', 'OWNER_IDENTITY', 'BANK_PROOF'].map((kind) => `applicant DOCUMENT_ADDED - ${kind} (${own})`),
    `applicant SUBMITTED DRAFT SUBMITTED (${own})`, expect.stringMatching(/^staff TAKEN SUBMITTED IN_REVIEW /),
    `staff RELEASED IN_REVIEW SUBMITTED (${reason})`, expect.stringMatching(/^colleague TAKEN SUBMITTED IN_REVIEW /),
    `colleague MORE_ASKED IN_REVIEW NEEDS_MORE (${reason})`, `applicant SUBMITTED NEEDS_MORE SUBMITTED (${own})`,
    expect.stringMatching(/^staff TAKEN SUBMITTED IN_REVIEW /), `staff REJECTED IN_REVIEW REJECTED (${reason})`,
  ]);
});

it('tells of one that is withdrawn, once', async () => {
  const applicant = somebody();
  const { application: { id: applicationId } } = await onboarding.begin(applicant);
  await step(applicant, 'withdrawMerchantApplication', { applicationId });
  await step(applicant, 'withdrawMerchantApplication', { applicationId });
  expect((await stepsOf(applicationId, { applicant })).slice(1)).toEqual(['applicant WITHDRAWN DRAFT WITHDRAWN (By the applicant)']);
});
