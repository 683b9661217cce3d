import { identityKeysFor, verifyIdentity } from '@tael/platform/identity';
import { metricsText } from '@tael/platform/metrics';
import { eventually } from '@tael/testkit';
import { IDENTITY_KEYS } from '../gateway';
import { newPerson } from '../issuer';
import { composeSupergraph, SDL } from '../subgraphs';
import { BANK_SDL } from './bank';
import { startWorld, type World } from './world';

const SUDBANK = BANK_SDL.replaceAll('nordbank', 'sudbank').replaceAll('Nordbank', 'Sudbank');
const failures = async (): Promise<number> => Number(/tael_graph_changes_total\{outcome="FAILED"\} (\d+)/.exec(await metricsText())?.[1] ?? 0);

let world: World;
beforeEach(async () => {
  world = await startWorld({ isIn: false });
});
afterEach(() => world.close());

test('a bank comes and goes while the gateway runs, and nobody who asks for other things notices', async () => {
  const token = await world.gateway.issuer.token(newPerson());
  let isOver = false;
  const asking = (async () => {
    let count = 0;
    for (; !isOver; count++) expect((await world.gateway.ask('{ viewer { name points } }', { token })).body.errors).toBeUndefined();
    return count;
  })();
  await world.settles(false);
  world.merchants.tell(world.entry());
  await world.settles(true);
  expect((await world.gateway.ask('{ viewer { nordbankScore } }', { token })).body).toEqual({ data: { viewer: { nordbankScore: 7 } } });
  world.merchants.tell(world.entry(), world.entry({ id: 'second', partnerId: 'partner-2', slug: 'sudbank', sdl: SUDBANK }));
  await world.settles(true, 'sudbank');
  world.merchants.tell();
  await world.settles(false);
  isOver = true;
  expect(await asking).toBeGreaterThan(3);
});

const BROKEN = 'type Query { sudbank: Nothing }';
const sudbank = (change: object = {}) => world.entry({ id: 'sud-1', partnerId: 'partner-2', slug: 'sudbank', sdl: SUDBANK, ...change });
/** What the newest report says; undefined before there is one. */
const report = (of = world): any => of.merchants.leftOut.length > 0 ? JSON.parse(of.merchants.leftOut.at(-1)!.body).leftOut : undefined;
const leftOutMetric = async (): Promise<string[]> => [...(await metricsText()).matchAll(/tael_partner_subgraphs_left_out\{([^}]*)\} 1/g)].map(([, labels]) => labels!);

test('a bank that does not fit is left out, and its bank and the operators are told why; the others go live', async () => {
  const before = await failures();
  world.merchants.tell(sudbank({ sdl: BROKEN }), world.entry());
  await world.settles(true);
  await world.settles(false, 'sudbank');
  await eventually(async () => expect(report()).toEqual([{ id: 'sud-1', instead: null, reason: expect.stringContaining('Nothing') }]), { timeoutMs: 10_000 });
  const { signed, body } = world.merchants.leftOut.at(-1)!;
  expect(verifyIdentity(signed, body, identityKeysFor(IDENTITY_KEYS, 'merchants'), Date.now())).toMatchObject({ principal: null });
  expect(await leftOutMetric()).toEqual(['slug="sudbank",instead="NOTHING"']);
  expect(world.gateway.logged()).toContain('does not fit into the graph and is left out');
  expect(await failures()).toBe(before);
  world.merchants.tell(sudbank({ id: 'sud-2' }), world.entry());
  await world.settles(true, 'sudbank');
  expect(await leftOutMetric()).toEqual([]);
});

test('a newer version that does not fit leaves the one that runs, which is still asked', async () => {
  const token = await world.gateway.issuer.token(newPerson());
  world.merchants.tell(world.entry());
  await world.settles(true);
  world.merchants.tell(world.entry({ id: 'second', sdl: 'type Query { nordbank: Nothing }' }), sudbank());
  await world.settles(true, 'sudbank');
  await eventually(async () => expect(report()).toEqual([{ id: 'second', instead: 'first', reason: expect.any(String) }]), { timeoutMs: 10_000 });
  expect(await leftOutMetric()).toEqual(['slug="nordbank",instead="FORMER"']);
  expect((await world.gateway.ask('{ viewer { nordbankScore } }', { token })).body).toEqual({ data: { viewer: { nordbankScore: 7 } } });
});

test('a gateway that starts while one is left out has all others, and of that bank what was before', async () => {
  world.merchants.tell(world.entry({ id: 'second', sdl: 'type Query { nordbank: Nothing }', former: world.entry() }), sudbank({ sdl: BROKEN }));
  await world.settles(true);
  const begun = await startWorld({ told: [world.entry({ id: 'second', sdl: 'type Query { nordbank: Nothing }', former: world.entry() }), sudbank({ sdl: BROKEN })] });
  expect((await begun.gateway.ask('{ nordbank { name } }')).body).toEqual({ data: { nordbank: { name: 'Nordbank' } } });
  expect((await begun.gateway.ask('{ sudbank { name } }')).body.errors![0]!.extensions!['code']).toBe('GRAPHQL_VALIDATION_FAILED');
  await eventually(async () => expect(report(begun)).toEqual([
    { id: 'second', instead: 'first', reason: expect.any(String) }, { id: 'sud-1', instead: null, reason: expect.any(String) },
  ]), { timeoutMs: 10_000 });
  await begun.close();
});

test('what does not fit is tried again and told again, and nobody’s graph changes by it', async () => {
  world.merchants.tell(sudbank({ sdl: BROKEN }), world.entry());
  await world.settles(true);
  const changed = world.gateway.logged().split('the graph has changed').length;
  const told = world.merchants.leftOut.length;
  await eventually(async () => expect(world.merchants.leftOut.length).toBeGreaterThan(told + 2), { timeoutMs: 10_000 });
  expect(world.gateway.logged().split('the graph has changed').length).toBe(changed);
});

test('a file of the house that cannot be used is told of, and the former graph stays with its banks', async () => {
  world.merchants.tell(world.entry());
  await world.settles(true);
  const before = await failures();
  world.gateway.replaceSupergraph('no graph at all');
  world.merchants.tell();
  await eventually(async () => expect(await failures()).toBeGreaterThan(before), { timeoutMs: 10_000 });
  world.bank.asked.length = 0;
  const { body } = await world.gateway.ask('{ viewer { name nordbankScore } }', { token: await world.gateway.issuer.token(newPerson()) });
  expect(body.data.viewer).toMatchObject({ name: expect.any(String), nordbankScore: null });
  expect(body.errors).toHaveLength(1);
  expect(world.bank.asked).toEqual([]);
});

test('where the house’s own schemas do not compose no bank is told that it does not fit, and the former graph stays with its banks', async () => {
  world.merchants.tell(world.entry());
  await world.settles(true);
  const before = await failures();
  world.writeSchema('merchants', 'type Query { stores: Nothing }');
  world.merchants.tell(world.entry(), sudbank());
  await eventually(async () => expect(await failures()).toBeGreaterThan(before), { timeoutMs: 10_000 });
  expect(report()).toBeUndefined();
  await world.settles(true);
  world.writeSchema('merchants', SDL['merchants']!);
  await world.settles(true, 'sudbank');
});

test('while merchants is away what is known stays; it is asked by signed requests', async () => {
  world.merchants.tell(world.entry());
  await world.settles(true);
  world.merchants.isAway = true;
  const asked = world.merchants.signed.length;
  await eventually(() => expect(world.merchants.signed.length).toBeGreaterThan(asked + 3), { timeoutMs: 5_000 });
  await world.settles(true);
  expect(verifyIdentity(world.merchants.signed.at(-1), '', identityKeysFor(IDENTITY_KEYS, 'merchants'), Date.now())).toMatchObject({ principal: null });
  world.merchants.isAway = false;
  world.merchants.tell();
  await world.settles(false);
});

test('a new file of the house is taken with the banks that are in the graph', async () => {
  world.merchants.tell(world.entry());
  await world.settles(true);
  world.gateway.replaceSupergraph(`${composeSupergraph(SDL)}\n# changed\n`);
  const changed = () => world.gateway.logged().split('the graph has changed').length;
  const before = changed();
  await eventually(() => expect(changed()).toBe(before + 1), { timeoutMs: 10_000 });
  await world.settles(true);
});

test('a gateway that starts with banks has them from its first answer on', async () => {
  const begun = await startWorld();
  expect((await begun.gateway.ask('{ nordbank { name } }')).body).toEqual({ data: { nordbank: { name: 'Nordbank' } } });
  await begun.close();
});
