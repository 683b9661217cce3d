import { createLogger } from '@tael/platform/log';
import { eventually } from '@tael/testkit';
import { createApp } from '../src/app';
import { CONSENTS_AT_ONCE } from '../src/consents/consent-order-work.service';
import type { NewPerson } from './people-world';
import { bankOf } from './support/bank-world';
import { allow, askAsBank, Browser, type ConsentBank, openConsentBank, push, redeem, signInAt, toPage } from './support/consent-flow';
import { type ConsentWorld, CUSTOMER, startConsentWorld } from './support/consent-world';
import { operatorsOf } from './support/operators';

// All consents of a bank, ended by an operator: at once for the bank, one by one for its people.
let { world, nord, tokenFor, claims, consentsOf, refresh }: ConsentWorld = {} as never;
let staff: NewPerson;
beforeAll(async () => {
  ({ world, nord, tokenFor, claims, consentsOf, refresh } = await startConsentWorld('accounts_consent_orders'));
  staff = await operatorsOf(world).operator();
});
afterAll(() => world.end());
// No order of one test is worked off in another.
afterEach(async () => {
  await workedOff();
  expect(await bankOf(world).breaches()).toEqual([]);
});

const ORDER = `id partnerId partnerName cause reason orderedBy orderedAt status total ended left finishedAt auditTrail { edges { node { actorId action before after reason } } }`;
const END = `mutation ($input: EndConsentsInput!) { endConsents(input: $input) { order { ${ORDER} } userErrors { code field } } }`;
const WAITING = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
const NOBODY = '00000000-0000-0000-0000-000000000000';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Payload = any;

let keys = 0;
async function order(bank: Pick<ConsentBank, 'partnerId'>, change: object = {}, by = staff): Promise<Payload> {
  keys += 1;
  const input = { partnerId: bank.partnerId, cause: 'BANK_COMPROMISED', reason: 'Its keys are out', idempotencyKey: `order-${keys}`, ...change };
  const { data, errors } = await world.ask(END, { input }, by.as);
  if (errors) throw new Error(JSON.stringify(errors));
  return data.endConsents;
}

const found = async (id: string): Promise<Payload> => (await world.ask(`query ($id: ID!) { consentOrder(id: $id) { ${ORDER} } }`, { id }, staff.as)).data.consentOrder;
const piece = () => world.app.services.consentOrderWork.work();
const running = async () => (await world.rows('SELECT 1 FROM consent_order WHERE "finishedAt" IS NULL')).length;

async function workedOff(): Promise<void> {
  while (await running()) await piece();
}

/** A bank with so many consents, all copies of one that was given as people give it. */
async function bankWith(count: number): Promise<{ bank: ConsentBank; person: NewPerson; token: string; refreshToken: string }> {
  const [bank, person] = [await openConsentBank(world, `Bank${keys += 1}`), await world.signUp()];
  const given = await tokenFor(bank, person);
  await world.asOwner(
    `INSERT INTO consent (id, "partnerId", "clientId", "personId", "requestId", scopes, "walletIds", "givenAt", "expiresAt")
     SELECT gen_random_uuid(), "partnerId", "clientId", "personId", gen_random_uuid(), scopes, "walletIds", "givenAt", "expiresAt"
     FROM consent, generate_series(2, $2::int) WHERE "partnerId" = $1`,
    [bank.partnerId, count],
  );
  return { bank, person, token: given.token, refreshToken: given.refresh };
}

const standing = async ({ partnerId }: ConsentBank) =>
  (await world.rows('SELECT 1 FROM consent WHERE "partnerId" = $1 AND "withdrawnAt" IS NULL', [partnerId])).length;
const told = async ({ partnerId }: ConsentBank) => (await world.events('consent.ended')).filter((event) => event['partnerId'] === partnerId);

/** Does all the work behind a lock of the bank's row, which each waits for; then all may go on. */
async function behindBank<T>({ partnerId }: ConsentBank, count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const gate = world.dataSource.createQueryRunner();
  await gate.startTransaction();
  try {
    // As an order holds it: for anything stronger who consents would wait by the foreign key alone.
    await gate.query('SELECT 1 FROM partner_copy WHERE "partnerId" = $1 FOR NO KEY UPDATE', [partnerId]);
    const all = Promise.all(Array.from({ length: count }, (_, index) => work(index)));
    await eventually(async () => expect(await world.rows(WAITING)).toHaveLength(count));
    await gate.commitTransaction();
    return await all;
  } finally {
    await gate.release();
  }
}

/** What must be true of a bank whose consents are all ended: each once in the books of all who are told. */
async function expectEndedOnce(bank: ConsentBank, count: number): Promise<void> {
  const events = await told(bank);
  expect(await standing(bank)).toBe(0);
  expect([events.length, new Set(events.map(({ consentId }) => consentId)).size]).toEqual([count, count]);
  const [counts] = await world.rows(
    `SELECT (SELECT count(*)::int FROM consent_change h JOIN consent c ON c.id = h."consentId" WHERE c."partnerId" = $1 AND h.change = 'WITHDRAWN') AS changes,
       (SELECT count(*)::int FROM audit_entry a JOIN consent c ON c.id::text = a."subjectId" WHERE a."subjectKind" = 'CONSENT' AND c."partnerId" = $1) AS entries`,
    [bank.partnerId],
  );
  expect(counts).toEqual({ changes: count, entries: count });
}

describe('an operator orders all consents of a bank to end', () => {
  it('and with the answer none stands, while each still waits to be ended', async () => {
    const { bank, person, token, refreshToken } = await bankWith(3);
    const elsewhere = await tokenFor(nord, person);
    const pending = await allow(world, bank, person);
    const { order: given, userErrors } = await order(bank, { cause: 'BANK_LEFT', reason: 'It has left' });
    expect(userErrors).toEqual([]);
    expect(given).toMatchObject({
      partnerId: bank.partnerId, partnerName: bank.name, cause: 'BANK_LEFT', reason: 'It has left', orderedBy: staff.id, status: 'RUNNING', total: 4, ended: 0, left: 4, finishedAt: null,
    });
    expect(await standing(bank)).toBe(4);
    expect((await askAsBank(world, token, CUSTOMER)).data).toEqual({ customer: null });
    expect(await refresh(bank, refreshToken)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await redeem(world, bank, pending)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await askAsBank(world, elsewhere.token, CUSTOMER)).data.customer).not.toBeNull();
    await workedOff();
    await expectEndedOnce(bank, 4);
    expect(await told(bank)).toContainEqual({
      personId: person.id, partnerId: bank.partnerId, consentId: (await claims(token))['consent_id'], subject: expect.any(String), onRequest: false, bankLeft: true, occurredAt: expect.any(String),
    });
    const finished = await found(given.id);
    expect(finished).toMatchObject({ status: 'FINISHED', total: 4, ended: 4, left: 0, finishedAt: expect.any(String) });
    expect(finished.auditTrail.edges.map(({ node }: Payload) => [node.actorId, node.action, JSON.parse(node.after), node.reason])).toEqual([
      [null, 'FINISHED', { status: 'FINISHED', ended: 4 }, 'It has left'],
      [staff.id, 'ORDERED', { partnerId: bank.partnerId, cause: 'BANK_LEFT', total: 4 }, 'It has left'],
    ]);
    const [entry] = await world.rows(`SELECT "actorId", action, after, reason FROM audit_entry WHERE "subjectKind" = 'CONSENT' AND "subjectId" = $1`, [(await claims(token))['consent_id']]);
    expect(entry).toEqual({
      actorId: staff.id, action: 'ENDED', reason: 'It has left', after: { status: 'WITHDRAWN', endedBy: 'OPERATOR', cause: 'BANK_LEFT', orderId: given.id },
    });
    expect(await world.rows(`SELECT 1 FROM authorization_state s JOIN consent c ON c.id = s."consentId" WHERE c."partnerId" = $1 AND s.kind = 'RefreshToken'`, [bank.partnerId])).toEqual([]);
    expect((await consentsOf(person)).filter(({ status }) => status === 'ACTIVE').map(({ partnerName }) => partnerName)).toEqual(['Nordbank']);
  });

  it('and nobody can consent to it until that is done, and then can', async () => {
    const { bank, person } = await bankWith(1);
    const { pushed } = await push(world, bank);
    const browser = new Browser(world);
    const page = await toPage(browser, bank, pushed);
    await signInAt(browser, page, person);
    await order(bank);
    expect((await browser.visit(page)).status).toBe(410);
    expect((await browser.visit(page, { step: 'allow', wallet: [person.walletId] })).status).toBe(410);
    await workedOff();
    expect(await standing(bank)).toBe(0);
    const anew = await tokenFor(bank, person);
    expect((await askAsBank(world, anew.token, CUSTOMER)).data.customer).not.toBeNull();
  });

  it('in the moment in which people consent: what was given is ended, what was not is refused', async () => {
    const { bank } = await bankWith(1);
    const people = await Promise.all(Array.from({ length: 4 }, () => world.signUp()));
    const pages: { browser: Browser; page: string; person: NewPerson }[] = [];
    for (const person of people) {
      const { pushed } = await push(world, bank);
      const browser = new Browser(world);
      const page = await toPage(browser, bank, pushed);
      await signInAt(browser, page, person);
      pages.push({ browser, page, person });
    }
    const answers = await behindBank(bank, 5, async (index): Promise<Payload> => {
      if (index === 2) return (await order(bank)).userErrors;
      const { browser, page, person } = pages[index > 2 ? index - 1 : index]!;
      return (await browser.visit(page, { step: 'allow', wallet: [person.walletId] })).status;
    });
    // Given, or told on the page that it cannot be; and nothing else.
    expect(answers.filter((_answer, index) => index !== 2).every((status) => [200, 422].includes(status))).toBe(true);
    expect(answers[2]).toEqual([]);
    await workedOff();
    const given = (await world.events('consent.given')).filter(({ partnerId }) => partnerId === bank.partnerId);
    expect(given).toHaveLength(1 + answers.filter((status) => status === 200).length);
    await expectEndedOnce(bank, given.length);
  });

  it('of a bank that is suspended, too, and of one that has none', async () => {
    const { bank } = await bankWith(2);
    await world.asOwner(`UPDATE partner_copy SET status = 'SUSPENDED' WHERE "partnerId" = $1`, [bank.partnerId]);
    expect((await order(bank)).order).toMatchObject({ total: 2 });
    const empty = await openConsentBank(world, 'Empty');
    const { order: none } = await order(empty);
    await workedOff();
    await expectEndedOnce(bank, 2);
    expect(await found(none.id)).toMatchObject({ status: 'FINISHED', total: 0, ended: 0, left: 0 });
  });

  it('once a key, and once at a time', async () => {
    const { bank } = await bankWith(1);
    const same = { idempotencyKey: 'the same', reason: 'Its keys are out' };
    const answers = await world.atOnce('idempotency', 2, () => order(bank, same));
    const { id } = answers[0]!.order;
    expect(answers.map((answer: Payload) => [answer.order.id, answer.userErrors])).toEqual([[id, []], [id, []]]);
    expect(await order(bank, { ...same, reason: 'Another' })).toEqual({ order: null, userErrors: [{ code: 'IDEMPOTENCY_KEY_REUSED', field: ['input', 'idempotencyKey'] }] });
    expect(await order(bank)).toEqual({ order: null, userErrors: [{ code: 'ALREADY_EXISTS', field: ['input', 'partnerId'] }] });
    await workedOff();
    expect((await order(bank, same)).order).toMatchObject({ id, status: 'FINISHED', ended: 1 });
    expect((await order(bank)).order.id).not.toBe(id);
    const listed = await world.ask('query ($partnerId: ID!) { consentOrders(partnerId: $partnerId, first: 1) { pageInfo { hasNextPage } edges { node { id status } } } }', { partnerId: bank.partnerId }, staff.as);
    expect(listed.data.consentOrders).toEqual({ pageInfo: { hasNextPage: true }, edges: [{ node: { id: expect.any(String), status: 'RUNNING' } }] });
    expect((await world.ask('{ consentOrders(partnerId: "none") { edges { node { id } } } }', {}, staff.as)).data.consentOrders.edges).toEqual([]);
    expect((await world.ask('{ consentOrders(first: 50) { edges { node { id } } } }', {}, staff.as)).data.consentOrders.edges).toContainEqual({ node: { id } });
  });

  it('of two operators at once one has ordered it', async () => {
    const { bank } = await bankWith(1);
    const other = await operatorsOf(world).operator();
    const answers = await world.atOnce('partner_copy', 2, (index) => order(bank, {}, index === 0 ? staff : other));
    expect(answers.map(({ userErrors }) => userErrors[0]?.code ?? 'ordered').sort()).toEqual(['ALREADY_EXISTS', 'ordered']);
  });

  it('not without a reason or key, of nobody, or in a session that has ended', async () => {
    const { bank, person } = await bankWith(1);
    expect((await order(bank, { reason: ' ' })).userErrors).toEqual([{ code: 'INVALID_INPUT', field: ['input', 'reason'] }]);
    expect((await order(bank, { idempotencyKey: '' })).userErrors).toEqual([{ code: 'INVALID_INPUT', field: ['input', 'idempotencyKey'] }]);
    for (const partnerId of ['none', NOBODY]) expect((await order({ partnerId })).userErrors).toEqual([{ code: 'NOT_FOUND', field: ['input', 'partnerId'] }]);
    const former = await operatorsOf(world).operator();
    await world.rows(`UPDATE session SET "endedAt" = now(), "endReason" = 'SIGNED_OUT' WHERE id = $1`, [former.as.principal.sessionId]);
    expect((await order(bank, {}, former)).userErrors).toEqual([{ code: 'SESSION_EXPIRED', field: null }]);
    for (const query of [`{ consentOrder(id: "${NOBODY}") { id } }`, '{ consentOrders { edges { cursor } } }',
      `mutation { endConsents(input: { partnerId: "${bank.partnerId}", cause: OTHER, reason: "r", idempotencyKey: "k" }) { userErrors { code } } }`]) {
      expect((await world.ask(query, {}, person.as)).errors![0]!.extensions['code']).toBe('FORBIDDEN');
      expect((await world.ask(query)).errors![0]!.extensions['code']).toBe('UNAUTHENTICATED');
    }
    expect(await standing(bank)).toBe(1);
    expect(await running()).toBe(0);
  });
});

describe('an order is worked off', () => {
  it('by two instances at once: 500 consents, each once', async () => {
    const { bank } = await bankWith(500);
    const { order: given } = await order(bank);
    const other = await createApp({ dataSource: world.dataSource, log: createLogger({ service: 'test', level: 'silent' }), settings: world.settings, now: world.now });
    const instance = async (work: () => Promise<number>) => {
      while (await running()) await work();
    };
    await Promise.all([instance(piece), instance(() => other.services.consentOrderWork.work())]);
    await other.server.close();
    await expectEndedOnce(bank, 500);
    expect(await found(given.id)).toMatchObject({ status: 'FINISHED', total: 500, ended: 500, left: 0 });
  });

  it('from where it was, whoever dies between two pieces or in one', async () => {
    const { bank } = await bankWith(120);
    const { order: given } = await order(bank);
    expect(await piece()).toBe(CONSENTS_AT_ONCE);
    expect(await found(given.id)).toMatchObject({ status: 'RUNNING', total: 120, ended: 50, left: 70 });
    // The next has ended its consents and is about to tell of them, when it loses its session.
    const gate = world.dataSource.createQueryRunner();
    await gate.startTransaction();
    try {
      await gate.query('LOCK TABLE outbox IN EXCLUSIVE MODE');
      const lost = piece().then(() => 'DONE', () => 'LOST');
      await eventually(async () => expect(await world.rows(WAITING)).toHaveLength(1));
      await world.rows(`SELECT pg_terminate_backend(pid) FROM (${WAITING}) w`);
      expect(await lost).toBe('LOST');
    } finally {
      await gate.rollbackTransaction();
      await gate.release();
    }
    expect(await standing(bank)).toBe(70);
    expect(await found(given.id)).toMatchObject({ status: 'RUNNING', ended: 50, left: 70 });
    expect(await told(bank)).toHaveLength(50);
    await workedOff();
    await expectEndedOnce(bank, 120);
  });

  it('and what people withdraw meanwhile is theirs', async () => {
    const { bank, person, token } = await bankWith(60);
    const { order: given } = await order(bank);
    const consentId = (await claims(token))['consent_id'];
    await world.ask('mutation ($input: WithdrawConsentInput!) { withdrawConsent(input: $input) { userErrors { code } } }', { input: { consentId } }, person.as);
    await workedOff();
    expect(await found(given.id)).toMatchObject({ status: 'FINISHED', total: 60, ended: 59, left: 0 });
    expect(await told(bank)).toHaveLength(59);
    expect((await world.events('consent.withdrawn')).filter((event) => event['consentId'] === consentId)).toHaveLength(1);
  });

  it('and changes of it are only those: the database refuses all others', async () => {
    const { bank } = await bankWith(60);
    const { order: given } = await order(bank);
    await piece();
    for (const change of [`reason = 'another'`, 'ended = ended - 1', 'total = 1', `"partnerId" = '${nord.partnerId}'`]) {
      await expect(world.asOwner(`UPDATE consent_order SET ${change} WHERE id = $1`, [given.id])).rejects.toThrow('nothing else of it changes');
    }
    await expect(world.asOwner('INSERT INTO consent_order SELECT gen_random_uuid(), "partnerId", cause, reason, "orderedBy", "orderedAt", 0, 0, NULL FROM consent_order WHERE id = $1', [given.id]))
      .rejects.toThrow('consent_order_running');
    await workedOff();
    await expect(world.asOwner('UPDATE consent_order SET ended = ended + 1 WHERE id = $1', [given.id])).rejects.toThrow('nothing else of it changes');
  });
});
