import { eventually } from '@tael/testkit';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { stack } from './stack';
import { must, operator } from './world';

// The bank of examples/partner-bank, which knows of Tael what docs/partners says.
const CLIENT = join(__dirname, '..', 'examples', 'partner-bank', 'client');
const base = stack.gatewayUrl.replace(/\/graphql$/, '');
const issuer = `${base}/partner/oauth`;
const door = `${base}/partner/graphql`;
const SCOPES = ['partner:read', 'keys:manage', 'history:import', 'statements:read'];

interface Key {
  readonly kid: string;
}
interface Tael {
  query(query: string, variables?: object): Promise<{ data: any; errors?: any[] }>;
  forgetToken(): void;
}
interface Example {
  makeKey(): Promise<Key>;
  register(options: { graph: string; invitation: string; key: Key }): Promise<{ clientId: string; partnerId: string }>;
  TaelClient: new (options: object) => Tael;
}

async function example(): Promise<Example> {
  const parts = await Promise.all(['keys.js', 'registration.js', 'tael.js'].map((file) => import(join(CLIENT, file)) as Promise<object>));
  return Object.assign({}, ...parts) as Example;
}

async function newBank(name: string, scopes = SCOPES): Promise<{ tael: Tael; client: (change: object) => Tael; partnerId: string; clientId: string; key: Key }> {
  const { makeKey, register, TaelClient } = await example();
  const staff = await operator();
  const { invitePartner } = await must<any>(staff.client, `mutation ($input: InvitePartnerInput!) { invitePartner(input: $input) { invitation { code } partner { id } userErrors { code message } } }`,
    { input: { name, environment: 'SANDBOX', scopes, reason: 'a test' } });
  const [key, proofKey] = await Promise.all([makeKey(), makeKey()]);
  const { clientId, partnerId } = await register({ graph: stack.gatewayUrl, invitation: invitePartner.invitation.code, key });
  const options = { issuer, door, clientId, key, proofKey, scope: scopes.join(' ') };
  const client = (change: object) => new TaelClient({ ...options, ...change });
  const tael = client({});
  // The token endpoint hears of a new client by an event.
  await eventually(async () => {
    expect((await tael.query('{ partner { id } }')).data.partner.id).toBe(partnerId);
  }, { describe: 'the new client gets a token', timeoutMs: 15_000 });
  return { tael, client, partnerId, clientId, key };
}

describe('a bank at its own door', () => {
  it('registers by invitation, gets a bound token and sees itself', async () => {
    const bank = await newBank('Nordbank');
    const { data } = await bank.tael.query('{ partner { id name environment status clients { id status scopes keys { kid status } } } }');
    expect(data.partner).toMatchObject({
      id: bank.partnerId, name: 'Nordbank', environment: 'SANDBOX', status: 'ACTIVE', clients: [{ id: bank.clientId, status: 'ACTIVE', keys: [{ kid: bank.key.kid, status: 'ACTIVE' }] }],
    });
  });

  it('gets a new token when the old one is over, with whatever nonce the door gave it', async () => {
    const { tael, partnerId } = await newBank('Mittebank', ['partner:read']);
    tael.forgetToken();
    expect((await tael.query('{ partner { id } }')).data.partner.id).toBe(partnerId);
  });

  it('gets no token for a scope that its client has not, and no field without its scope', async () => {
    const bank = await newBank('Sudbank', ['partner:read']);
    await expect(bank.client({ scope: 'partner:read history:import' }).query('{ partner { id } }')).rejects.toThrow(/invalid_scope/);
    const { errors } = await bank.tael.query('{ partnerAccounts(first: 1) { edges { cursor } } }').catch((error: Error) => ({ errors: [error.message] }));
    expect(JSON.stringify(errors)).toMatch(/FORBIDDEN/);
  });

  it('finds nothing of people there', async () => {
    const bank = await newBank('Ostbank');
    await expect(bank.tael.query('{ viewer { id } }')).rejects.toThrow(/viewer/);
    await expect(bank.tael.query('{ partner { auditTrail(first: 1) { edges { cursor } } } }')).rejects.toThrow(/auditTrail/);
  });

  it('is shut out at once where an operator revokes its key', async () => {
    const bank = await newBank('Westbank');
    const staff = await operator();
    await must(staff.client, `mutation ($input: RevokePartnerKeyInput!) { revokePartnerKey(input: $input) { userErrors { code } } }`,
      { input: { partnerId: bank.partnerId, clientId: bank.clientId, kid: bank.key.kid, reason: 'lost' } });
    await eventually(() => expect(bank.tael.query('{ partner { id } }')).rejects.toThrow(/401|refused|invalid/), { describe: 'the token is refused', timeoutMs: 10_000 });
    bank.tael.forgetToken();
    await expect(bank.tael.query('{ partner { id } }')).rejects.toThrow(/invalid_client/);
  });

  it('brings the history of its accounts and reads their statements, and no other bank sees them', async () => {
    const [bank, other] = await Promise.all([newBank('Importbank'), newBank('Otherbank')]);
    const file = gunzipSync(readFileSync(join(__dirname, '..', 'services', 'accounts', 'test', 'data', 'bank-history.csv.gz'))).toString('utf8');
    const lines = file.split('\n');
    const chunk = lines.slice(0, 2_001).join('\n') + '\n';
    const one = async (name: string, type: string, input: object) => {
      const { data } = await bank.tael.query(`mutation ($input: ${type}!) { ${name}(input: $input) { historyImport { id status lineCount } userErrors { code message } } }`, { input });
      expect(data[name].userErrors).toEqual([]);
      return data[name].historyImport;
    };
    const { id } = await one('openHistoryImport', 'OpenHistoryImportInput', { reference: 'first', currency: 'CZK' });
    expect(await one('addHistoryChunk', 'AddHistoryChunkInput', { importId: id, number: 0, csv: chunk })).toMatchObject({ lineCount: 2_000 });
    await one('checkHistoryImport', 'HistoryImportInput', { importId: id });
    const status = async () => (await bank.tael.query('query ($id: ID!) { historyImport(id: $id) { status } }', { id })).data.historyImport.status;
    await eventually(async () => expect(await status()).toBe('CHECKED'), { describe: 'the dry run ends', timeoutMs: 20_000 });
    await one('applyHistoryImport', 'ApplyHistoryImportInput', { importId: id, allowOverdraft: true });
    await eventually(async () => expect(await status()).toBe('DONE'), { describe: 'the history is booked', timeoutMs: 30_000 });
    const number = lines[1]!.split(',')[1]!;
    const last = lines.slice(1, 2_001).map((line) => line.split(',')).filter(([, account]) => account === number).at(-1)!;
    const ACCOUNT = 'query ($number: String!) { partnerAccount(number: $number, currency: "CZK") { balance { amount } statements(first: 1) { edges { node { closingBalance { amount } } } } } }';
    const { data } = await bank.tael.query(ACCOUNT, { number });
    expect(data.partnerAccount).toEqual({ balance: { amount: last[6] }, statements: { edges: [{ node: { closingBalance: { amount: last[6] } } }] } });
    expect((await other.tael.query(ACCOUNT, { number })).data.partnerAccount).toBeNull();
    expect((await other.tael.query('query ($id: ID!) { historyImport(id: $id) { status } }', { id })).data.historyImport).toBeNull();
  }, 120_000);
});
