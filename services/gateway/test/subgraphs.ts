import { buildSubgraphSchema } from '@apollo/subgraph';
import { type Identity, IDENTITY_HEADER, identityKeysFor, verifyIdentity } from '@tael/platform/identity';
import type { KeyEntry } from '@tael/platform/env';
import { composeSchemaContract, composeServices } from '@theguild/federation-composition';
import { execute, GraphQLError, GraphQLScalarType, type GraphQLSchema, Kind, parse, validate } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';

type Resolvers = Parameters<typeof buildSubgraphSchema>[0] extends readonly (infer Module)[] | infer _Other
  ? Module extends { resolvers?: infer R }
    ? NonNullable<R>
    : never
  : never;

export const SDL: Readonly<Record<string, string>> = {
  accounts: `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
    scalar Decimal
    type Query {
      viewer: User!  me: String  wait(ms: Int!): String  fail(how: String!): String
      echo(text: String, amount: Decimal, count: Int): String
    }
    input Card { number: String!  amount: Decimal }
    extend type Query { pick(card: Card): String  people: [User!]!  favourites: [Shop] }
    type Shop @key(fields: "id", resolvable: false) { id: ID! }
    type Mutation { pay(key: String!): Int  payLate(ms: Int!): String }
    extend type Mutation { signUp: Entry  signIn(password: String!): Entry  completeSignIn(code: String!): Entry  refreshSession: Entry }
    type Entry { session: Session  user: User }
    type Session { accessToken: String! }
    type User @key(fields: "id") { id: ID! name: String! friend: User }
  `,
  merchants: `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
    type Query { shop(id: ID!): Shop }
    type Shop @key(fields: "id") { id: ID! name: String! }
  `,
  rewards: `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
    type User @key(fields: "id") { id: ID! points: Int }
  `,
  notifications: `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
    type Subscription { noticed(count: Int! = 1, pauseMs: Int! = 0): Notice! }
    type Notice { text: String! user: User! }
    type User @key(fields: "id", resolvable: false) { id: ID! }
  `,
};

const MARKED = 'import: ["@key", "@tag"])';
/** The same with marks for partner banks: some fields of a type, arguments, and much that is not marked. */
export const MARKED_SDL: Readonly<Record<string, string>> = {
  ...SDL,
  merchants: `${SDL['merchants']!.replace('import: ["@key"])', MARKED).replace('id: ID! name: String!', 'id: ID! @tag(name: "partner") name: String! @tag(name: "partner")')}
    extend type Query { partner: Bank! @tag(name: "partner")  banks: [Bank!]! }
    type Mutation { rename(name: String! @tag(name: "partner"), more: Renaming @tag(name: "partner"), force: Boolean): Bank @tag(name: "partner")  close(id: ID!): Bank }
    "A bank."
    type Bank { id: ID! @tag(name: "partner")  name: String @tag(name: "partner")  note: String  shops(kind: ShopKind @tag(name: "partner")): [Shop!]! @tag(name: "partner") }
    enum ShopKind { OPEN @tag(name: "partner") CLOSED }
    input Renaming { to: String @tag(name: "partner")  secret: String }
    type Hidden { secret: String }
    extend type Query { hidden(input: HiddenInput): Hidden }
    input HiddenInput { text: String }
  `,
  accounts: SDL['accounts']!.replace('import: ["@key"])', MARKED),
};

/** What a subgraph saw of each request, for tests to look at. */
export interface Seen {
  readonly subgraph: string;
  readonly identity: Identity;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly connection: number;
}

export interface Subgraph {
  readonly url: string;
  stop(): Promise<void>;
  restart(): Promise<void>;
}

export interface Subgraphs {
  readonly urls: Readonly<Record<string, string>>;
  readonly seen: Seen[];
  readonly refused: string[];
  /** What merchants tells of the documents of banks, by `<partner>/<sum>`. */
  readonly documents: Map<string, string>;
  /** What merchants tells of keys and partners that are shut out; another list is another version. */
  readonly revoked: { keys: { clientId: string; kid: string }[]; suspended: string[] };
  readonly all: Readonly<Record<string, Subgraph>>;
  /** Sockets that live subscriptions hold at the notifications subgraph. */
  openSockets(): number;
  close(): Promise<void>;
}

const servicesOf = (sdl: Readonly<Record<string, string>>) =>
  Object.entries(sdl).map(([name, text]) => ({ name, url: `http://${name}.test/graphql`, typeDefs: parse(text) }));

/** The contract of {@link MARKED_SDL}, as scripts/compose.mjs composes it. */
export function composePartnerSupergraph(changes: Readonly<Record<string, string>> = {}): string {
  const sdl = { ...MARKED_SDL, ...changes };
  const result = composeSchemaContract(servicesOf(sdl), { include: new Set(['partner']), exclude: new Set() }, true);
  if (!result.supergraphSdl) throw new Error(result.errors?.map((error) => error.message).join('\n'));
  return result.supergraphSdl;
}

export function composeSupergraph(changes: Readonly<Record<string, string>> = {}): string {
  const result = composeServices(servicesOf({ ...SDL, ...changes }));
  if (!result.supergraphSdl) throw new Error(result.errors?.map((error) => error.message).join('\n'));
  return result.supergraphSdl;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts the subgraph of one schema: it refuses whatever the gateway did not sign for exactly this body. */
async function startSubgraph(
  name: string,
  schema: GraphQLSchema,
  shared: { keys: readonly [KeyEntry, ...KeyEntry[]]; seen: Seen[]; refused: string[]; documents: ReadonlyMap<string, string>; revoked: Subgraphs['revoked'] },
): Promise<Subgraph & { sockets: WebSocketServer }> {
  const keys = identityKeysFor(shared.keys, name);
  const connections = new Map<Socket, number>();
  const sockets = new WebSocketServer({ noServer: true });
  let server: Server;
  let port = 0;

  useServer<Record<string, unknown>, { identity?: Identity }>(
    {
      schema,
      onConnect: ({ connectionParams, extra }) => {
        const identity = verifyIdentity(String(connectionParams?.[IDENTITY_HEADER]), '', keys, Date.now());
        if (!identity) return false;
        extra.identity = identity;
        return true;
      },
      context: ({ extra }) => ({ identity: extra.identity }),
    },
    sockets,
  );

  function make(): Server {
    const made = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', async () => {
        const body = Buffer.concat(parts).toString('utf8');
        const identity = verifyIdentity(request.headers[IDENTITY_HEADER] as string, body, keys, Date.now());
        if (!identity) {
          shared.refused.push(name);
          response.writeHead(401, { 'content-type': 'application/json' }).end('{"errors":[{"message":"no"}]}');
          return;
        }
        const url = new URL(request.url!, 'http://subgraph');
        if (url.pathname === '/.well-known/partner-revocations') {
          const version = JSON.stringify(shared.revoked);
          response.writeHead(200, { 'content-type': 'application/json' });
          return void response.end(JSON.stringify({ version, revoked: url.searchParams.get('known') === version ? null : shared.revoked }));
        }
        shared.seen.push({
          subgraph: name,
          identity,
          headers: request.headers,
          body,
          connection: connections.get(request.socket)!,
        });
        if (request.method === 'GET') {
          const text = shared.documents.get(`${identity.partner?.partnerId}/${request.url!.split('/').at(-1)}`) ?? null;
          response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ text }));
          return;
        }
        const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
        const document = parse(query);
        const errors = validate(schema, document);
        const result = errors.length
          ? {
              errors: errors.map((error) => ({
                ...error.toJSON(),
                extensions: { code: 'GRAPHQL_VALIDATION_FAILED', stacktrace: ['at /srv/secret.js'] },
              })),
            }
          : await execute({ schema, document, contextValue: { identity }, variableValues: variables ?? null });
        response
          .writeHead(errors.length ? 400 : 200, { 'content-type': 'application/json' })
          // With the line's end that our subgraphs write.
          .end(`${JSON.stringify(result)}\n`);
      });
    });
    made.on('connection', (socket) => connections.set(socket, connections.size));
    made.on('upgrade', (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
    });
    return made;
  }
  const listen = (): Promise<void> =>
    new Promise((resolve) => {
      server = make();
      server.listen(port, '127.0.0.1', () => {
        port = (server.address() as AddressInfo).port;
        resolve();
      });
    });

  await listen();
  return {
    sockets,
    get url() {
      return `http://127.0.0.1:${port}/graphql`;
    },
    restart: listen,
    async stop() {
      for (const client of sockets.clients) client.terminate();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

const readDecimal = (value: unknown): unknown => {
  if (typeof value === 'string' && value.includes('.')) return value;
  throw new GraphQLError('Decimal must have a point', { extensions: { code: 'BAD_USER_INPUT' } });
};

const decimal = new GraphQLScalarType({
  name: 'Decimal',
  parseValue: readDecimal,
  parseLiteral: (node) => readDecimal(node.kind === Kind.STRING ? node.value : undefined),
});

const ENTRY = { session: { accessToken: 'token' }, user: { id: '1', name: 'name of 1' } };
type Context = { identity: Identity };
const person = (context: Context): string => context.identity.principal?.personId ?? 'nobody';

const bankOf = ({ identity: { partner } }: Context): object => ({ id: partner?.partnerId ?? 'nobody', name: partner?.clientId });
const BANK_QUERIES = {
  partner: (_: unknown, __: unknown, context: Context) => bankOf(context),
  banks: () => [],
  hidden: () => ({ secret: 'secret' }),
};
const BANK_MUTATIONS = { rename: (_: unknown, { name }: { name: string }, context: Context) => ({ ...bankOf(context), name }) };
const BANK = { note: () => 'secret', shops: () => ['1', '2'].map((id) => ({ id, name: `shop ${id}` })) };

function resolversOf(counter: { paid: number }, isMarked: boolean): Record<string, Resolvers> {
  const faults: Record<string, () => never> = {
    sql: () => {
      throw Object.assign(new Error('duplicate key value violates "wallet_pkey" at db-7.internal:5432'), {
        extensions: { code: '23505' },
      });
    },
    forbidden: () => {
      throw Object.assign(new Error('Your role may not do this.'), {
        extensions: {
          code: 'FORBIDDEN',
          stacktrace: ['at /srv/a.js'],
          serviceName: 'accounts',
          url: 'http://10.0.0.7',
          retryable: false,
        },
      });
    },
    unauthenticated: () => {
      throw Object.assign(new Error('Sign in first.'), { extensions: { code: 'UNAUTHENTICATED' } });
    },
  };
  return {
    accounts: {
      Decimal: decimal,
      Query: {
        viewer: (_: unknown, __: unknown, context: Context) => ({
          id: person(context),
          name: `name of ${person(context)}`,
        }),
        me: async (_: unknown, __: unknown, context: Context) => {
          await pause(30);
          return person(context);
        },
        echo: (_: unknown, given: { text?: string; amount?: string; count?: number }) =>
          given.text ?? given.amount ?? String(given.count),
        wait: async (_: unknown, { ms }: { ms: number }) => {
          await pause(ms);
          return 'waited';
        },
        pick: () => 'picked',
        people: () => ['1', '2'].map((id) => ({ id, name: `name of ${id}` })),
        favourites: () => [{ id: '1' }, null, { id: '2' }],
        fail: (_: unknown, { how }: { how: string }) => faults[how]!(),
      },
      Mutation: {
        pay: () => ++counter.paid,
        payLate: async (_: unknown, { ms }: { ms: number }) => {
          await pause(ms);
          return 'paid';
        },
        signUp: () => ENTRY,
        signIn: (_: unknown, { password }: { password: string }) => (password === 'right' ? ENTRY : { session: null }),
        completeSignIn: () => ENTRY,
        refreshSession: () => ENTRY,
      },
      User: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `name of ${id}` }), friend: () => null },
    },
    merchants: {
      ...(isMarked ? { Bank: BANK, Mutation: BANK_MUTATIONS } : {}),
      Query: { shop: (_: unknown, { id }: { id: string }) => ({ id, name: `shop ${id}` }), ...(isMarked ? BANK_QUERIES : {}) },
      Shop: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `shop ${id}` }) },
    },
    rewards: {
      User: {
        __resolveReference: ({ id }: { id: string }) => ({ id }),
        points: ({ id }: { id: string }, _: unknown, context: Context) => (id === person(context) ? 7 : null),
      },
    },
    notifications: {
      Subscription: {
        noticed: {
          subscribe: async function* (
            _: unknown,
            { count, pauseMs }: { count: number; pauseMs: number },
            context: Context,
          ) {
            for (let number = 1; number <= count; number++) {
              yield { noticed: { text: `${number} for ${person(context)}`, user: { id: person(context) } } };
              await pause(pauseMs);
            }
          },
        },
      },
    },
  } as never;
}

/** Starts the four subgraphs of {@link SDL}, or of {@link MARKED_SDL}. */
export async function startSubgraphs(keys: readonly [KeyEntry, ...KeyEntry[]], sdl: Readonly<Record<string, string>> = SDL): Promise<Subgraphs> {
  const shared = { keys, seen: [] as Seen[], refused: [] as string[], documents: new Map<string, string>(), revoked: { keys: [], suspended: [] } as Subgraphs['revoked'] };
  const resolvers = resolversOf({ paid: 0 }, sdl['merchants'] !== SDL['merchants']);
  const entries = await Promise.all(
    Object.entries(sdl).map(async ([name, text]) => {
      const schema = buildSubgraphSchema([{ typeDefs: parse(text), resolvers: resolvers[name] as never }]);
      return [name, await startSubgraph(name, schema, shared)] as const;
    }),
  );
  const all = Object.fromEntries(entries);
  return {
    seen: shared.seen,
    refused: shared.refused,
    documents: shared.documents,
    revoked: shared.revoked,
    all,
    urls: Object.fromEntries(entries.map(([name, subgraph]) => [name, subgraph.url])),
    openSockets: () => all['notifications']!.sockets.clients.size,
    close: async () => void (await Promise.all(entries.map(([, subgraph]) => subgraph.stop()))),
  };
}
