import { IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import { eventually, graphqlClient, type GraphQLTestClient } from '@tael/testkit';
import type { AddressInfo } from 'node:net';
import { v7 as uuidv7 } from 'uuid';
import { eventHandler } from '../src/events/event.consumer';
import {
  ask,
  busMessage,
  identityKeys,
  identityOf,
  inboxOf,
  knownPerson,
  merchant,
  messagesOf,
  openWorld,
  payment,
  registerBrowser,
  type TestPerson,
  USD,
  type World,
} from './world';

let world: World;
let url: string;
const cafe = merchant('Harbour Coffee');
beforeAll(async () => {
  world = await openWorld('api');
  await world.handle('merchant.changed', cafe);
  await world.app.server.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(world.app.server.server.address() as AddressInfo).port}/graphql`;
});
afterAll(() => world.close());

const pay = (personId: string): Promise<void> => world.handle('payment.settled', payment(personId, cafe.merchantId));
async function withMessages(count: number): Promise<TestPerson> {
  const person = await knownPerson(world);
  for (let n = 0; n < count; n++) await pay(person.id);
  return person;
}
const MARK =
  'mutation ($ids: [ID!]!) { markNotificationsRead(input: { ids: $ids }) { unreadCount userErrors { code field message } } }';
const PREFERENCES = 'marketingOptIn quietHours { from to } maximumMarketingPerDay mutedChannels';
const UPDATE = `mutation ($input: UpdateNotificationPreferencesInput!) { updateNotificationPreferences(input: $input) {
  preferences { ${PREFERENCES} } userErrors { code field message } } }`;
const update = async (personId: string | null, input: object) =>
  (await ask(world.app.server, personId, UPDATE, { input })).data?.updateNotificationPreferences;

describe('the inbox', () => {
  it('is read in pages, newest first, each message once', async () => {
    const person = await withMessages(5);
    const ids: string[] = [];
    let after: string | null = null;
    do {
      const page = await inboxOf(world, person.id, { first: 2, after });
      ids.push(...page.edges.map((edge: { node: { id: string } }) => edge.node.id));
      expect(page.unreadCount).toBe(5);
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after);
    expect(ids).toHaveLength(5);
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
  });

  it.each([
    { first: 0 },
    { first: 101 },
    { first: -1 },
    { after: 'nonsense' },
    { after: Buffer.from('["2026-01-01T00:00:00.000Z","x"]').toString('base64url') },
    // JavaScript knows these two days, Postgres does not.
    ...['2026-02-30', '0000-01-01'].map((day) => (
      { after: Buffer.from(JSON.stringify([`${day}T00:00:00.000Z`, '01a22331-b569-74b0-9125-64aceb8de2ab'])).toString('base64url') })),
  ])('%j is refused', async (args) => {
    await expect(inboxOf(world, (await withMessages(0)).id, args)).rejects.toThrow('BAD_USER_INPUT');
  });

  it('shows what is unread, and marks as read what is one’s own', async () => {
    const [person, other] = [await withMessages(3), await withMessages(1)];
    const [first, second] = await messagesOf(world, person.id);
    const [theirs] = await messagesOf(world, other.id);
    const marked = await ask(world.app.server, person.id, MARK, { ids: [first.id, theirs.id, uuidv7(), 'nonsense'] });
    expect(marked.data.markNotificationsRead).toEqual({ unreadCount: 2, userErrors: [] });
    const unread = await inboxOf(world, person.id, { unreadOnly: true });
    expect(unread.edges.map((edge: { node: { id: string } }) => edge.node.id)).not.toContain(first.id);
    expect(unread.edges[0].node.id).toBe(second.id);
    expect((await messagesOf(world, other.id))[0].readAt).toBeNull();
    const [{ readAt }] = await messagesOf(world, person.id);
    await ask(world.app.server, person.id, MARK, { ids: [first.id] });
    expect((await messagesOf(world, person.id))[0].readAt).toBe(readAt);
  });

  it('marks at most a hundred at once', async () => {
    const person = await withMessages(0);
    const marked = await ask(world.app.server, person.id, MARK, { ids: Array.from({ length: 101 }, () => uuidv7()) });
    expect(marked.data.markNotificationsRead).toMatchObject({
      unreadCount: null,
      userErrors: [{ code: 'INVALID_INPUT', field: ['input', 'ids'] }],
    });
  });

  it('of somebody else is null; so are their preferences and messages; nobody is told to sign in', async () => {
    const [person, other] = [await withMessages(1), await withMessages(0)];
    const [message] = await messagesOf(world, person.id);
    const query = `query ($r: [_Any!]!) { _entities(representations: $r) {
      ... on User { inbox { edges { node { id } } } notificationPreferences { marketingOptIn } } ... on Notification { title } } }`;
    const r = [
      { __typename: 'User', id: person.id },
      { __typename: 'Notification', id: message.id },
      { __typename: 'Notification', id: 'x' },
    ];
    const data = { _entities: [{ inbox: null, notificationPreferences: null }, null, null] };
    expect(await ask(world.app.server, other.id, query, { r })).toEqual({ data });
    const anonymous = await ask(world.app.server, null, query, { r });
    expect(anonymous.data).toEqual(data);
    const told = anonymous.errors.map((one: { path: string[]; extensions: { code: string } }) => [
      one.path.join('.'),
      one.extensions.code,
    ]);
    expect(told.sort()).toEqual([
      ['_entities.0.inbox', 'UNAUTHENTICATED'],
      ['_entities.0.notificationPreferences', 'UNAUTHENTICATED'],
    ]);
    const own = await ask(world.app.server, person.id, query, { r });
    expect(own.data._entities[1]).toEqual({ title: message.title });
  });

  it('is for the signed-in alone', async () => {
    expect((await ask(world.app.server, null, MARK, { ids: [] })).errors[0].extensions.code).toBe('UNAUTHENTICATED');
    expect((await ask(world.app.server, null, UPDATE, { input: {} })).errors[0].extensions.code).toBe(
      'UNAUTHENTICATED',
    );
  });
});

describe('preferences', () => {
  const DEFAULTS = { marketingOptIn: false, quietHours: null, maximumMarketingPerDay: 2, mutedChannels: [] };

  it('keep what is left out', async () => {
    const person = await withMessages(0);
    expect(await update(person.id, {})).toEqual({ preferences: DEFAULTS, userErrors: [] });
    const quietHours = { from: '22:00', to: '08:00' };
    expect((await update(person.id, { quietHours })).preferences).toEqual({ ...DEFAULTS, quietHours });
    expect((await update(person.id, { marketingOptIn: true, mutedChannels: ['SMS'] })).preferences).toEqual({
      ...DEFAULTS,
      quietHours,
      marketingOptIn: true,
      mutedChannels: ['SMS'],
    });
    expect((await update(person.id, { marketingOptIn: null, maximumMarketingPerDay: 7 })).preferences).toEqual({
      marketingOptIn: true,
      quietHours,
      maximumMarketingPerDay: 7,
      mutedChannels: ['SMS'],
    });
    expect((await update(person.id, { quietHours: null })).preferences.quietHours).toBeNull();
    const seen = await ask(
      world.app.server,
      person.id,
      `query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { notificationPreferences { ${PREFERENCES} } } } }`,
      { r: [{ __typename: 'User', id: person.id }] },
    );
    expect(seen.data._entities[0].notificationPreferences).toEqual({
      ...DEFAULTS,
      marketingOptIn: true,
      maximumMarketingPerDay: 7,
      mutedChannels: ['SMS'],
    });
  });

  it('that are refused change nothing, and say where the fault is', async () => {
    const person = await withMessages(0);
    const refused = await update(person.id, {
      marketingOptIn: true,
      quietHours: { from: '25:00', to: '08:00' },
      mutedChannels: ['IN_APP', 'PUSH', 'EMAIL', 'SMS'],
    });
    expect(refused).toEqual({
      preferences: null,
      userErrors: [
        {
          code: 'INVALID_INPUT',
          field: ['input', 'quietHours', 'from'],
          message: 'Write the time as hours and minutes, for example 22:00.',
        },
        {
          code: 'INVALID_INPUT',
          field: ['input', 'mutedChannels'],
          message: 'Security messages need at least one channel.',
        },
      ],
    });
    expect((await update(person.id, {})).preferences).toEqual(DEFAULTS);
  });

  it('two changes at once both hold', async () => {
    const person = await withMessages(0);
    await Promise.all([
      update(person.id, { marketingOptIn: true }),
      update(person.id, { maximumMarketingPerDay: 9 }),
      update(person.id, { mutedChannels: ['PUSH'] }),
    ]);
    expect((await update(person.id, {})).preferences).toMatchObject({
      marketingOptIn: true,
      maximumMarketingPerDay: 9,
      mutedChannels: ['PUSH'],
    });
  });
});

describe('push subscriptions', () => {
  const REGISTER = `mutation ($input: RegisterPushSubscriptionInput!) { registerPushSubscription(input: $input) { registered userErrors { code field } } }`;
  const register = async (personId: string, input: object) =>
    (await ask(world.app.server, personId, REGISTER, { input })).data.registerPushSubscription;

  it('one browser stands for the person who registered it last', async () => {
    const [first, second] = [await withMessages(0), await withMessages(0)];
    const browser = await registerBrowser(world, first.id);
    expect(await register(second.id, { endpoint: browser.endpoint, ...browser.keys })).toEqual({
      registered: true,
      userErrors: [],
    });
    expect(await world.app.services.subscriptions.of(first.id)).toEqual([]);
    expect(await world.app.services.subscriptions.of(second.id)).toEqual([
      expect.objectContaining({ endpoint: browser.endpoint }),
    ]);
  });
  it('endpoints inside of a network and keys that are none are refused', async () => {
    const person = await withMessages(0);
    const { keys } = await registerBrowser(world, person.id);
    expect(
      await register(person.id, { endpoint: 'https://169.254.169.254/latest', p256dh: 'x', auth: keys.auth }),
    ).toEqual({
      registered: false,
      userErrors: [
        { code: 'INVALID_INPUT', field: ['input', 'endpoint'] },
        { code: 'INVALID_INPUT', field: ['input', 'p256dh'] },
      ],
    });
  });
  it('are at most twenty a person, the newest', async () => {
    const person = await withMessages(0);
    const { keys, endpoint } = await registerBrowser(world, person.id);
    for (let n = 0; n < 21; n++) await register(person.id, { endpoint: `${endpoint}${n}`, ...keys });
    const kept = (await world.app.services.subscriptions.of(person.id)).map((one) => one.endpoint);
    expect(kept).toHaveLength(20);
    expect(kept).not.toContain(endpoint);
  });
});

describe('the live subscription', () => {
  // The feed waits for the server's oldest writing transaction, and other suites write on this server too.
  const PATIENT = { timeoutMs: 30_000 };
  jest.setTimeout(90_000);

  const clients: GraphQLTestClient[] = [];
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
  });

  function listen(personId: string): { got: { id: string; title: string }[]; stop: () => Promise<void> } {
    const header = signIdentity(identityOf(personId), '', identityKeys, Date.now());
    const client = graphqlClient({ url, connectionParams: { [IDENTITY_HEADER]: header } });
    clients.push(client);
    const iterator = client.subscribe(
      'subscription { notificationReceived { id topic title body transaction { id } } }',
    );
    const got: { id: string; title: string }[] = [];
    void (async () => {
      for await (const message of iterator) got.push(message.data?.notificationReceived);
    })();
    return { got, stop: async () => void (await iterator.return?.()) };
  }
  /** Pays until the first message comes: only then is it sure that somebody listens. */
  const listening = async (person: TestPerson, live: { got: unknown[] }): Promise<void> => {
    await eventually(async () => {
      await pay(person.id);
      await eventually(() => expect(live.got.length).toBeGreaterThan(0), { timeoutMs: 400 });
    }, PATIENT);
  };

  it('gives each person their own messages, in order, whichever instance wrote them', async () => {
    const [one, two] = [await withMessages(1), await withMessages(1)];
    const [first, second] = [listen(one.id), listen(two.id)];
    await listening(one, first);
    await listening(two, second);
    for (let n = 0; n < 5; n++) await Promise.all([pay(one.id), pay(two.id)]);
    for (const [person, live] of [
      [one, first],
      [two, second],
    ] as const) {
      const all = (await messagesOf(world, person.id)).map((message) => message.id).reverse();
      await eventually(() => expect(live.got.at(-1)?.id).toBe(all.at(-1)), PATIENT);
      const ids = live.got.map((message) => message.id);
      expect(ids).toEqual(all.slice(-ids.length));
      // What was there before is not told again.
      expect(ids).not.toContain(all[0]);
    }
  });

  it('does not step over a message whose transaction commits late', async () => {
    const [early, late] = [await withMessages(0), await withMessages(0)];
    const live = listen(late.id);
    const other = listen(early.id);
    await listening(late, live);
    const before = live.got.length;
    const runner = world.dataSource.createQueryRunner();
    await runner.startTransaction();
    const opened = busMessage('wallet.opened', {
      personId: late.id,
      walletId: uuidv7(),
      currency: USD,
      occurredAt: new Date(),
    });
    await eventHandler(world.app.services)(runner.manager, [opened]);
    // Written after, committed before.
    await pay(late.id);
    await pay(early.id);
    await runner.commitTransaction();
    await runner.release();
    await eventually(() => expect(live.got.length).toBe(before + 2), PATIENT);
    expect(new Set(live.got.map((message) => message.id)).size).toBe(live.got.length);
    await other.stop();
  });

  it('reads nothing where nobody listens', async () => {
    const person = await withMessages(0);
    const live = listen(person.id);
    await listening(person, live);
    const polls = async (): Promise<number> =>
      (world.app.services.live as unknown as { listeners: Set<unknown> }).listeners.size;
    await live.stop();
    await eventually(async () => expect(await polls()).toBe(0));
  });

  it('is refused to who is not signed in', async () => {
    const header = signIdentity(identityOf(null), '', identityKeys, Date.now());
    const client = graphqlClient({ url, connectionParams: { [IDENTITY_HEADER]: header } });
    clients.push(client);
    const answers: unknown[] = [];
    await expect(
      (async () => {
        for await (const answer of client.subscribe('subscription { notificationReceived { id } }'))
          answers.push(answer);
        throw new Error(JSON.stringify(answers));
      })(),
    ).rejects.toThrow();
    expect(JSON.stringify(answers)).not.toContain('"id"');
  });
});
