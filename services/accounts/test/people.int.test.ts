import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { CATALOGUE } from '@tael/events';
import { createSealer } from '@tael/platform/seal';
import { type PeopleWorld, SIGN_UP, startPeopleWorld } from './people-world';

let world: PeopleWorld;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_people');
});
afterAll(() => world.end());

const usual = { password: 'correct horse battery', displayName: 'Ada Lovelace', currency: 'USD' };
const VIEWER =
  '{ viewer { id email displayName locale timeZone createdAt wallets { currency } wallet(currency: "EUR") { id } } }';
const REFERENCE = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { id email referralCode } ... on Wallet { id currency } } }`;

test('a sign-up opens everything at once: person, wallet, session, code, and their events', async () => {
  const email = 'Grace.Hopper@Example.com';
  const input = { ...usual, email, locale: 'zh-cn', timeZone: 'Asia/Shanghai', acquisition: { channel: 'friend' } };
  const { data } = await world.ask(SIGN_UP, { input });
  expect(data.signUp.userErrors).toEqual([]);
  const { user, session } = data.signUp;
  expect(user).toMatchObject({ email, displayName: 'Ada Lovelace', locale: 'zh-CN', timeZone: 'Asia/Shanghai' });
  const zero = { amount: '0.00' };
  expect(user.wallets).toEqual([
    { id: expect.any(String), currency: 'USD', balance: { posted: zero, available: zero, pending: zero } },
  ]);
  const left = Date.parse(session.expiresAt) - Date.now();
  expect(left).toBeGreaterThan(590_000);
  expect(left).toBeLessThanOrEqual(600_000);

  const [registered] = (await world.events('person.registered')).filter((event) => event['personId'] === user.id);
  expect(CATALOGUE['person.registered'].data.safeParse(registered).success).toBe(true);
  expect(registered).toMatchObject({ locale: 'zh-CN', timeZone: 'Asia/Shanghai', channel: 'friend', referredBy: null });
  const contact = createSealer(world.settings.SEAL_KEYS).open(registered!['contact'] as string, user.id);
  expect(JSON.parse(contact)).toEqual({ displayName: 'Ada Lovelace', email });
  expect((await world.events('wallet.opened')).filter((event) => event['personId'] === user.id)).toMatchObject([
    { walletId: user.wallets[0].id, currency: 'USD' },
  ]);
});

test('a mail address signs up once, also where twelve try at once and in other capitals', async () => {
  const before = (await world.events('person.registered')).length;
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      world.ask(SIGN_UP, {
        input: { ...usual, email: index % 2 ? 'race@example.com' : ' RACE@Example.com' },
      }),
    ),
  );
  const users = answers.filter((answer) => answer.data.signUp.user);
  expect(users).toHaveLength(1);
  const refused = answers.flatMap((answer) => answer.data.signUp.userErrors);
  expect(refused).toHaveLength(11);
  expect(new Set(refused.map((error) => `${error.code} ${error.field}`))).toEqual(new Set(['EMAIL_TAKEN input,email']));
  expect(await world.events('person.registered')).toHaveLength(before + 1);
  const again = await world.ask(SIGN_UP, { input: { ...usual, email: 'race@example.com' } }, { locale: 'zh-CN' });
  expect(again.data.signUp).toMatchObject({
    user: null,
    session: null,
    userErrors: [{ code: 'EMAIL_TAKEN', message: '该电子邮箱已被注册。' }],
  });
});

test('what cannot be used is refused with its field, and nothing is written', async () => {
  const before = await world.rows('SELECT count(*) AS n FROM person');
  const { data } = await world.ask(SIGN_UP, { input: { ...usual, email: 'none', password: 'short', currency: 'XXX' } });
  expect(
    data.signUp.userErrors.map((error: { code: string; field: string[] }) => [error.code, error.field.at(-1)]),
  ).toEqual([
    ['INVALID_INPUT', 'email'],
    ['INVALID_INPUT', 'password'],
    ['INVALID_INPUT', 'currency'],
  ]);
  expect(await world.rows('SELECT count(*) AS n FROM person')).toEqual(before);
});

test("A17: a friend's code is checked in the sign-up, however it is typed", async () => {
  const friend = await world.signUp();
  const [row] = await world.rows('SELECT "referralCode" AS code FROM person WHERE id = $1', [friend.id]);
  const code = row!['code'] as string;
  const person = await world.signUp({ referralCode: ` ${code.slice(0, 6).toLowerCase()}-${code.slice(6)}` });
  const [event] = (await world.events('person.registered')).filter(({ personId }) => personId === person.id);
  expect(event).toMatchObject({ referredBy: friend.id });
  for (const wrong of ['0'.repeat(12), 'x', `${code}0`]) {
    const { data } = await world.ask(SIGN_UP, {
      input: { ...usual, email: 'invited@example.com', referralCode: wrong },
    });
    expect(data.signUp).toMatchObject({
      user: null,
      userErrors: [{ code: 'INVALID_INPUT', field: ['input', 'referralCode'] }],
    });
  }
  expect(await world.rows('SELECT 1 FROM person WHERE "referredBy" = $1', [friend.id])).toHaveLength(1);
});

test('the viewer is oneself, and nobody without a session', async () => {
  const person = await world.signUp();
  expect((await world.ask(VIEWER, {}, person.as)).data.viewer).toMatchObject({
    id: person.id,
    email: person.email,
    wallets: [{ currency: 'USD' }],
    wallet: null,
  });
  expect((await world.ask(VIEWER)).errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
  const gone = { principal: { ...person.as.principal, personId: '019aa000-0000-7000-8000-000000000000' } };
  expect((await world.ask(VIEWER, {}, gone)).errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
});

test('a reference to another person or wallet resolves to null, for operators too', async () => {
  const [person, other] = [await world.signUp(), await world.signUp()];
  const of = [
    { __typename: 'User', id: person.id },
    { __typename: 'User', id: other.id },
    { __typename: 'User', id: 'x' },
    { __typename: 'Wallet', id: person.walletId },
    { __typename: 'Wallet', id: other.walletId },
  ];
  const mine = [
    { id: person.id, email: person.email, referralCode: expect.any(String) },
    null,
    null,
    { id: person.walletId, currency: 'USD' },
    null,
  ];
  expect((await world.ask(REFERENCE, { of }, person.as)).data._entities).toEqual(mine);
  const operator = { principal: { ...person.as.principal, roles: ['CUSTOMER', 'OPERATOR'] as const } };
  expect((await world.ask(REFERENCE, { of }, operator)).data._entities).toEqual(mine);
  expect((await world.ask(REFERENCE, { of })).data._entities).toEqual([null, null, null, null, null]);
});

test('the access token verifies by the published keys, which hold nothing private', async () => {
  const person = await world.signUp({ locale: 'zh-CN' });
  const answer = await world.app.server.inject('/.well-known/jwks.json');
  const published = answer.json();
  expect(published.keys.map((key: { kid: string }) => key.kid)).toEqual(['k1', 'k2']);
  expect(answer.body).not.toContain('"d"');
  expect(decodeProtectedHeader(person.accessToken)).toMatchObject({ alg: 'ES256', kid: 'k1' });
  const { payload } = await jwtVerify(person.accessToken, createLocalJWKSet(published), {
    issuer: 'https://tael.local',
    audience: 'tael',
    algorithms: ['ES256'],
  });
  expect(payload).toMatchObject({
    sub: person.id,
    roles: ['CUSTOMER'],
    locale: 'zh-CN',
    sid: expect.any(String),
    jti: expect.any(String),
  });
  expect(payload.exp! - payload.iat!).toBe(600);
});

test('a person opens one wallet a currency, also where eight try at once', async () => {
  const person = await world.signUp();
  const open = (currency: string) =>
    world.ask(
      'mutation ($c: CurrencyCode!) { openWallet(input: { currency: $c }) { wallet { id currency balance { available { amount currency } } } userErrors { code field } } }',
      { c: currency },
      person.as,
    );
  const answers = await world.atOnce('wallet', 8, () => open('JPY'));
  expect(answers.filter((answer) => answer.data.openWallet.wallet)).toHaveLength(1);
  expect(answers.find((answer) => answer.data.openWallet.wallet)?.data.openWallet.wallet.balance).toEqual({
    available: { amount: '0', currency: 'JPY' },
  });
  expect(answers.filter((answer) => answer.data.openWallet.userErrors[0]?.code === 'ALREADY_EXISTS')).toHaveLength(7);
  expect((await open('XAU')).data.openWallet.userErrors).toEqual([
    { code: 'INVALID_INPUT', field: ['input', 'currency'] },
  ]);
  expect(
    (await world.ask('mutation { openWallet(input: { currency: "EUR" }) { userErrors { code } } }')).errors?.[0]
      ?.extensions['code'],
  ).toBe('UNAUTHENTICATED');
});

test('mail address, name and password stand in clear in no row, event or log line', async () => {
  const email = 'canary.person@example.com';
  const person = await world.signUp({ email, displayName: 'Canary McCanaryface', password: 'canary password 42' });
  await world.ask(
    'mutation ($e: String!) { signIn(input: { email: $e, password: "canary password 43" }) { userErrors { code } } }',
    { e: email },
  );
  expect((await world.ask(VIEWER, {}, person.as)).data.viewer).toMatchObject({
    email,
    displayName: 'Canary McCanaryface',
  });
  const kept = `${await world.dump()}\n${world.log()}`;
  expect(kept).toContain(person.id);
  expect(kept.toLowerCase()).not.toMatch(/canary/);
  expect(kept).not.toContain(person.refreshToken);
  expect(kept).not.toContain(person.accessToken);
});
