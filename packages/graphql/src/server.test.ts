import type { KeyEntry } from '@tael/platform/env';
import { type Identity, IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import { createLogger } from '@tael/platform/log';
import { DatabaseUnavailable } from '@tael/platform/postgres';
import DataLoader from 'dataloader';
import type { FastifyInstance } from 'fastify';
import { Arg, Args, Ctx, Directive, Field, ID, ObjectType, Query, Resolver } from 'type-graphql';
import { connectionTypes, PageArgs, pageOf, toConnection } from './connection';
import { principalWithRole, type SubgraphContext } from './context';
import { fromMoneyInput, MoneyInputType, MoneyType, toMoneyType } from './money.type';
import { createSubgraphServer } from './server';
import { buildSubgraph } from './subgraph';
import { toUserErrors, UserErrorType } from './user-error.type';

const keys: [KeyEntry] = [{ id: 'a', key: Buffer.alloc(32, 7) }];
const alice: Identity = {
  principal: { personId: '0196a000-0000-7000-8000-000000000001', sessionId: 's', roles: ['CUSTOMER'] },
  locale: 'zh-CN', reference: 'ref-1', traceparent: '', address: '127.0.0.1',
};
const nobody: Identity = { ...alice, principal: null };

@ObjectType()
@Directive('@key(fields: "id")')
class Thing {
  @Field(() => ID)
  id: string;
}
const { Connection: ThingConnection } = connectionTypes('Thing', () => Thing);

@ObjectType()
class CheckPayload {
  @Field(() => MoneyType, { nullable: true })
  money?: MoneyType;
  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@Resolver()
class Resolvers {
  @Query(() => ThingConnection)
  things(@Args(() => PageArgs) args: PageArgs): object {
    const page = pageOf(args, (position) => position.length === 1);
    const from = Number(page.after?.[0] ?? 0);
    const rows = Array.from({ length: page.limit + 1 }, (_, i) => from + i + 1).filter((n) => n <= 5);
    return toConnection(rows, page, { node: (n) => ({ id: String(n) }), position: (n) => [String(n)] });
  }
  @Query(() => CheckPayload)
  check(@Arg('money', () => MoneyInputType) money: MoneyInputType, @Ctx() context: SubgraphContext): CheckPayload {
    const read = fromMoneyInput(money, ['input', 'amount']);
    if (read.ok) return { money: toMoneyType(read.money), userErrors: [] };
    return { userErrors: toUserErrors(read.refusals, context.identity.locale) };
  }
  @Query(() => Boolean)
  operatorsOnly(@Ctx() context: SubgraphContext): boolean {
    return Boolean(principalWithRole(context, 'OPERATOR'));
  }
  @Query(() => Boolean)
  broken(@Arg('away', () => Boolean) away: boolean): boolean {
    throw away ? new DatabaseUnavailable('x') : new Error('SELECT secret FROM inside');
  }
}

let server: FastifyInstance;
const log = createLogger({ service: 'test', level: 'silent' });
const batches: string[][] = [];

beforeAll(async () => {
  const { schema, sdl } = buildSubgraph<{ thing: DataLoader<string, object> }>({
    resolvers: [Resolvers],
    container: new Map([[Resolvers, new Resolvers()]]) as never,
    references: { Thing: (reference, context) => context.loaders.thing.load(reference.id) },
  });
  expect(sdl).toContain('type Thing @key(fields: "id")');
  server = await createSubgraphServer({
    schema, identityKeys: keys, checks: {}, log,
    loaders: () => ({
      thing: new DataLoader<string, object>(async (ids) => {
        batches.push([...ids]);
        return ids.map((id) => ({ __typename: 'Thing', id }));
      }),
    }),
  });
});
afterAll(() => server.close());

async function ask(
  query: string, as: Identity = alice, change: (header: string) => string | undefined = (header) => header, variables?: Record<string, unknown>,
) {
  const payload = JSON.stringify({ query, variables });
  const header = change(signIdentity(as, payload, keys, Date.now()));
  const response = await server.inject({
    method: 'POST', url: '/graphql', payload,
    headers: { 'content-type': 'application/json', ...(header ? { [IDENTITY_HEADER]: header } : {}) },
  });
  return { status: response.statusCode, body: response.json() };
}

describe('a subgraph', () => {
  it('refuses whoever is not the gateway', async () => {
    expect((await ask('{ __typename }')).status).toBe(200);
    expect((await ask('{ __typename }', alice, () => undefined)).status).toBe(401);
    expect((await ask('{ __typename }', alice, (header) => header.slice(0, -2))).status).toBe(401);
    expect((await ask('{ __typename }', alice, () => signIdentity(alice, 'another body', keys, Date.now()))).status).toBe(401);
    expect((await server.inject({ method: 'GET', url: '/graphql?query={__typename}' })).statusCode).toBe(404);
  });
  // A log of one's own looks through all that it is bound to for secrets, for each request: a thirtieth of a payment's time.
  it('makes no log for a request of which nothing is told, and one for a fault', async () => {
    const made: object[] = [];
    log.onChild = (child) => void made.push(child.bindings());
    await ask('{ __typename }');
    expect(made).toEqual([]);
    await ask('{ broken(away: false) }');
    expect(made).toEqual([expect.objectContaining({ reference: 'ref-1' })]);
    log.onChild = () => undefined;
  });
  it('asks for a session, then for the role', async () => {
    expect((await ask('{ operatorsOnly }', nobody)).body.errors[0].extensions.code).toBe('UNAUTHENTICATED');
    expect((await ask('{ operatorsOnly }')).body.errors[0].extensions.code).toBe('FORBIDDEN');
    const operator: Identity = { ...alice, principal: { ...alice.principal!, roles: ['CUSTOMER', 'OPERATOR'] } };
    expect((await ask('{ operatorsOnly }', operator)).body.data.operatorsOnly).toBe(true);
  });
  it('asks who must set a second factor up for that first', async () => {
    const { body } = await ask('{ operatorsOnly }', { ...nobody, settingUp: { personId: alice.principal!.personId, sessionId: 's' } });
    expect(body.errors[0]).toMatchObject({ message: expect.stringContaining('beginTotp'), extensions: { code: 'SECOND_FACTOR_REQUIRED' } });
  });
  it('masks a fault under the reference, and says when the database is away', async () => {
    const fault = await ask('{ broken(away: false) }');
    expect(fault.body.errors[0]).toMatchObject({ extensions: { code: 'INTERNAL_SERVER_ERROR', reference: 'ref-1' } });
    expect(JSON.stringify(fault.body)).not.toMatch(/SELECT|stack|inside/);
    const away = await ask('{ broken(away: true) }');
    expect(away.body.errors[0].extensions).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
  });
  it('pages a list forward to its end', async () => {
    const first = (await ask('{ things(first: 3) { edges { cursor node { id } } pageInfo { hasNextPage endCursor } } }')).body.data.things;
    expect(first.edges.map((edge: { node: { id: string } }) => edge.node.id)).toEqual(['1', '2', '3']);
    const rest = (await ask(`{ things(first: 3, after: "${first.pageInfo.endCursor}") { edges { node { id } } pageInfo { hasNextPage hasPreviousPage } } }`)).body.data.things;
    expect(rest).toEqual({ edges: [{ node: { id: '4' } }, { node: { id: '5' } }], pageInfo: { hasNextPage: false, hasPreviousPage: true } });
  });
  it.each(['first: 0', 'first: 101', 'first: -1', 'after: "nonsense"', 'after: "W10"'])('refuses things(%s)', async (args) => {
    expect((await ask(`{ things(${args}) { pageInfo { hasNextPage } } }`)).body.errors[0].extensions.code).toBe('BAD_USER_INPUT');
  });
  it('refuses a bad amount with the path of its field, in the language of the request', async () => {
    const { body } = await ask('{ check(money: { amount: "1.001", currency: "USD" }) { userErrors { code message field } } }');
    expect(body.data.check.userErrors).toEqual([
      { code: 'INVALID_INPUT', field: ['input', 'amount', 'amount'], message: '金额的小数位数超过该货币的小数位数。' },
    ]);
    const good = await ask('{ check(money: { amount: "1.5", currency: "USD" }) { money { amount currency } } }');
    expect(good.body.data.check.money).toEqual({ amount: '1.50', currency: 'USD' });
  });
  it.each([
    ['the whole amount', 'query ($money: MoneyInput = { amount: "1.00", currency: "USD" }) { check(money: $money) { userErrors { code } } }', { money: null }],
    ['a part of it', 'query ($of: CurrencyCode = "USD") { check(money: { amount: "1.00", currency: $of }) { userErrors { code } } }', { of: null }],
  ])('refuses a variable that is null where its default would stand, as what the client got wrong: %s', async (_what, query, variables) => {
    const { status, body } = await ask(query, alice, undefined, variables);
    expect(status).toBe(200);
    expect(body.errors).toEqual([{
      message: 'A variable is null where a value is needed.', path: ['check'], locations: [expect.any(Object)], extensions: { code: 'BAD_USER_INPUT', reference: 'ref-1' },
    }]);
  });
  it('answers references of one request in one batch', async () => {
    const query = '{ _entities(representations: [{__typename:"Thing",id:"a"},{__typename:"Thing",id:"b"}]) { ... on Thing { id } } }';
    expect((await ask(query)).body.data._entities).toEqual([{ id: 'a' }, { id: 'b' }]);
    expect(batches).toEqual([['a', 'b']]);
  });
  it('answers malformed JSON and GraphQL with a code and nothing of the inside', async () => {
    const malformed = await ask('{ nope(');
    expect(malformed.body.errors[0].extensions.code).toBe('GRAPHQL_PARSE_FAILED');
    const unknown = await ask('{ nope }');
    expect(unknown.body.errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });
});
