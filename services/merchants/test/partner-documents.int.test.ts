import { IDENTITY_HEADER, type Identity, type PartnerScope, signIdentity } from '@tael/platform/identity';
import { createHash } from 'node:crypto';
import { createApp, createWebhooks } from '../src/app';
import { PartnerDocumentService } from '../src/partner-documents/partner-document.service';
import { type Bank, bankIdentity, call, newBank } from './partner-world';
import { identityKeys, nobody, operator, sealKeys, silent, somebody, startSubject, type Subject } from './support';
import { createEndpoint, must } from './webhook-world';

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject('partner_documents');
});
afterAll(() => subject?.stop());

const SCOPES: PartnerScope[] = ['partner:read', 'documents:publish', 'webhooks:manage'];
const PUBLISH = 'mutation ($input: PublishDocumentsInput!) { publishDocuments(input: $input) { documents { id text publishedAt } userErrors { code field message } } }';
const LIST = '{ partner { documents(first: 100) { edges { node { id text } } } } }';

const bankWith = async (): Promise<Bank> => newBank(subject, { scopes: SCOPES, environment: 'PRODUCTION' }).then((bank) => ({ ...bank, as: bankIdentity(bank.partnerId, bank.clientId, SCOPES) }));
const idOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const publish = async (as: Identity, documents: readonly string[]) => (await must(subject, as, PUBLISH, { input: { documents } })).publishDocuments;
const listed = async (as: Identity) => (await must(subject, as, LIST)).partner.documents.edges.map(({ node }: any) => node.id);
const countOf = async ({ partnerId }: Bank) => (await subject.dataSource.query('SELECT count(*)::int AS n FROM partner_document WHERE "partnerId" = $1', [partnerId]))[0].n;

it('are published by their sums, each once, and stand in the audit trail', async () => {
  const bank = await bankWith();
  const [one, two] = ['{ partner { id } }', 'query Ä { partner { name } }'];
  const first = await publish(bank.as, [one, two, one]);
  expect(first).toEqual({ documents: [one, two].map((text) => ({ id: idOf(text), text, publishedAt: expect.any(String) })), userErrors: [] });
  expect(await publish(bank.as, [two])).toEqual({ documents: [first.documents[1]], userErrors: [] });
  expect(await listed(bank.as)).toEqual([idOf(one), idOf(two)].sort());
  const { partnerById } = await must(subject, operator(), `query ($id: ID!) { partnerById(id: $id) {
    documents(first: 5) { edges { node { id } } } auditTrail(first: 10) { edges { node { action actorKind actorId after } } } } }`, { id: bank.partnerId });
  expect(partnerById.documents.edges.map(({ node }: any) => node.id)).toEqual([idOf(one), idOf(two)].sort());
  const entries = partnerById.auditTrail.edges.map(({ node }: any) => node).filter(({ action }: any) => action === 'DOCUMENTS_PUBLISHED');
  expect(entries).toEqual([{ action: 'DOCUMENTS_PUBLISHED', actorKind: 'PARTNER_CLIENT', actorId: bank.clientId, after: JSON.stringify({ documents: [one, two].map((text) => idOf(text).slice(7)) }) }]);
});

it('are refused where they are none, too long or too many', async () => {
  const bank = await bankWith();
  expect((await publish(bank.as, ['{ a }', '', 'x'.repeat(16_385)])).userErrors).toMatchObject([
    { code: 'INVALID_INPUT', field: ['input', 'documents', '1'] }, { code: 'INVALID_INPUT', field: ['input', 'documents', '2'] },
  ]);
  expect((await publish(bank.as, Array.from({ length: 11 }, (_none, index) => `{ a${index} }`))).userErrors).toMatchObject([{ code: 'INVALID_INPUT' }]);
  expect(await countOf(bank)).toBe(0);
});

it('are a thousand at most, however many are published at once', async () => {
  const bank = await bankWith();
  await subject.dataSource.query(
    `INSERT INTO partner_document ("partnerId", sum, text, "publishedAt", "publishedBy")
     SELECT $1, encode(sha256(convert_to(t, 'UTF8')), 'hex'), t, now(), $2 FROM (SELECT '{ old' || n || ' }' AS t FROM generate_series(1, 995) n) d`,
    [bank.partnerId, bank.clientId],
  );
  const answers = await Promise.all(Array.from({ length: 8 }, (_none, index) => publish(bank.as, [`{ a${index} }`, `{ b${index} }`])));
  expect(answers.filter(({ documents }) => documents)).toHaveLength(2);
  expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual(Array.from({ length: 6 }, () => ({
    code: 'LIMIT_EXCEEDED', field: ['input', 'documents'], message: 'There are as many published documents as there may be.',
  })));
  expect(await countOf(bank)).toBe(999);
  // What is there already takes no place.
  expect((await publish(bank.as, ['{ old1 }', '{ last }'])).userErrors).toEqual([]);
  expect((await publish(bank.as, ['{ old2 }'])).userErrors).toEqual([]);
});

it('are a bank’s own: nobody else sees or runs them, and the scope is needed', async () => {
  const [bank, other] = [await bankWith(), await bankWith()];
  const text = '{ partner { status } }';
  await publish(bank.as, [text]);
  expect(await listed(other.as)).toEqual([]);
  const service = new PartnerDocumentService({ dataSource: subject.dataSource, now: () => new Date() });
  const sum = idOf(text).slice(7);
  expect([await service.textOf(bank.partnerId, sum), await service.textOf(other.partnerId, sum), await service.textOf('none', sum)]).toEqual([text, undefined, undefined]);
  const code = async (as: Identity) => (await subject.ask(as, PUBLISH, { input: { documents: [text] } })).errors?.[0]?.extensions?.code;
  const without = bankIdentity(bank.partnerId, bank.clientId, ['partner:read', 'keys:manage', 'webhooks:manage', 'history:import', 'statements:read']);
  expect(await Promise.all([without, somebody(), operator(), nobody].map(code))).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN', 'UNAUTHENTICATED']);
});

it('are not published by a bank that is suspended', async () => {
  const bank = await bankWith();
  await call(subject, operator(), 'suspendPartner', { partnerId: bank.partnerId, reason: 'A test' });
  expect((await publish(bank.as, ['{ partner { id } }'])).userErrors).toMatchObject([{ code: 'NOT_ALLOWED' }]);
});

it('are never changed: not by the service, not by their owner', async () => {
  const bank = await bankWith();
  await publish(bank.as, ['{ partner { rate { burst } } }']);
  await expect(subject.dataSource.query(`UPDATE partner_document SET text = 'x' WHERE "partnerId" = $1`, [bank.partnerId])).rejects.toThrow(/partner_document_sum/);
  await expect(subject.database.asOwner(`UPDATE partner_document SET text = 'x' WHERE "partnerId" = '${bank.partnerId}'`)).rejects.toThrow(/partner_document_sum/);
});

it('are told to gateways for the bank that asks there, and to nobody else', async () => {
  const [bank, other] = [await bankWith(), await bankWith()];
  const text = '{ partner { createdAt } }';
  await publish(bank.as, [text]);
  const { dataSource } = subject;
  const webhooks = createWebhooks({ dataSource, log: silent, sealKeys, sender: { allowHttp: true } });
  const app = await createApp({ dataSource, log: silent, identityKeys, sealKeys, webhooks, subgraphs: { own: [], allowHttp: true } });
  const asked = async (header: string | undefined, sum = idOf(text).slice(7)) => {
    const answer = await app.inject({ method: 'GET', url: `/.well-known/partner-documents/${sum}`, headers: header === undefined ? {} : { [IDENTITY_HEADER]: header } });
    return [answer.statusCode, answer.json()];
  };
  const signed = (as: Identity, keys = identityKeys) => signIdentity(as, '', keys, Date.now());
  expect(await asked(signed(bank.as))).toEqual([200, { text }]);
  expect(await asked(signed(other.as))).toEqual([200, { text: null }]);
  expect(await asked(signed(bank.as), '0'.repeat(64))).toEqual([200, { text: null }]);
  for (const header of [undefined, 'none', signed(operator()), signed(nobody), signed(bank.as, [{ id: 'i1', key: Buffer.alloc(32, 9) }])])
    expect(await asked(header)).toEqual([401, { error: 'unauthorized' }]);
  await app.close();
});

it('the environment is told with each change of a bank', async () => {
  const bank = await bankWith();
  const told = (await subject.events(bank.partnerId)).map(({ data }) => data['environment']);
  expect(new Set(told)).toEqual(new Set(['PRODUCTION']));
  const sandbox = await newBank(subject);
  expect((await subject.events(sandbox.partnerId)).at(-1)!.data).toMatchObject({ environment: 'SANDBOX' });
});

it('operators see a bank’s endpoints and what was sent to them, and change nothing', async () => {
  const bank = await bankWith();
  const { endpoint } = await createEndpoint(subject, bank.as, { url: 'https://hooks.bank.example/tael', eventTypes: [] });
  await must(subject, bank.as, 'mutation ($input: SendTestWebhookInput!) { sendTestWebhook(input: $input) { userErrors { code } } }', { input: { endpointId: endpoint.id } });
  const query = `query ($id: ID!) { partnerById(id: $id) { rate { burst } webhookEndpoints(first: 5) { edges { node { id status keys { publicKey } deliveries(first: 5) { edges { node { eventType status } } } } } } } }`;
  const { partnerById } = await must(subject, operator(), query, { id: bank.partnerId });
  expect(partnerById.webhookEndpoints.edges).toMatchObject([{ node: { id: endpoint.id, status: 'ENABLED', deliveries: { edges: [{ node: { eventType: 'webhook.test', status: 'PENDING' } }] } } }]);
  const asBank = await subject.ask(bank.as, '{ partner { webhookEndpoints(first: 1) { edges { cursor } } } }');
  expect(asBank.errors[0].extensions.code).toMatch(/FORBIDDEN|UNAUTHENTICATED/);
  const rotate = async (reason: object) => (await must(subject, operator(), 'mutation ($input: RotateWebhookKeyInput!) { rotateWebhookKey(input: $input) { userErrors { code field } } }',
    { input: { endpointId: endpoint.id, ...reason } })).rotateWebhookKey.userErrors;
  expect(await rotate({ reason: 'It asked me to' })).toEqual([{ code: 'NOT_FOUND', field: ['input', 'endpointId'] }]);
  expect(await rotate({})).toEqual([{ code: 'INVALID_INPUT', field: ['input', 'reason'] }]);
});

describe('are withdrawn', () => {
  const withdraw = async (as: Identity, documents: readonly string[], reason = 'Replaced') => (await must(subject, as,
    'mutation ($input: WithdrawDocumentsInput!) { withdrawDocuments(input: $input) { withdrawn userErrors { code field } } }', { input: { documents, reason } })).withdrawDocuments;
  const byOperator = async (partnerId: string, documents: readonly string[], as = operator()) => subject.ask(as,
    'mutation ($input: WithdrawPartnerDocumentsInput!) { withdrawPartnerDocuments(input: $input) { withdrawn userErrors { code field } } }',
    { input: { partnerId, documents, reason: 'It asks for too much' } });
  const trailOf = async (partnerId: string) => (await must(subject, operator(), `query ($id: ID!) { partnerById(id: $id) {
    auditTrail(first: 10) { edges { node { action actorKind actorId before reason } } } } }`, { id: partnerId })).partnerById.auditTrail.edges
    .map(({ node }: any) => node).filter(({ action }: any) => action === 'DOCUMENTS_WITHDRAWN');

  it('by the bank itself, each once, with an entry of the trail; what is not there is passed over', async () => {
    const bank = await bankWith();
    const [one, two] = ['{ partner { id } } # 1', '{ partner { id } } # 2'];
    await publish(bank.as, [one, two]);
    const none = idOf('nobody has this');
    expect(await withdraw(bank.as, [none, idOf(one), idOf(one)])).toEqual({ withdrawn: [idOf(one)], userErrors: [] });
    expect(await listed(bank.as)).toEqual([idOf(two)]);
    expect(await new PartnerDocumentService({ dataSource: subject.dataSource, now: () => new Date() }).textOf(bank.partnerId, idOf(one).slice(7))).toBeUndefined();
    expect(await withdraw(bank.as, [idOf(one)])).toEqual({ withdrawn: [], userErrors: [] });
    expect(await trailOf(bank.partnerId)).toEqual([
      { action: 'DOCUMENTS_WITHDRAWN', actorKind: 'PARTNER_CLIENT', actorId: bank.clientId, before: JSON.stringify({ documents: [idOf(one).slice(7)] }), reason: 'Replaced' },
    ]);
    expect((await publish(bank.as, [one])).documents).toMatchObject([{ id: idOf(one) }]);
  });

  it('and make room: a thousand are those that run', async () => {
    const bank = await bankWith();
    await subject.dataSource.query(
      `INSERT INTO partner_document ("partnerId", sum, text, "publishedAt", "publishedBy")
       SELECT $1, encode(sha256(convert_to(t, 'UTF8')), 'hex'), t, now(), $2 FROM (SELECT '{ full' || n || ' }' AS t FROM generate_series(1, 1000) n) d`,
      [bank.partnerId, bank.clientId],
    );
    expect((await publish(bank.as, ['{ more }'])).userErrors).toMatchObject([{ code: 'LIMIT_EXCEEDED' }]);
    expect((await withdraw(bank.as, [idOf('{ full7 }')])).withdrawn).toHaveLength(1);
    expect((await publish(bank.as, ['{ more }'])).userErrors).toEqual([]);
    expect((await publish(bank.as, ['{ evenMore }'])).userErrors).toMatchObject([{ code: 'LIMIT_EXCEEDED' }]);
  });

  it("by an operator, also of a bank that is suspended; nobody else's, and not without the scope", async () => {
    const [bank, other] = [await bankWith(), await bankWith()];
    const text = '{ partner { id } } # of one';
    await publish(bank.as, [text]);
    await publish(other.as, [text]);
    // Who has not published it withdraws nothing by its id, and is not told that somebody has; who has, withdraws its own alone.
    const third = await bankWith();
    for (const unheld of ['{ partner { id } } # of nobody', text]) expect(await withdraw(third.as, [idOf(unheld)])).toEqual({ withdrawn: [], userErrors: [] });
    expect([await countOf(bank), await countOf(other)]).toEqual([1, 1]);
    expect(await trailOf(third.partnerId)).toEqual([]);
    expect(await withdraw(other.as, [idOf(text)])).toEqual({ withdrawn: [idOf(text)], userErrors: [] });
    expect([await countOf(bank), await countOf(other)]).toEqual([1, 0]);
    await publish(other.as, [text]);
    const weak = bankIdentity(bank.partnerId, bank.clientId, ['partner:read']);
    const refused = await subject.ask(weak, 'mutation { withdrawDocuments(input: { documents: [], reason: "x" }) { withdrawn } }');
    expect(refused.errors[0].extensions.code).toBe('FORBIDDEN');
    expect((await byOperator(bank.partnerId, [idOf(text)], somebody())).errors[0].extensions.code).toBe('FORBIDDEN');
    expect(await countOf(bank)).toBe(1);
    await call(subject, operator(), 'suspendPartner', { partnerId: bank.partnerId, reason: 'A test' });
    const staff = operator();
    expect((await byOperator(bank.partnerId, [idOf(text)], staff)).data.withdrawPartnerDocuments).toEqual({ withdrawn: [idOf(text)], userErrors: [] });
    expect([await countOf(bank), await countOf(other)]).toEqual([0, 1]);
    expect(await trailOf(bank.partnerId)).toMatchObject([{ actorKind: 'PERSON', actorId: staff.principal!.personId, reason: 'It asks for too much' }]);
    expect((await byOperator('0196a000-0000-7000-8000-00000000dead', [idOf(text)])).data.withdrawPartnerDocuments.userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  });

  it('but not by ids that are none, or without a reason', async () => {
    const bank = await bankWith();
    expect((await withdraw(bank.as, ['x', idOf('y')], ' ')).userErrors).toEqual([
      { code: 'INVALID_INPUT', field: ['input', 'documents', '0'] }, { code: 'INVALID_INPUT', field: ['input', 'reason'] },
    ]);
    expect((await withdraw(bank.as, [])).userErrors).toMatchObject([{ code: 'INVALID_INPUT' }]);
  });
});
