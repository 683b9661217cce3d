import { eventually } from '@tael/testkit';
import { randomUUID } from 'node:crypto';
import { type Bank, newBank } from './security/partner-bank';
import { stack } from './stack';
import { must, operator } from './world';

async function sandbox(path: string, method = 'GET', json?: object): Promise<any> {
  const url = path.startsWith('http') ? path : stack.sandboxUrl + path;
  const response = await fetch(url, { method, ...(json ? { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } } : {}) });
  const text = await response.text();
  return text ? JSON.parse(text) : undefined;
}

async function asked(bank: Bank, name: string, type: string, input: object, shown: string): Promise<any> {
  const { body } = await bank.client.ask(`mutation ($input: ${type}!) { ${name}(input: $input) { ${shown} userErrors { code message } } }`, { input });
  expect(body).toMatchObject({ data: { [name]: { userErrors: [] } } });
  return body.data[name];
}

/** A bank with an endpoint at a receiver that takes only what the endpoint's key signed. */
async function newTold(
  name: string, eventTypes: readonly string[] = ['history-import.ended', 'partner.changed'],
): Promise<Bank & { url: string }> {
  const bank = await newBank(name, ['partner:read', 'webhooks:manage', 'history:import', 'keys:manage']);
  const { url } = await sandbox('/webhooks', 'POST');
  const { endpoint } = await asked(bank, 'createWebhookEndpoint', 'CreateWebhookEndpointInput',
    { url, eventTypes }, 'endpoint { keys { publicKey } }');
  await sandbox(url, 'PUT', { publicKeys: endpoint.keys.map(({ publicKey }: any) => publicKey) });
  return { ...bank, url };
}

/** What has arrived, the first first. */
async function arrived({ url }: { url: string }): Promise<{ type: string; data: any; verified: boolean }[]> {
  const { webhooks } = await sandbox(url);
  return webhooks.toReversed().map(({ body, verified }: any) => ({ ...JSON.parse(body), verified }));
}

async function operate(mutation: string, { partnerId }: Bank, input: object = {}): Promise<void> {
  const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`;
  await must((await operator()).client, `mutation ($input: ${type}!) { ${mutation}(input: $input) { userErrors { code } } }`,
    { input: { partnerId, reason: 'A test', ...input } });
}

/** The version of a bank that was invited, was given a rate and has registered: see newBank. */
const MADE = 3;

const setRate = (bank: Bank, perSecond: number) => operate('setPartnerRate', bank, { perSecond, burst: 10_000 });

// Goal: a bank hears of the end of its import. Method: one good and one wrong file, by the partners' door, and the sandbox's receiver.
it('a bank hears how its imports ended, signed and once', async () => {
  const bank = await newTold('Told Bank');
  const bring = async (csv: string) => {
    const { historyImport } = await asked(bank, 'openHistoryImport', 'OpenHistoryImportInput', { reference: randomUUID(), currency: 'CZK' }, 'historyImport { id }');
    const importId = historyImport.id;
    await asked(bank, 'addHistoryChunk', 'AddHistoryChunkInput', { importId, number: 0, csv }, 'historyImport { id }');
    await asked(bank, 'checkHistoryImport', 'HistoryImportInput', { importId }, 'historyImport { id }');
    return importId as string;
  };
  const HEADER = 'date,account,kind,amount,balance_after\n';
  const refused = await bring(`${HEADER}2024-01-05,T1,credit,10.00,11.00\n2024-01-06,T1,credit,1.00,2.00\n`);
  await eventually(async () => expect(await arrived(bank)).toMatchObject([{ type: 'history-import.ended', data: { importId: refused, status: 'REFUSED' }, verified: true }]),
    { describe: 'the refusal is told', timeoutMs: 30_000 });
  const done = await bring(`${HEADER}2024-01-05,T1,credit,10.00,10.00\n`);
  await eventually(async () => {
    const { body } = await bank.client.ask('query ($id: ID!) { historyImport(id: $id) { status } }', { id: done });
    expect(body.data.historyImport.status).toBe('CHECKED');
  }, { describe: 'the dry run ends', timeoutMs: 30_000 });
  await asked(bank, 'applyHistoryImport', 'ApplyHistoryImportInput', { importId: done }, 'historyImport { id }');
  await eventually(async () => {
    expect((await arrived(bank)).map(({ data, verified }) => [data.importId, data.status, verified])).toEqual([[refused, 'REFUSED', true], [done, 'DONE', true]]);
  }, { describe: 'the end is told', timeoutMs: 30_000 });
});

// Goal: nothing leaves for a suspended bank, and nothing is lost. Method: its own changes while it is suspended, and another bank's that come after.
it('a suspended bank hears nothing until it is let in again, and then everything in order', async () => {
  const [bank, other] = [await newTold('Paused Bank'), await newTold('Other Bank')];
  // What was told of its making may come after the endpoint is there.
  const since = async (one: { url: string }) => (await arrived(one)).filter(({ data }) => data.version > MADE);
  await operate('suspendPartner', bank);
  await setRate(bank, 3);
  await setRate(other, 3);
  await eventually(async () => expect(await since(other)).toHaveLength(1), { describe: 'the other bank hears of a later change', timeoutMs: 30_000 });
  expect(await since(bank)).toEqual([]);
  await operate('resumePartner', bank);
  const told = await eventually(async () => {
    const all = await since(bank);
    expect(all).toHaveLength(3);
    return all;
  }, { describe: 'everything has come', timeoutMs: 30_000 });
  expect(told.map(({ data }) => [data.version, data.status])).toEqual([[MADE + 1, 'SUSPENDED'], [MADE + 2, 'SUSPENDED'], [MADE + 3, 'ACTIVE']]);
  expect(told.every(({ verified, type }) => verified && type === 'partner.changed')).toBe(true);
});

// Goal: no bank is shut out by a key that ends unseen. Method: one more key that ends in ten days; the other one ends never.
it('a bank hears once that a key ends soon, and sees when', async () => {
  const bank = await newTold('Ending Bank', ['partner.key-expiring']);
  const { key, proof } = await bank.newKey();
  const expiresAt = new Date((Math.floor(Date.now() / 1000) + 10 * 86_400) * 1000);
  await asked(bank, 'addPartnerKey', 'AddPartnerKeyInput', { jwk: JSON.stringify({ ...key.jwk, exp: expiresAt.getTime() / 1000 }), proof }, 'partner { id }');
  const ending = { partnerId: bank.partnerId, clientId: bank.clientId, kid: key.kid, days: 30 };
  // Keys are looked at once a minute.
  await eventually(async () => {
    expect(await arrived(bank)).toMatchObject([{ type: 'partner.key-expiring', data: ending, verified: true }]);
  }, { describe: 'the end is told', timeoutMs: 120_000 });
  const { body } = await bank.client.ask('{ partner { clients { keys { kid expiresAt } } } }');
  const keys = body.data.partner.clients.flatMap((client: any) => client.keys);
  expect(keys).toContainEqual({ kid: key.kid, expiresAt: expiresAt.toISOString() });
  expect(keys).toContainEqual({ kid: bank.key.kid, expiresAt: null });
}, 150_000);
