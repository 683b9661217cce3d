import { randomBytes, randomUUID } from 'node:crypto';
import type { SealRing } from '@tael/platform/env';
import { resealReport, resealStep } from '@tael/platform/reseal';
import { createSealer } from '@tael/platform/seal';
import { merchantsDataSource } from '../src/data-source';
import { Onboarding1764240000000 } from '../src/migrations/1764240000000-onboarding';
import { RemovedDocuments1795720000000 } from '../src/migrations/1795720000000-removed-documents';
import { WrongSums1795720000001 } from '../src/migrations/1795720000001-wrong-sums';
import { onboardingResealTasks } from '../src/onboarding/onboarding.reseal';
import { BUSINESS, codes, onboardingOf } from './onboarding-world';
import { activate, nobody, operator, register, sealKeys, somebody, startSubject, type Subject } from './support';

let subject: Subject;
let onboarding: ReturnType<typeof onboardingOf>;
beforeAll(async () => {
  subject = await startSubject('onboarding');
  onboarding = onboardingOf(subject);
});
afterAll(() => subject?.stop());

const idOf = (as: { principal: { personId: string } | null }) => as.principal!.personId;
const review = (as: ReturnType<typeof somebody>, name: string, applicationId: string, input: object = {}) =>
  onboarding.mutate(as, name, { applicationId, reason: 'Ticket 7', ...input });
const take = (as: ReturnType<typeof somebody>, applicationId: string) => onboarding.mutate(as, 'takeMerchantApplication', { applicationId });

/** What the trail says of a merchant, the oldest first. */
async function trailOfMerchant(as: ReturnType<typeof somebody>, id: string): Promise<any[]> {
  const { data } = await subject.ask(as, 'query ($id: ID!) { merchant(id: $id) { auditTrail(first: 20) { edges { node { action actorId reason before after } } } } }', { id });
  return data.merchant.auditTrail.edges.map(({ node }: any) => ({ ...node, before: JSON.parse(node.before ?? 'null'), after: JSON.parse(node.after ?? 'null') })).reverse();
}

it('a business comes in: draft, documents, review, approval; the merchant can be paid, is verified and has its owner', async () => {
  const staff = operator();
  const { as, id } = await onboarding.submitted();
  expect(codes(await take(staff, id))).toEqual([]);
  const { application, userErrors } = await review(staff, 'approveMerchantApplication', id);
  expect(userErrors).toEqual([]);
  expect(application).toMatchObject({ status: 'APPROVED', merchantId: expect.any(String), decidedAt: expect.any(String) });
  expect(await onboarding.merchant(as, application.merchantId)).toMatchObject({
    name: 'Corner Coffee', status: 'ACTIVE', verification: 'VERIFIED', viewerRole: 'OWNER',
  });
  const events = await subject.events(application.merchantId);
  expect(events.map(({ headers, data }) => [headers['ce_type'], data['status'], data['verified'], data['version']])).toEqual([['merchant.changed', 'ACTIVE', true, 1]]);
  expect(events[0]!.data['roles']).toEqual([{ personId: idOf(as), role: 'OWNER' }]);
  expect(await trailOfMerchant(staff, application.merchantId)).toMatchObject([
    { action: 'REGISTERED', actorId: idOf(staff), reason: 'Ticket 7', after: { status: 'ACTIVE', people: [idOf(as)], verified: true } },
  ]);
  expect((await subject.events(id)).map(({ headers, data }) => [headers['ce_type'], data['applicantId'], data['outcome']])).toEqual([
    ['merchant-application.decided', idOf(as), 'APPROVED'],
  ]);
  const trail = await onboarding.trail(staff, id);
  expect(trail.map(({ action, actorId }) => [action, actorId === idOf(staff)])).toEqual([
    ['BEGUN', false], ['DOCUMENT_ADDED', false], ['DOCUMENT_ADDED', false], ['DOCUMENT_ADDED', false], ['SUBMITTED', false], ['TAKEN', true], ['APPROVED', true],
  ]);
  expect(trail.at(-1)).toMatchObject({ reason: 'Ticket 7' });
  expect(JSON.parse(trail.at(-1).before)).toEqual({ status: 'IN_REVIEW' });
  expect(JSON.stringify(trail)).not.toMatch(/Corner|Mara/);
});

it('registering stays open as it was, and such a merchant is not verified', async () => {
  const owner = somebody();
  const { merchant } = await register(subject, owner);
  expect(await onboarding.merchant(owner, merchant.id)).toMatchObject({ status: 'PENDING', verification: 'UNVERIFIED' });
  await activate(subject, operator(), merchant.id);
  expect((await subject.events(merchant.id)).map(({ data }) => data['verified'])).toEqual([false, false]);
  expect(await onboarding.merchant(somebody(), merchant.id)).toMatchObject({ status: 'ACTIVE', verification: null });
});

it('a merchant that is there is verified under its own name, by an application of its owner', async () => {
  const [owner, staff] = [somebody(), operator()];
  const { merchant } = await register(subject, owner, { name: 'As Registered' });
  const { id } = await onboarding.submitted(owner, { merchantId: merchant.id });
  expect(await onboarding.merchant(owner, merchant.id)).toMatchObject({ verification: 'IN_REVIEW' });
  expect(codes(await onboarding.begin(owner, { merchantId: merchant.id }))).toEqual(['ALREADY_EXISTS merchantId']);
  expect(codes(await onboarding.begin(somebody(), { merchantId: merchant.id }))).toEqual(['NOT_FOUND merchantId']);
  expect(codes(await onboarding.begin(staff, { merchantId: merchant.id }))).toEqual(['NOT_ALLOWED merchantId']);
  expect(codes(await onboarding.begin(owner, { merchantId: 'none' }))).toEqual(['NOT_FOUND merchantId']);
  await take(staff, id);
  expect(codes(await review(staff, 'approveMerchantApplication', id))).toEqual([]);
  expect(await onboarding.merchant(owner, merchant.id)).toMatchObject({ name: 'As Registered', status: 'ACTIVE', verification: 'VERIFIED' });
  expect((await subject.events(merchant.id)).map(({ data }) => [data['version'], data['verified']])).toEqual([[1, false], [2, true]]);
  expect(codes(await onboarding.begin(owner, { merchantId: merchant.id }))).toEqual(['ALREADY_EXISTS merchantId']);
});

it('is not approved for whoever is no owner of the merchant any more, and a suspended one stays suspended', async () => {
  const [owner, staff] = [somebody(), operator()];
  const { merchant } = await register(subject, owner);
  const { id } = await onboarding.submitted(owner, { merchantId: merchant.id });
  await take(staff, id);
  await subject.dataSource.query(`UPDATE merchant_person SET role = 'MANAGER' WHERE "merchantId" = $1`, [merchant.id]);
  expect(codes(await review(staff, 'approveMerchantApplication', id))).toEqual(['NOT_ALLOWED applicationId']);
  expect(await onboarding.read(owner, id, 'status')).toEqual({ status: 'IN_REVIEW' });
  await subject.dataSource.query(`UPDATE merchant_person SET role = 'OWNER' WHERE "merchantId" = $1`, [merchant.id]);
  await subject.dataSource.query(`UPDATE merchant SET status = 'SUSPENDED' WHERE id = $1`, [merchant.id]);
  expect(codes(await review(staff, 'approveMerchantApplication', id))).toEqual([]);
  expect(await onboarding.merchant(owner, merchant.id)).toMatchObject({ status: 'SUSPENDED', verification: 'VERIFIED' });
  expect((await trailOfMerchant(staff, merchant.id)).at(-1)).toMatchObject({
    action: 'VERIFIED', actorId: idOf(staff), reason: 'Ticket 7', before: { status: 'SUSPENDED' }, after: { status: 'SUSPENDED', verified: true },
  });
});

describe('a review', () => {
  it('is taken by one of two who take it at once', async () => {
    const { id } = await onboarding.submitted();
    const staff = Array.from({ length: 6 }, () => operator());
    const answers = await Promise.all(staff.map((as) => take(as, id)));
    expect(answers.filter((answer) => answer.userErrors.length === 0)).toHaveLength(1);
    expect(answers.flatMap(codes)).toEqual(Array(5).fill('NOT_ALLOWED applicationId'));
    expect((await onboarding.trail(operator(), id)).filter(({ action }) => action === 'TAKEN')).toHaveLength(1);
  });
  it('approved, rejected and asked for more at once has one outcome, and makes one merchant at most', async () => {
    const staff = operator();
    const { as, id } = await onboarding.submitted();
    await take(staff, id);
    const names = ['approveMerchantApplication', 'approveMerchantApplication', 'rejectMerchantApplication', 'askMoreOfMerchant'];
    await Promise.all(names.map((name) => review(staff, name, id, name.startsWith('approve') ? {} : { message: 'No' })));
    const { status, merchantId } = await onboarding.read(as, id, 'status merchantId');
    expect(['APPROVED', 'REJECTED', 'NEEDS_MORE']).toContain(status);
    const owned = await subject.dataSource.query('SELECT "merchantId" FROM merchant_person WHERE "personId" = $1', [idOf(as)]);
    expect(owned).toEqual(status === 'APPROVED' ? [{ merchantId }] : []);
    const ends = (await onboarding.trail(staff, id)).filter(({ action }) => ['APPROVED', 'REJECTED', 'MORE_ASKED'].includes(action));
    expect(ends.map(({ action }) => action)).toEqual([{ APPROVED: 'APPROVED', REJECTED: 'REJECTED', NEEDS_MORE: 'MORE_ASKED' }[status as 'APPROVED']]);
  });
  it('answers an approval that comes again with the same merchant', async () => {
    const staff = operator();
    const { id } = await onboarding.submitted();
    await take(staff, id);
    const answers = await Promise.all(Array.from({ length: 4 }, () => review(staff, 'approveMerchantApplication', id)));
    expect(new Set(answers.map(({ application }) => application.merchantId)).size).toBe(1);
  });
  it('is nobody\'s own, and a colleague\'s only after it was given back', async () => {
    const [own, staff, colleague] = [operator(), operator(), operator()];
    const { id } = await onboarding.submitted(own);
    expect(codes(await take(own, id))).toEqual(['NOT_ALLOWED applicationId']);
    await take(staff, id);
    expect(codes(await review(colleague, 'approveMerchantApplication', id))).toEqual(['NOT_ALLOWED applicationId']);
    expect(codes(await review(colleague, 'releaseMerchantApplication', id))).toEqual([]);
    expect(codes(await take(colleague, id))).toEqual([]);
    expect(codes(await review(staff, 'rejectMerchantApplication', id, { message: 'No' }))).toEqual(['NOT_ALLOWED applicationId']);
  });
  it('asks for more, by document; what was marked must be replaced', async () => {
    const staff = operator();
    const { as, id, documents } = await onboarding.submitted();
    await take(staff, id);
    const wanted = [{ documentId: documents['OWNER_IDENTITY'], message: 'The photo cannot be seen' }];
    expect(codes(await review(staff, 'askMoreOfMerchant', id, { message: 'Nearly', documents: [...wanted, { documentId: randomUUID(), message: 'x' }] })))
      .toEqual(['NOT_FOUND documents.1.documentId']);
    expect(codes(await review(staff, 'askMoreOfMerchant', id, { message: '', documents: [{ ...wanted[0], message: ' ' }] })))
      .toEqual(['INVALID_INPUT message', 'INVALID_INPUT documents.0.message']);
    const { application } = await review(staff, 'askMoreOfMerchant', id, { message: 'Nearly', documents: wanted });
    expect(application).toMatchObject({ status: 'NEEDS_MORE', message: 'Nearly' });
    expect(application.documents.map(({ kind, message }: any) => [kind, message])).toEqual([
      ['REGISTRATION', null], ['OWNER_IDENTITY', 'The photo cannot be seen'], ['BANK_PROOF', null],
    ]);
    const submit = () => onboarding.mutate(as, 'submitMerchantApplication', { applicationId: id });
    expect((await submit()).userErrors[0].message).toContain('replaced');
    await onboarding.mutate(as, 'removeMerchantDocument', { documentId: documents['OWNER_IDENTITY'] });
    expect((await submit()).userErrors[0].message).toContain('needs');
    await onboarding.upload(as, id, 'OWNER_IDENTITY');
    const update = await onboarding.mutate(as, 'updateMerchantApplication', { applicationId: id, business: { ...BUSINESS, tradingName: 'Corner Café' } });
    expect(update.application.business.tradingName).toBe('Corner Café');
    expect(await submit()).toMatchObject({ userErrors: [], application: { status: 'SUBMITTED', message: null } });
  });
  it('is for operators, and an application for its applicant and them', async () => {
    const { as, id, documents } = await onboarding.submitted();
    const stranger = somebody();
    for (const name of ['takeMerchantApplication', 'releaseMerchantApplication', 'approveMerchantApplication', 'rejectMerchantApplication', 'askMoreOfMerchant']) {
      const input = name.startsWith('take') ? { applicationId: id } : { applicationId: id, reason: 'x', ...(/reject|ask/.test(name) ? { message: 'x' } : {}) };
      expect((await onboarding.mutate(as, name, input)).errors[0].extensions.code).toBe('FORBIDDEN');
    }
    expect(await onboarding.read(stranger, id, 'id')).toBeNull();
    expect(await onboarding.read(as, id, 'auditTrail { edges { cursor } }')).toEqual({ auditTrail: null });
    for (const documentId of [documents['BANK_PROOF'], randomUUID(), 'none'])
      expect(codes(await onboarding.mutate(stranger, 'removeMerchantDocument', { documentId }))).toEqual(['NOT_FOUND documentId']);
    for (const applicationId of [id, randomUUID(), 'none'])
      expect(codes(await onboarding.mutate(stranger, 'submitMerchantApplication', { applicationId }))).toEqual(['NOT_FOUND applicationId']);
    const list = async (viewer: typeof as) => (await subject.ask(viewer, '{ merchantApplications(status: SUBMITTED, first: 50) { edges { node { id } } } }'))
      .data.merchantApplications.edges.map(({ node }: any) => node.id);
    expect(await list(as)).toEqual([id]);
    expect(await list(stranger)).toEqual([]);
    expect(await list(operator())).toContain(id);
    expect((await subject.ask(nobody, '{ merchantApplications { edges { cursor } } }')).errors[0].extensions.code).toBe('UNAUTHENTICATED');
  });
});

it('a person has two open applications, however many they begin at once', async () => {
  const as = somebody();
  const answers = await Promise.all(Array.from({ length: 8 }, () => onboarding.begin(as)));
  expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(2);
  expect(answers.flatMap(codes)).toEqual(Array(6).fill('LIMIT_EXCEEDED '));
});

it('a merchant has one open application, whoever of its owners begin one at once', async () => {
  const [owner, other] = [somebody(), somebody()];
  const { merchant } = await register(subject, owner);
  await subject.dataSource.query(`INSERT INTO merchant_person ("merchantId", "personId", role) VALUES ($1, $2, 'OWNER')`, [merchant.id, idOf(other)]);
  const answers = await Promise.all([owner, other, owner, other].map((as) => onboarding.begin(as, { merchantId: merchant.id })));
  expect(answers.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
  expect(answers.flatMap(codes)).toEqual(Array(3).fill('ALREADY_EXISTS merchantId'));
});

it('A25: what is sealed comes under a new key, documents and all', async () => {
  const staff = operator();
  const { id, documents } = await onboarding.submitted();
  await take(staff, id);
  await review(staff, 'askMoreOfMerchant', id, { message: 'Nearly', documents: [{ documentId: documents['BANK_PROOF'], message: 'Old' }] });
  const ring: SealRing = [{ id: 's2', key: randomBytes(32) }, ...sealKeys];
  const tasks = onboardingResealTasks(createSealer(ring));
  const old = async () => Object.values(await resealReport(subject.dataSource, tasks)).reduce((sum, keys) => sum + (keys['s1'] ?? 0), 0);
  expect(await old()).toBeGreaterThan(4);
  for (const task of tasks) while ((await resealStep(subject.dataSource, task, 50)) > 0);
  expect(await resealReport(subject.dataSource, tasks)).toEqual({});
  const only = createSealer([ring[0]]);
  const [row] = await subject.dataSource.query('SELECT details, message FROM merchant_application WHERE id = $1', [id]);
  expect(JSON.parse(only.open(row.details, id))).toMatchObject({ tradingName: 'Corner Coffee' });
  expect(only.open(row.message, id)).toBe('Nearly');
});

it.each([
  ['a reviewer of their own', `UPDATE merchant_application SET "reviewerId" = "applicantId"`, 'merchant_application_not_own'],
  ['a review without a reviewer', `UPDATE merchant_application SET status = 'IN_REVIEW', "reviewerId" = NULL`, 'merchant_application_reviewer'],
  ['details that went without a trace', `UPDATE merchant_application SET details = NULL, "erasedAt" = NULL`, 'merchant_application_erased'],
])('the database refuses %s by itself', async (_what, statement, constraint) => {
  await onboarding.begin(somebody());
  await expect(subject.database.asOwner(statement)).rejects.toMatchObject({ constraint });
});

it('can be taken back', async () => {
  const owner = await merchantsDataSource({ url: subject.database.ownerUrl, poolSize: 1 }).initialize();
  const runner = owner.createQueryRunner();
  await runner.startTransaction();
  // The newest first, as they are taken back.
  await new WrongSums1795720000001().down(runner);
  await new RemovedDocuments1795720000000().down(runner);
  await new Onboarding1764240000000().down(runner);
  expect(await runner.query(`SELECT to_regclass('merchant_document') AS found`)).toEqual([{ found: null }]);
  await runner.rollbackTransaction();
  await runner.release();
  await owner.destroy();
});

it('each answer of an operator is told to the applicant once, without what was said', async () => {
  const staff = operator();
  const { as, id } = await onboarding.submitted();
  await take(staff, id);
  const told = async () => (await subject.events(id)).map(({ headers, data }) => [headers['ce_type'], data['outcome']].join(' '));
  expect(await told()).toEqual([]);
  expect(codes(await review(staff, 'rejectMerchantApplication', id, { message: '' }))).toEqual(['INVALID_INPUT message']);
  const ask = () => review(staff, 'askMoreOfMerchant', id, { message: 'SECRET-WORDS please', documents: [] });
  expect(codes(await ask())).toEqual([]);
  expect(codes(await ask())).toEqual(['NOT_ALLOWED applicationId']);
  await onboarding.mutate(as, 'submitMerchantApplication', { applicationId: id });
  await take(staff, id);
  expect(codes(await review(staff, 'rejectMerchantApplication', id, { message: 'SECRET-WORDS no' }))).toEqual([]);
  expect(await told()).toEqual(['merchant-application.decided NEEDS_MORE', 'merchant-application.decided REJECTED']);
  const [first] = await subject.events(id);
  expect(first!.data).toEqual({ applicationId: id, applicantId: idOf(as), outcome: 'NEEDS_MORE', occurredAt: expect.any(String) });
});
