import { eventually } from '@tael/testkit';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { newBank } from './banks';
import { must, operator } from './world';

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
