import { v7 as uuidv7 } from 'uuid';
import type { Identity } from '@tael/platform/identity';
import { nobody, operator, register, somebody, startSubject, type Subject } from './support';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('merchant_suspension');
});
afterAll(() => subject?.stop());

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

async function ask(as: Identity, name: 'activateMerchant' | 'suspendMerchant', input: object): Promise<any> {
  return subject.ask(as, `mutation ($input: ${capital(name)}Input!) { ${name}(input: $input) { merchant { id status } userErrors { code field } } }`, { input });
}
const must = async (as: Identity, name: 'activateMerchant' | 'suspendMerchant', input: object): Promise<any> => (await ask(as, name, input)).data[name];

async function activeShop() {
  const [owner, staff] = [somebody(), operator()];
  const { merchant } = await register(subject, owner);
  await must(staff, 'activateMerchant', { merchantId: merchant.id });
  return { owner, staff, merchantId: merchant.id as string };
}

/** What the trail says of a merchant, oldest first. */
async function trailOf(as: Identity, id: string): Promise<any[]> {
  const { data, errors } = await subject.ask(as, `query ($id: ID!) { merchant(id: $id) {
    auditTrail(first: 50) { edges { node { action actorKind actorId before after reason } } } } }`, { id });
  expect(errors).toBeUndefined();
  return data.merchant.auditTrail?.edges.map(({ node }: any) => ({ ...node, before: JSON.parse(node.before ?? 'null'), after: JSON.parse(node.after ?? 'null') })).reverse();
}

it('shuts a merchant out and lets it back in, each told once with the state, and written into the trail with the reason', async () => {
  const { owner, staff, merchantId } = await activeShop();
  const suspended = { merchant: { id: merchantId, status: 'SUSPENDED' }, userErrors: [] };
  expect(await must(staff, 'suspendMerchant', { merchantId, reason: '  Complaints of 12 payers ' })).toEqual(suspended);
  expect(await must(staff, 'suspendMerchant', { merchantId, reason: 'Again' })).toEqual(suspended);
  const back = { merchant: { id: merchantId, status: 'ACTIVE' }, userErrors: [] };
  expect(await must(staff, 'activateMerchant', { merchantId, reason: 'All were paid back' })).toEqual(back);
  const events = await subject.events(merchantId);
  expect(events.map(({ data }) => [data['version'], data['status']])).toEqual([[1, 'PENDING'], [2, 'ACTIVE'], [3, 'SUSPENDED'], [4, 'ACTIVE']]);
  const by = (who: Identity) => ({ actorKind: 'PERSON', actorId: who.principal!.personId });
  expect(await trailOf(staff, merchantId)).toEqual([
    { ...by(owner), action: 'REGISTERED', before: null, after: { status: 'PENDING', categoryCode: '5814', currency: 'USD', people: [owner.principal!.personId] }, reason: 'By the merchant' },
    { ...by(staff), action: 'ACTIVATED', before: { status: 'PENDING' }, after: { status: 'ACTIVE' }, reason: 'By an operator' },
    { ...by(staff), action: 'SUSPENDED', before: { status: 'ACTIVE' }, after: { status: 'SUSPENDED' }, reason: 'Complaints of 12 payers' },
    { ...by(staff), action: 'RESUMED', before: { status: 'SUSPENDED' }, after: { status: 'ACTIVE' }, reason: 'All were paid back' },
  ]);
});

it('tells owners and managers of each, once, and neither cashiers nor why', async () => {
  const { owner, staff, merchantId } = await activeShop();
  const [manager, cashier] = [somebody(), somebody()];
  for (const [who, role] of [[manager, 'MANAGER'], [cashier, 'CASHIER']] as const) {
    const { data } = await subject.ask(owner, 'mutation ($input: InviteMerchantPersonInput!) { inviteMerchantPerson(input: $input) { invitation { code } } }', { input: { merchantId, role } });
    await subject.ask(who, 'mutation ($input: JoinMerchantInput!) { joinMerchant(input: $input) { userErrors { code } } }', { input: { code: data.inviteMerchantPerson.invitation.code } });
  }
  expect(await subject.events(merchantId, true)).toEqual([]);
  for (const reason of ['Complaints', 'Again']) await must(staff, 'suspendMerchant', { merchantId, reason });
  for (const reason of ['All paid back', 'Again']) await must(staff, 'activateMerchant', { merchantId, reason });
  const told = (await subject.events(merchantId, true)).map(({ data }) => data);
  const people = expect.arrayContaining([owner, manager].map(({ principal }) => principal!.personId));
  expect(told).toEqual(['SUSPENDED', 'ACTIVE'].map((status) => ({ merchantId, version: expect.any(Number), status, people, occurredAt: expect.any(String) })));
  expect(told.map(({ people: them }) => (them as string[]).length)).toEqual([2, 2]);
  expect((await subject.events(merchantId)).slice(-2).map(({ data }) => data['version'])).toEqual(told.map(({ version }) => version));
});

it('wants a reason to suspend, and to let back in who was', async () => {
  const { staff, merchantId } = await activeShop();
  const refused = { merchant: null, userErrors: [{ code: 'INVALID_INPUT', field: ['input', 'reason'] }] };
  for (const reason of ['', '  ', 'a\u0000b', 'x'.repeat(501)]) expect(await must(staff, 'suspendMerchant', { merchantId, reason })).toEqual(refused);
  await must(staff, 'suspendMerchant', { merchantId, reason: 'Looked into' });
  for (const reason of [undefined, null, ' ']) expect(await must(staff, 'activateMerchant', { merchantId, reason })).toEqual(refused);
  expect((await subject.events(merchantId)).at(-1)!.data['status']).toBe('SUSPENDED');
});

it('is let in, for the first time or again, by no operator who has a part in it', async () => {
  const [owner, staff] = [somebody(), operator()];
  const { merchant: { id: merchantId } } = await register(subject, owner);
  const ownAsStaff = { ...owner, principal: { ...owner.principal!, roles: ['CUSTOMER' as const, 'OPERATOR' as const] } };
  const own = { merchant: null, userErrors: [{ code: 'NOT_ALLOWED', field: ['input', 'merchantId'] }] };
  expect(await must(ownAsStaff, 'activateMerchant', { merchantId, reason: 'Mine' })).toEqual(own);
  await must(staff, 'activateMerchant', { merchantId, reason: 'Seen at the counter' });
  await must(staff, 'suspendMerchant', { merchantId, reason: 'Looked into' });
  expect(await must(ownAsStaff, 'activateMerchant', { merchantId, reason: 'Mine' })).toEqual(own);
  expect((await trailOf(staff, merchantId)).map(({ action, reason }) => [action, reason]).slice(1)).toEqual([['ACTIVATED', 'Seen at the counter'], ['SUSPENDED', 'Looked into']]);
});

it('one that nobody has let in yet can be suspended, and waits no more', async () => {
  const [owner, staff] = [somebody(), operator()];
  const { merchant } = await register(subject, owner);
  expect((await must(staff, 'suspendMerchant', { merchantId: merchant.id, reason: 'A shop that is none' })).merchant.status).toBe('SUSPENDED');
});

it('of suspensions at once one is told', async () => {
  const { staff, merchantId } = await activeShop();
  const answers = await Promise.all(Array.from({ length: 5 }, () => must(staff, 'suspendMerchant', { merchantId, reason: 'At once' })));
  for (const answer of answers) expect(answer.merchant.status).toBe('SUSPENDED');
  expect((await subject.events(merchantId)).map(({ data }) => data['version'])).toEqual([1, 2, 3]);
  expect((await trailOf(staff, merchantId)).map(({ action }) => action)).toEqual(['REGISTERED', 'ACTIVATED', 'SUSPENDED']);
});

it.each([['an unknown id', uuidv7()], ['an id that is none', 'x'], ['SQL', `' OR 1=1 --`]])('of %s: NOT_FOUND', async (_what, merchantId) => {
  expect(await must(operator(), 'suspendMerchant', { merchantId, reason: 'None' })).toEqual({ merchant: null, userErrors: [{ code: 'NOT_FOUND', field: ['input', 'merchantId'] }] });
});

it('is for operators, and so is the trail', async () => {
  const { owner, staff, merchantId } = await activeShop();
  for (const [who, code] of [[owner, 'FORBIDDEN'], [somebody(), 'FORBIDDEN'], [nobody, 'UNAUTHENTICATED']] as const)
    expect((await ask(who, 'suspendMerchant', { merchantId, reason: 'Mine' })).errors[0].extensions.code).toBe(code);
  for (const who of [owner, somebody()]) expect(await trailOf(who, merchantId)).toBeUndefined();
  expect((await trailOf(staff, merchantId)).map(({ action }) => action)).toEqual(['REGISTERED', 'ACTIVATED']);
});

it('keeps neither change nor event where its entry cannot be written', async () => {
  const { staff, merchantId } = await activeShop();
  await subject.database.asOwner('ALTER TABLE audit_entry ADD CONSTRAINT refuse_all CHECK (false) NOT VALID');
  const answer = await ask(staff, 'suspendMerchant', { merchantId, reason: 'x' });
  await subject.database.asOwner('ALTER TABLE audit_entry DROP CONSTRAINT refuse_all');
  expect(answer.errors[0].extensions.code).toBe('INTERNAL_SERVER_ERROR');
  expect((await subject.events(merchantId)).at(-1)!.data['status']).toBe('ACTIVE');
});
