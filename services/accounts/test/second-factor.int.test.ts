import { totpCode } from '../src/second-factor/code.service';
import { stepOf } from '../src/second-factor/totp.domain';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { codeOf, secondFactorOf } from './support/second-factor';

let world: PeopleWorld;
let factor: ReturnType<typeof secondFactorOf>;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_second_factor');
  factor = secondFactorOf(world);
});
afterAll(() => world.end());

const VIEWER = '{ viewer { secondFactor { totpEnabled recoveryCodesLeft } } }';
const DISABLE = `mutation ($input: DisableTotpInput!) { disableTotp(input: $input) {
  secondFactor { totpEnabled recoveryCodesLeft } userErrors { code field } } }`;
const RENEW = `mutation ($input: RegenerateRecoveryCodesInput!) { regenerateRecoveryCodes(input: $input) {
  recoveryCodes userErrors { code } } }`;

const factorOf = async (person: Pick<NewPerson, 'as'>) => (await world.ask(VIEWER, {}, person.as)).data.viewer.secondFactor;
const changesOf = async (person: NewPerson) =>
  (await world.events('second-factor.changed'))
    .filter((event) => event['personId'] === person.id)
    .map((event) => event['change']);

describe('setting the second factor up', () => {
  it('wants the password, then a code, and gives ten recovery codes once', async () => {
    const person = await world.signUp();
    expect(codeOf(await factor.begin(person, 'not the password'))).toBe('WRONG_CREDENTIALS');
    const { secret, uri } = await factor.begin(person);
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(new URL(uri).searchParams.get('secret')).toBe(secret);
    expect(await factorOf(person)).toEqual({ totpEnabled: false, recoveryCodesLeft: 0 });
    expect(codeOf(await factor.confirm(person, '000000'))).toBe('WRONG_CODE');

    const { recoveryCodes } = await factor.confirm(person, factor.freshCode(secret));
    expect(new Set(recoveryCodes).size).toBe(10);
    expect(await factorOf(person)).toEqual({ totpEnabled: true, recoveryCodesLeft: 10 });
    expect(await changesOf(person)).toEqual(['ENABLED']);
    expect(codeOf(await factor.begin(person))).toBe('ALREADY_EXISTS');
    expect(codeOf(await factor.confirm(person, factor.freshCode(secret)))).toBe('ALREADY_EXISTS');
  });

  it('is nothing before it was confirmed: the password alone signs in, and a set-up begun anew has a new secret', async () => {
    const person = await world.signUp();
    const first = await factor.begin(person);
    const second = await factor.begin(person);
    expect((await factor.signIn(person)).session).not.toBeNull();
    expect(codeOf(await factor.confirm(person, factor.freshCode(first.secret)))).toBe('WRONG_CODE');
    expect(codeOf(await factor.confirm(person, factor.freshCode(second.secret)))).toBe('OK');
  });

  it('is forgotten after a quarter of an hour', async () => {
    const person = await world.signUp();
    const { secret } = await factor.begin(person);
    world.later(16 * 60_000);
    expect(codeOf(await factor.confirm(person, factor.freshCode(secret)))).toBe('NOT_FOUND');
  });

  it('lets nobody find the password by trying', async () => {
    const person = await world.signUp();
    const codes = await Promise.all(Array.from({ length: 8 }, (_, n) => factor.begin(person, `guess ${n}`).then(codeOf)));
    expect(codes.sort()).toEqual([...Array(3).fill('LIMIT_EXCEEDED'), ...Array(5).fill('WRONG_CREDENTIALS')]);
    expect(codeOf(await factor.begin(person))).toBe('LIMIT_EXCEEDED');
  });

  it('keeps secret and codes in no row, event or log line in clear', async () => {
    const { secret, recoveryCodes } = await factor.enrolled();
    const all = `${await world.dump()}\n${world.log()}`;
    for (const text of [secret, ...recoveryCodes, ...recoveryCodes.map((code) => code.replace('-', ''))]) {
      expect(all).not.toContain(text);
    }
    expect(await world.rows('SELECT 1 FROM totp_factor WHERE secret NOT LIKE $1', ['v1.%'])).toEqual([]);
  });
});

describe('signing in with a second factor', () => {
  it('gives a challenge in place of a session, and the session for a code', async () => {
    const person = await factor.enrolled();
    const first = await factor.signIn(person);
    expect(first).toMatchObject({ user: null, session: null, userErrors: [], challenge: { token: expect.any(String) } });
    const done = await factor.complete(first.challenge.token, factor.freshCode(person.secret));
    expect(done).toMatchObject({ user: { id: person.id }, session: { accessToken: expect.any(String) }, userErrors: [] });
  });

  it('A26: a code works once in its window, also where two sign-ins bring it at once', async () => {
    const person = await factor.enrolled();
    const [one, other] = [await factor.signIn(person), await factor.signIn(person)];
    const code = factor.freshCode(person.secret);
    const answers = await Promise.all([one, other].map(({ challenge }) => factor.complete(challenge.token, code)));
    expect(answers.map(codeOf).sort()).toEqual(['OK', 'WRONG_CODE']);
    const { challenge } = await factor.signIn(person);
    expect(codeOf(await factor.complete(challenge.token, code))).toBe('WRONG_CODE');
  });

  it.each([
    ['the step before', -1, 'OK'],
    ['the step after', 1, 'OK'],
    ['two steps before', -2, 'WRONG_CODE'],
    ['two steps after', 2, 'WRONG_CODE'],
  ])('A26: takes the code of %s: %i', async (_what, offset, expected) => {
    const person = await factor.enrolled();
    world.later(5 * 30_000);
    const { challenge } = await factor.signIn(person);
    const code = totpCode(person.secret, stepOf(world.now()) + offset);
    expect(codeOf(await factor.complete(challenge.token, code))).toBe(expected);
  });

  it('A26: a challenge works once and ends after five minutes', async () => {
    const person = await factor.enrolled();
    const used = await factor.signIn(person);
    expect(codeOf(await factor.complete(used.challenge.token, factor.freshCode(person.secret)))).toBe('OK');
    expect(codeOf(await factor.complete(used.challenge.token, factor.freshCode(person.secret)))).toBe('WRONG_CODE');
    const late = await factor.signIn(person);
    world.later(5 * 60_000);
    expect(codeOf(await factor.complete(late.challenge.token, factor.freshCode(person.secret)))).toBe('WRONG_CODE');
  });

  it('A26: of many guesses at once five are looked at, the right one among the rest not; other challenges wait too', async () => {
    const person = await factor.enrolled();
    const { challenge } = await factor.signIn(person);
    const wrong = await Promise.all(
      Array.from({ length: 12 }, (_, n) => factor.complete(challenge.token, `00000${n % 10}`).then(codeOf)),
    );
    expect(wrong.filter((code) => code === 'WRONG_CODE')).toHaveLength(5);
    expect(codeOf(await factor.complete(challenge.token, factor.freshCode(person.secret)))).toBe('LIMIT_EXCEEDED');
    const other = await factor.signIn(person);
    expect(codeOf(await factor.complete(other.challenge.token, factor.freshCode(person.secret)))).toBe('LIMIT_EXCEEDED');

    await world.rows(`UPDATE attempt_window SET "startedAt" = "startedAt" - interval '16 minutes'`);
    const later = await factor.signIn(person);
    expect(codeOf(await factor.complete(later.challenge.token, factor.freshCode(person.secret)))).toBe('OK');
  });

  it('A26: five tries a challenge, even where the owner signs in meanwhile', async () => {
    const person = await factor.enrolled();
    const stolen = await factor.signIn(person);
    for (let n = 0; n < 4; n++) await factor.complete(stolen.challenge.token, '000000');
    await factor.signedIn(person);
    expect(codeOf(await factor.complete(stolen.challenge.token, '000000'))).toBe('WRONG_CODE');
    expect(codeOf(await factor.complete(stolen.challenge.token, factor.freshCode(person.secret)))).toBe('LIMIT_EXCEEDED');
  });

  it('A17: a challenge that nobody has answers like one that somebody has, to the sixth try', async () => {
    const person = await factor.enrolled();
    const { challenge } = await factor.signIn(person);
    const unknown = 'A'.repeat(43);
    for (let n = 0; n < 6; n++) {
      const [known, nobody] = [await factor.complete(challenge.token, '000000'), await factor.complete(unknown, '000000')];
      expect(nobody).toEqual(known);
      expect(codeOf(known)).toBe(n < 5 ? 'WRONG_CODE' : 'LIMIT_EXCEEDED');
    }
  });

  it('A17: a wrong password answers alike for nobody, and for people with and without a second factor', async () => {
    const [enrolled, plain] = [await factor.enrolled(), await world.signUp()];
    const answers = await Promise.all(
      [enrolled.email, plain.email, 'nobody-at-all@example.com'].map((email) =>
        factor.signIn({ email, password: 'not the password' }),
      ),
    );
    expect(answers[0]).toEqual(answers[2]);
    expect(answers[1]).toEqual(answers[2]);
  });
});

describe('recovery codes', () => {
  it('sign in once each, and tell the owner', async () => {
    const person = await factor.enrolled();
    const [code] = person.recoveryCodes;
    const first = await factor.signIn(person);
    expect(codeOf(await factor.complete(first.challenge.token, code!.toLowerCase().replace('-', ' ')))).toBe('OK');
    const second = await factor.signIn(person);
    expect(codeOf(await factor.complete(second.challenge.token, code!))).toBe('WRONG_CODE');
    expect(await factorOf(person)).toEqual({ totpEnabled: true, recoveryCodesLeft: 9 });
    expect(await changesOf(person)).toEqual(['ENABLED', 'RECOVERY_CODE_USED']);
  });

  it('of one person are nothing to another', async () => {
    const [person, thief] = [await factor.enrolled(), await factor.enrolled()];
    const { challenge } = await factor.signIn(thief);
    expect(codeOf(await factor.complete(challenge.token, person.recoveryCodes[0]!))).toBe('WRONG_CODE');
  });

  it('work once where ten sign-ins bring one at once', async () => {
    const person = await factor.enrolled();
    const challenges = await Promise.all(Array.from({ length: 4 }, () => factor.signIn(person)));
    const answers = await Promise.all(
      challenges.map(({ challenge }) => factor.complete(challenge.token, person.recoveryCodes[1]!)),
    );
    expect(answers.map(codeOf).sort()).toEqual(['OK', 'WRONG_CODE', 'WRONG_CODE', 'WRONG_CODE']);
  });

  it('are renewed with a step-up, and the old ones end', async () => {
    const person = await factor.enrolled();
    const refused = await world.ask(RENEW, { input: { stepUpId: person.id } }, person.as);
    expect(codeOf(refused.data.regenerateRecoveryCodes)).toBe('STEP_UP_REQUIRED');
    const stepUpId = await factor.approved(person, { purpose: 'REGENERATE_RECOVERY_CODES' });
    const { recoveryCodes } = (await world.ask(RENEW, { input: { stepUpId } }, person.as)).data.regenerateRecoveryCodes;
    const old = await factor.signIn(person);
    expect(codeOf(await factor.complete(old.challenge.token, person.recoveryCodes[2]!))).toBe('WRONG_CODE');
    expect(codeOf(await factor.complete(old.challenge.token, recoveryCodes[2]))).toBe('OK');
  });
});

describe('taking the second factor away', () => {
  it('wants a step-up for this, and then the password is enough again', async () => {
    const person = await factor.enrolled();
    const disable = async (stepUpId: string) => (await world.ask(DISABLE, { input: { stepUpId } }, person.as)).data.disableTotp;
    const other = await factor.approved(person, { purpose: 'REGENERATE_RECOVERY_CODES' });
    expect(codeOf(await disable(other))).toBe('STEP_UP_REQUIRED');
    const stepUpId = await factor.approved(person, { purpose: 'DISABLE_TOTP' });
    expect(await disable(stepUpId)).toEqual({ secondFactor: { totpEnabled: false, recoveryCodesLeft: 0 }, userErrors: [] });
    expect((await factor.signIn(person)).session).not.toBeNull();
    expect(codeOf(await disable(stepUpId))).toBe('NOT_ALLOWED');
    expect(await changesOf(person)).toEqual(['ENABLED', 'DISABLED']);
  });
});
