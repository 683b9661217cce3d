import { eventually } from '@tael/testkit';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConnectionHandler,
  commitMutation,
  createOperationDescriptor,
  Environment,
  fetchQuery,
  getRequest,
  Network,
  Observable,
  RecordSource,
  requestSubscription,
  Store,
} from 'relay-runtime';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { stack } from '../stack';
import { newFundedPerson, newMerchant, pay, type Person } from '../world';
import { composedApi } from './composed-api';

// A small application in relay/app, compiled against our schema by Relay's own compiler, then run by its runtime.
const folder = mkdtempSync(join(tmpdir(), 'tael-relay-'));
const artifacts = join(folder, 'artifacts');
const compiler = require.resolve('relay-compiler/cli.js');

function compile(sources: Readonly<Record<string, string>> = {}): void {
  rmSync(artifacts, { recursive: true, force: true });
  mkdirSync(artifacts);
  cpSync(join(__dirname, 'relay/app'), join(folder, 'src'), { recursive: true });
  for (const [name, text] of Object.entries(sources)) writeFileSync(join(folder, 'src', name), text);
  writeFileSync(join(folder, 'schema.graphql'), composedApi());
  const config = { src: './src', schema: './schema.graphql', language: 'javascript', artifactDirectory: './artifacts' };
  writeFileSync(join(folder, 'relay.config.json'), JSON.stringify({ ...config, eagerEsModules: false }));
  execFileSync(process.execPath, [compiler, 'relay.config.json'], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
}

const artifact = (name: string): any => require(join(artifacts, `${name}.graphql.js`));

/** An environment of Relay for a person, and the names of the operations that it sent over HTTP. */
function environmentOf(person: Person) {
  const sent: string[] = [];
  const socket = createClient({
    url: stack.gatewayUrl.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${person.token}` },
  });
  const network = Network.create(
    async ({ name, text }: any, variables: any) => {
      sent.push(name);
      const response = await fetch(stack.gatewayUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${person.token}` },
        body: JSON.stringify({ query: text, variables }),
      });
      return (await response.json()) as never;
    },
    ({ name, text }: any, variables: any) =>
      Observable.create((sink: any) =>
        socket.subscribe({ operationName: name, query: text, variables }, sink),
      ) as never,
  );
  const environment = new Environment({ network, store: new Store(new RecordSource()) });
  return { environment, sent, close: () => socket.dispose() };
}

beforeAll(() => compile());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('compiles queries, connections, pagination, a mutation and a subscription', () => {
  expect(readdirSync(artifacts).sort()).toEqual(
    [
      'BellSubscription',
      'HistoryPaginationQuery',
      'HistoryQuery',
      'HistoryRow_transaction',
      'History_list',
      'PayMutation',
    ]
      .concat(['ShopsPaginationQuery', 'ShopsQuery', 'Shops_list'])
      .map((name) => `${name}.graphql.js`),
  );
});

it('does not compile what the schema has not', () => {
  const broken =
    "import { graphql } from 'relay-runtime';\nexport const q = graphql`query BrokenQuery { viewer { shoeSize } }`;\n";
  expect(() => compile({ 'Broken.js': broken })).toThrow(/shoeSize/);
  rmSync(join(folder, 'src', 'Broken.js'));
  compile();
});

/** A record of Relay's store: values, and the ids of what it leads to. */
const recordOf = (environment: Environment, id: string): any => environment.getStore().getSource().get(id);

const viewerOf = (environment: Environment): string => recordOf(environment, 'client:root').viewer.__ref;

/** The transactions of the connection, in its order. */
function idsOf(environment: Environment): string[] {
  const id = ConnectionHandler.getConnectionID(viewerOf(environment), 'History_transactions');
  return recordOf(environment, id).edges.__refs.map((edge: string) => recordOf(environment, edge).node.__ref);
}

it('pages through a connection, and puts a payment before it from the answer of the mutation', async () => {
  const shop = await newMerchant();
  const person = await newFundedPerson('100.00');
  for (const amount of ['1.00', '2.00', '3.00']) await pay(person, shop.id, amount);
  const { environment, sent, close } = environmentOf(person);
  const read = (name: string, variables: object) =>
    fetchQuery(environment as never, artifact(name), variables as never, {
      networkCacheConfig: { force: true },
    }).toPromise();

  // What nobody retains is collected: a component on the screen would retain its query as this does.
  const shown = environment.retain(createOperationDescriptor(getRequest(artifact('HistoryQuery')), { count: 2 }));
  await read('HistoryQuery', { count: 2 });
  expect(idsOf(environment)).toHaveLength(2);
  const connectionId = ConnectionHandler.getConnectionID(viewerOf(environment), 'History_transactions');
  const { pageInfo } = recordOf(environment, connectionId);
  await read('HistoryPaginationQuery', { count: 2, cursor: recordOf(environment, pageInfo.__ref).endCursor });
  const paged = idsOf(environment);
  expect(new Set(paged).size).toBe(4);

  const input = {
    walletId: person.walletId,
    merchantId: shop.id,
    amount: { amount: '4.00', currency: 'USD' },
    idempotencyKey: randomUUID(),
  };
  const answer: any = await new Promise((resolve, reject) => {
    commitMutation(environment as never, {
      mutation: artifact('PayMutation'),
      variables: { input, connections: [connectionId] } as never,
      onCompleted: resolve,
      onError: reject,
    });
  });
  expect(answer.payMerchant.userErrors).toEqual([]);
  expect(idsOf(environment)).toEqual([answer.payMerchant.transaction.id, ...paged]);
  expect(sent).toEqual(['HistoryQuery', 'HistoryPaginationQuery', 'PayMutation']);
  shown.dispose();
  await close();
});

it('hears a subscription, and finds what it names in its store', async () => {
  const shop = await newMerchant();
  const person = await newFundedPerson('100.00');
  const { environment, close } = environmentOf(person);
  const received: any[] = [];
  const subscription = requestSubscription(environment as never, {
    subscription: artifact('BellSubscription'),
    variables: {} as never,
    onNext: (data) => received.push(data),
  });
  const heard = await eventually(
    async () => {
      await pay(person, shop.id, '1.00');
      const found = received.find(({ notificationReceived }) => notificationReceived.transaction);
      expect(found).toBeDefined();
      return found.notificationReceived;
    },
    { timeoutMs: 30_000 },
  );
  expect(recordOf(environment, heard.transaction.id)).toMatchObject({
    __typename: 'Transaction',
    id: heard.transaction.id,
  });
  subscription.dispose();
  await close();
});
