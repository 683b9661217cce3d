import { recordsText } from '../src/consents/consent-record.service';
import type { NewPerson } from './people-world';
import { allow, askAsBank, openConsentBank, redeem } from './support/consent-flow';
import { type ConsentWorld, CUSTOMER, startConsentWorld } from './support/consent-world';
import { operatorsOf } from './support/operators';

// Consents as operators see and end them.
let { world, nord, sud, tokenFor, claims, consentsOf, refresh }: ConsentWorld = {} as never;
let staff: NewPerson;
beforeAll(async () => {
  ({ world, nord, sud, tokenFor, claims, consentsOf, refresh } = await startConsentWorld('accounts_consent_records'));
  staff = await operatorsOf(world).operator();
});
afterAll(() => world.end());

const RECORD = `id partnerId partnerName clientId personId personName scopes walletCount givenAt expiresAt withdrawnAt endedBy status
  auditTrail { edges { node { actorId action before after reason } } }`;
const LIST = `query ($partnerId: ID, $personId: ID, $status: ConsentStatus, $first: Int, $after: String) {
  consents(partnerId: $partnerId, personId: $personId, status: $status, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { ${RECORD} } } } }`;
const END = `mutation ($input: EndConsentInput!) { endConsent(input: $input) { consent { ${RECORD} } userErrors { code field } } }`;

const NOBODY = '00000000-0000-0000-0000-000000000000';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Payload = any;

async function listed(filter: object, by = staff): Promise<Payload[]> {
  const { data, errors } = await world.ask(LIST, { first: 50, ...filter }, by.as);
  if (errors) throw new Error(JSON.stringify(errors));
  return data.consents.edges.map(({ node }: Payload) => node);
}

async function end(consentId: unknown, change: object = {}, by = staff): Promise<Payload> {
  const { data, errors } = await world.ask(END, { input: { consentId, cause: 'BANK_COMPROMISED', reason: 'Nordbank lost a key', ...change } }, by.as);
  if (errors) throw new Error(JSON.stringify(errors));
  return data.endConsent;
}

async function consented(bank = nord, person?: NewPerson): Promise<{ person: NewPerson; token: string; refresh: string; id: string }> {
  const by = person ?? (await world.signUp({ displayName: 'Grace  Brewster Hopper' }));
  const given = await tokenFor(bank, by);
  return { person: by, token: given.token, refresh: given.refresh, id: (await claims(given.token))['consent_id'] as string };
}

const endedEvents = async (consentId: string) => (await world.events('consent.ended')).filter((event) => event['consentId'] === consentId);
const lapse = (consentId: string) => world.asOwner(
  `UPDATE consent SET "givenAt" = now() - interval '1 day', "expiresAt" = now() - interval '1 millisecond' WHERE id = '${consentId}'`,
);

describe('operators see consents', () => {
  it('with what they need of the person, and no more', async () => {
    const { person, id } = await consented();
    const [record] = await listed({ personId: person.id });
    expect(record).toEqual({
      id, partnerId: nord.partnerId, partnerName: 'Nordbank', clientId: nord.id, personId: person.id, personName: 'G*** B*** H***',
      scopes: ['wallets:read', 'transactions:read'], walletCount: 1, givenAt: expect.any(String), expiresAt: expect.any(String),
      withdrawnAt: null, endedBy: null, status: 'ACTIVE', auditTrail: { edges: [] },
    });
    const { data } = await world.ask(`query ($id: ID!) { consent(id: $id) { ${RECORD} } }`, { id }, staff.as);
    expect(data.consent).toEqual(record);
    for (const hidden of [person.email, person.walletId, 'Grace', 'Hopper']) expect(JSON.stringify(record)).not.toContain(hidden);
  });

  it('of one bank, of one person, as they stand, newest first', async () => {
    const bank = await openConsentBank(world, 'Westbank');
    const people = [await world.signUp(), await world.signUp(), await world.signUp(), await world.signUp()];
    const ids: string[] = [];
    for (const person of people) ids.push((await consented(bank, person)).id);
    await consented(sud, people[0]);
    const [active, lapsed, withdrawn, ended] = ids as [string, string, string, string];
    await lapse(lapsed);
    await world.ask('mutation ($input: WithdrawConsentInput!) { withdrawConsent(input: $input) { userErrors { code } } }', { input: { consentId: withdrawn } }, people[2]!.as);
    await end(ended);
    const { partnerId } = bank;
    const names = async (filter: object) => (await listed(filter)).map(({ id }) => id);
    expect(await names({ partnerId })).toEqual([ended, withdrawn, lapsed, active]);
    expect(await names({ partnerId, status: 'ACTIVE' })).toEqual([active]);
    expect(await names({ partnerId, status: 'EXPIRED' })).toEqual([lapsed]);
    expect((await listed({ partnerId, status: 'WITHDRAWN' })).map(({ id, endedBy }) => [id, endedBy])).toEqual([[ended, 'OPERATOR'], [withdrawn, 'PERSON']]);
    expect((await listed({ personId: people[0]!.id })).map(({ partnerName }) => partnerName)).toEqual(['Sudbank', 'Westbank']);
    expect(await names({ personId: people[0]!.id, partnerId })).toEqual([active]);
    expect(await names({ personId: 'none' })).toEqual([]);
    expect(await names({ partnerId: 'none' })).toEqual([]);
  });

  it('page by page, each once, whatever is given meanwhile', async () => {
    const bank = await openConsentBank(world, 'Eastbank');
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) ids.unshift((await consented(bank)).id);
    const page = async (after: string | null) => (await world.ask(LIST, { partnerId: bank.partnerId, first: 2, after }, staff.as)).data.consents;
    const one = await page(null);
    await consented(bank);
    const two = await page(one.pageInfo.endCursor);
    expect([one, two].flatMap(({ edges }) => edges.map(({ node }: Payload) => node.id))).toEqual(ids);
    expect([one.pageInfo.hasNextPage, two.pageInfo.hasNextPage]).toEqual([true, false]);
    const { errors } = await world.ask(LIST, { after: Buffer.from('["x"]').toString('base64url') }, staff.as);
    expect(errors![0]!.extensions['code']).toBe('BAD_USER_INPUT');
  });

  const STATUSES = ['ACTIVE', 'EXPIRED', 'WITHDRAWN'] as const;
  it.each([
    ['of a bank', { isOfPartner: true, isOfPerson: false, status: undefined }, /consent_of_partner/],
    ['of a person', { isOfPartner: false, isOfPerson: true, status: undefined }, /consent_of_person/],
    ...STATUSES.flatMap((status): [string, Parameters<typeof recordsText>[0], RegExp][] => {
      const index = status === 'WITHDRAWN' ? 'consent_withdrawn' : 'consent_standing';
      return [
        [`of a bank, ${status}`, { isOfPartner: true, isOfPerson: false, status }, new RegExp(`${index}_of_partner`)],
        // Of all that were withdrawn it is chosen once the table is filled: see below.
        ...(status === 'WITHDRAWN' ? [] : [[`of all, ${status}`, { isOfPartner: false, isOfPerson: false, status }, /consent_standing /] as [string, Parameters<typeof recordsText>[0], RegExp]]),
      ];
    }),
  ])('by the index of those %s, in a plan for all values', async (_what, filters, index) => {
    const text = recordsText(filters);
    const ids = Array(Number(filters.isOfPartner) + Number(filters.isOfPerson)).fill(NOBODY);
    const session = world.dataSource.createQueryRunner();
    try {
      await session.query(text, [NOBODY, new Date(), 10, ...ids]);
      const values = [`'${NOBODY}'`, 'now()', '10', ...ids.map((id) => `'${id}'`)].join(', ');
      const [{ name }] = await session.query('SELECT name FROM pg_prepared_statements WHERE statement = $1', [text]);
      const plan: { 'QUERY PLAN': string }[] = await session.query(`EXPLAIN EXECUTE "${name}" (${values})`);
      const lines = plan.map((row) => row['QUERY PLAN']);
      expect(lines.find((line) => / on consent c/.test(line))).toMatch(index);
      expect(lines.join('\n')).toMatch(/Index Cond: .*\$/);
    } finally {
      await session.release();
    }
  });

  // Each visit of a row is a buffer; what the index itself passes over is some hundred pages of it.
  it.each<[string, readonly string[], string]>([
    ['WITHDRAWN', ['EXPIRED'], `"withdrawnAt" = "givenAt", "withdrawnBy" = 'PERSON'`],
    ['ACTIVE', ['WITHDRAWN', 'EXPIRED'], ''],
    ['EXPIRED', ['WITHDRAWN'], '"expiresAt" = "givenAt" + interval \'1 millisecond\''],
  ])('that are %s, and visits none of 20,000 that are not', async (status, others, change) => {
    const bank = await openConsentBank(world, `${status}bank`);
    const { id } = await consented(bank);
    for (const other of others) {
      // Their ids are of no time, and nearly all greater than those of now: newer.
      await world.asOwner(
        `INSERT INTO consent (id, "partnerId", "clientId", "personId", "requestId", scopes, "walletIds", "givenAt", "expiresAt", "withdrawnAt", "withdrawnBy")
         SELECT gen_random_uuid(), "partnerId", "clientId", "personId", gen_random_uuid(), scopes, "walletIds", "givenAt" - interval '9 days', "givenAt" - interval '8 days',
           CASE WHEN $2 = 'WITHDRAWN' THEN "givenAt" END, CASE WHEN $2 = 'WITHDRAWN' THEN 'PERSON' END FROM consent, generate_series(1, 20000) WHERE id = $1`,
        [id, other],
      );
    }
    if (change) await world.asOwner(`UPDATE consent SET ${change} WHERE id = $1`, [id]);
    await world.asOwner('ANALYZE consent');
    expect((await listed({ partnerId: bank.partnerId, status })).map((one) => one.id)).toEqual([id]);
    for (const isOfPartner of [true, false]) {
      const text = recordsText({ isOfPartner, isOfPerson: false, status: status as 'ACTIVE' });
      const session = world.dataSource.createQueryRunner();
      try {
        const newest = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
        await session.query(text, [newest, new Date(), 100, ...(isOfPartner ? [bank.partnerId] : [])]);
        const [{ name }] = await session.query('SELECT name FROM pg_prepared_statements WHERE statement = $1', [text]);
        const values = `'${newest}', now(), '100' ${isOfPartner ? `, '${bank.partnerId}'` : ''}`;
        const [row]: Payload[] = await session.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE "${name}" (${values})`);
        const { Plan: plan } = row['QUERY PLAN'][0];
        expect(plan['Shared Hit Blocks'] + plan['Shared Read Blocks']).toBeLessThan(1_000);
      } finally {
        await session.release();
      }
    }
  });

  it('and nobody else does', async () => {
    const { person, id } = await consented();
    for (const query of ['{ consents { edges { cursor } } }', `{ consent(id: "${id}") { id } }`, `mutation { endConsent(input: { consentId: "${id}", cause: OTHER, reason: "r" }) { userErrors { code } } }`]) {
      expect((await world.ask(query, {}, person.as)).errors![0]!.extensions['code']).toBe('FORBIDDEN');
      expect((await world.ask(query)).errors![0]!.extensions['code']).toBe('UNAUTHENTICATED');
    }
    expect(await consentsOf(person)).toMatchObject([{ id, status: 'ACTIVE' }]);
  });
});

describe('an operator ends a consent', () => {
  it('with the next request of the bank, for this consent alone, and says why', async () => {
    const { person, token, refresh: kept, id } = await consented();
    const [again, other] = [await consented(nord, person), await consented(sud, person)];
    expect((await askAsBank(world, token, CUSTOMER)).data.customer).not.toBeNull();
    const { consent, userErrors } = await end(id);
    expect(userErrors).toEqual([]);
    expect(consent).toMatchObject({ id, status: 'WITHDRAWN', endedBy: 'OPERATOR', withdrawnAt: expect.any(String) });
    expect((await askAsBank(world, token, CUSTOMER)).data).toEqual({ customer: null });
    expect(await refresh(nord, kept)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    for (const stands of [again, other]) expect((await askAsBank(world, stands.token, CUSTOMER)).data.customer).not.toBeNull();
    const [{ node }] = consent.auditTrail.edges;
    expect(node).toMatchObject({ actorId: staff.id, action: 'ENDED', reason: 'Nordbank lost a key' });
    expect([node.before, node.after].map((text) => JSON.parse(text))).toEqual([{ status: 'ACTIVE' }, { status: 'WITHDRAWN', endedBy: 'OPERATOR', cause: 'BANK_COMPROMISED' }]);
    expect(await endedEvents(id)).toEqual([{ personId: person.id, consentId: id, partnerId: nord.partnerId, subject: expect.any(String), onRequest: false, bankLeft: false, occurredAt: expect.any(String) }]);
    expect(await world.events('consent.withdrawn')).not.toContainEqual(expect.objectContaining({ consentId: id }));
    expect(await consentsOf(person)).toContainEqual(expect.objectContaining({ id, status: 'WITHDRAWN' }));
    expect(await world.rows('SELECT change, state FROM consent_change WHERE "consentId" = $1 ORDER BY id', [id])).toMatchObject([
      { change: 'GIVEN' }, { change: 'WITHDRAWN', state: { reason: 'OPERATOR', cause: 'BANK_COMPROMISED' } },
    ]);
  });

  it('as its person asked, who is told so', async () => {
    const { id } = await consented();
    await end(id, { cause: 'PERSON_REQUEST' });
    expect(await endedEvents(id)).toMatchObject([{ onRequest: true }]);
  });

  it('between giving the code and using it, too', async () => {
    const person = await world.signUp();
    const given = await allow(world, nord, person);
    const [{ id }] = await consentsOf(person);
    await end(id);
    expect(await redeem(world, nord, given)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('once, however many do it at once, and what has ended stays as it is', async () => {
    const { id, person } = await consented();
    const answers = await world.atOnce('consent', 4, (index) => end(id, { reason: `Operator ${index}` }));
    expect(answers.map(({ userErrors, consent }) => [userErrors, consent.status])).toEqual(Array.from({ length: 4 }, () => [[], 'WITHDRAWN']));
    expect(await endedEvents(id)).toHaveLength(1);
    expect((await end(id)).consent.auditTrail.edges).toHaveLength(1);
    const own = await consented(nord, person);
    await world.ask('mutation ($input: WithdrawConsentInput!) { withdrawConsent(input: $input) { userErrors { code } } }', { input: { consentId: own.id } }, person.as);
    expect((await end(own.id)).consent).toMatchObject({ endedBy: 'PERSON', status: 'WITHDRAWN', auditTrail: { edges: [] } });
    const over = await consented(nord, person);
    await lapse(over.id);
    expect((await end(over.id)).consent).toMatchObject({ endedBy: null, status: 'EXPIRED', auditTrail: { edges: [] } });
    for (const untold of [own.id, over.id]) expect(await endedEvents(untold)).toEqual([]);
  });

  it('and its person who takes it back in the same moment sees it ended once', async () => {
    const { id, person } = await consented();
    const withdraw = async () => (await world.ask('mutation ($input: WithdrawConsentInput!) { withdrawConsent(input: $input) { userErrors { code } } }', { input: { consentId: id } }, person.as)).data.withdrawConsent;
    await world.atOnce('consent', 2, (index): Promise<Payload> => (index === 0 ? end(id) : withdraw()));
    const told = [...(await endedEvents(id)), ...(await world.events('consent.withdrawn')).filter((event) => event['consentId'] === id)];
    expect(told).toHaveLength(1);
    const [record] = await listed({ personId: person.id });
    expect(record.auditTrail.edges).toHaveLength(record.endedBy === 'OPERATOR' ? 1 : 0);
  });

  it('not without a reason, of nobody, or in a session that has ended', async () => {
    const { id, person } = await consented();
    expect(await end(id, { reason: ' ' })).toEqual({ consent: null, userErrors: [{ code: 'INVALID_INPUT', field: ['input', 'reason'] }] });
    for (const unknown of ['none', person.id]) {
      expect(await end(unknown)).toEqual({ consent: null, userErrors: [{ code: 'NOT_FOUND', field: ['input', 'consentId'] }] });
    }
    const former = await operatorsOf(world).operator();
    await world.rows(`UPDATE session SET "endedAt" = now(), "endReason" = 'SIGNED_OUT' WHERE id = $1`, [former.as.principal.sessionId]);
    expect(await end(id, {}, former)).toEqual({ consent: null, userErrors: [{ code: 'SESSION_EXPIRED', field: null }] });
    expect(await consentsOf(person)).toMatchObject([{ status: 'ACTIVE' }]);
  });
});
