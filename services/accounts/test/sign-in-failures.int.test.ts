import { randomBytes } from 'node:crypto';
import { createSealer } from '@tael/platform/seal';
import { AttemptService } from '../src/sessions/attempt.service';
import { SignInFailures } from '../src/sessions/sign-in-failures.service';
import { type Asker, type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { codeOf, secondFactorOf } from './support/second-factor';

let world: PeopleWorld;
let factor: ReturnType<typeof secondFactorOf>;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_sign_in_failures');
  factor = secondFactorOf(world);
});
afterAll(() => world.end());

const MAX = 10;
const ADDRESS = '192.0.2.1';
const newMark = () => randomBytes(24).toString('base64url');
const given = (mark: string): Asker => ({ address: ADDRESS, device: { mark, brought: false } });
const brought = (mark: string): Asker => ({ address: ADDRESS, device: { mark, brought: true } });
/** A client that brings no mark gets one that nobody knows yet. */
const stranger = (): Asker => given(newMark());

const guess = async (email: string, as: Asker) => codeOf(await factor.signIn({ email, password: 'wrong password' }, as));
const comesIn = async ({ email, password }: Pick<NewPerson, 'email' | 'password'>, as: Asker) => codeOf(await factor.signIn({ email, password }, as));

async function guesses(count: number, email: string, as: () => Asker): Promise<string[]> {
  const codes: string[] = [];
  for (let n = 0; n < count; n++) codes.push(await guess(email, as()));
  return codes;
}

/** Somebody with a device that they signed up with. */
async function owner(): Promise<{ person: NewPerson; mark: string }> {
  const mark = newMark();
  return { person: await world.signUp({}, given(mark)), mark };
}

const shut = [...Array<string>(MAX).fill('WRONG_CREDENTIALS'), 'LIMIT_EXCEEDED'];
const ASK_RESET = 'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { request { id } userErrors { code } } }';
const RESET = 'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { code } } }';
const CHANGE = 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }';
const quarterHourLater = () => world.rows(`UPDATE attempt_window SET "startedAt" = "startedAt" - interval '15 minutes'`);

describe('A17: failed sign-ins', () => {
  it('of a stranger shut out whoever comes with no known device, and not the owner on one', async () => {
    const { person, mark } = await owner();
    expect(await guesses(MAX + 1, person.email, stranger)).toEqual(shut);
    expect(await comesIn(person, stranger())).toBe('LIMIT_EXCEEDED');
    expect(await comesIn(person, brought(mark))).toBe('OK');
    // They have not been forgotten by it either.
    expect(await guess(person.email, stranger())).toBe('LIMIT_EXCEEDED');
  });

  it('on a known device count there alone: it is shut like any other, and nothing else is', async () => {
    const { person, mark } = await owner();
    const other = newMark();
    expect(await comesIn(person, given(other))).toBe('OK');
    expect(await guesses(MAX + 1, person.email, () => brought(mark))).toEqual(shut);
    expect(await comesIn(person, brought(mark))).toBe('LIMIT_EXCEEDED');
    expect(await comesIn(person, brought(other))).toBe('OK');
    expect(await comesIn(person, stranger())).toBe('OK');
    await quarterHourLater();
    expect(await comesIn(person, brought(mark))).toBe('OK');
  });

  it('on a known device are no more where they come at once', async () => {
    const { person, mark } = await owner();
    const codes = await Promise.all(Array.from({ length: MAX + 4 }, () => guess(person.email, brought(mark))));
    expect(codes.filter((code) => code === 'WRONG_CREDENTIALS')).toHaveLength(MAX);
  });

  it('with the mark of another person, one that was made up, or one that only now was given, count like those of anybody', async () => {
    const { person } = await owner();
    const thief = await owner();
    const marks = [brought(thief.mark), brought(newMark()), given(thief.mark), stranger()];
    expect(await guesses(MAX + 1, person.email, () => marks[Math.floor(Math.random() * marks.length)]!)).toEqual(shut);
    for (const as of marks) expect(await guess(person.email, as)).toBe('LIMIT_EXCEEDED');
    // Of the thief's own address nothing was counted.
    expect(await comesIn(thief.person, stranger())).toBe('OK');
  });

  it('answer alike for somebody and for nobody, whatever mark is brought', async () => {
    const { person } = await owner();
    const { mark } = await owner();
    for (const as of [() => brought(mark), () => brought(newMark()), stranger]) {
      await quarterHourLater();
      expect(await guesses(MAX + 1, person.email, as)).toEqual(await guesses(MAX + 1, 'nobody-at-all@example.com', as));
    }
  });

  it('count for anybody again on a device that its owner has sent away', async () => {
    const { person, mark } = await owner();
    const lost = newMark();
    const { session } = await factor.signIn(person, given(lost));
    expect(session).not.toBeNull();
    await guesses(MAX + 1, person.email, stranger);
    expect(await comesIn(person, brought(lost))).toBe('OK');
    expect((await world.ask('mutation { endOtherSessions { endedCount userErrors { code } } }', {}, person.as)).data.endOtherSessions.userErrors).toEqual([]);
    expect(await comesIn(person, brought(lost))).toBe('LIMIT_EXCEEDED');
    expect(await comesIn(person, brought(mark))).toBe('OK');
  });

  it('with a second factor count so, too: the device is known once the second step was taken with it', async () => {
    const person = await factor.enrolled();
    const mark = newMark();
    const { challenge } = await factor.signIn(person, given(mark));
    await guesses(MAX + 1, person.email, stranger);
    expect(await comesIn(person, brought(mark))).toBe('LIMIT_EXCEEDED');
    expect(codeOf(await factor.complete(challenge.token, factor.freshCode(person.secret), brought(mark)))).toBe('OK');
    expect(await comesIn(person, brought(mark))).toBe('OK');
  });

  it('shut a subject for the rest of the day after a hundred, whether there is somebody or not', async () => {
    const { person, mark } = await owner();
    for (const email of [person.email, 'nobody-all-day@example.com']) {
      for (let round = 0; round < 10; round++) {
        expect(await guesses(MAX, email, stranger)).toEqual(shut.slice(0, MAX));
        await quarterHourLater();
      }
      expect(await guess(email, stranger())).toBe('LIMIT_EXCEEDED');
    }
    expect(await comesIn(person, stranger())).toBe('LIMIT_EXCEEDED');
    expect(await comesIn(person, brought(mark))).toBe('OK');
    await world.rows(`UPDATE attempt_window SET "startedAt" = "startedAt" - interval '22 hours'`);
    expect(await comesIn(person, stranger())).toBe('OK');
  });

  it('are forgotten with a new password by mail, at the address and on the devices', async () => {
    const { person, mark } = await owner();
    await guesses(MAX + 1, person.email, stranger);
    await guesses(MAX + 1, person.email, () => brought(mark));
    const password = 'a lake with seven islands';
    const { request } = (await world.ask(ASK_RESET, { input: { email: person.email } })).data.requestPasswordReset;
    const event = (await world.events('password.reset-requested')).find(({ resetId }) => resetId === request.id)!;
    const code = createSealer(world.settings.SEAL_KEYS).open(event['code'] as string, person.id);
    const done = await world.ask(RESET, { input: { requestId: request.id, code, newPassword: password } });
    expect(done.data.resetPassword.userErrors).toEqual([]);
    for (const as of [brought(mark), stranger()]) expect(await comesIn({ email: person.email, password }, as)).toBe('OK');
  });

  it('count for anybody again on every device but the own one once the password is changed, until it has come in with the new one', async () => {
    const { person, mark } = await owner();
    const other = newMark();
    expect(await comesIn(person, given(other))).toBe('OK');
    const changed = { email: person.email, password: 'a lake with seven islands' };
    const answer = await world.ask(CHANGE, { input: { currentPassword: person.password, newPassword: changed.password } }, person.as);
    expect(answer.data.changePassword.userErrors).toEqual([]);
    expect(await guesses(MAX + 1, person.email, () => brought(other))).toEqual(shut);
    for (const as of [brought(other), stranger()]) expect(await comesIn(changed, as)).toBe('LIMIT_EXCEEDED');
    expect(await comesIn(changed, brought(mark))).toBe('OK');
    await quarterHourLater();
    expect(await comesIn(changed, brought(other))).toBe('OK');
    await guesses(MAX + 1, person.email, stranger);
    expect(await comesIn(changed, brought(other))).toBe('OK');
  });

  it('of a known device count there also when the keys that name addresses have turned and those of before are gone', async () => {
    const { person, mark } = await owner();
    const { dataSource } = world;
    const subject = (ring: typeof world.settings.SEAL_KEYS, brings: string) => {
      const failures = new SignInFailures({ dataSource, sealer: createSealer(ring), attempts: new AttemptService(dataSource), perQuarterHour: MAX, perDay: 100 });
      return failures.subjectOf({ email: ` ${person.email.toUpperCase()} `, device: { mark: brings, brought: true } });
    };
    const turned: typeof world.settings.SEAL_KEYS = [{ id: 's2', key: randomBytes(32) }];
    const [row] = await world.rows(`SELECT encode("signInName", 'hex') AS name FROM device WHERE "personId" = $1`, [person.id]);
    for (const ring of [world.settings.SEAL_KEYS, turned]) expect(await subject(ring, mark)).toBe(row!['name']);
    expect(await subject(turned, newMark())).not.toBe(row!['name']);
  });
});
