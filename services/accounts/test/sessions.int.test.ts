import { type Answer, type Asker, type PeopleWorld, SIGN_UP, startPeopleWorld } from './people-world';
import { createSealer } from '@tael/platform/seal';
import { emailIndex } from '../src/people/person.service';
import { type Algorithm, hash } from '@node-rs/argon2';
import { AttemptService } from '../src/sessions/attempt.service';

let world: PeopleWorld;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_sessions');
});
afterAll(() => world.end());

const SIGN_IN = `mutation ($input: SignInInput!) { signIn(input: $input) {
  user { id } session { accessToken refreshToken } userErrors { code message field } } }`;
const REFRESH = `mutation ($token: String!) { refreshSession(input: { refreshToken: $token }) {
  session { accessToken refreshToken } userErrors { code message field } } }`;

const signIn = (email: string, password: string, as: Asker = {}) =>
  world.ask(SIGN_IN, { input: { email, password } }, as);
const refresh = (token: string) => world.ask(REFRESH, { token });
const next = (answer: Answer): string => answer.data.refreshSession.session.refreshToken;
const expired = {
  session: null,
  userErrors: [{ code: 'SESSION_EXPIRED', message: expect.any(String), field: ['input', 'refreshToken'] }],
};

describe('signing in', () => {
  it('works with the password, whatever capitals and blanks the address has', async () => {
    const person = await world.signUp();
    const { data } = await signIn(`  ${person.email.toUpperCase()} `, person.password);
    expect(data.signIn).toMatchObject({ user: { id: person.id }, userErrors: [] });
    expect((await refresh(data.signIn.session.refreshToken)).data.refreshSession.userErrors).toEqual([]);
  });

  it('A17: answers alike for a wrong password and for nobody', async () => {
    const person = await world.signUp();
    const [wrong, nobody] = [
      await signIn(person.email, 'wrong password'),
      await signIn('nobody@example.com', 'wrong password'),
    ];
    expect(wrong).toEqual(nobody);
    expect(wrong.data.signIn).toMatchObject({
      user: null,
      session: null,
      userErrors: [{ code: 'WRONG_CREDENTIALS', field: null }],
    });
  });

  it('A17: takes as long for nobody as for a wrong password', async () => {
    const people = await Promise.all(Array.from({ length: 9 }, () => world.signUp()));
    const timed = async (email: string): Promise<number> => {
      const start = performance.now();
      await signIn(email, 'wrong password');
      return performance.now() - start;
    };
    const known: number[] = [];
    const unknown: number[] = [];
    for (const [index, person] of people.entries()) {
      known.push(await timed(person.email));
      unknown.push(await timed(`nobody-${index}@example.com`));
    }
    const ratio = median(unknown) / median(known);
    expect(ratio).toBeGreaterThan(0.4);
    expect(ratio).toBeLessThan(2.5);
  });

  it('A17: ends after ten failures for known and unknown alike, also where they come at once, and begins again after the window', async () => {
    const person = await world.signUp();
    for (const email of [person.email, 'lock@example.com']) {
      const answers = await Promise.all(Array.from({ length: 14 }, () => signIn(email, 'wrong password')));
      const codes = answers.map((answer) => answer.data.signIn.userErrors[0].code).sort();
      expect(codes).toEqual([
        ...Array<string>(4).fill('LIMIT_EXCEEDED'),
        ...Array<string>(10).fill('WRONG_CREDENTIALS'),
      ]);
    }
    const [right, nobody] = [
      await signIn(person.email, person.password),
      await signIn('lock@example.com', person.password),
    ];
    expect(right).toEqual(nobody);
    expect(right.data.signIn).toMatchObject({ session: null, userErrors: [{ code: 'LIMIT_EXCEEDED' }] });

    await world.rows(`UPDATE attempt_window SET "startedAt" = "startedAt" - interval '15 minutes'`);
    expect((await signIn(person.email, person.password)).data.signIn).toMatchObject({ user: { id: person.id } });
  });

  it('does not count what succeeds, also where many sign in at once', async () => {
    const person = await world.signUp();
    const answers = await Promise.all(Array.from({ length: 25 }, () => signIn(person.email, person.password)));
    expect(answers.flatMap((answer) => answer.data.signIn.userErrors)).toEqual([]);
  });

  it('A17: lets nobody in by the right guess among many at once', async () => {
    const person = await world.signUp();
    const guesses = [...Array.from({ length: 30 }, (_, index) => `guess number ${index}`), person.password];
    const answers = await Promise.all(guesses.map((guess) => signIn(person.email, guess)));
    expect(answers.at(-1)?.data.signIn).toMatchObject({ session: null, userErrors: [{ code: 'LIMIT_EXCEEDED' }] });
  });

  it('is turned away as busy where too many passwords wait, which counts as no failure', async () => {
    const person = await world.signUp();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        signIn(index ? `busy-${index}@example.com` : person.email, 'wrong password'),
      ),
    );
    const busy = answers.filter((answer) => answer.errors);
    expect(busy.length).toBeGreaterThan(0);
    expect(busy[0]!.errors![0]!.extensions).toMatchObject({ code: 'SERVICE_BUSY', retryable: true });
    const [counted] = await world.rows(
      `SELECT sum(attempts)::int AS n FROM attempt_window WHERE kind = 'FAILED_SIGN_IN'
      AND subject IN (SELECT unnest($1::text[]))`,
      [answers.map((_, index) => indexOf(index ? `busy-${index}@example.com` : person.email))],
    );
    expect(counted).toEqual({ n: 200 - busy.length });
  });

  it('V11.2.2: makes a hash anew that was made when less was asked of it, once, also where many sign in at once; signs nobody out, and tells nobody', async () => {
    const person = await world.signUp();
    const weak = await hash(person.password, { algorithm: 2 as Algorithm.Argon2id, memoryCost: 8_192, timeCost: 1, parallelism: 1 });
    await world.asOwner('UPDATE credential SET "passwordHash" = $2 WHERE "personId" = $1', [person.id, weak]);
    const hashOf = async () => String((await world.rows('SELECT "passwordHash" FROM credential WHERE "personId" = $1', [person.id]))[0]!['passwordHash']);
    expect((await signIn(person.email, 'not the password')).data.signIn.userErrors).toMatchObject([{ code: 'WRONG_CREDENTIALS' }]);
    expect(await hashOf()).toBe(weak);
    const answers = await Promise.all(Array.from({ length: 6 }, () => signIn(person.email, person.password)));
    expect(answers.map(({ data }) => [data.signIn.user?.id, data.signIn.userErrors])).toEqual(Array(6).fill([person.id, []]));
    const strong = await hashOf();
    expect(strong).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect((await signIn(person.email, person.password)).data.signIn.userErrors).toEqual([]);
    expect(await hashOf()).toBe(strong);
    expect((await refresh(person.refreshToken)).data.refreshSession.userErrors).toEqual([]);
    expect((await world.events('password.changed')).filter((event) => event['personId'] === person.id)).toEqual([]);
  });

  it('refuses texts that no password can be, and prunes windows that are long over', async () => {
    const { data } = await signIn('a@example.com', 'x'.repeat(513));
    expect(data.signIn.userErrors).toMatchObject([{ code: 'INVALID_INPUT', field: ['input', 'password'] }]);
    await world.rows(`INSERT INTO attempt_window VALUES ('SIGN_IN', 'old', now() - interval '2 days', 1)`);
    await new AttemptService(world.dataSource).prune();
    expect(await world.rows(`SELECT 1 FROM attempt_window WHERE subject = 'old'`)).toEqual([]);
    expect(await world.rows(`SELECT 1 FROM attempt_window LIMIT 1`)).toHaveLength(1);
  });
});

describe('rates at the door', () => {
  let narrow: PeopleWorld;
  beforeAll(async () => {
    narrow = await startPeopleWorld('accounts_rates', { SIGN_UPS_PER_HOUR: 3, SIGN_INS_PER_HOUR: 4 });
  });
  afterAll(() => narrow.end());

  it('A17, A29: bound sign-ups and sign-ins an address, not those of another', async () => {
    const input = (index: number) => ({
      email: `r${index}@example.com`,
      password: 'correct horse',
      displayName: 'R',
      currency: 'USD',
    });
    const codes: (string | undefined)[] = [];
    for (let index = 0; index < 5; index++) {
      codes.push(
        (await narrow.ask(SIGN_UP, { input: input(index) }, { address: '198.51.100.1' })).data.signUp.userErrors[0]
          ?.code,
      );
    }
    expect(codes).toEqual([undefined, undefined, undefined, 'LIMIT_EXCEEDED', 'LIMIT_EXCEEDED']);
    expect(
      (await narrow.ask(SIGN_UP, { input: input(9) }, { address: '198.51.100.2' })).data.signUp.userErrors,
    ).toEqual([]);
    const signIns = await Promise.all(
      Array.from({ length: 6 }, () =>
        narrow.ask(
          SIGN_IN,
          { input: { email: 'r9@example.com', password: 'correct horse' } },
          { address: '198.51.100.3' },
        ),
      ),
    );
    expect(signIns.filter((answer) => answer.data.signIn.session)).toHaveLength(4);
  });

  it('A17, A29: are one for all addresses of an IPv6 network: whoever has one has as many as they like', async () => {
    const person = await narrow.signUp({}, { address: '2001:db8:1:1::1' });
    const signIn = (address: string) =>
      narrow.ask(SIGN_IN, { input: { email: person.email, password: person.password } }, { address });
    const answers = await Promise.all(Array.from({ length: 8 }, (_none, n) => signIn(`2001:db8:7:7:${n}::${n + 1}`)));
    expect(answers.filter((answer) => answer.data.signIn.session)).toHaveLength(4);
    expect((await signIn('2001:db8:7:8::1')).data.signIn.session).not.toBeNull();
    const signUps = await Promise.all(Array.from({ length: 6 }, (_none, n) => narrow.ask(
      SIGN_UP, { input: { email: `v6-${n}@example.com`, password: 'correct horse', displayName: 'R', currency: 'USD' } },
      { address: `2001:db8:9:9::${n + 1}` },
    )));
    expect(signUps.filter((answer) => answer.data.signUp.session)).toHaveLength(3);
  });

  it('keep no address in clear', async () => {
    expect(await narrow.dump()).not.toMatch(/198\.51\.100|2001:db8:[179]:[179]:/);
  });
});

describe('refresh tokens', () => {
  it('work once each, in a row', async () => {
    const person = await world.signUp();
    const second = next(await refresh(person.refreshToken));
    const third = next(await refresh(second));
    expect(new Set([person.refreshToken, second, third]).size).toBe(3);
    expect((await refresh(third)).data.refreshSession.userErrors).toEqual([]);
  });

  it('A27: end the whole family when one is used again, and say so once', async () => {
    const person = await world.signUp();
    const other = await signIn(person.email, person.password);
    const second = next(await refresh(person.refreshToken));
    expect((await refresh(person.refreshToken)).data.refreshSession).toEqual(expired);
    expect((await refresh(second)).data.refreshSession).toEqual(expired);
    expect((await refresh(person.refreshToken)).data.refreshSession).toEqual(expired);
    const events = (await world.events('session.reuse-detected')).filter((event) => event['personId'] === person.id);
    expect(events).toMatchObject([{ familyId: person.as.principal.sessionId }]);
    expect((await refresh(other.data.signIn.session.refreshToken)).data.refreshSession.userErrors).toEqual([]);
  });

  it('of two uses at once let one through, and then end the family', async () => {
    const person = await world.signUp();
    const answers = await Promise.all([refresh(person.refreshToken), refresh(person.refreshToken)]);
    const won = answers.filter((answer) => answer.data.refreshSession.session);
    expect(won).toHaveLength(1);
    expect((await refresh(next(won[0]!))).data.refreshSession).toEqual(expired);
    expect(
      (await world.events('session.reuse-detected')).filter((event) => event['personId'] === person.id),
    ).toHaveLength(1);
  });

  it.each(['', 'x', 'a'.repeat(43), `${'a'.repeat(43)}'; DROP TABLE session --`, 'a'.repeat(1_000)])(
    'that nobody issued are expired: %#',
    async (token) => {
      expect((await refresh(token)).data.refreshSession).toEqual(expired);
    },
  );

  it('end by themselves after thirty days, and the access token names its own end', async () => {
    const person = await world.signUp();
    world.later(30 * 24 * 60 * 60 * 1000 - 60_000);
    const second = next(await refresh(person.refreshToken));
    world.later(30 * 24 * 60 * 60 * 1000 + 1);
    expect((await refresh(second)).data.refreshSession).toEqual(expired);
    expect((await world.events('session.reuse-detected')).filter((event) => event['personId'] === person.id)).toEqual(
      [],
    );
  });

  it('A27: end ninety days after the sign-in, however often they are used, and nobody who comes in time is sent away before', async () => {
    const DAY = 24 * 60 * 60 * 1000;
    const person = await world.signUp();
    let token = person.refreshToken;
    for (let n = 0; n < 3; n += 1) {
      world.later(29 * DAY);
      token = next(await refresh(token));
    }
    world.later(3 * DAY - 60_000);
    token = next(await refresh(token));
    world.later(120_000);
    expect((await refresh(token)).data.refreshSession).toEqual(expired);
    const { data } = await signIn(person.email, person.password);
    expect((await refresh(data.signIn.session.refreshToken)).data.refreshSession.userErrors).toEqual([]);
    expect((await world.events('session.reuse-detected')).filter((event) => event['personId'] === person.id)).toEqual([]);
  });

  it('A27: end ninety days after the sign-in also where the token was given when it did not say so', async () => {
    const person = await world.signUp();
    await world.asOwner(`UPDATE session SET "startedAt" = "startedAt" - interval '90 days' WHERE "personId" = $1`, [person.id]);
    expect((await refresh(person.refreshToken)).data.refreshSession).toEqual(expired);
  });
});

const indexOf = (email: string) => emailIndex(createSealer(world.settings.SEAL_KEYS), email);

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
