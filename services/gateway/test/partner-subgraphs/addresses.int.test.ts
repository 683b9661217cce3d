import { metricsText } from '@tael/platform/metrics';
import { startWorld, type World } from './world';

// The machine's resolver, by which one public name leads inside. What looks at that is the gateway's own, as it is set up.
jest.mock('node:dns', () => {
  const real = jest.requireActual<typeof import('node:dns')>('node:dns');
  const lookup = (host: string, options: object, done: (error: Error | null, addresses: object[]) => void): void => {
    if (host === 'nordbank.example') done(null, [{ address: '127.0.0.1', family: 4 }]);
    else real.lookup(host, options, done as never);
  };
  return { ...real, lookup };
});

let world: World | undefined;
afterEach(() => world?.close());

const counted = async (outcome: string): Promise<number> =>
  Number(new RegExp(`tael_partner_subgraph_requests_total\\{slug="nordbank",outcome="${outcome}"\\} (\\d+)`).exec(await metricsText())?.[1] ?? 0);

test.each([
  ['of this machine', 'https://127.0.0.1:8443/graphql'],
  ['of our network', 'https://10.0.0.5/graphql'],
  ['of the cloud’s own data', 'https://169.254.169.254/graphql'],
  ['of IPv4 in that of IPv6', 'https://[::ffff:127.0.0.1]/graphql'],
  ['whose public name leads inside', 'https://nordbank.example:8443/graphql'],
])('a bank is not asked at an address %s, and one field is null', async (_what, address) => {
  world = await startWorld({ isIn: false, settings: { PARTNER_SUBGRAPHS_ALLOW_HTTP: false } });
  world.merchants.tell(world.entry({ address }));
  await world.settles(true);
  const before = await counted('ADDRESS_REFUSED');
  const { body } = await world.gateway.ask('{ nordbank { name } }');
  expect([body.data, body.errors?.map(({ extensions }) => extensions['code'])]).toEqual([{ nordbank: null }, ['SUBGRAPH_UNAVAILABLE']]);
  expect(await counted('ADDRESS_REFUSED')).toBe(before + 1);
});
