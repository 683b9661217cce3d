import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { getMainDefinition, relayStylePagination } from '@apollo/client/utilities';
import { eventually } from '@tael/testkit';
import { createClient } from 'graphql-ws';
import { randomUUID } from 'node:crypto';
import WebSocket from 'ws';
import { stack } from '../stack';
import { type Merchant, newFundedPerson, newMerchant, type Person, pay } from '../world';

/** A client as an application has it, and the names of the operations that it sent over HTTP. */
function clientOf(person: Person) {
  const sent: string[] = [];
  const http = new HttpLink({
    uri: stack.gatewayUrl,
    headers: { authorization: `Bearer ${person.token}` },
    fetch: (url, options) => {
      sent.push(JSON.parse(options?.body as string).operationName);
      return fetch(url, options);
    },
  });
  const socket = createClient({
    url: stack.gatewayUrl.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${person.token}` },
  });
  const isSubscription = ({ query }: ApolloLink.Operation): boolean => {
    const definition = getMainDefinition(query);
    return definition.kind === 'OperationDefinition' && definition.operation === 'subscription';
  };
  const client = new ApolloClient({
    link: ApolloLink.split(isSubscription, new GraphQLWsLink(socket), http),
    cache: new InMemoryCache({
      typePolicies: { User: { fields: { transactions: relayStylePagination(['walletId', 'kinds']) } } },
    }),
  });
  return { client, sent, close: () => socket.dispose() };
}

const BALANCES = gql`
  query Balances {
    viewer {
      id
      wallets {
        id
        currency
        balance {
          available {
            amount
            currency
          }
          posted {
            amount
            currency
          }
          pending {
            amount
            currency
          }
        }
      }
    }
  }
`;
const PAY = gql`
  mutation Pay($input: PayMerchantInput!) {
    payMerchant(input: $input) {
      transaction {
        id
        status
        amount {
          amount
          currency
        }
      }
      wallet {
        id
        balance {
          available {
            amount
            currency
          }
          posted {
            amount
            currency
          }
          pending {
            amount
            currency
          }
        }
      }
      userErrors {
        code
        field
      }
    }
  }
`;
const PAGE = gql`
  query Page($after: String) {
    viewer {
      id
      transactions(first: 2, after: $after) {
        edges {
          cursor
          node {
            id
            amount {
              amount
              currency
            }
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`;
const INBOX = gql`
  query Inbox {
    viewer {
      id
      inbox(first: 20) {
        edges {
          cursor
          node {
            id
            topic
            readAt
          }
        }
        pageInfo {
          hasNextPage
        }
      }
    }
  }
`;
const RECEIVED = gql`
  subscription Received {
    notificationReceived {
      id
      topic
      title
      readAt
      transaction {
        id
        amount {
          amount
          currency
        }
      }
    }
  }
`;
const READ = gql`
  mutation Read($input: MarkNotificationsReadInput!) {
    markNotificationsRead(input: $input) {
      unreadCount
      userErrors {
        code
      }
    }
  }
`;

let shop: Merchant;
beforeAll(async () => {
  shop = await newMerchant();
});

const paymentOf = (person: Person, amount: string) => ({
  input: {
    walletId: person.walletId,
    merchantId: shop.id,
    amount: { amount, currency: 'USD' },
    idempotencyKey: randomUUID(),
  },
});

it('shows the new balance from the answer of the payment, without asking again', async () => {
  const { client, sent, close } = clientOf(await newFundedPerson('100.00'));
  const shown: string[] = [];
  const seen = client.watchQuery<any>({ query: BALANCES }).subscribe(({ data }) => {
    if (data?.viewer) shown.push(data.viewer.wallets[0].balance.posted.amount);
  });
  await eventually(async () => expect(shown).toEqual(['100.00']));
  const person = (await client.query<any>({ query: BALANCES })).data.viewer;
  const { data } = await client.mutate<any>({
    mutation: PAY,
    variables: paymentOf({ walletId: person.wallets[0].id } as Person, '10.00'),
  });
  expect(data.payMerchant.userErrors).toEqual([]);
  const after = data.payMerchant.wallet.balance.posted.amount;
  expect(Number(after)).toBeLessThanOrEqual(90);
  await eventually(async () => expect(shown).toEqual(['100.00', after]));
  expect(sent).toEqual(['Balances', 'Pay']);
  seen.unsubscribe();
  await close();
});

it('reads a list page by page: each transaction once, in the order of the whole', async () => {
  const person = await newFundedPerson('100.00');
  for (const amount of ['1.00', '2.00', '3.00', '4.00']) await pay(person, shop.id, amount);
  const { client, close } = clientOf(person);
  const list = client.watchQuery<any>({ query: PAGE });
  const seen = list.subscribe(() => undefined);
  const connection = () => (list.getCurrentResult().data as any)?.viewer?.transactions;
  await eventually(async () => expect(connection()?.edges).toHaveLength(2));
  for (let page = 0; connection().pageInfo.hasNextPage; page++) {
    expect(page).toBeLessThan(10);
    const after = connection().pageInfo.endCursor;
    await list.fetchMore({ variables: { after } });
    // The list is told of the new page a moment after its answer is there.
    await eventually(async () => expect(connection().pageInfo.endCursor).not.toBe(after));
  }
  const whole = await person.client.request('{ viewer { transactions(first: 100) { edges { node { id } } } } }');
  const ids = connection().edges.map((edge: any) => edge.node.id);
  expect(ids).toEqual(whole.data.viewer.transactions.edges.map((edge: any) => edge.node.id));
  expect(ids.length).toBeGreaterThanOrEqual(5);
  expect(new Set(ids).size).toBe(ids.length);
  seen.unsubscribe();
  await close();
});

it('hears of a payment over graphql-ws, and marks in the cache what was read', async () => {
  const person = await newFundedPerson('100.00');
  const { client, sent, close } = clientOf(person);
  const received: any[] = [];
  const seen = client
    .subscribe<any>({ query: RECEIVED })
    .subscribe(({ data }) => received.push(data.notificationReceived));
  // What came before the subscription began is not sent again: pay until a receipt is heard.
  const receipt = await eventually(
    async () => {
      await pay(person, shop.id, '1.00');
      const heard = received.find(({ topic }) => topic === 'payment.settled');
      expect(heard).toBeDefined();
      return heard;
    },
    { timeoutMs: 30_000 },
  );
  expect(receipt.transaction.amount).toMatchObject({ amount: '1.00', currency: 'USD' });
  expect(client.cache.extract()).toHaveProperty([`Notification:${receipt.id}`, 'readAt'], null);

  const inbox = client.watchQuery<any>({ query: INBOX });
  const shown = inbox.subscribe(() => undefined);
  const readAt = () =>
    (inbox.getCurrentResult().data as any)?.viewer?.inbox.edges.find(({ node }: any) => node.id === receipt.id)?.node
      .readAt;
  await eventually(async () => expect(readAt()).toBeNull());
  await client.mutate({ mutation: READ, variables: { input: { ids: [receipt.id] } }, refetchQueries: [INBOX] });
  await eventually(async () => expect(readAt()).toEqual(expect.any(String)));
  expect(sent).toEqual(['Inbox', 'Read', 'Inbox']);
  expect(client.cache.extract()).toHaveProperty([`Notification:${receipt.id}`, 'readAt'], readAt());
  shown.unsubscribe();
  seen.unsubscribe();
  await close();
});

it('gets a refusal as data, and an error of the graph as an error with its code', async () => {
  const person = await newFundedPerson('1.00');
  const { client, close } = clientOf(person);
  const { data, error } = await client.mutate<any>({ mutation: PAY, variables: paymentOf(person, '5000.00') });
  expect(error).toBeUndefined();
  expect(data.payMerchant.userErrors).toMatchObject([{ code: 'INSUFFICIENT_FUNDS' }]);
  const anonymous = clientOf({ ...person, token: 'no-token' });
  await expect(anonymous.client.query({ query: BALANCES })).rejects.toMatchObject({
    errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
  });
  await Promise.all([close(), anonymous.close()]);
});
