import { verifyIdentity } from '@tael/platform/identity';
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

test('a set that does not compose is told of, and the former graph stays; who was taken out is not asked all the same', async () => {
  world.merchants.tell(world.entry());
  await world.settles(true);
  const before = await failures();
  world.merchants.tell(world.entry({ id: 'broken', slug: 'sudbank', sdl: 'type Query { sudbank: Nothing }' }));
  await eventually(async () => expect(await failures()).toBe(before + 1), { timeoutMs: 10_000 });
  expect(world.gateway.logged()).toContain('the new graph cannot be used');
  world.bank.asked.length = 0;
  const { body } = await world.gateway.ask('{ viewer { name nordbankScore } }', { token: await world.gateway.issuer.token(newPerson()) });
  expect(body.data.viewer).toMatchObject({ name: expect.any(String), nordbankScore: null });
  expect(body.errors).toHaveLength(1);
  expect(world.bank.asked).toEqual([]);
  world.merchants.tell();
  await world.settles(false);
});

test('while merchants is away what is known stays; it is asked by signed requests', async () => {
  world.merchants.tell(world.entry());
  await world.settles(true);
  world.merchants.isAway = true;
  const asked = world.merchants.signed.length;
  await eventually(() => expect(world.merchants.signed.length).toBeGreaterThan(asked + 3), { timeoutMs: 5_000 });
  await world.settles(true);
  expect(verifyIdentity(world.merchants.signed.at(-1), '', IDENTITY_KEYS, Date.now())).toMatchObject({ principal: null });
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

test('an address that leads inside is not asked', async () => {
  const outside = await startWorld({ settings: { PARTNER_SUBGRAPHS_ALLOW_HTTP: false } });
  const { body } = await outside.gateway.ask('{ nordbank { name } }');
  expect([body.data, body.errors?.length, outside.bank.asked.length]).toEqual([{ nordbank: null }, 1, 0]);
  await outside.close();
});
