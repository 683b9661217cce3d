import { fromMessage } from '@tael/events';
import { inspect } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import {
  addKey, bankIdentity, call, codes, hashOf, invite, lastEvent, newBank, newPair, own, registerClient, SCOPES, texts,
} from './partner-world';
import { nobody, operator, sealer, somebody, startSubject, type Subject } from './support';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('partners');
});
afterAll(() => subject?.stop());

const reason = 'Reported by the bank';

describe('an operator', () => {
  it('invites a bank; the code is shown once, and its hash alone is stored', async () => {
    const staff = operator();
    const { partner, invitation, userErrors } = await call(subject, staff, 'invitePartner', {
      name: '  Café Bank ', environment: 'PRODUCTION', scopes: ['keys:manage', 'partner:read'], reason: 'Contract 7',
    });
    expect(userErrors).toEqual([]);
    expect(partner).toEqual({
      id: expect.any(String), name: 'Café Bank', environment: 'PRODUCTION', status: 'ACTIVE', rate: { perSecond: 100, burst: 10_000, costMax: null }, clients: [],
    });
    expect(invitation.code).toMatch(/^tpi_[A-Za-z0-9_-]{43}$/);
    expect(Date.parse(invitation.expiresAt) - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
    const rows = await subject.dataSource.query('SELECT * FROM partner_invitation WHERE "partnerId" = $1', [partner.id]);
    expect(rows).toMatchObject([{ codeHash: hashOf(invitation.code), scopes: ['partner:read', 'keys:manage'], usedAt: null }]);
    const everything = inspect([rows, await subject.events(partner.id), await subject.dataSource.query('SELECT * FROM audit_entry')], { depth: 9 });
    expect(everything).not.toContain(invitation.code);
  });

  it('has each change told with the whole state and the name sealed', async () => {
    const { partnerId } = await invite(subject, { name: 'Sealed Bank' });
    await call(subject, operator(), 'setPartnerRate', { partnerId, perSecond: 5, burst: 50, reason });
    const messages = await subject.events(partnerId);
    expect(inspect(messages, { depth: 9 })).not.toContain('Sealed Bank');
    const [first, second] = messages.map((message) => fromMessage(message as never));
    expect(first).toMatchObject({ type: 'partner.changed', source: 'merchants' });
    expect(first!.data).toMatchObject({ partnerId, version: 1, status: 'ACTIVE', rate: { perSecond: 100, burst: 10_000 }, clients: [] });
    expect(second!.data).toMatchObject({ partnerId, version: 2, rate: { perSecond: 5, burst: 50 } });
    expect(sealer.open((second!.data as { name: string }).name, partnerId)).toBe('Sealed Bank');
  });

  it('sets what one operation may cost: it stays where it is not said, and null is what everybody may', async () => {
    const { partnerId } = await invite(subject, { name: 'Dear Bank' });
    const set = async (costMax?: number | null) => {
      const { partner } = await call(subject, operator(), 'setPartnerRate', { partnerId, perSecond: 5, burst: 50, ...(costMax === undefined ? {} : { costMax }), reason });
      return partner.rate;
    };
    const told = async () => (await subject.events(partnerId)).map((message) => (fromMessage(message as never).data as any).rate);
    expect(await set(9_000)).toEqual({ perSecond: 5, burst: 50, costMax: 9_000 });
    // Nothing has changed: nothing is told, and nothing stands in the trail.
    expect(await set()).toEqual({ perSecond: 5, burst: 50, costMax: 9_000 });
    expect(await set(9_000)).toEqual({ perSecond: 5, burst: 50, costMax: 9_000 });
    expect(await set(null)).toEqual({ perSecond: 5, burst: 50, costMax: null });
    expect(await told()).toEqual([
      { perSecond: 100, burst: 10_000 }, { perSecond: 5, burst: 50, costMax: 9_000 }, { perSecond: 5, burst: 50 },
    ]);
    expect(codes(await call(subject, operator(), 'setPartnerRate', { partnerId, perSecond: 5, burst: 50, costMax: 99, reason }))).toEqual(['input.costMax INVALID_INPUT']);
  });

  it.each([
    ['invitePartner', { name: '', scopes: ['all'], environment: 'SANDBOX', reason: ' ' }, ['name', 'scopes', 'reason']],
    ['renewPartnerInvitation', { partnerId: uuidv7(), reason: '' }, ['reason']],
    ['renewPartnerInvitation', { partnerId: uuidv7(), scopes: [], reason }, ['scopes']],
    ['suspendPartner', { partnerId: uuidv7(), reason: 'x'.repeat(501) }, ['reason']],
    ['resumePartner', { partnerId: uuidv7(), reason: '' }, ['reason']],
    ['setPartnerRate', { partnerId: uuidv7(), perSecond: 0, burst: 0, reason: '' }, ['perSecond', 'burst', 'reason']],
    ['revokePartnerKey', { partnerId: uuidv7(), clientId: uuidv7(), kid: 'a', reason: '' }, ['reason']],
  ])('is refused %s %o', async (mutation, input, fields) => {
    expect(codes(await call(subject, operator(), mutation, input))).toEqual(fields.map((field) => `input.${field} INVALID_INPUT`));
  });

  it.each(['renewPartnerInvitation', 'suspendPartner', 'resumePartner', 'setPartnerRate', 'revokePartnerKey'])('%s finds nothing under an id of nothing', async (mutation) => {
    const rest = { setPartnerRate: { perSecond: 1, burst: 1 }, revokePartnerKey: { clientId: uuidv7(), kid: 'a' } }[mutation] ?? {};
    for (const partnerId of [uuidv7(), 'none', "' OR true"])
      expect(codes(await call(subject, operator(), mutation, { partnerId, reason, ...rest }))).toEqual(['input.partnerId NOT_FOUND']);
  });

  it('lists the banks in pages, and finds one', async () => {
    const { partnerId } = await newBank(subject);
    await invite(subject);
    const query = 'query ($after: String) { partners(first: 1, after: $after) { edges { node { id clients { keys { kid } } } } pageInfo { hasNextPage endCursor } } }';
    const seen: string[] = [];
    for (let after: string | null = null; ; ) {
      const { data } = await subject.ask(operator(), query, { after });
      seen.push(...data.partners.edges.map((edge: any) => edge.node.id));
      if (!data.partners.pageInfo.hasNextPage) break;
      after = data.partners.pageInfo.endCursor;
    }
    expect(seen).toEqual([...new Set(seen)].sort());
    expect(seen).toContain(partnerId);
    const one = await subject.ask(operator(), 'query ($id: ID!) { partnerById(id: $id) { id } }', { id: partnerId });
    expect(one.data.partnerById).toEqual({ id: partnerId });
    const none = await subject.ask(operator(), 'query ($id: ID!) { partnerById(id: $id) { id } }', { id: uuidv7() });
    expect(none.data.partnerById).toBeNull();
  });
});

describe('a suspension', () => {
  it('is told at once with an instant that no older token outlives, and a resumption keeps that instant', async () => {
    const bank = await newBank(subject);
    const before = Date.now();
    await call(subject, operator(), 'suspendPartner', { partnerId: bank.partnerId, reason });
    const suspended = await lastEvent(subject, bank.partnerId);
    expect(suspended).toMatchObject({ version: 3, status: 'SUSPENDED', clients: [{ clientId: bank.clientId, status: 'ACTIVE' }] });
    const until = suspended.clients[0].tokensRefusedUntil;
    expect(Date.parse(until)).toBeGreaterThanOrEqual(before - 1);
    const { partner } = await call(subject, operator(), 'resumePartner', { partnerId: bank.partnerId, reason });
    expect(partner.status).toBe('ACTIVE');
    expect(await lastEvent(subject, bank.partnerId)).toMatchObject({ version: 4, status: 'ACTIVE', clients: [{ tokensRefusedUntil: until }] });
  });

  it('never moves the instant back, where the clock of the instance before went ahead', async () => {
    const bank = await newBank(subject);
    await addKey(subject, bank, newPair());
    const ahead = '2030-01-01T00:00:00.000Z';
    await subject.dataSource.query('UPDATE partner_client SET "tokensRefusedUntil" = $2 WHERE id = $1', [bank.clientId, ahead]);
    const until = async () => (await lastEvent(subject, bank.partnerId)).clients[0].tokensRefusedUntil;
    await call(subject, bank.as, 'retirePartnerKey', { kid: bank.pair.kid, reason });
    expect(await until()).toBe(ahead);
    await call(subject, operator(), 'suspendPartner', { partnerId: bank.partnerId, reason });
    expect(await until()).toBe(ahead);
  });

  it('said twice is one change', async () => {
    const { partnerId } = await newBank(subject);
    for (let n = 0; n < 2; n += 1) expect(codes(await call(subject, operator(), 'suspendPartner', { partnerId, reason }))).toEqual([]);
    expect(await subject.events(partnerId)).toHaveLength(3);
  });

  it('keeps the bank from its keys, the operator from a new code, and whoever has a code from registering', async () => {
    const bank = await newBank(subject);
    const { invitation } = await call(subject, operator(), 'renewPartnerInvitation', { partnerId: bank.partnerId, reason });
    await addKey(subject, bank, newPair());
    await call(subject, operator(), 'suspendPartner', { partnerId: bank.partnerId, reason });
    expect(codes(await addKey(subject, bank, newPair()))).toEqual(['input NOT_ALLOWED']);
    expect(codes(await call(subject, bank.as, 'retirePartnerKey', { kid: bank.pair.kid, reason }))).toEqual(['input NOT_ALLOWED']);
    expect(codes(await call(subject, operator(), 'renewPartnerInvitation', { partnerId: bank.partnerId, reason }))).toEqual(['input.partnerId NOT_ALLOWED']);
    expect(codes(await registerClient(subject, invitation.code, newPair()))).toEqual(['input.invitation NOT_FOUND']);
  });
});

describe('a key that an operator revokes', () => {
  it('is gone from the event, ends tokens, and does not come back', async () => {
    const bank = await newBank(subject);
    const second = newPair();
    await addKey(subject, bank, second);
    const revoke = () => call(subject, operator(), 'revokePartnerKey', { partnerId: bank.partnerId, clientId: bank.clientId, kid: bank.pair.kid, reason });
    const { partner } = await revoke();
    expect(partner.clients[0]).toMatchObject({ status: 'ACTIVE', keys: [{ kid: bank.pair.kid, status: 'REVOKED' }, { kid: second.kid, status: 'ACTIVE' }] });
    const event = await lastEvent(subject, bank.partnerId);
    expect(event.clients[0].keys.map(({ kid }: any) => kid)).toEqual([second.kid]);
    expect(event.clients[0].tokensRefusedUntil).toBe(partner.clients[0].tokensRefusedUntil);
    expect((await revoke()).userErrors).toEqual([]);
    expect((await lastEvent(subject, bank.partnerId)).version).toBe(event.version);
    const renamed = { ...bank.pair, kid: 'another-name', jwk: { ...bank.pair.jwk, kid: 'another-name' } };
    for (const pair of [bank.pair, renamed, newPair('ES256', bank.pair.kid)]) expect(codes(await addKey(subject, bank, pair))).toEqual(['input ALREADY_EXISTS']);
    const { invitation } = await call(subject, operator(), 'renewPartnerInvitation', { partnerId: bank.partnerId, reason });
    expect(codes(await registerClient(subject, invitation.code, renamed))).toEqual(['input ALREADY_EXISTS']);
    expect(codes(await registerClient(subject, invitation.code, newPair()))).toEqual([]);
  });

  it('takes its client with it where it is the last; the bank comes back with a new invitation', async () => {
    const bank = await newBank(subject);
    await call(subject, operator(), 'revokePartnerKey', { partnerId: bank.partnerId, clientId: bank.clientId, kid: bank.pair.kid, reason });
    expect(await lastEvent(subject, bank.partnerId)).toMatchObject({ clients: [{ status: 'REVOKED', keys: [], tokensRefusedUntil: expect.any(String) }] });
    expect(codes(await addKey(subject, bank, newPair()))).toEqual(['input NOT_ALLOWED']);
    const { invitation } = await call(subject, operator(), 'renewPartnerInvitation', { partnerId: bank.partnerId, scopes: ['partner:read'], reason });
    const { client } = await registerClient(subject, invitation.code, newPair());
    expect(client.scopes).toEqual(['partner:read']);
    const { clients } = await lastEvent(subject, bank.partnerId);
    expect(clients.map(({ clientId, status }: any) => [clientId, status])).toEqual([[bank.clientId, 'REVOKED'], [client.id, 'ACTIVE']]);
  });

  it('is looked for with the partner and the client that have it', async () => {
    const [mine, other] = [await newBank(subject), await newBank(subject)];
    const revoke = (input: object) => call(subject, operator(), 'revokePartnerKey', { partnerId: mine.partnerId, clientId: mine.clientId, kid: mine.pair.kid, reason, ...input });
    expect(codes(await revoke({ clientId: other.clientId, kid: other.pair.kid }))).toEqual(['input.clientId NOT_FOUND']);
    expect(codes(await revoke({ kid: other.pair.kid }))).toEqual(['input.kid NOT_FOUND']);
    expect(await subject.events(other.partnerId)).toHaveLength(2);
  });
});

describe('who asks', () => {
  const forOperators: [string, object][] = [
    ['invitePartner', { name: 'B', environment: 'SANDBOX', scopes: ['partner:read'], reason }],
    ['renewPartnerInvitation', { partnerId: uuidv7(), reason }],
    ['suspendPartner', { partnerId: uuidv7(), reason }],
    ['resumePartner', { partnerId: uuidv7(), reason }],
    ['setPartnerRate', { partnerId: uuidv7(), perSecond: 1, burst: 1, reason }],
    ['revokePartnerKey', { partnerId: uuidv7(), clientId: uuidv7(), kid: 'k', reason }],
  ];
  const document = (mutation: string) => `mutation ($input: ${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input!) { ${mutation}(input: $input) { userErrors { code } } }`;
  const codeOf = (answer: any) => answer.errors?.[0].extensions.code;

  it.each(forOperators)('%s is for operators: no customer and no bank', async (mutation, input) => {
    expect(codeOf(await subject.ask(somebody(), document(mutation), { input }))).toBe('FORBIDDEN');
    for (const as of [nobody, bankIdentity(uuidv7(), uuidv7())]) expect(codeOf(await subject.ask(as, document(mutation), { input }))).toBe('UNAUTHENTICATED');
  });

  it.each(['partners { edges { node { id } } }', `partnerById(id: "${uuidv7()}") { id }`])('%s is for operators', async (selection) => {
    expect(codeOf(await subject.ask(somebody(), `{ ${selection} }`))).toBe('FORBIDDEN');
    for (const as of [nobody, bankIdentity(uuidv7(), uuidv7())]) expect(codeOf(await subject.ask(as, `{ ${selection} }`))).toBe('UNAUTHENTICATED');
  });

  it.each([
    ['{ partner { id } }', {}, 'partner:read'],
    [document('addPartnerKey'), { input: { jwk: '{}', proof: '' } }, 'keys:manage'],
    [document('retirePartnerKey'), { input: { kid: 'k', reason } }, 'keys:manage'],
  ] as const)('%s is for banks with the scope: no operator and nobody else', async (query, variables, scope) => {
    for (const as of [operator(), somebody()]) expect(codeOf(await subject.ask(as, query, variables))).toBe('FORBIDDEN');
    expect(codeOf(await subject.ask(nobody, query, variables))).toBe('UNAUTHENTICATED');
    const bank = await newBank(subject);
    const without = bankIdentity(bank.partnerId, bank.clientId, SCOPES.filter((one) => one !== scope));
    const answer = await subject.ask(without, query, variables);
    expect(answer.errors[0].extensions).toMatchObject({ code: 'FORBIDDEN', scope });
    expect((await subject.ask(bank.as, query, variables)).errors).toBeUndefined();
  });

  it('sees no bank but itself, by no way', async () => {
    const [mine, other] = [await newBank(subject, { name: 'Mine' }), await newBank(subject, { name: 'Other' })];
    expect(await own(subject, mine.as)).toMatchObject({ id: mine.partnerId, name: 'Mine', clients: [{ id: mine.clientId }] });
    const find = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Partner { id name clients { id } } } }';
    const of = [mine, other].map(({ partnerId }) => ({ __typename: 'Partner', id: partnerId }));
    const names = async (as: Parameters<Subject['ask']>[0]) => (await subject.ask(as, find, { of })).data._entities.map((one: any) => one?.name ?? null);
    expect(await names(mine.as)).toEqual(['Mine', null]);
    expect(await names(other.as)).toEqual([null, 'Other']);
    expect(await names(operator())).toEqual(['Mine', 'Other']);
    for (const as of [nobody, somebody()]) expect(await names(as)).toEqual([null, null]);
    // A client of another bank looks like none, also where the gateway itself mixed the two up.
    const mixed = bankIdentity(mine.partnerId, other.clientId);
    expect(codes(await call(subject, mixed, 'retirePartnerKey', { kid: other.pair.kid, reason }))).toEqual(['input NOT_FOUND']);
    expect(codes(await call(subject, bankIdentity(mine.partnerId, uuidv7()), 'retirePartnerKey', { kid: 'k', reason }))).toEqual(['input NOT_FOUND']);
    expect(await subject.events(other.partnerId)).toHaveLength(2);
  });

  it('is told of the audit trail as an operator alone', async () => {
    const bank = await newBank(subject);
    expect(codeOf(await subject.ask(bank.as, '{ partner { auditTrail { edges { node { reason } } } } }'))).toBe('UNAUTHENTICATED');
  });
});

it('speaks to banks in their language', async () => {
  const bank = await newBank(subject);
  const payload = await call(subject, { ...bank.as, locale: 'zh-CN' }, 'retirePartnerKey', { kid: bank.pair.kid, reason });
  expect(texts(payload)).toBe('这是该客户端的最后一个密钥，请先添加新的密钥。');
});
