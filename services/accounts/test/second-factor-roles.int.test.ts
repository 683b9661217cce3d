import { decodeJwt } from 'jose';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { codeOf, secondFactorOf } from './support/second-factor';

// Roles that count only where their person has a second factor: what the session of an operator is good for without one.
let world: PeopleWorld;
let factor: ReturnType<typeof secondFactorOf>;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_factor_roles', { SECOND_FACTOR_ROLES: ['OPERATOR'] });
  factor = secondFactorOf(world);
});
afterAll(() => world.end());

const REFRESH = `mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) {
  session { accessToken refreshToken } userErrors { code } } }`;
const DISABLE = 'mutation ($input: DisableTotpInput!) { disableTotp(input: $input) { userErrors { code } } }';

async function operator(): Promise<NewPerson> {
  const person = await world.signUp();
  expect(await world.app.services.operators.grant({ email: person.email, by: 'test', reason: 'For the test' })).toMatchObject({ ok: true });
  return person;
}
const claimsOf = (accessToken: string) => {
  const { roles, factor: claim } = decodeJwt(accessToken);
  return { roles, factor: claim };
};
/** Who asks through an access token, as the gateway would say it. */
function askerOf(accessToken: string) {
  const { sub, sid, roles, factor: claim } = decodeJwt(accessToken) as { sub: string; sid: string; roles: never; factor?: string };
  if (claim === 'MISSING') return { principal: null, settingUp: { personId: sub, sessionId: sid } };
  return { principal: { personId: sub, sessionId: sid, roles } };
}
async function refreshed(refreshToken: string) {
  const { data } = await world.ask(REFRESH, { input: { refreshToken } });
  return data.refreshSession.session as { accessToken: string; refreshToken: string };
}

it('a customer is asked for none', async () => {
  const person = await world.signUp();
  const { session, user } = await factor.signIn(person);
  expect(claimsOf(session.accessToken)).toEqual({ roles: ['CUSTOMER'], factor: undefined });
  expect(user.id).toBe(person.id);
});

it('an operator without a factor gets a session that names no role, and is shown nothing', async () => {
  const { session, user, challenge } = await factor.signIn(await operator());
  expect(claimsOf(session.accessToken)).toEqual({ roles: [], factor: 'MISSING' });
  expect([user, challenge]).toEqual([null, null]);
  expect(claimsOf((await refreshed(session.refreshToken)).accessToken)).toEqual({ roles: [], factor: 'MISSING' });
});

it('that session sets a factor up and does nothing else; the next access token has the role', async () => {
  const person = await operator();
  const { session } = await factor.signIn(person);
  const as = askerOf(session.accessToken);
  const everythingElse = [
    '{ viewer { id } }',
    'mutation { openWallet(input: { currency: "EUR" }) { wallet { id } userErrors { code } } }',
    'mutation { endOtherSessions { userErrors { code } } }',
    `mutation { changePassword(input: { currentPassword: "${person.password}", newPassword: "another battery staple" }) { userErrors { code } } }`,
    'mutation { requestStepUp(input: { purpose: DISABLE_TOTP }) { userErrors { code } } }',
    `mutation { sendMoney(input: { walletId: "${person.walletId}", recipientEmail: "a@b.example", amount: { amount: "1.00", currency: "USD" }, idempotencyKey: "k" }) { userErrors { code } } }`,
  ];
  for (const document of everythingElse) {
    const { errors } = await world.ask(document, {}, as);
    expect([document, errors?.[0]?.extensions['code']]).toEqual([document, 'SECOND_FACTOR_REQUIRED']);
    expect(errors![0]!.message).toMatch(/beginTotp and confirmTotp/);
  }
  const { data } = await world.ask(
    'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { id email } ... on Wallet { id } } transaction(id: "0") { id } }',
    { r: [{ __typename: 'User', id: person.id }, { __typename: 'Wallet', id: person.walletId }] }, as,
  );
  expect(data?._entities ?? [null, null]).toEqual([null, null]);

  const enrolled = { ...person, as: as as never };
  const { secret, uri } = await factor.begin(enrolled);
  expect(decodeURIComponent(uri)).toContain(person.email);
  expect(codeOf(await factor.confirm(enrolled, factor.freshCode(secret)))).toBe('OK');
  const next = await refreshed(session.refreshToken);
  expect(claimsOf(next.accessToken)).toEqual({ roles: ['CUSTOMER', 'OPERATOR'], factor: undefined });
  expect((await world.ask('{ viewer { id } }', {}, askerOf(next.accessToken) as never)).data.viewer.id).toBe(person.id);
});

it('an operator with a factor is asked for it, and then has the role', async () => {
  const person = await factor.enrolled();
  await world.app.services.operators.grant({ email: person.email, by: 'test', reason: 'For the test' });
  const { accessToken } = await factor.signedIn(person);
  expect(claimsOf(accessToken)).toEqual({ roles: ['CUSTOMER', 'OPERATOR'], factor: undefined });
});

it('who takes the factor away has no role in the next access token', async () => {
  const person = await factor.enrolled();
  await world.app.services.operators.grant({ email: person.email, by: 'test', reason: 'For the test' });
  const session = await factor.signedIn(person);
  const stepUpId = await factor.approved({ as: session.as, secret: person.secret }, { purpose: 'DISABLE_TOTP' });
  const { data } = await world.ask(DISABLE, { input: { stepUpId } }, session.as);
  expect(data.disableTotp.userErrors).toEqual([]);
  expect(claimsOf((await refreshed(session.refreshToken)).accessToken)).toEqual({ roles: [], factor: 'MISSING' });
});
