import { eventually } from '@tael/testkit';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { codeOf, secondFactorOf } from './support/second-factor';

let world: PeopleWorld;
let operator: NewPerson;
let factor: ReturnType<typeof secondFactorOf>;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_customer_sessions');
  factor = secondFactorOf(world);
  operator = await world.signUp();
});
afterAll(() => world.end());

const SIGN_OUT = `mutation ($input: SignCustomerOutInput!) { signCustomerOut(input: $input) { endedCount userErrors { code field } } }`;
const REFRESH = `mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { session { accessToken refreshToken } userErrors { code } } }`;
const COMPLETE = `mutation ($input: CompleteSignInInput!) { completeSignIn(input: $input) { session { accessToken } userErrors { code } } }`;
const asOperator = () => ({ principal: { ...operator.as.principal, roles: ['CUSTOMER' as const, 'OPERATOR' as const] } });
const ask = async (walletId: string, reason = 'Somebody else is in it', as: object = asOperator()) => world.ask(SIGN_OUT, { input: { walletId, reason } }, as);
const signOut = async (...given: Parameters<typeof ask>) => (await ask(...given)).data.signCustomerOut;
const refresh = async (refreshToken: string) => (await world.ask(REFRESH, { input: { refreshToken } })).data.refreshSession;
const eventsOf = async (person: NewPerson, type: string) => (await world.events(type)).filter((event) => event['personId'] === person.id);
const FIREFOX = { userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', address: '203.0.113.9' };

it('ends every session of a wallet’s person, tells them once, and leaves those of others', async () => {
  const [person, other] = [await world.signUp({}, FIREFOX), await world.signUp()];
  const second = (await factor.signIn(person, FIREFOX)).session as { refreshToken: string };
  expect(await signOut(person.walletId)).toEqual({ endedCount: 2, userErrors: [] });
  for (const token of [person.refreshToken, second.refreshToken]) expect(codeOf(await refresh(token))).toBe('SESSION_EXPIRED');
  expect((await refresh(other.refreshToken)).session).not.toBeNull();
  expect(await eventsOf(person, 'sessions.ended-by-operator')).toMatchObject([{ count: 2 }]);
  expect(await world.rows('SELECT DISTINCT "endReason" FROM session WHERE "personId" = $1', [person.id])).toEqual([{ endReason: 'ENDED_BY_OPERATOR' }]);

  // Once more it finds none: nobody is told a second time, and the trail says that somebody tried.
  expect(await signOut(person.walletId)).toEqual({ endedCount: 0, userErrors: [] });
  expect(await eventsOf(person, 'sessions.ended-by-operator')).toHaveLength(1);
  expect(await world.rows(`SELECT before, after, "actorId" FROM audit_entry WHERE "subjectId" = $1 ORDER BY id`, [person.walletId])).toEqual([
    { before: { sessions: 2 }, after: { sessions: 0 }, actorId: operator.id }, { before: { sessions: 0 }, after: { sessions: 0 }, actorId: operator.id },
  ]);
});

it('makes each device a new one: its next sign-in is told of', async () => {
  const person = await world.signUp({}, FIREFOX);
  await factor.signIn(person, FIREFOX);
  expect(await eventsOf(person, 'device.added')).toHaveLength(0);
  await signOut(person.walletId);
  await factor.signIn(person, FIREFOX);
  expect(await eventsOf(person, 'device.added')).toHaveLength(1);
});

it('ends the second step of a sign-in that is under way', async () => {
  const person = await factor.enrolled();
  const { challenge } = await factor.signIn(person);
  await signOut(person.walletId);
  const done = await world.ask(COMPLETE, { input: { challengeToken: challenge.token, code: '000000' } });
  expect(codeOf(done.data.completeSignIn)).toBe('WRONG_CODE');
  expect(await world.rows('SELECT 1 FROM sign_in_challenge WHERE "personId" = $1', [person.id])).toEqual([]);
});

it('of sign-ins in the same moment none slips through that was decided before', async () => {
  const person = await world.signUp();
  const signIns = Array.from({ length: 6 }, () => factor.signIn(person));
  const ending = signOut(person.walletId);
  await Promise.all([...signIns, ending]);
  const [{ at }] = await world.rows(`SELECT max("endedAt") AS at FROM session WHERE "personId" = $1`, [person.id]) as [{ at: Date }];
  // Whoever is signed in now began after the end.
  await eventually(async () => {
    const living = await world.rows(`SELECT 1 FROM session WHERE "personId" = $1 AND "endedAt" IS NULL AND "startedAt" < $2`, [person.id, at]);
    expect(living).toEqual([]);
  });
});

it.each([
  ['a wallet of nobody', '0190b1c0-0000-7000-8000-000000000000', undefined, 'NOT_FOUND', 'walletId'],
  ['what is no id', 'x', undefined, 'NOT_FOUND', 'walletId'],
  ['no reason', '0190b1c0-0000-7000-8000-000000000000', ' ', 'INVALID_INPUT', 'reason'],
])('refuses %s', async (_what, walletId, reason, code, field) => {
  expect((await signOut(walletId, reason)).userErrors).toEqual([{ code, field: ['input', field] }]);
});

it('is for operators, and not about themselves', async () => {
  const person = await world.signUp();
  expect((await ask(person.walletId, undefined, person.as)).errors![0]!.extensions['code']).toBe('FORBIDDEN');
  expect(codeOf(await signOut(operator.walletId))).toBe('NOT_ALLOWED');
  expect((await refresh(person.refreshToken)).session).not.toBeNull();
});
