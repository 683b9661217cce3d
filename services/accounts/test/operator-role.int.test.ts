import { eventually } from '@tael/testkit';
import { decodeJwt } from 'jose';
import pg from 'pg';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { bankOf } from './support/bank-world';
import { asOperator, codeOf, operatorsOf } from './support/operators';

// Who is an operator, and who said so: the role as the command gives and takes it.
let world: PeopleWorld;
let staff: ReturnType<typeof operatorsOf>;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_operator_role');
  staff = operatorsOf(world);
});
afterEach(async () => expect(await bankOf(world).breaches()).toEqual([]));
afterAll(() => world.end());

const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { session { accessToken } userErrors { code } } }';
const REFRESH = 'mutation ($t: String!) { refreshSession(input: { refreshToken: $t }) { session { accessToken } userErrors { code } } }';
const OPERATORS = `query ($first: Int, $after: String) { operators(first: $first, after: $after) { pageInfo { hasNextPage endCursor } edges { node {
  id displayName secondFactor grantedAt grantedBy reason auditTrail(first: 10) { edges { node { action actorId before after reason } } } } } } }`;
const change = ({ email }: { email: string }, more: object = {}) => ({ email, by: 'root@ledger-1', reason: 'On call from Monday', ...more });
const grant = (person: { email: string }, more: object = {}) => world.app.services.operators.grant(change(person, more));
const revoke = (person: { email: string }, more: object = {}) => world.app.services.operators.revoke(change(person, { reason: 'Has left', ...more }));
const rolesOf = (accessToken: string) => decodeJwt(accessToken)['roles'];
const entriesOf = (personId: string) => world.rows(
  `SELECT action, "actorId", before, after, reason, at FROM audit_entry WHERE "subjectKind" = 'OPERATOR' AND "subjectId" = $1 ORDER BY id`, [personId],
);

async function operator(): Promise<NewPerson> {
  const person = await world.signUp();
  expect(await grant(person)).toEqual({ ok: true, personId: person.id });
  return asOperator(person);
}

describe('the role', () => {
  it('is given by mail address, with an entry of who, when and why, and is in the next token', async () => {
    const person = await world.signUp();
    expect(await grant({ email: person.email.toUpperCase() })).toEqual({ ok: true, personId: person.id });
    const { data } = await world.ask(REFRESH, { t: person.refreshToken });
    expect(rolesOf(data.refreshSession.session.accessToken)).toEqual(['CUSTOMER', 'OPERATOR']);
    expect(await entriesOf(person.id)).toEqual([{
      action: 'GRANTED', actorId: null, before: { roles: ['CUSTOMER'] }, after: { roles: ['CUSTOMER', 'OPERATOR'], by: 'root@ledger-1' },
      reason: 'On call from Monday', at: expect.any(Date),
    }]);
  });

  it.each([
    ['', 'EMPTY'], [' ', 'EMPTY'], ['x'.repeat(501), 'TOO_LONG'], ['bell\u0007', 'CHARACTERS'],
  ])('is neither given nor taken for the reason %j', async (reason, refused) => {
    const [person, other] = [await world.signUp(), await operator()];
    const refusals = [{ code: 'INVALID_INPUT', reason: refused, field: ['reason'] }];
    expect(await grant(person, { reason })).toEqual({ ok: false, refusals });
    expect(await revoke(other, { reason })).toEqual({ ok: false, refusals });
    expect(await world.rows('SELECT id FROM person WHERE id = ANY ($1) AND $2 = ANY (roles)', [[person.id, other.id], 'OPERATOR'])).toEqual([{ id: other.id }]);
    expect(await entriesOf(person.id)).toEqual([]);
  });

  it('is given once, also where six do it at once, and taken once', async () => {
    const person = await world.signUp();
    const given = await world.atOnce('person', 6, () => grant(person));
    expect(given.filter(({ ok }) => ok)).toHaveLength(1);
    expect(given.filter(({ ok }) => !ok)).toEqual(Array.from({ length: 5 }, () => ({ ok: false, refusals: [{ code: 'ALREADY_EXISTS', field: ['email'] }] })));
    const taken = await world.atOnce('person', 6, () => revoke(person));
    expect(taken.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await revoke(person)).toEqual({ ok: false, refusals: [{ code: 'NOT_ALLOWED', field: ['email'] }] });
    expect((await entriesOf(person.id)).map(({ action }) => action)).toEqual(['GRANTED', 'REVOKED']);
  });

  it('is nobody\'s whose address nobody has', async () => {
    const refused = { ok: false, refusals: [{ code: 'NOT_FOUND', field: ['email'] }] };
    expect([await grant({ email: 'nobody@example.com' }), await revoke({ email: 'nobody@example.com' })]).toEqual([refused, refused]);
  });
});

describe('a role that is taken away', () => {
  it('ends every session with it: no refresh, no decision, and the next sign-in is a customer\'s', async () => {
    const [person, other, customer] = [await operator(), await operator(), await world.signUp()];
    const { approval } = await staff.adjust(other, customer.walletId);
    expect(await revoke(person)).toMatchObject({ ok: true, personId: person.id, sessions: 1, requests: 0 });
    expect((await world.ask(REFRESH, { t: person.refreshToken })).data.refreshSession.userErrors).toMatchObject([{ code: 'SESSION_EXPIRED' }]);
    expect(await world.rows('SELECT "endReason" FROM session WHERE "personId" = $1', [person.id])).toEqual([{ endReason: 'ROLE_REVOKED' }]);
    // The token of before is good for some minutes where no gateway stands before it, and decides nothing even so.
    expect(codeOf(await staff.approve(person, approval))).toBe('SESSION_EXPIRED');
    expect(codeOf(await staff.adjust(person, customer.walletId))).toBe('SESSION_EXPIRED');
    const { data } = await world.ask(SIGN_IN, { input: { email: person.email, password: person.password } });
    expect(rolesOf(data.signIn.session.accessToken)).toEqual(['CUSTOMER']);
    expect((await entriesOf(person.id))[1]).toMatchObject({
      action: 'REVOKED', before: { roles: ['CUSTOMER', 'OPERATOR'] }, after: { roles: ['CUSTOMER'], by: 'root@ledger-1' }, reason: 'Has left',
    });
  });

  it('takes back what its person asked for and nobody has decided, and nothing else', async () => {
    const [person, other, customer] = [await operator(), await operator(), await world.signUp()];
    const waiting = [await staff.adjust(person, customer.walletId), await staff.adjust(person, customer.walletId)];
    const [approved, rejected, others] = [
      await staff.adjust(person, customer.walletId), await staff.adjust(person, customer.walletId), await staff.adjust(other, customer.walletId),
    ];
    await staff.approve(other, approved.approval);
    await staff.reject(other, rejected.approval.id);
    expect(await revoke(person)).toMatchObject({ ok: true, requests: 2 });
    for (const { approval } of waiting) {
      expect(codeOf(await staff.approve(other, approval))).toBe('NOT_ALLOWED');
      const [cancelled] = await staff.trail(other, approval.id);
      expect(cancelled).toMatchObject({ action: 'CANCELLED', actorId: null, reason: 'Who asked for it is no operator any more' });
    }
    const { data } = await world.ask('query ($id: ID!) { approval(id: $id) { status decidedBy decisionReason } }', { id: waiting[0].approval.id }, other.as);
    expect(data.approval).toEqual({ status: 'CANCELLED', decidedBy: null, decisionReason: 'Who asked for it is no operator any more' });
    const statuses = new Map((await staff.list(other)).map(({ id, status }) => [id, status]));
    expect([approved, rejected, others].map(({ approval }) => statuses.get(approval.id))).toEqual(['EXECUTED', 'REJECTED', 'REQUESTED']);
    expect(await bankOf(world).balance(customer)).toBe(500n);
  });

  it('takes back a request too that is being kept while it goes', async () => {
    const [person, customer] = [await operator(), await world.signUp()];
    const [asked, revoked] = await oneAfterOther('approval', () => staff.adjust(person, customer.walletId), () => revoke(person));
    expect(revoked).toMatchObject({ ok: true, requests: 1 });
    expect(await world.rows('SELECT status FROM approval WHERE id = $1', [asked.approval.id])).toEqual([{ status: 'CANCELLED' }]);
  });

  it('is in no token of a sign-in that began before and ends after', async () => {
    const person = await operator();
    const credentials = { input: { email: person.email, password: person.password } };
    const [{ data }] = await oneAfterOther('session', () => world.ask(SIGN_IN, credentials), () => revoke(person));
    expect(rolesOf(data.signIn.session.accessToken)).toEqual(['CUSTOMER']);
  });

  it('says how many are left, down to none', async () => {
    const before = await world.rows(`SELECT roles, id FROM person WHERE 'OPERATOR' = ANY (roles)`);
    const [first, last] = [await operator(), await operator()];
    try {
      await world.rows(`UPDATE person SET roles = '{CUSTOMER}' WHERE id = ANY ($1)`, [before.map(({ id }) => id)]);
      expect([await revoke(first), await revoke(last)]).toMatchObject([{ ok: true, left: 1 }, { ok: true, left: 0 }]);
    } finally {
      await world.rows(`UPDATE person SET roles = '{CUSTOMER,OPERATOR}' WHERE id = ANY ($1)`, [before.map(({ id }) => id)]);
    }
  });
});

describe('operators', () => {
  it('see who has the role, since when, by whom and why, page by page, with what was before', async () => {
    const [person, gone, viewer] = [await world.signUp({ displayName: 'Grace Hopper' }), await operator(), await operator()];
    await revoke(gone);
    await grant(person);
    await revoke(person);
    await grant(person, { reason: 'Back again', by: 'j.doe (root@ledger-1)' });
    const nodes: { id: string }[] = [];
    for (let after: string | null = null; ;) {
      const { data }: { data: any } = await world.ask(OPERATORS, { first: 2, after }, viewer.as);
      nodes.push(...data.operators.edges.map(({ node }: any) => node));
      if (!data.operators.pageInfo.hasNextPage) break;
      after = data.operators.pageInfo.endCursor;
    }
    expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length);
    expect(nodes.map(({ id }) => id)).not.toContain(gone.id);
    const shown: any = nodes.find(({ id }) => id === person.id);
    expect(shown).toMatchObject({ displayName: 'Grace Hopper', secondFactor: false, grantedBy: 'j.doe (root@ledger-1)', reason: 'Back again', grantedAt: expect.any(String) });
    expect(shown.auditTrail.edges.map(({ node }: any) => node.action)).toEqual(['GRANTED', 'REVOKED', 'GRANTED']);
  });

  it('see, too, who got the role around the command', async () => {
    const [viewer, person] = [await operator(), await world.signUp()];
    await world.rows(`UPDATE person SET roles = '{CUSTOMER,OPERATOR}' WHERE id = $1`, [person.id]);
    const { data } = await world.ask(OPERATORS, { first: 100 }, viewer.as);
    expect(data.operators.edges.map(({ node }: any) => node)).toContainEqual(
      { id: person.id, displayName: 'Ada Lovelace', secondFactor: false, grantedAt: null, grantedBy: null, reason: null, auditTrail: { edges: [] } },
    );
  });

  it('are shown to operators alone', async () => {
    const { errors } = await world.ask(OPERATORS, {}, (await world.signUp()).as);
    expect(errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
  });
});

/** Holds a table until the first work waits for it and the second waits as well, then lets both go on. */
async function oneAfterOther<First, Second>(table: string, first: () => Promise<First>, second: () => Promise<Second>): Promise<[First, Second]> {
  const gate = new pg.Client({ connectionString: world.databaseUrl });
  await gate.connect();
  const waiting = (count: number) => eventually(async () => expect(
    await world.rows(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`),
  ).toHaveLength(count));
  try {
    await gate.query(`BEGIN; LOCK TABLE "${table}" IN EXCLUSIVE MODE`);
    const begun = first();
    await waiting(1);
    const all = Promise.all([begun, second()]);
    await waiting(2);
    await gate.query('COMMIT');
    return await all;
  } finally {
    await gate.end();
  }
}
