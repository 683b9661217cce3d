import { randomUUID } from 'node:crypto';
import { createSealer } from '@tael/platform/seal';
import { eventually } from '@tael/testkit';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { codeOf, secondFactorOf } from './support/second-factor';

let world: PeopleWorld;
let factor: ReturnType<typeof secondFactorOf>;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_password_resets');
  factor = secondFactorOf(world);
});
afterAll(() => world.end());

const ASK = `mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { request { id expiresAt } userErrors { code field message } } }`;
const RESET = `mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { code field message } } }`;
const REFRESH = `mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { session { accessToken } userErrors { code } } }`;
const CHANGE = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }`;
const SIGN_IN = `mutation ($input: SignInInput!) { signIn(input: $input) { session { accessToken } challenge { token } userErrors { code } } }`;
const NEW = 'a lake with seven islands';
const MINUTES = 60_000;

const ask = async (email: string, as = {}) => (await world.ask(ASK, { input: { email } }, as)).data.requestPasswordReset;
const reset = async ({ requestId, code, newPassword = NEW }: { requestId: string; code: string; newPassword?: string }) =>
  (await world.ask(RESET, { input: { requestId, code, newPassword } })).data.resetPassword.userErrors;
const signIn = async (email: string, password: string) => (await world.ask(SIGN_IN, { input: { email, password } })).data.signIn;
const eventsOf = async (person: NewPerson, type: string) => (await world.events(type)).filter((event) => event['personId'] === person.id);

/** The code of a request, as notifications reads it. */
async function mailed(person: NewPerson, requestId: string): Promise<string> {
  const event = (await eventsOf(person, 'password.reset-requested')).find(({ resetId }) => resetId === requestId)!;
  return createSealer(world.settings.SEAL_KEYS).open(event['code'] as string, person.id);
}

/** A person who has forgotten the password and has the code. */
async function forgetful(): Promise<{ person: NewPerson; requestId: string; code: string }> {
  const person = await world.signUp();
  const { request } = await ask(person.email);
  return { person, requestId: request.id, code: await mailed(person, request.id) };
}

describe('a forgotten password', () => {
  it('is replaced by who has the code from the mail: every session ends, the old one is wrong, the owner is told', async () => {
    const { person, requestId, code } = await forgetful();
    expect(code).toMatch(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/);
    expect(await reset({ requestId, code: code.toLowerCase().replaceAll('-', ' ') })).toEqual([]);
    expect((await world.ask(REFRESH, { input: { refreshToken: person.refreshToken } })).data.refreshSession.session).toBeNull();
    expect(codeOf(await signIn(person.email, person.password))).toBe('WRONG_CREDENTIALS');
    expect((await signIn(person.email, NEW)).session).not.toBeNull();
    expect(await eventsOf(person, 'password.changed')).toHaveLength(1);
  });

  it('of somebody with a second factor is replaced too, and the sign-in after it asks for the factor', async () => {
    const person = await factor.enrolled();
    const { request } = await ask(person.email);
    expect(await reset({ requestId: request.id, code: await mailed(person, request.id) })).toEqual([]);
    const { session, challenge } = await signIn(person.email, NEW);
    expect([session, challenge]).toEqual([null, { token: expect.any(String) }]);
  });

  it('is not held up by what its owner tried before', async () => {
    const { person, requestId, code } = await forgetful();
    for (let n = 0; n < world.settings.FAILED_SIGN_INS_PER_15_MINUTES + 1; n++) await signIn(person.email, 'is it this one?');
    expect(codeOf(await signIn(person.email, person.password))).toBe('LIMIT_EXCEEDED');
    await reset({ requestId, code });
    expect((await signIn(person.email, NEW)).session).not.toBeNull();
  });

  it('takes the steps of a sign-in with the old one with it', async () => {
    const person = await factor.enrolled();
    const { challenge } = await factor.signIn(person);
    const { request } = await ask(person.email);
    await reset({ requestId: request.id, code: await mailed(person, request.id) });
    const done = await world.ask(
      'mutation ($input: CompleteSignInInput!) { completeSignIn(input: $input) { session { accessToken } userErrors { code } } }',
      { input: { challengeToken: challenge.token, code: '000000' } },
    );
    expect(codeOf(done.data.completeSignIn)).toBe('WRONG_CODE');
    expect(await world.rows('SELECT 1 FROM sign_in_challenge WHERE "personId" = $1', [person.id])).toEqual([]);
  });
});

describe('a code', () => {
  it('works once, also of eight who bring it in the same moment', async () => {
    const { person, requestId, code } = await forgetful();
    const passwords = Array.from({ length: 8 }, (_, n) => `a lake with ${n} islands`);
    // Five tries are all there are: the others are told to wait.
    const answers = await Promise.all(passwords.map((newPassword) => reset({ requestId, code, newPassword })));
    const codes = answers.map(([error]) => error?.code ?? 'OK').sort();
    expect(codes.filter((one) => one === 'OK')).toHaveLength(1);
    expect(new Set(codes)).toEqual(new Set(['OK', 'WRONG_CODE', 'LIMIT_EXCEEDED']));
    const signedIn = await Promise.all(passwords.map(async (password) => (await signIn(person.email, password)).session !== null));
    expect(signedIn.filter(Boolean)).toHaveLength(1);
    expect(signedIn.indexOf(true)).toBe(answers.findIndex((errors) => errors.length === 0));
    expect(await eventsOf(person, 'password.changed')).toHaveLength(1);
  });

  it('works for its own request alone', async () => {
    const { person, requestId, code } = await forgetful();
    const { request } = await ask(person.email);
    const other = await forgetful();
    for (const [id, tried] of [[request.id, code], [requestId, other.code], [other.requestId, code], [randomUUID(), code]]) {
      expect((await reset({ requestId: id!, code: tried! }))[0]).toMatchObject({ code: 'WRONG_CODE', field: ['input', 'code'] });
    }
    expect((await signIn(person.email, person.password)).session).not.toBeNull();
    expect(await reset({ requestId, code })).toEqual([]);
  });

  it('is over after ten minutes, after another of its person was used, and once the password was changed', async () => {
    const late = await forgetful();
    world.later(10 * MINUTES);
    expect((await reset(late))[0].code).toBe('WRONG_CODE');

    const twice = await forgetful();
    const { request } = await ask(twice.person.email);
    const second = await mailed(twice.person, request.id);
    expect(await reset(twice)).toEqual([]);
    expect((await reset({ requestId: request.id, code: second }))[0].code).toBe('WRONG_CODE');

    const changed = await forgetful();
    const input = { currentPassword: changed.person.password, newPassword: 'a hill with two trees' };
    expect((await world.ask(CHANGE, { input }, changed.person.as)).data.changePassword.userErrors).toEqual([]);
    expect((await reset(changed))[0].code).toBe('WRONG_CODE');
  });

  it('can be tried five times, whether there is such a request or not', async () => {
    const { requestId, code } = await forgetful();
    for (const id of [requestId, randomUUID()]) {
      const answers = [];
      for (let n = 0; n < 7; n++) answers.push((await reset({ requestId: id, code: '0000-0000-0000-0000' }))[0].code);
      expect(answers).toEqual([...Array(5).fill('WRONG_CODE'), 'LIMIT_EXCEEDED', 'LIMIT_EXCEEDED']);
    }
    expect((await reset({ requestId, code }))[0].code).toBe('LIMIT_EXCEEDED');
  });

  it.each([['no id', '0000-0000-0000-0000'], [randomUUID(), 'no code'], [randomUUID(), ''], [randomUUID(), 'A'.repeat(100)]])('request %s, code %j: wrong like any other', async (requestId, code) => {
    expect((await reset({ requestId, code }))[0]).toMatchObject({ code: 'WRONG_CODE', field: ['input', 'code'] });
  });

  it('is not used up by a password that cannot be taken', async () => {
    const { requestId, code } = await forgetful();
    for (const newPassword of ['short', 'password1', 'x'.repeat(1_000)]) {
      expect((await reset({ requestId, code, newPassword }))[0]).toMatchObject({ code: 'INVALID_INPUT', field: ['input', 'newPassword'] });
    }
    expect(await reset({ requestId, code })).toEqual([]);
  });

  it('stands nowhere in clear', async () => {
    const { code, requestId } = await forgetful();
    for (const form of [code, code.replaceAll('-', '')]) {
      expect(await world.dump()).not.toContain(form);
      expect(world.log()).not.toContain(form);
    }
    await reset({ requestId, code });
    expect(world.log()).not.toContain(code);
  });
});

describe('who asks', () => {
  it('is told the same whether somebody has the address or not, and nobody is written to who has none', async () => {
    const person = await world.signUp();
    const before = (await world.events('password.reset-requested')).length;
    const shape = { request: { id: expect.stringMatching(/^[0-9a-f-]{36}$/), expiresAt: expect.any(String) }, userErrors: [] };
    expect(await ask(`nobody-${randomUUID()}@example.com`)).toEqual(shape);
    expect(await ask(` ${person.email.toUpperCase()} `)).toEqual(shape);
    expect((await world.events('password.reset-requested')).length).toBe(before + 1);
  });

  it('takes the database the same number of steps', async () => {
    const person = await world.signUp();
    const steps = async (email: string): Promise<number> => {
      const query = jest.spyOn((await import('pg')).default.Client.prototype, 'query');
      await ask(email);
      // Those of the request: whatever else the service does by itself goes on beside it.
      const texts = query.mock.calls.map(([asked]) => (typeof asked === 'string' ? asked : String((asked as unknown as { text?: string })?.text)));
      query.mockRestore();
      return texts.filter((text) => /attempts\.|passwordResets\.|outbox\./.test(text)).length;
    };
    const ofSomebody = await steps(person.email);
    expect(ofSomebody).toBeGreaterThan(4);
    expect(await steps(`nobody-${randomUUID()}@example.com`)).toBe(ofSomebody);
  });

  it('gets five codes an hour for one address from one network, and twenty from all, be it somebody’s or not', async () => {
    const person = await world.signUp();
    for (const email of [person.email, `nobody-${randomUUID()}@example.com`]) {
      const from = async (address: string) => (await ask(email, { address })).userErrors[0]?.code ?? 'OK';
      const stranger = [];
      for (let n = 0; n < 7; n++) stranger.push(await from('198.51.100.1'));
      expect(stranger).toEqual([...Array(5).fill('OK'), 'LIMIT_EXCEEDED', 'LIMIT_EXCEEDED']);
      // What one network has used up is its own: the owner still gets theirs.
      const others = [];
      for (let n = 0; n < 17; n++) others.push(await from(`198.51.${n}.1`));
      expect(others).toEqual([...Array(15).fill('OK'), 'LIMIT_EXCEEDED', 'LIMIT_EXCEEDED']);
    }
    expect(await eventsOf(person, 'password.reset-requested')).toHaveLength(20);
  });

  it('is refused with an address that is none for its length', async () => {
    expect((await ask('a'.repeat(513))).userErrors[0]).toMatchObject({ code: 'INVALID_INPUT', field: ['input', 'email'] });
  });

  it('leaves nothing behind for long', async () => {
    const email = `nobody-${randomUUID()}@example.com`;
    const { request } = await ask(email);
    world.later(26 * 60 * MINUTES);
    await eventually(async () => {
      await ask(`nobody-${randomUUID()}@example.com`);
      expect(await world.rows('SELECT 1 FROM password_reset WHERE id = $1', [request.id])).toEqual([]);
    });
  });
});
