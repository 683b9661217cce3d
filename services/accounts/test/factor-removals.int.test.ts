import { randomUUID } from 'node:crypto';
import { createSealer } from '@tael/platform/seal';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { operatorsOf } from './support/operators';
import { codeOf, secondFactorOf } from './support/second-factor';

let world: PeopleWorld;
let factor: ReturnType<typeof secondFactorOf>;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_factor_removals');
  factor = secondFactorOf(world);
});
afterAll(() => world.end());

type Enrolled = NewPerson & { secret: string; recoveryCodes: string[] };

const ERRORS = 'userErrors { code field message }';
const REQUEST = `mutation ($input: RequestSecondFactorRemovalInput!) { requestSecondFactorRemoval(input: $input) { removesAt ${ERRORS} } }`;
const CONFIRM = `mutation ($input: ConfirmSecondFactorRemovalInput!) { confirmSecondFactorRemoval(input: $input) { removesAt ${ERRORS} } }`;
const KEEP = `mutation { keepSecondFactor { secondFactor { totpEnabled removesAt } ${ERRORS} } }`;
const CHANGE = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { ${ERRORS} } }`;
const ASK_RESET = `mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { request { id } ${ERRORS} } }`;
const RESET = `mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { ${ERRORS} } }`;
const DISABLE = `mutation ($input: DisableTotpInput!) { disableTotp(input: $input) { ${ERRORS} } }`;
const SIGN_OUT = `mutation ($input: SignCustomerOutInput!) { signCustomerOut(input: $input) { endedCount ${ERRORS} } }`;
const FACTOR = '{ viewer { secondFactor { totpEnabled recoveryCodesLeft removesAt } } }';
const DAYS = 86_400_000;
const MINUTES = 60_000;

const request = async (challengeToken: string) => (await world.ask(REQUEST, { input: { challengeToken } })).data.requestSecondFactorRemoval;
const confirm = async (challengeToken: string, code: string) => (await world.ask(CONFIRM, { input: { challengeToken, code } })).data.confirmSecondFactorRemoval;
const challengeOf = async (person: NewPerson): Promise<string> => (await factor.signIn(person)).challenge.token;
const factorOf = async (person: NewPerson) => (await world.ask(FACTOR, {}, person.as)).data.viewer.secondFactor;
const eventsOf = async (person: NewPerson, type: string) => (await world.events(type)).filter((event) => event['personId'] === person.id);
const due = () => world.app.services.factorRemovals.removeDue();

/** The code of the newest mail to a person, as notifications reads it. */
async function mailed(person: NewPerson, type = 'second-factor.removal-requested'): Promise<string> {
  const event = (await eventsOf(person, type)).at(-1)!;
  return createSealer(world.settings.SEAL_KEYS).open(event['code'] as string, person.id);
}

/** As if the password were one of long ago: of a new one the wait is longer. */
const oldPassword = (person: NewPerson) => world.rows('UPDATE credential SET "changedAt" = $2 WHERE "personId" = $1', [person.id, new Date(world.now().getTime() - 30 * DAYS)]);

/** Somebody who lost the app and the recovery codes, and whose removal has begun. */
async function begun(of?: Enrolled): Promise<{ person: Enrolled; removesAt: Date }> {
  const person = of ?? (await factor.enrolled());
  await oldPassword(person);
  const challenge = await challengeOf(person);
  expect(await request(challenge)).toEqual({ removesAt: null, userErrors: [] });
  const done = await confirm(challenge, await mailed(person));
  expect(done.userErrors).toEqual([]);
  return { person, removesAt: new Date(done.removesAt) };
}

describe('a lost second factor', () => {
  it('goes after seven days for who has the password and the mail; the owner is told when it begins and when it is gone', async () => {
    const { person, removesAt } = await begun();
    expect(Math.abs(removesAt.getTime() - world.now().getTime() - 7 * DAYS)).toBeLessThan(MINUTES);
    expect(await factorOf(person)).toEqual({ totpEnabled: true, recoveryCodesLeft: 10, removesAt: removesAt.toISOString() });
    expect(await eventsOf(person, 'second-factor.removal-begun')).toMatchObject([{ removesAt: removesAt.toISOString() }]);

    world.later(7 * DAYS - MINUTES);
    await due();
    expect((await factor.signIn(person)).session).toBeNull();
    world.later(MINUTES);
    const waiting = await challengeOf(person);
    await due();
    expect((await factor.signIn(person)).session).not.toBeNull();
    expect(codeOf(await factor.complete(waiting, person.recoveryCodes[0]!))).toBe('WRONG_CODE');
    expect((await eventsOf(person, 'second-factor.changed')).map(({ change }) => change)).toEqual(['ENABLED', 'DISABLED']);
    for (const table of ['totp_factor', 'recovery_code', 'factor_removal', 'sign_in_challenge']) {
      expect(await world.rows(`SELECT 1 FROM ${table} WHERE "personId" = $1`, [person.id])).toEqual([]);
    }
    const { secret } = await factor.begin(person);
    expect(codeOf(await factor.confirm(person, factor.freshCode(secret)))).toBe('OK');
    expect(await factorOf(person)).toEqual({ totpEnabled: true, recoveryCodesLeft: 10, removesAt: null });
  });

  it.each([[6, 14], [8, 7]])('goes after longer where the password is new: of %i days, in %i', async (age, days) => {
    const person = await factor.enrolled();
    await world.rows('UPDATE credential SET "changedAt" = $2 WHERE "personId" = $1', [person.id, new Date(world.now().getTime() - age * DAYS)]);
    const challenge = await challengeOf(person);
    await request(challenge);
    const { removesAt } = await confirm(challenge, await mailed(person));
    expect(Math.abs(Date.parse(removesAt) - world.now().getTime() - days * DAYS)).toBeLessThan(MINUTES);
  });

  it('stays with who has become an operator meanwhile', async () => {
    const { person } = await begun();
    await world.app.services.operators.grant({ email: person.email, reason: 'One of the operators of this test', by: 'this test' });
    world.later(8 * DAYS);
    await due();
    expect((await factor.signIn(person)).session).toBeNull();
    expect(await world.rows('SELECT 1 FROM factor_removal WHERE "personId" = $1', [person.id])).toEqual([]);
    expect(await eventsOf(person, 'second-factor.removal-stopped')).toHaveLength(1);
  });

  it('goes once, however many instances look at the same moment', async () => {
    await world.rows('DELETE FROM factor_removal');
    const { person } = await begun();
    world.later(7 * DAYS);
    const removed = await Promise.all(Array.from({ length: 6 }, due));
    expect(removed.reduce((sum, one) => sum + one, 0)).toBe(1);
    expect((await eventsOf(person, 'second-factor.changed')).filter(({ change }) => change === 'DISABLED')).toHaveLength(1);
  });

  it('may be asked for again and confirmed twice: the day stays, and no further mail is sent', async () => {
    const { person, removesAt } = await begun();
    const code = await mailed(person);
    world.later(2 * MINUTES);
    const challenge = await challengeOf(person);
    expect(await confirm(challenge, code)).toEqual({ removesAt: removesAt.toISOString(), userErrors: [] });
    world.later(2 * DAYS);
    for (let n = 0; n < 6; n++) await request(await challengeOf(person));
    expect(await request(await challengeOf(person))).toEqual({ removesAt: removesAt.toISOString(), userErrors: [] });
    expect(await eventsOf(person, 'second-factor.removal-requested')).toHaveLength(1);
    expect(await eventsOf(person, 'second-factor.removal-begun')).toHaveLength(1);
  });

  it('begins once for eight who bring the code in one moment', async () => {
    const person = await factor.enrolled();
    const challenge = await challengeOf(person);
    await request(challenge);
    const code = await mailed(person);
    const codes = (await Promise.all(Array.from({ length: 8 }, () => confirm(challenge, code)))).map(codeOf);
    // Five tries are all there are.
    expect(codes.filter((one) => one === 'OK')).toHaveLength(5);
    expect(codes.filter((one) => one === 'LIMIT_EXCEEDED')).toHaveLength(3);
    expect(await eventsOf(person, 'second-factor.removal-begun')).toHaveLength(1);
  });
});

describe('a removal is stopped', () => {
  const NEW = 'a lake with seven islands';
  const ways: [string, (person: Enrolled) => Promise<unknown>][] = [
    ['by a code of the app at a sign-in', (person) => factor.signedIn(person)],
    ['by a recovery code', async (person) => factor.complete(await challengeOf(person), person.recoveryCodes[0]!)],
    ['by a code for a step-up', (person) => factor.approved(person, { purpose: 'CHANGE_PASSWORD' })],
    ['by its owner from a session', (person) => world.ask(KEEP, {}, person.as)],
    ['by a password set anew through the mail', async (person) => {
      const { request: asked } = (await world.ask(ASK_RESET, { input: { email: person.email } })).data.requestPasswordReset;
      return world.ask(RESET, { input: { requestId: asked.id, code: await mailed(person, 'password.reset-requested'), newPassword: NEW } });
    }],
    ['by an operator who signs them out', async (person) => {
      const operator = await operatorsOf(world).operator();
      return world.ask(SIGN_OUT, { input: { walletId: person.walletId, reason: 'Somebody else is in the account' } }, operator.as);
    }],
  ];
  it.each(ways)('%s, and the owner is told', async (_name, stop) => {
    const { person } = await begun();
    await stop(person);
    expect(await world.rows('SELECT 1 FROM factor_removal WHERE "personId" = $1', [person.id])).toEqual([]);
    expect(await eventsOf(person, 'second-factor.removal-stopped')).toHaveLength(1);
  });

  it.each([
    ['by a new password', 'CHANGE_PASSWORD', (person: Enrolled, stepUpId: string) =>
      world.ask(CHANGE, { input: { currentPassword: person.password, newPassword: NEW, stepUpId } }, person.as), 1],
    ['with the factor itself, and of that alone', 'DISABLE_TOTP', (person: Enrolled, stepUpId: string) => world.ask(DISABLE, { input: { stepUpId } }, person.as), 0],
  ])('%s, the owner is told', async (_name, purpose, stop, told) => {
    const enrolled = await factor.enrolled();
    // Approved before: a code of the factor would stop it.
    const stepUpId = await factor.approved(enrolled, { purpose });
    const { person } = await begun(enrolled);
    expect(codeOf(Object.values((await stop(person, stepUpId)).data)[0])).toBe('OK');
    expect(await world.rows('SELECT 1 FROM factor_removal WHERE "personId" = $1', [person.id])).toEqual([]);
    expect(await eventsOf(person, 'second-factor.removal-stopped')).toHaveLength(told);
  });

  it('and then the factor is asked for as before, however many days go by', async () => {
    const { person } = await begun();
    expect((await world.ask(KEEP, {}, person.as)).data.keepSecondFactor).toEqual({ secondFactor: { totpEnabled: true, removesAt: null }, userErrors: [] });
    world.later(8 * DAYS);
    await due();
    expect((await factor.signIn(person)).session).toBeNull();
  });

  it('says nothing where none has begun: not to who keeps it, nor with each code', async () => {
    const person = await factor.enrolled();
    await request(await challengeOf(person));
    await factor.signedIn(person);
    expect((await world.ask(KEEP, {}, person.as)).data.keepSecondFactor.userErrors).toEqual([]);
    expect(await eventsOf(person, 'second-factor.removal-stopped')).toEqual([]);
  });

  it('by a recovery code for a step-up in the same moment, and nobody waits for a deadlock', async () => {
    const deadlocks = async () => (await world.rows('SELECT deadlocks::int AS n FROM pg_stat_database WHERE datname = current_database()'))[0]!['n'];
    const before = await deadlocks();
    for (let n = 0; n < 5; n++) {
      const { person } = await begun();
      world.later(7 * DAYS);
      const { stepUp } = await factor.request(person, { purpose: 'CHANGE_PASSWORD' });
      await Promise.all([factor.approve(person, stepUp.id, person.recoveryCodes[0]!), due()]);
    }
    expect(await deadlocks()).toBe(before);
  });

  it('by a code that comes in the same moment as its day, or has come too late: never half', async () => {
    for (let n = 0; n < 8; n++) {
      const { person } = await begun();
      world.later(7 * DAYS);
      const challenge = await challengeOf(person);
      const byApp = n % 2 === 0;
      const code = byApp ? factor.freshCode(person.secret) : person.recoveryCodes[0]!;
      const [done] = await Promise.all([factor.complete(challenge, code), due()]);
      const { totpEnabled, recoveryCodesLeft, removesAt } = await factorOf(person);
      expect([totpEnabled, recoveryCodesLeft, removesAt]).toEqual(done.session ? [true, byApp ? 10 : 9, null] : [false, 0, null]);
    }
  });
});

describe('nobody begins one', () => {
  it.each([['a word', 'none'], ['no letter', ''], ['what none is called', 'x'.repeat(43)], ['a book', 'x'.repeat(100_000)]])('with %s for a challenge', async (_name, token) => {
    const answer = { removesAt: null, userErrors: [{ code: 'NOT_FOUND', field: ['input', 'challengeToken'], message: expect.any(String) }] };
    expect(await request(token)).toEqual(answer);
    expect(await confirm(token, '0000-0000-0000-0000')).toEqual(answer);
  });

  it('with a challenge that is over, or was answered', async () => {
    const person = await factor.enrolled();
    const [late, used] = [await challengeOf(person), await challengeOf(person)];
    await factor.complete(used, factor.freshCode(person.secret));
    expect(codeOf(await request(used))).toBe('NOT_FOUND');
    world.later(5 * MINUTES);
    expect(codeOf(await request(late))).toBe('NOT_FOUND');
    expect(await eventsOf(person, 'second-factor.removal-requested')).toEqual([]);
  });

  it('with a code that is wrong, late, of an earlier mail or somebody else’s', async () => {
    const [person, other] = [await factor.enrolled(), await factor.enrolled()];
    await request(await challengeOf(other));
    const challenge = await challengeOf(person);
    expect(codeOf(await confirm(challenge, '0000-0000-0000-0000'))).toBe('WRONG_CODE');
    await request(challenge);
    const first = await mailed(person);
    await request(challenge);
    for (const code of [first, await mailed(other), 'no code']) {
      expect((await confirm(challenge, code)).userErrors).toMatchObject([{ code: 'WRONG_CODE', field: ['input', 'code'] }]);
    }
    world.later(10 * MINUTES);
    expect(codeOf(await confirm(await challengeOf(person), await mailed(person)))).toBe('WRONG_CODE');
    expect((await factorOf(person)).removesAt).toBeNull();
  });

  it('by trying codes, or floods a mailbox', async () => {
    const person = await factor.enrolled();
    const challenge = await challengeOf(person);
    const asked = [];
    for (let n = 0; n < 7; n++) asked.push(codeOf(await request(challenge)));
    expect(asked).toEqual([...Array(5).fill('OK'), 'LIMIT_EXCEEDED', 'LIMIT_EXCEEDED']);
    expect(await eventsOf(person, 'second-factor.removal-requested')).toHaveLength(5);
    const tried = [];
    for (let n = 0; n < 6; n++) tried.push(codeOf(await confirm(challenge, '0000-0000-0000-0000')));
    expect(tried).toEqual([...Array(5).fill('WRONG_CODE'), 'LIMIT_EXCEEDED']);
    expect(codeOf(await confirm(challenge, await mailed(person)))).toBe('LIMIT_EXCEEDED');
    // The owner's own codes are not used up by that.
    expect((await factor.complete(challenge, factor.freshCode(person.secret))).session).not.toBeNull();
  });

  it('of an operator', async () => {
    const operator = await operatorsOf(world).operator();
    await world.app.services.operators.grant({ email: operator.email, reason: 'One of the operators of this test', by: 'this test' });
    const { secret } = await factor.begin(operator);
    await factor.confirm(operator, factor.freshCode(secret));
    const challenge = await challengeOf(operator);
    for (const answer of [await request(challenge), await confirm(challenge, '0000-0000-0000-0000')]) {
      expect(answer.userErrors).toMatchObject([{ code: 'NOT_ALLOWED', field: ['input', 'challengeToken'] }]);
    }
    expect(await eventsOf(operator, 'second-factor.removal-requested')).toEqual([]);
  });

  it('keeps the factor of somebody else, or without a session', async () => {
    const { person } = await begun();
    const other = await world.signUp();
    expect((await world.ask(KEEP, {}, other.as)).data.keepSecondFactor.userErrors).toEqual([]);
    expect((await world.ask(KEEP, {})).errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    const gone = { principal: { ...person.as.principal, sessionId: randomUUID() } };
    expect(codeOf((await world.ask(KEEP, {}, gone)).data.keepSecondFactor)).toBe('SESSION_EXPIRED');
    expect((await factorOf(person)).removesAt).not.toBeNull();
  });
});

it('the code stands nowhere in clear', async () => {
  const person = await factor.enrolled();
  await request(await challengeOf(person));
  const code = await mailed(person);
  for (const form of [code, code.replaceAll('-', '')]) {
    expect(await world.dump()).not.toContain(form);
    expect(world.log()).not.toContain(form);
  }
});
