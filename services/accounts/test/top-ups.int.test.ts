import pg from 'pg';
import { createLogger } from '@tael/platform/log';
import { accountsDataSource } from '../src/data-source';
import { createServices } from '../src/services';
import { startTopUpLoop } from '../src/top-ups/top-up.loop';
import { eventually } from '@tael/testkit';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';

let world: PeopleWorld;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_top_ups');
});
afterAll(() => world.end());

const TOP_UP = `mutation ($input: TopUpInput!) { topUp(input: $input) {
  transaction { id kind status direction amount { amount currency } fee { amount } balanceAfter { amount } createdAt }
  wallet { id balance { posted { amount } available { amount } } } userErrors { code message field } } }`;

interface Payer extends NewPerson {
  readonly paymentMethodId: string;
}

async function payer(number = '4242424242424242', currency = 'USD'): Promise<Payer> {
  const person = await world.signUp({ currency });
  const { data } = await world.ask(
    'mutation ($input: AddCardInput!) { addCard(input: $input) { paymentMethod { id } } }',
    { input: { number, expiryMonth: 12, expiryYear: 2031, securityCode: '737', holderName: 'Ada' } },
    person.as,
  );
  return { ...person, paymentMethodId: data.addCard.paymentMethod.id };
}

function topUp(person: Payer, idempotencyKey: string, change: object = {}) {
  const { walletId, paymentMethodId } = person;
  const input = { walletId, paymentMethodId, amount: { amount: '25.00', currency: 'USD' }, idempotencyKey, ...change };
  return world.ask(TOP_UP, { input }, person.as).then((answer) => answer.data?.topUp ?? answer);
}

/** What the processor has charged for a person's top-ups: from its own books. */
async function charges(person: Payer): Promise<{ status: string; amount: string }[]> {
  const ids = (await world.rows('SELECT id FROM top_up WHERE "personId" = $1', [person.id])).map(
    ({ id }) => `topup-${String(id)}`,
  );
  const session = new pg.Client({ connectionString: world.sandboxUrl });
  await session.connect();
  try {
    const found = await session.query(
      'SELECT status, amount::text AS amount FROM charge WHERE idempotency_key = ANY ($1)',
      [ids],
    );
    return found.rows as { status: string; amount: string }[];
  } finally {
    await session.end();
  }
}

const eventsOf = async (person: Payer, type: string) =>
  (await world.events(type)).filter((event) => event['personId'] === person.id);
const balance = async (person: Payer): Promise<string> => {
  const { data } = await world.ask('{ viewer { wallets { balance { posted { amount } } } } }', {}, person.as);
  return data.viewer.wallets[0].balance.posted.amount;
};

describe('a top-up', () => {
  it('charges the card and credits the wallet', async () => {
    const person = await payer();
    const done = await topUp(person, 'k1');
    expect(done).toMatchObject({
      transaction: {
        kind: 'TOP_UP',
        status: 'SETTLED',
        direction: 'IN',
        amount: { amount: '25.00', currency: 'USD' },
        fee: { amount: '0.00' },
        balanceAfter: { amount: '25.00' },
      },
      wallet: { id: person.walletId, balance: { posted: { amount: '25.00' }, available: { amount: '25.00' } } },
      userErrors: [],
    });
    expect(await charges(person)).toEqual([{ status: 'succeeded', amount: '2500' }]);
    expect(await eventsOf(person, 'topup.settled')).toMatchObject([
      {
        transactionId: done.transaction.id,
        amount: '2500',
        balanceAfter: '2500',
        last4: '4242',
        walletId: person.walletId,
      },
    ]);
    const [books] = await world.rows(
      `SELECT sum(CASE WHEN "debitAccountId" = $2 THEN -amount ELSE amount END) AS credited, count(*) AS n FROM posting WHERE "txId" = $1`,
      [done.transaction.id, person.walletId],
    );
    expect(books).toEqual({ credited: '2500', n: 1n });
  });

  it('with one key charges once and answers alike, also where twenty come at once', async () => {
    const person = await payer();
    const answers = await Promise.all(Array.from({ length: 20 }, () => topUp(person, 'same')));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0].transaction.status).toBe('SETTLED');
    // One of the twenty worked on it; the others waited for its end.
    expect(await world.rows('SELECT attempts FROM top_up WHERE "personId" = $1', [person.id])).toEqual([
      { attempts: 1 },
    ]);
    expect(await charges(person)).toHaveLength(1);
    expect(await balance(person)).toBe('25.00');
    expect(await eventsOf(person, 'topup.settled')).toHaveLength(1);
  });

  it('with one key and another input is refused', async () => {
    const person = await payer();
    await topUp(person, 'reused');
    const other = await topUp(person, 'reused', { amount: { amount: '25.01', currency: 'USD' } });
    expect(other.userErrors).toMatchObject([{ code: 'IDEMPOTENCY_KEY_REUSED', field: ['input', 'idempotencyKey'] }]);
    expect(await balance(person)).toBe('25.00');
    const someoneElse = await payer();
    expect((await topUp(someoneElse, 'reused')).userErrors).toEqual([]);
  });

  it('that is declined stays as a FAILED transaction, and moves nothing', async () => {
    const person = await payer('4000000000000002');
    const declined = await topUp(person, 'k');
    expect(declined).toMatchObject({
      transaction: {
        kind: 'TOP_UP',
        status: 'FAILED',
        direction: 'IN',
        amount: { amount: '25.00' },
        balanceAfter: null,
      },
      wallet: { balance: { posted: { amount: '0.00' } } },
      userErrors: [{ code: 'CARD_DECLINED', field: ['input', 'paymentMethodId'] }],
    });
    expect(await topUp(person, 'k')).toEqual(declined);
    expect(await eventsOf(person, 'topup.failed')).toMatchObject([
      { transactionId: declined.transaction.id, reason: 'CARD_DECLINED', amount: '2500', last4: '0002' },
    ]);
    const { data } = await world.ask('{ viewer { transactions { edges { node { id status } } } } }', {}, person.as);
    expect(data.viewer.transactions.edges).toEqual([{ node: { id: declined.transaction.id, status: 'FAILED' } }]);
    expect(await charges(person)).toEqual([{ status: 'declined', amount: '2500' }]);
  });

  it.each([
    [{ amount: { amount: '0.00', currency: 'USD' } }, 'INVALID_INPUT', 'amount'],
    [{ amount: { amount: '-1.00', currency: 'USD' } }, 'INVALID_INPUT', 'amount'],
    [{ amount: { amount: '1.001', currency: 'USD' } }, 'INVALID_INPUT', 'amount'],
    [{ amount: { amount: '1e2', currency: 'USD' } }, 'INVALID_INPUT', 'amount'],
    [{ amount: { amount: '1.00', currency: 'EUR' } }, 'CURRENCY_MISMATCH', 'currency'],
    [{ amount: { amount: '1.00', currency: 'XXX' } }, 'INVALID_INPUT', 'currency'],
    [{ amount: { amount: '100000.01', currency: 'USD' } }, 'LIMIT_EXCEEDED', 'amount'],
    [{ walletId: 'none' }, 'NOT_FOUND', 'walletId'],
    [{ walletId: '019aa000-0000-7000-8000-000000000000' }, 'NOT_FOUND', 'walletId'],
    [{ paymentMethodId: "x' OR 1=1 --" }, 'NOT_FOUND', 'paymentMethodId'],
    [{ idempotencyKey: '' }, 'INVALID_INPUT', 'idempotencyKey'],
    [{ idempotencyKey: 'x'.repeat(256) }, 'INVALID_INPUT', 'idempotencyKey'],
  ])('of %j is refused: %s', async (change, code, field) => {
    const person = await payer();
    const { userErrors, transaction } = await topUp(person, 'k', change);
    expect(transaction).toBeNull();
    expect(userErrors).toMatchObject([{ code }]);
    expect(userErrors[0].field.at(-1)).toBe(field);
    expect(await charges(person)).toEqual([]);
  });

  it("into another's wallet or with another's card looks like one that does not exist", async () => {
    const [person, other] = [await payer(), await payer()];
    const wallet = await topUp(person, 'w', { walletId: other.walletId });
    const card = await topUp(person, 'c', { paymentMethodId: other.paymentMethodId });
    expect(wallet.userErrors).toEqual(
      (await topUp(person, 'n', { walletId: '019aa000-0000-7000-8000-000000000000' })).userErrors,
    );
    expect(card.userErrors).toEqual(
      (await topUp(person, 'm', { paymentMethodId: '019aa000-0000-7000-8000-000000000000' })).userErrors,
    );
  });
});

describe('a processor that gives no clear answer', () => {
  it.each([
    ['4000000000000259', 'never answers after it has charged'],
    ['4000000000000119', 'answers 500 after it has charged'],
    ['4000000000000341', 'answers 500 and has not charged'],
    ['4000000000000127', 'never answers and has not charged'],
    ['4000000000000077', 'is slow'],
  ])('%s: it %s; the card is charged once', async (number) => {
    const person = await payer(number);
    expect(await topUp(person, 'k')).toMatchObject({ transaction: { status: 'SETTLED' }, userErrors: [] });
    expect(await charges(person)).toEqual([{ status: 'succeeded', amount: '2500' }]);
    expect(await balance(person)).toBe('25.00');
  });

  it('leaves the top-up PENDING, which the loop ends once the processor answers again', async () => {
    const person = await payer();
    const knob = (body: object) =>
      fetch(`${world.sandbox.url}/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    await knob({ channel: 'card', mode: 'fail', count: 2 });
    const pending = await topUp(person, 'k');
    expect(pending).toMatchObject({
      transaction: { status: 'PENDING', balanceAfter: null },
      wallet: { balance: { posted: { amount: '0.00' } } },
      userErrors: [],
    });
    const { topUps, attempts } = world.app.services;
    const loop = startTopUpLoop({ topUps, attempts, log: createLogger({ service: 'test', level: 'silent' }) });
    try {
      await eventually(async () => expect(await balance(person)).toBe('25.00'), { timeoutMs: 15_000 });
    } finally {
      await loop.stop();
    }
    expect(await topUp(person, 'k')).toMatchObject({ transaction: { id: pending.transaction.id, status: 'SETTLED' } });
    expect(await charges(person)).toHaveLength(1);
  });
});

describe('a crash', () => {
  const databaseTime = async () => (await world.rows('SELECT clock_timestamp() AS now', []))[0]!['now'] as Date;
  /** Waits until a worker has taken its lease anew, right before the processor is called, which takes three seconds to answer: what stops it earlier stops the call. */
  const ordered = (since: Date) => eventually(async () => {
    expect(await world.rows(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query_start >= $1 AND state = 'idle' AND query LIKE '/* topUps.renew */%'`, [since],
    )).toHaveLength(1);
  });

  /** Another instance, whose database goes away while the processor works: what it learns it can no longer book. */
  async function crashAfterCharge(person: Payer): Promise<void> {
    const begun = await databaseTime();
    const dataSource = await accountsDataSource({ url: world.databaseUrl, poolSize: 2 }).initialize();
    const log = createLogger({ service: 'accounts', level: 'silent' });
    const { topUps } = createServices({ dataSource, log, settings: world.settings, now: () => new Date() });
    const { walletId, paymentMethodId } = person;
    const running = topUps.topUp(
      { personId: person.id, traceparent: '' },
      { walletId, paymentMethodId, amount: { minor: 2500n, currency: 'USD' as never }, idempotencyKey: 'crash' },
    );
    const ended = running.then(
      () => 'answered',
      () => 'broke',
    );
    await ordered(begun);
    await dataSource.destroy();
    expect(await ended).toBe('broke');
  }

  it('between charge and booking is resolved by asking: charged once, booked once', async () => {
    const person = await payer('4000000000000077');
    await crashAfterCharge(person);
    expect(await charges(person)).toEqual([{ status: 'succeeded', amount: '2500' }]);
    expect(await balance(person)).toBe('0.00');

    // The dead worker's lease still stands: nobody calls the processor for it meanwhile.
    expect(await world.app.services.topUps.resolvePending()).toBe(0);
    await world.rows(`UPDATE top_up SET "leaseUntil" = now() - interval '1 minute' WHERE "personId" = $1`, [person.id]);
    const both = [world.app.services.topUps.resolvePending(), topUp(person, 'crash')] as const;
    expect((await Promise.all(both))[1]).toMatchObject({
      transaction: { status: 'SETTLED', balanceAfter: { amount: '25.00' } },
      userErrors: [],
    });
    expect(await charges(person)).toHaveLength(1);
    expect(await balance(person)).toBe('25.00');
    expect(await eventsOf(person, 'topup.settled')).toHaveLength(1);
  });

  it('before the charge, found after the person has gone on, charges nothing and fails', async () => {
    const person = await payer();
    const id = '019aa111-0000-7000-8000-000000000001';
    await world.rows(
      `INSERT INTO top_up (id, "personId", "walletId", "paymentMethodId", currency, amount, last4, status, attempts, "leaseUntil", "createdAt")
       VALUES ($1, $2, $3, $4, 'USD', 2500, '4242', 'PENDING', 1, now() - interval '1 hour', now() - interval '1 hour')`,
      [id, person.id, person.walletId, person.paymentMethodId],
    );
    await world.app.services.topUps.resolvePending();
    expect(await world.rows('SELECT status, "failureReason" FROM top_up WHERE id = $1', [id])).toEqual([
      { status: 'FAILED', failureReason: 'PROCESSOR_ERROR' },
    ]);
    expect(await charges(person)).toEqual([]);
    expect(await eventsOf(person, 'topup.failed')).toMatchObject([{ reason: 'PROCESSOR_ERROR' }]);
  });
});
