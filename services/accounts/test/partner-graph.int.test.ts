import { randomUUID } from 'node:crypto';
import type { PartnerScope } from '@tael/platform/identity';
import { createLogger } from '@tael/platform/log';
import { IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import { newKeyPair } from '@tael/testkit';
import { v7 as uuidv7 } from 'uuid';
import { type App, createApp } from '../src/app';
import { type Bank, openBank, SEAL_KEYS } from './support/bank';

const IDENTITY_KEYS: [{ id: string; key: Buffer }] = [{ id: 'gateway', key: Buffer.alloc(32, 9) }];
const IMPORT = `id reference currency status nextChunk lineCount accountCount checkedAccounts overdrawnAccounts problemCount appliedLines createdAt endedAt
  problems(first: 5) { edges { node { line code } } pageInfo { hasNextPage } }`;
const PAYLOAD = `historyImport { ${IMPORT} } userErrors { code field message }`;
const ACCOUNT = `id number currency balance { amount currency } overdraft { amount } firstBookedOn lastBookedOn
  statements(first: 5) { edges { node { month isFinal openingBalance { amount } closingBalance { amount } credits { amount } debits { amount } entryCount
    entries(first: 5) { edges { node { bookedOn amount { amount } balanceAfter { amount } operation purpose counterpartyBank counterpartyAccount bankReference } } }
    csv: document(format: CSV) { content } camt: document(format: CAMT_053) { fileName content } } } }`;
const CSV = `date,account,kind,operation,purpose,amount,balance_after,counterparty_bank,counterparty_account,bank_ref
2020-01-05,CZ 12,credit,transfer in,pension,100.00,100.00,CD,71194147,R1
2020-01-06,CZ 12,debit,cash withdrawal,,120.50,-20.50,,,R2
`;

// The subgraph as the partners' door asks it: what a bank sees, and what its token must say.
describe('graph of banks', () => {
  let bank: Bank;
  let app: App;

  beforeAll(async () => {
    const signingKey = { ...newKeyPair().privateKey.export({ format: 'jwk' }), kid: 'test' };
    bank = await openBank('partner-graph');
    const settings = {
      IDENTITY_KEYS, SEAL_KEYS, TOKEN_SIGNING_KEYS: [signingKey], TOKEN_ISSUER: 'i', TOKEN_AUDIENCE: 'a', CARD_FINGERPRINT_KEYS: [{ id: 'f1', key: Buffer.alloc(32, 1) }],
      CARD_PROCESSOR_URL: 'http://127.0.0.1:1', CARD_PROCESSOR_SECRET: 'x'.repeat(16), CARD_PROCESSOR_NOTICE_KEYS: [], SIGN_UPS_PER_HOUR: 1, SIGN_INS_PER_HOUR: 1,
      FAILED_SIGN_INS_PER_15_MINUTES: 1, BANK_URL: 'http://127.0.0.1:1', BANK_SIGNING_KEYS: [{ id: 'b', key: Buffer.alloc(32, 6) }],
      PARTNER_ISSUER: 'http://127.0.0.1/partner/oauth', PARTNER_AUDIENCE: 'http://127.0.0.1/partner/graphql',
    } as never;
    app = await createApp({ dataSource: bank.dataSource, log: createLogger({ service: 'test', level: 'silent' }), now: () => new Date(), settings });
  });
  afterAll(async () => {
    await app.server.close();
    await bank.close();
  });

  interface Asker {
    readonly partnerId?: string;
    readonly scopes?: readonly PartnerScope[];
    readonly personId?: string;
  }
  async function ask({ partnerId, scopes = ['history:import', 'statements:read'], personId }: Asker, query: string, variables: object = {}): Promise<any> {
    const body = JSON.stringify({ query, variables });
    const identity = {
      principal: personId ? { personId, sessionId: randomUUID(), roles: ['CUSTOMER', 'OPERATOR'] as const } : null,
      ...(partnerId ? { partner: { partnerId, clientId: uuidv7(), scopes } } : {}),
      locale: 'en', reference: 'ref', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', address: '127.0.0.1',
    };
    const response = await app.server.inject({
      method: 'POST', url: '/graphql', payload: body,
      headers: { 'content-type': 'application/json', [IDENTITY_HEADER]: signIdentity(identity, body, IDENTITY_KEYS, Date.now()) },
    });
    return JSON.parse(response.body);
  }
  const step = async (asker: Asker, name: string, input: object, type = 'HistoryImportInput') =>
    (await ask(asker, `mutation ($input: ${type}!) { ${name}(input: $input) { ${PAYLOAD} } }`, { input })).data[name];
  async function workOff(): Promise<void> {
    while ((await app.services.historyWork.work()) > 0);
  }

  it('takes a history from its first chunk to its statements', async () => {
    const nord = { partnerId: uuidv7() };
    const opened = await step(nord, 'openHistoryImport', { reference: 'all', currency: 'CZK' }, 'OpenHistoryImportInput');
    expect(opened).toMatchObject({ userErrors: [], historyImport: { status: 'UPLOADING', nextChunk: 0, problems: { edges: [] } } });
    const importId = opened.historyImport.id;
    expect(await step(nord, 'addHistoryChunk', { importId, number: 0, csv: CSV }, 'AddHistoryChunkInput')).toMatchObject({ historyImport: { nextChunk: 1, lineCount: 2 } });
    expect(await step(nord, 'checkHistoryImport', { importId })).toMatchObject({ historyImport: { status: 'CHECKING' } });
    await workOff();
    expect(await step(nord, 'applyHistoryImport', { importId }, 'ApplyHistoryImportInput')).toEqual({
      historyImport: null, userErrors: [{ code: 'NOT_ALLOWED', field: ['input', 'allowOverdraft'], message: 'The history takes accounts below zero. Send allowOverdraft: true if that is right.' }],
    });
    await step(nord, 'applyHistoryImport', { importId, allowOverdraft: true }, 'ApplyHistoryImportInput');
    await workOff();
    const { data } = await ask(nord, `query ($id: ID!) { historyImport(id: $id) { status appliedLines } partnerAccounts(first: 5) { edges { node { ${ACCOUNT} } } }
      partnerAccount(number: "cz12", currency: "CZK") { statement(month: "2020-01") { entryCount } none: statement(month: "2020-02") { entryCount } } }`, { id: importId });
    expect(data.historyImport).toEqual({ status: 'DONE', appliedLines: 2 });
    expect(data.partnerAccount).toEqual({ statement: { entryCount: 2 }, none: null });
    const [{ node: account }] = data.partnerAccounts.edges;
    expect(account).toMatchObject({ number: 'CZ12', balance: { amount: '-20.50', currency: 'CZK' }, overdraft: { amount: '20.50' }, firstBookedOn: '2020-01-05', lastBookedOn: '2020-01-06' });
    const [{ node: statement }] = account.statements.edges;
    expect(statement).toMatchObject({ month: '2020-01', openingBalance: { amount: '0.00' }, closingBalance: { amount: '-20.50' }, credits: { amount: '100.00' }, debits: { amount: '120.50' } });
    expect(statement.entries.edges.map((edge: any) => edge.node)).toEqual([
      { bookedOn: '2020-01-05', amount: { amount: '100.00' }, balanceAfter: { amount: '100.00' }, operation: 'transfer in', purpose: 'pension', counterpartyBank: 'CD', counterpartyAccount: '71194147', bankReference: 'R1' },
      { bookedOn: '2020-01-06', amount: { amount: '-120.50' }, balanceAfter: { amount: '-20.50' }, operation: 'cash withdrawal', purpose: '', counterpartyBank: '', counterpartyAccount: '', bankReference: 'R2' },
    ]);
    expect(statement.csv.content).toContain('transfer in / pension / R1');
    expect(statement.camt.content).toContain('<Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="CZK">20.50</Amt><CdtDbtInd>DBIT</CdtDbtInd>');
  });

  const OPERATIONS: [PartnerScope, string][] = [
    ['history:import', 'query { historyImport(id: "x") { id } }'],
    ['history:import', 'mutation { openHistoryImport(input: { reference: "r", currency: "CZK" }) { userErrors { code } } }'],
    ['history:import', 'mutation { addHistoryChunk(input: { importId: "x", number: 0, csv: "" }) { userErrors { code } } }'],
    ['history:import', 'mutation { checkHistoryImport(input: { importId: "x" }) { userErrors { code } } }'],
    ['history:import', 'mutation { applyHistoryImport(input: { importId: "x" }) { userErrors { code } } }'],
    ['history:import', 'mutation { discardHistoryImport(input: { importId: "x" }) { userErrors { code } } }'],
    ['statements:read', 'query { partnerAccounts { edges { cursor } } }'],
    ['statements:read', 'query { partnerAccount(number: "x", currency: "CZK") { id } }'],
  ];

  test.each(OPERATIONS)('asks for the scope %s in %s', async (scope, document) => {
    const others = (['partner:read', 'keys:manage', 'webhooks:manage', 'history:import', 'statements:read'] as const).filter((other) => other !== scope);
    const refused = await ask({ partnerId: uuidv7(), scopes: others }, document);
    expect(refused.errors[0].extensions).toMatchObject({ code: 'FORBIDDEN', scope });
    expect((await ask({ partnerId: uuidv7(), scopes: [scope] }, document)).errors).toBeUndefined();
    expect((await ask({ personId: uuidv7() }, document)).errors[0].extensions.code).toBe('FORBIDDEN');
    expect((await ask({}, document)).errors[0].extensions.code).toBe('UNAUTHENTICATED');
  });

  test.each(['{ viewer { id } }', '{ transaction(id: "01a22108-f8c4-75e9-815b-67a74adecaaf") { id } }', 'mutation { openWallet(input: { currency: "USD" }) { userErrors { code } } }'])(
    'finds no person where a bank asks %s', async (document) => {
      expect((await ask({ partnerId: uuidv7() }, document)).errors[0].extensions.code).toBe('UNAUTHENTICATED');
    },
  );
});
