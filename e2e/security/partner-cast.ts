import { eventually } from '@tael/testkit';
import { PARTNER_SCOPES } from '@tael/platform/identity';
import { createHash, randomUUID } from 'node:crypto';
import { stack } from '../stack';
import { NOWHERE } from './cast';
import { must, newPerson } from '../world';
import { type Bank, newBank } from './partner-bank';

/** A bank with a row of every kind that the contract reaches. */
export interface World {
  readonly bank: Bank;
  /** Where its webhooks arrive. */
  readonly receiver: string;
  /** By kind, as ROWS has them. */
  readonly rows: Readonly<Record<string, string>>;
}

/** A value of the kind that nobody has. */
export interface RowKind {
  nowhere(): string;
  /** Why a bank has none of its own to compare with: then the matrix compares another's with nobody's alone. */
  readonly noneOfItsOwn?: string;
  /** The answer makes something, so ids, instants and what was sent are different each time. */
  readonly makes?: true;
}

const uuid: RowKind = { nowhere: () => NOWHERE };

/** The kinds of rows that arguments name. */
export const ROWS: Readonly<Record<string, RowKind>> = {
  endpoint: uuid,
  'endpoint-to-delete': uuid,
  delivery: uuid,
  import: uuid,
  merchant: { ...uuid, noneOfItsOwn: 'a bank is no merchant: where it names one, there is none' },
  'account-number': { nowhere: () => `NO${randomUUID().slice(0, 8)}` },
  'import-reference': { nowhere: () => `none-${randomUUID()}`, makes: true },
  subgraph: uuid,
  slug: {
    nowhere: () => `x${randomUUID().replace(/[^a-f]/g, '')}`, makes: true,
    noneOfItsOwn: 'a draft that is refused is refused alike, whether it is the first of its bank or the next',
  },
  document: { nowhere: () => `sha256:${createHash('sha256').update(randomUUID()).digest('hex')}`, makes: true },
  kid: { nowhere: () => randomUUID() },
  jwk: {
    nowhere: () => JSON.stringify({ kty: 'EC', crv: 'P-256', x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0', kid: 'none' }),
    noneOfItsOwn: 'whose a key is shows only to who can sign with it',
  },
};

/** Each argument and input field of type ID or String: the kind of row that it names, or that it is a value and names none. */
export const PLACES: Readonly<Record<string, string>> = {
  'Query.historyImport(id)': 'import',
  'Query.partnerAccount(number)': 'account-number',
  'AddHistoryChunkInput.importId': 'import',
  'AddHistoryChunkInput.csv': 'value',
  'ApplyHistoryImportInput.importId': 'import',
  'HistoryImportInput.importId': 'import',
  'OpenHistoryImportInput.reference': 'import-reference',
  'AddPartnerKeyInput.jwk': 'jwk',
  'AddPartnerKeyInput.certificate': 'value',
  'AddPartnerKeyInput.proof': 'value',
  'PublishDocumentsInput.documents': 'value',
  'WithdrawDocumentsInput.documents': 'document',
  'WithdrawDocumentsInput.reason': 'value',
  'PublishSubgraphInput.slug': 'slug',
  'PublishSubgraphInput.address': 'value',
  'PublishSubgraphInput.sdl': 'value',
  'WithdrawSubgraphInput.id': 'subgraph',
  'SetRedirectUrisInput.uris': 'value',
  'SetRedirectUrisInput.reason': 'value',
  'RetirePartnerKeyInput.kid': 'kid',
  'RetirePartnerKeyInput.reason': 'value',
  'CreateWebhookEndpointInput.merchantId': 'merchant',
  'CreateWebhookEndpointInput.url': 'value',
  'CreateWebhookEndpointInput.description': 'value',
  'CreateWebhookEndpointInput.eventTypes': 'value',
  'UpdateWebhookEndpointInput.endpointId': 'endpoint',
  'UpdateWebhookEndpointInput.url': 'value',
  'UpdateWebhookEndpointInput.description': 'value',
  'UpdateWebhookEndpointInput.eventTypes': 'value',
  'DeleteWebhookEndpointInput.endpointId': 'endpoint-to-delete',
  'RotateWebhookKeyInput.endpointId': 'endpoint',
  'SendTestWebhookInput.endpointId': 'endpoint',
  'RedeliverWebhookInput.deliveryId': 'delivery',
};

/**
 * What a bank sees by a person's consent alone: its own token gets none of it, whatever its scopes. Two banks with one
 * customer are in e2e/consent.e2e.test.ts.
 */
export const CONSENTED: ReadonlySet<string> = new Set(['Query.customer']);

/** The arguments of fields below a root field, where they are demanded. */
export const NESTED: Readonly<Record<string, string>> = {
  'PartnerAccount.statement': '(month: "2024-01")',
  'PartnerStatement.document': '(format: CSV)',
};

/** For each root field with required arguments variables that are right but for the rows that they name. */
export const INPUTS: Readonly<Record<string, () => Record<string, unknown>>> = {
  'Query.historyImport': () => ({ id: NOWHERE }),
  'Query.partnerAccount': () => ({ number: 'NONE', currency: 'CZK' }),
  'Mutation.openHistoryImport': () => ({ input: { reference: `matrix-${randomUUID()}`, currency: 'CZK' } }),
  'Mutation.addHistoryChunk': () => ({ input: { importId: NOWHERE, number: 0, csv: '' } }),
  'Mutation.checkHistoryImport': () => ({ input: { importId: NOWHERE } }),
  'Mutation.applyHistoryImport': () => ({ input: { importId: NOWHERE } }),
  'Mutation.discardHistoryImport': () => ({ input: { importId: NOWHERE } }),
  'Mutation.withdrawDocuments': () => ({ input: { documents: [`sha256:${'0'.repeat(64)}`], reason: 'The matrix' } }),
  'Mutation.publishDocuments': () => ({ input: { documents: ['query Matrix { partner { id } }'] } }),
  'Mutation.publishSubgraph': () => ({ input: { slug: 'x', address: 'https://10.0.0.1/none', sdl: '' } }),
  'Mutation.withdrawSubgraph': () => ({ input: { id: NOWHERE } }),
  'Mutation.setRedirectUris': () => ({ input: { uris: [], reason: 'The matrix' } }),
  'Mutation.addPartnerKey': () => ({ input: { jwk: '{}', proof: 'none' } }),
  'Mutation.retirePartnerKey': () => ({ input: { kid: 'none', reason: 'The matrix' } }),
  'Mutation.createWebhookEndpoint': () => ({ input: { url: 'https://10.0.0.1/none', eventTypes: [] } }),
  'Mutation.updateWebhookEndpoint': () => ({ input: { endpointId: NOWHERE, description: 'The matrix' } }),
  'Mutation.deleteWebhookEndpoint': () => ({ input: { endpointId: NOWHERE } }),
  'Mutation.rotateWebhookKey': () => ({ input: { endpointId: NOWHERE } }),
  'Mutation.sendTestWebhook': () => ({ input: { endpointId: NOWHERE } }),
  'Mutation.redeliverWebhook': () => ({ input: { deliveryId: NOWHERE } }),
};

/** The scope that each root field asks for, where its description does not say it. */
const SCOPES: Readonly<Record<string, string>> = {
  'Mutation.createWebhookEndpoint': 'webhooks:manage',
  'Mutation.updateWebhookEndpoint': 'webhooks:manage',
  'Mutation.deleteWebhookEndpoint': 'webhooks:manage',
  'Mutation.rotateWebhookKey': 'webhooks:manage',
  'Mutation.sendTestWebhook': 'webhooks:manage',
  'Mutation.redeliverWebhook': 'webhooks:manage',
};

/** The one scope that lets a bank ask for a root field. */
export function scopeOf(place: string, description: string | null | undefined): string {
  const [, said] = /[Ss]cope:? ([a-z-]+:[a-z-]+)/.exec(description ?? '') ?? [];
  const scope = said ?? SCOPES[place];
  if (!scope || !(PARTNER_SCOPES as readonly string[]).includes(scope)) throw new Error(`${place} names no scope: in its description, or in SCOPES of partner-cast.ts`);
  return scope;
}

const HEADER = 'date,account,kind,amount,balance_after,operation,purpose,counterparty_bank,counterparty_account,bank_ref\n';

/** Four bookings in two months, of one account; all that can be told of them is this bank's alone. */
function history(number: string, mark: string): string {
  const line = (day: string, kind: string, amount: string, after: string, ref: number) =>
    [day, number, kind, amount, after, `${mark}-operation`, `${mark}-purpose`, `${mark}-bank`, `${mark}-${ref}`, `${mark}-ref-${ref}`].join(',');
  return HEADER + [
    line('2024-01-05', 'credit', '900.00', '900.00', 1), line('2024-01-09', 'debit', '100.50', '799.50', 2),
    line('2024-02-01', 'credit', '50.00', '849.50', 3), line('2024-02-11', 'debit', '9.50', '840.00', 4),
  ].join('\n') + '\n';
}

async function asked(bank: Bank, name: string, type: string, input: object, shown: string): Promise<any> {
  const { body } = await bank.client.ask(`mutation ($input: ${type}!) { ${name}(input: $input) { ${shown} userErrors { code field message } } }`, { input });
  if (!body.data?.[name] || body.data[name].userErrors.length > 0) throw new Error(`${name} was refused: ${JSON.stringify(body)}`);
  return body.data[name];
}

/** Brings a file in, as far as its bank can take it. */
async function importOf(bank: Bank, reference: string, csv: string, end: 'DONE' | 'REFUSED'): Promise<string> {
  const step = async (name: string, type: string, input: object) => (await asked(bank, name, type, input, 'historyImport { id }')).historyImport;
  const { id: importId } = await step('openHistoryImport', 'OpenHistoryImportInput', { reference, currency: 'CZK' });
  await step('addHistoryChunk', 'AddHistoryChunkInput', { importId, number: 0, csv });
  await step('checkHistoryImport', 'HistoryImportInput', { importId });
  const reaches = (status: string) => eventually(async () => {
    const { body } = await bank.client.ask('query ($id: ID!) { historyImport(id: $id) { status } }', { id: importId });
    expect(body.data.historyImport.status).toBe(status);
  }, { describe: `the import is ${status}`, timeoutMs: 60_000 });
  if (end === 'DONE') {
    await reaches('CHECKED');
    await step('applyHistoryImport', 'ApplyHistoryImportInput', { importId });
  }
  await reaches(end);
  return importId;
}

async function newReceiver(): Promise<string> {
  const response = await fetch(`${stack.sandboxUrl}/webhooks`, { method: 'POST' });
  return ((await response.json()) as { url: string }).url;
}

/** How many messages a bank has received. */
export async function receivedBy({ receiver }: World): Promise<number> {
  return ((await (await fetch(receiver)).json()) as { webhooks: unknown[] }).webhooks.length;
}

async function endpointOf(bank: Bank, url: string, description: string): Promise<string> {
  return (await asked(bank, 'createWebhookEndpoint', 'CreateWebhookEndpointInput', { url, description, eventTypes: [] }, 'endpoint { id }')).endpoint.id;
}

/** One message that has arrived: nothing about it changes any more. */
async function deliveredTo(bank: Bank, endpointId: string): Promise<string> {
  const { delivery } = await asked(bank, 'sendTestWebhook', 'SendTestWebhookInput', { endpointId }, 'delivery { id }');
  await eventually(async () => {
    const { body } = await bank.client.ask('{ partnerWebhookEndpoints { edges { node { id deliveries { edges { node { id status } } } } } } }');
    const nodes = body.data.partnerWebhookEndpoints.edges.flatMap(({ node }: any) => node.deliveries.edges.map((edge: any) => edge.node));
    expect(nodes).toContainEqual({ id: delivery.id, status: 'DELIVERED' });
  }, { describe: 'the message has arrived', timeoutMs: 30_000 });
  return delivery.id;
}

/** Gives the client a second key and retires it: a key that the bank can name without that anything changes. */
async function retiredKey(bank: Bank): Promise<string> {
  const { key, proof } = await bank.newKey();
  await asked(bank, 'addPartnerKey', 'AddPartnerKeyInput', { jwk: JSON.stringify(key.jwk), proof }, 'partner { id }');
  await asked(bank, 'retirePartnerKey', 'RetirePartnerKeyInput', { kid: key.kid, reason: 'The matrix' }, 'partner { id }');
  // It takes its own tokens along and no others: the client's stays good.
  expect((await bank.client.ask('{ partner { id } }')).status).toBe(200);
  return key.kid;
}

/** Makes two banks that have nothing to do with each other, but an account of the same number each, and a merchant that is neither's. */
export async function twoWorlds(first: string, second: string): Promise<[World, World]> {
  const { client } = await newPerson();
  const { registerMerchant } = await must<any>(client,
    'mutation { registerMerchant(input: { name: "Not theirs", categoryCode: "5814", currency: "USD" }) { merchant { id } userErrors { code } } }');
  const shared = `SHARED-${randomUUID().slice(0, 8)}`;
  return Promise.all([newWorld(first, registerMerchant.merchant.id, shared), newWorld(second, registerMerchant.merchant.id, shared)]);
}

/** A subgraph that waits for an operator. */
async function subgraphOf(bank: Bank, slug: string): Promise<string> {
  const type = `${slug[0]!.toUpperCase()}${slug.slice(1)}Bank`;
  const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
    type Query { ${slug}: ${type} } type ${type} { motto: String }`;
  return (await asked(bank, 'publishSubgraph', 'PublishSubgraphInput', { slug, sdl, address: 'https://graph.bank.example/graphql' }, 'subgraph { id } problems { code reason }')).subgraph.id;
}

/** Makes a bank with a row of every kind. */
async function newWorld(name: string, merchantId: string, shared: string): Promise<World> {
  const mark = `${name.toLowerCase()}-${randomUUID().slice(0, 8)}`;
  const bank = await newBank(`${name} ${mark}`, PARTNER_SCOPES);
  const kid = await retiredKey(bank);
  const receiver = await newReceiver();
  const endpoint = await endpointOf(bank, receiver, `${mark} events`);
  const reference = `${mark}-history`;
  const number = mark.toUpperCase();
  await importOf(bank, reference, history(number, mark), 'DONE');
  await importOf(bank, `${mark}-shared`, history(shared, mark), 'DONE');
  const wrong = history(`${mark}X`, mark).replace('799.50', '799.51');
  const text = `query ${mark.replace('-', '_')} { partner { name } }`;
  const { documents: [document] } = await asked(bank, 'publishDocuments', 'PublishDocumentsInput', { documents: [text] }, 'documents { id }');
  const slug = mark.replace(/[^a-z\d]/g, '');
  return {
    bank, receiver,
    rows: {
      endpoint, 'endpoint-to-delete': await endpointOf(bank, `${receiver}?ends`, `${mark} ends`), delivery: await deliveredTo(bank, endpoint),
      import: await importOf(bank, `${mark}-wrong`, wrong, 'REFUSED'), merchant: merchantId, 'account-number': number,
      subgraph: await subgraphOf(bank, slug), slug, document: document.id,
      'import-reference': reference, kid, jwk: JSON.stringify(bank.key.jwk),
    },
  };
}
