import { randomUUID } from 'node:crypto';
import { type NewPerson, type PeopleWorld, principalOfToken, startPeopleWorld } from './people-world';
import { bankOf } from './support/bank-world';
import { codeOf, operatorsOf } from './support/operators';

// Changes of limits and fees under a key: asked for again, because the answer was lost, they are one change.
let world: PeopleWorld;
let bank: ReturnType<typeof bankOf>;
let [ada, bob]: NewPerson[] = [] as never;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_limit_keys');
  bank = bankOf(world);
  const staff = operatorsOf(world);
  ada = await staff.operator();
  bob = await staff.operator();
});
afterEach(async () => expect(await bank.breaches()).toEqual([]));
afterAll(() => world.end());

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Payload = any;
const money = (amount: string, currency: string) => ({ amount, currency });
const REUSED = [{ code: 'IDEMPOTENCY_KEY_REUSED', field: ['input', 'idempotencyKey'] }];
const STALE = [{ code: 'NOT_ALLOWED', field: ['input', 'expectedVersion'] }];

async function ask(query: string, input: object, by: NewPerson): Promise<Payload> {
  const { data, errors } = await world.ask(query, { input }, by.as);
  if (errors) throw new Error(JSON.stringify(errors));
  return Object.values(data)[0];
}

/** Both changes, as one test sees them: of a limit, and of what is charged, in a currency of the test's own. */
interface Change {
  readonly set: (currency: string, change?: object, by?: NewPerson) => Promise<Payload>;
  readonly thing: 'limit' | 'schedule';
  readonly entries: (currency: string) => Promise<unknown[]>;
}
const entriesOf = (kind: string, id: string): Promise<unknown[]> =>
  world.rows('SELECT reason FROM audit_entry WHERE "subjectKind" = $1 AND "subjectId" = $2', [kind, id]);
const CHANGES: readonly (readonly [string, Change])[] = [
  ['a limit', {
    thing: 'limit', entries: (currency) => entriesOf('LIMIT', `day-amount-${currency}`),
    set: (currency, change = {}, by = ada!) => ask(
      'mutation ($input: SetLimitInput!) { setLimit(input: $input) { limit { newestVersion versions { version enteredBy } } userErrors { code field } } }',
      { limitId: `day-amount-${currency}`, expectedVersion: 1, amount: money('50.00', currency), reason: 'Fraud at the weekend', ...change }, by,
    ),
  }],
  ['what is charged', {
    thing: 'schedule', entries: (currency) => entriesOf('FEE_SCHEDULE', `PAYMENT-${currency}`),
    set: (currency, change = {}, by = ada!) => ask(
      'mutation ($input: SetFeeScheduleInput!) { setFeeSchedule(input: $input) { schedule { newestVersion versions { enteredBy } } userErrors { code field } } }',
      {
        kind: 'PAYMENT', currency, expectedVersion: 1, rateBasisPoints: 50, minimum: money('0.05', currency), maximum: money('4.00', currency),
        reason: 'Spring offer', ...change,
      }, by,
    ),
  }],
];

describe.each(CHANGES)('a change of %s', (_what, { set, thing, entries }) => {
  it('that is asked for again with its key is answered as it was, and made once', async () => {
    const idempotencyKey = randomUUID();
    const first = await set('CHF', { idempotencyKey });
    expect(first).toMatchObject({ [thing]: { newestVersion: 2 }, userErrors: [] });
    expect(await set('CHF', { idempotencyKey })).toEqual(first);
    expect(await entries('CHF')).toHaveLength(1);
    // Without one nobody can tell a repeat from a second operator.
    expect((await set('CHF')).userErrors).toEqual(STALE);
    // Somebody else has changed it since: the change is made all the same, and what is shown is how it is.
    expect(codeOf(await set('CHF', { expectedVersion: 2 }, bob!))).toBe('OK');
    expect(await set('CHF', { idempotencyKey })).toMatchObject({ [thing]: { newestVersion: 3 }, userErrors: [] });
    expect(await entries('CHF')).toHaveLength(2);
  });

  it('is made once, however many ask for it in the same moment', async () => {
    const idempotencyKey = randomUUID();
    const answers = await world.atOnce('idempotency', 4, () => set('DKK', { idempotencyKey }));
    expect(answers.map(codeOf)).toEqual(['OK', 'OK', 'OK', 'OK']);
    expect(new Set(answers.map((answer) => answer[thing].newestVersion))).toEqual(new Set([2]));
    expect(await entries('DKK')).toHaveLength(1);
  });

  it('is refused where its key was used for anything else, and by its own person alone', async () => {
    const idempotencyKey = randomUUID();
    expect(codeOf(await set('SEK', { idempotencyKey }))).toBe('OK');
    for (const other of [{ reason: 'Something else' }, { expectedVersion: 2 }, { effectiveFrom: new Date(Date.now() + 86_400_000).toISOString() }]) {
      expect((await set('SEK', { idempotencyKey, ...other })).userErrors).toEqual(REUSED);
    }
    expect((await set('NOK', { idempotencyKey })).userErrors).toEqual(REUSED);
    for (const [, change] of CHANGES) if (change.thing !== thing) expect((await change.set('SEK', { idempotencyKey })).userErrors).toEqual(REUSED);
    expect(codeOf(await set('NOK', { idempotencyKey }, bob!))).toBe('OK');
    expect(await entries('SEK')).toHaveLength(1);
  });

  it('that was refused as past stays refused under its key; one that could not be read leaves the key free', async () => {
    const [past, free] = [randomUUID(), randomUUID()];
    expect(codeOf(await set('PLN', { idempotencyKey: free, effectiveFrom: '2020-01-01T00:00:00Z' }))).toBe('INVALID_INPUT');
    expect(codeOf(await set('PLN', { idempotencyKey: free }))).toBe('OK');
    for (let time = 0; time < 2; time += 1) expect((await set('PLN', { idempotencyKey: past })).userErrors).toEqual(STALE);
    for (const idempotencyKey of ['', 'x'.repeat(256), 'a\u0000b']) {
      expect((await set('PLN', { idempotencyKey, expectedVersion: 2 })).userErrors).toEqual([{ code: 'INVALID_INPUT', field: ['input', 'idempotencyKey'] }]);
    }
    expect(await entries('PLN')).toHaveLength(1);
  });

  it('that was asked for in a session that has ended is made in the next one, with the same key', async () => {
    const [operator, idempotencyKey] = [await operatorsOf(world).operator(), randomUUID()];
    await world.rows(`UPDATE session SET "endedAt" = now(), "endReason" = 'SIGNED_OUT' WHERE id = $1`, [operator.as.principal.sessionId]);
    expect(codeOf(await set('HUF', { idempotencyKey }, operator))).toBe('SESSION_EXPIRED');
    const { data } = await world.ask(
      'mutation ($input: SignInInput!) { signIn(input: $input) { session { accessToken } userErrors { code } } }', { input: { email: operator.email, password: operator.password } },
    );
    const { personId, sessionId } = principalOfToken(data.signIn.session.accessToken);
    const again = { ...operator, as: { principal: { personId, sessionId, roles: operator.as.principal.roles } } };
    expect(codeOf(await set('HUF', { idempotencyKey }, again))).toBe('OK');
  });
});
