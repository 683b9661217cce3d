import { v7 as uuidv7 } from 'uuid';
import { type Bank, call, codes, lastEvent, newBank, newPair, own, registerClient, SCOPES, texts } from './partner-world';
import { operator, somebody, startSubject, type Subject } from './support';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('client_scopes');
});
afterAll(() => subject?.stop());

const reason = 'By the contract of December';
const set = (bank: Pick<Bank, 'partnerId' | 'clientId'>, scopes: readonly string[], change: object = {}, as = operator()) =>
  call(subject, as, 'setPartnerClientScopes', { partnerId: bank.partnerId, clientId: bank.clientId, scopes, reason, ...change });
const clientIn = (state: any, { clientId }: Bank) => state.clients.find((client: any) => (client.clientId ?? client.id) === clientId);
const told = async (bank: Bank) => clientIn(await lastEvent(subject, bank.partnerId), bank);

describe('the scopes of a client', () => {
  it('are taken away, and its tokens with them, in one change', async () => {
    const [bank, staff] = [await newBank(subject), operator()];
    const before = Date.now();
    const { partner, userErrors } = await set(bank, ['partner:read'], {}, staff);
    expect(userErrors).toEqual([]);
    expect(clientIn(partner, bank)).toMatchObject({ scopes: ['partner:read'], status: 'ACTIVE' });
    const { version } = await lastEvent(subject, bank.partnerId);
    expect([version, await told(bank)]).toEqual([3, expect.objectContaining({ scopes: ['partner:read'], keys: [expect.objectContaining({ kid: bank.pair.kid })] })]);
    expect(Date.parse((await told(bank)).tokensRefusedUntil)).toBeGreaterThanOrEqual(before - 1_000);
    const [entry] = await subject.dataSource.query(`SELECT * FROM audit_entry WHERE "subjectId" = $1 ORDER BY id DESC LIMIT 1`, [bank.partnerId]);
    expect(entry).toMatchObject({
      actorKind: 'PERSON', actorId: staff.principal!.personId, action: 'SCOPES_SET', reason,
      before: { clientId: bank.clientId, scopes: [...SCOPES] }, after: { clientId: bank.clientId, scopes: ['partner:read'] },
    });
  });

  it('are given, and no token ends for it', async () => {
    const bank = await newBank(subject);
    const scopes = ['partner:read', 'keys:manage', 'webhooks:manage', 'statements:read', 'wallets:read'];
    expect(clientIn((await set(bank, [...scopes].reverse())).partner, bank)).toMatchObject({ scopes, tokensRefusedUntil: null });
    expect(await told(bank)).toMatchObject({ scopes, tokensRefusedUntil: null });
  });

  it('are exchanged: what goes ends tokens, whatever comes', async () => {
    const bank = await newBank(subject);
    const { partner } = await set(bank, ['keys:manage', 'webhooks:manage', 'history:import', 'statements:read']);
    expect(clientIn(partner, bank).tokensRefusedUntil).not.toBeNull();
  });

  it('are answered as they are where they are the same, however they are written', async () => {
    const bank = await newBank(subject);
    const before = await subject.events(bank.partnerId);
    expect((await set(bank, [...SCOPES, SCOPES[0]!].reverse(), { clientId: bank.clientId.toUpperCase() })).userErrors).toEqual([]);
    expect(await subject.events(bank.partnerId)).toEqual(before);
    expect(clientIn(await own(subject, bank.as), bank).tokensRefusedUntil).toBeNull();
  });

  it('are those of one client: another of the bank keeps its own, and its tokens', async () => {
    const bank = await newBank(subject);
    const { invitation } = await call(subject, operator(), 'renewPartnerInvitation', { partnerId: bank.partnerId, reason });
    const { client: other } = await registerClient(subject, invitation.code, newPair());
    const { partner } = await set(bank, ['partner:read']);
    expect(partner.clients.find(({ id }: any) => id === other.id)).toMatchObject({ scopes: [...SCOPES], tokensRefusedUntil: null });
  });

  it('are set of a bank that is suspended, too', async () => {
    const bank = await newBank(subject);
    await call(subject, operator(), 'suspendPartner', { partnerId: bank.partnerId, reason });
    expect((await set(bank, ['partner:read'])).userErrors).toEqual([]);
  });

  it('are one change after the other where two operators set them at once', async () => {
    const bank = await newBank(subject);
    await Promise.all([['partner:read'], ['keys:manage'], ['partner:read', 'keys:manage']].map((scopes) => set(bank, scopes)));
    const { version } = await lastEvent(subject, bank.partnerId);
    expect(clientIn(await own(subject, bank.as), bank).scopes).toEqual((await told(bank)).scopes);
    expect(version).toBe(5);
  });
});

describe('is refused', () => {
  it.each([
    ['no scope', [], 'input.scopes INVALID_INPUT'],
    ['an unknown one beside a known one', ['partner:read', 'partner:write'], 'input.scopes INVALID_INPUT'],
  ])('%s', async (_what, scopes, refusal) => {
    const bank = await newBank(subject);
    const before = await subject.events(bank.partnerId);
    expect(codes(await set(bank, scopes))).toEqual([refusal]);
    expect(codes(await set(bank, scopes, { reason: ' ' }))).toEqual([refusal, 'input.reason INVALID_INPUT']);
    expect(await subject.events(bank.partnerId)).toEqual(before);
  });

  it('an unknown bank, an unknown client, and another bank’s', async () => {
    const [bank, other] = [await newBank(subject), await newBank(subject)];
    for (const partnerId of [uuidv7(), 'none', "' OR true"]) expect(codes(await set({ ...bank, partnerId }, ['partner:read']))).toEqual(['input.partnerId NOT_FOUND']);
    for (const clientId of [uuidv7(), 'none', other.clientId]) expect(codes(await set({ ...bank, clientId }, ['partner:read']))).toEqual(['input.clientId NOT_FOUND']);
    expect(clientIn(await own(subject, other.as), other).scopes).toEqual([...SCOPES]);
  });

  it('a client that is revoked', async () => {
    const bank = await newBank(subject);
    await call(subject, operator(), 'revokePartnerKey', { partnerId: bank.partnerId, clientId: bank.clientId, kid: bank.pair.kid, reason });
    const refused = await set(bank, ['partner:read']);
    expect([codes(refused), texts(refused)]).toEqual([['input.clientId NOT_ALLOWED'], 'The client is revoked. Ask for a new invitation.']);
  });

  it('whoever is no operator', async () => {
    const bank = await newBank(subject);
    const document = 'mutation ($input: SetPartnerClientScopesInput!) { setPartnerClientScopes(input: $input) { userErrors { code } } }';
    const input = { partnerId: bank.partnerId, clientId: bank.clientId, scopes: ['partner:read'], reason };
    for (const [as, code] of [[somebody(), 'FORBIDDEN'], [bank.as, 'UNAUTHENTICATED']] as const) {
      expect((await subject.ask(as, document, { input })).errors[0].extensions.code).toBe(code);
    }
  });
});
