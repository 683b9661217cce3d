import { eventually, graphqlClient } from '@tael/testkit';
import { randomUUID } from 'node:crypto';
import { mailedCode } from './mailed-code';
import { stack } from './stack';
import { anonymous, inboxOf, must, newPerson, operator, received, signIn as signInAs, type Person } from './world';

const ASK = `mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { request { id expiresAt } userErrors { code } } }`;
const RESET = `mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { code field message } } }`;
const SIGN_IN = `mutation ($input: SignInInput!) { signIn(input: $input) { session { accessToken } userErrors { code } } }`;

const ask = async (email: string) => (await must<any>(anonymous, ASK, { input: { email } })).requestPasswordReset.request;
const reset = async (requestId: string, code: string, newPassword: string) =>
  (await anonymous.request<any>(RESET, { input: { requestId, code, newPassword } })).data.resetPassword.userErrors;
const signIn = async ({ email }: Person, password: string) =>
  (await anonymous.request<any>(SIGN_IN, { input: { email, password } })).data.signIn;

it('who forgot the password gets a code by mail, sets a new one, and is signed out everywhere else', async () => {
  const person = await newPerson();
  const request = await ask(person.email);
  expect(Date.parse(request.expiresAt) - Date.now()).toBeGreaterThan(9 * 60_000);
  const code = await mailedCode(person);

  expect(await reset(request.id, code, 'short')).toMatchObject([{ code: 'INVALID_INPUT', field: ['input', 'newPassword'] }]);
  const wrong = `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`;
  expect(await reset(request.id, wrong, 'a lake with seven islands')).toMatchObject([{ code: 'WRONG_CODE', field: ['input', 'code'] }]);
  expect(await reset(request.id, code, 'a lake with seven islands')).toEqual([]);
  expect(await reset(request.id, code, 'another lake altogether')).toMatchObject([{ code: 'WRONG_CODE' }]);

  expect((await signIn(person, person.password)).userErrors).toEqual([{ code: 'WRONG_CREDENTIALS' }]);
  const { session } = await signIn(person, 'a lake with seven islands');
  await eventually(async () => {
    const closed = await person.client.request<any>('{ viewer { id } }');
    expect(closed.errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
  }, { describe: 'the session of before is refused' });

  const back = { ...person, client: graphqlClient({ url: stack.gatewayUrl, token: session.accessToken }) };
  await eventually(async () => {
    expect((await inboxOf(back)).map(({ topic }) => topic)).toContain('password.changed');
  }, { timeoutMs: 20_000, describe: 'the owner is told' });
  // The code is for the mail alone: who reads the inbox has come in already.
  expect(JSON.stringify(await inboxOf(back))).not.toContain(code);
});

it('a second code does not end the first, and using one ends both', async () => {
  const person = await newPerson();
  const first = await ask(person.email);
  const one = await mailedCode(person);
  const second = await ask(person.email);
  const other = await mailedCode(person, [one]);
  expect(await reset(second.id, one, 'a lake with seven islands')).toMatchObject([{ code: 'WRONG_CODE' }]);
  expect(await reset(first.id, one, 'a lake with seven islands')).toEqual([]);
  expect(await reset(second.id, other, 'another lake altogether')).toMatchObject([{ code: 'WRONG_CODE' }]);
});

it('an address of nobody is answered like any other, and gets no mail', async () => {
  const email = `nobody-${randomUUID()}@e2e.tael.example`;
  expect(await ask(email)).toEqual({ id: expect.any(String), expiresAt: expect.any(String) });
  // Mail of who asked later has come: that of this one would have, too.
  const person = await newPerson();
  await ask(person.email);
  await mailedCode(person);
  expect(await received('mail', email)).toEqual([]);
});

it('A13: where somebody else is in the account, an operator signs its person out everywhere, and a new password keeps the other out', async () => {
  const [person, staff] = [await newPerson(), await operator()];
  const thief = await signInAs(person);
  const { signCustomerOut } = await must<any>(staff.client,
    'mutation ($input: SignCustomerOutInput!) { signCustomerOut(input: $input) { endedCount userErrors { code } } }',
    { input: { walletId: person.walletId, reason: 'Somebody else is in it' } });
  expect(signCustomerOut).toEqual({ endedCount: 2, userErrors: [] });
  for (const { client } of [thief, person]) {
    await eventually(async () => {
      expect((await client.request<any>('{ viewer { id } }')).errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
    }, { describe: 'the door knows that the session is over' });
  }
  const request = await ask(person.email);
  expect(await reset(request.id, await mailedCode(person), 'a lake with seven islands')).toEqual([]);
  expect((await signIn(person, person.password)).userErrors).toEqual([{ code: 'WRONG_CREDENTIALS' }]);
  const back = await signInAs({ email: person.email, password: 'a lake with seven islands' });
  await eventually(async () => {
    expect((await inboxOf(back)).map(({ title }) => title)).toContain('We signed you out');
  }, { timeoutMs: 20_000, describe: 'the person is told' });
});
