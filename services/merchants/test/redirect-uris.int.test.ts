import { bankIdentity, call, codes, lastEvent, newBank } from './partner-world';
import { startSubject, type Subject } from './support';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('redirect_uris');
});
afterAll(() => subject?.stop());

const REDIRECTS = '{ partner { clients { id redirectUris } } }';

describe('setRedirectUris', () => {
  it('sets them for the client that asks, tells of them, and keeps who changed them and why', async () => {
    const bank = await newBank(subject);
    const set = (uris: string[]) => call(subject, bank.as, 'setRedirectUris', { uris, reason: 'First address' });
    expect(codes(await set(['https://bank.example/back', 'http://localhost:8080/back', 'https://bank.example/back']))).toEqual([]);
    const uris = ['https://bank.example/back', 'http://localhost:8080/back'];
    expect((await subject.ask(bank.as, REDIRECTS)).data.partner.clients).toEqual([{ id: bank.clientId, redirectUris: uris }]);
    const told = await lastEvent(subject, bank.partnerId);
    expect(told.clients).toMatchObject([{ clientId: bank.clientId, redirectUris: uris }]);
    // Once more changes nothing and tells nobody.
    expect(codes(await set(uris))).toEqual([]);
    expect((await lastEvent(subject, bank.partnerId)).version).toBe(told.version);
    const [entry] = await subject.dataSource.query(
      `SELECT "actorKind", "actorId", before, after, reason FROM audit_entry WHERE "subjectId" = $1 AND action = 'REDIRECT_URIS_SET'`, [bank.partnerId],
    );
    expect(entry).toEqual({
      actorKind: 'PARTNER_CLIENT', actorId: bank.clientId, reason: 'First address',
      before: { clientId: bank.clientId, redirectUris: [] }, after: { clientId: bank.clientId, redirectUris: uris },
    });
    expect(codes(await set([]))).toEqual([]);
    expect((await lastEvent(subject, bank.partnerId)).clients).toMatchObject([{ redirectUris: [] }]);
  });

  it('refuses what people cannot be sent back to safely, and too many', async () => {
    const [sandbox, bank] = [await newBank(subject), await newBank(subject, { environment: 'PRODUCTION' })];
    const set = (uris: string[], as = bank.as) => call(subject, as, 'setRedirectUris', { uris, reason: 'A test' });
    expect(codes(await set(['https://bank.example/back', 'http://localhost:8080/back']))).toEqual(['input.uris.1 INVALID_INPUT']);
    expect(codes(await set(['http://bank.example/back'], sandbox.as))).toEqual(['input.uris.0 INVALID_INPUT']);
    const many = Array.from({ length: 11 }, (_, n) => `https://bank.example/${n}`);
    expect(codes(await set(many))).toEqual(['input.uris INVALID_INPUT']);
    expect(codes(await set(many.slice(1)))).toEqual([]);
  });

  it('needs its scope, and changes no other client', async () => {
    const [bank, other] = [await newBank(subject), await newBank(subject)];
    const ask = (as: typeof bank.as) => subject.ask(as, 'mutation ($input: SetRedirectUrisInput!) { setRedirectUris(input: $input) { userErrors { code } } }', {
      input: { uris: ['https://bank.example/back'], reason: 'A test' },
    });
    expect((await ask(bankIdentity(bank.partnerId, bank.clientId, ['partner:read']))).errors![0]!.extensions['code']).toBe('FORBIDDEN');
    // A client of another bank is nobody here.
    expect((await ask(bankIdentity(bank.partnerId, other.clientId))).data['setRedirectUris'].userErrors).toEqual([{ code: 'NOT_FOUND' }]);
    expect((await subject.ask(other.as, REDIRECTS)).data.partner.clients).toMatchObject([{ redirectUris: [] }]);
  });
});
