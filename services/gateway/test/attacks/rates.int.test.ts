import { type AppSettings } from '../../src/app';
import { type Answer, OPEN_DOOR, startGateway, type TestGateway } from '../gateway';
import { newPerson } from '../issuer';
import { eventually, times, told } from './attack';

const GRAPHQL = { accept: 'application/graphql-response+json' };
const open: TestGateway[] = [];
async function start(changes: Partial<AppSettings>): Promise<TestGateway> {
  const gateway = await startGateway({ ...OPEN_DOOR, ...changes });
  open.push(gateway);
  return gateway;
}
afterEach(async () => void (await Promise.all(open.splice(0).map((gateway) => gateway.close()))));

const limited = ({ status, headers, body }: Answer): boolean => {
  if (status !== 429) return false;
  const seconds = Number(headers.get('retry-after'));
  expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: seconds });
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(body.data).toBeUndefined();
  return true;
};
/** So many of the answers were given before the first refusal. */
async function servedOf(count: number, ask: (n: number) => Promise<Answer>): Promise<number> {
  for (let n = 0; n < count; n++) if (limited(await ask(n))) return n;
  return count;
}

describe('the cost of an operation', () => {
  test('what costs too much is refused before any subgraph is asked; the mutation in it does not run', async () => {
    const gateway = await start({ COST_MAX: 80 });
    const dear = '{ people { friend { friend { friend { friend { friend { friend { friend { id } } } } } } } } }';
    for (const query of [dear, `mutation { ${times(12, (n) => `p${n}: pay(key: "a")`)} }`]) {
      const answer = await gateway.ask(query, { headers: GRAPHQL });
      expect(told(answer)).toEqual([400, ['COST_LIMIT_EXCEEDED']]);
      expect(answer.body.errors![0]!.extensions['cost']).toEqual({ requested: expect.any(Number), allowed: 80 });
      expect(answer.body.errors![0]!.extensions['cost'].requested).toBeGreaterThan(80);
    }
    expect(gateway.subgraphs.seen).toEqual([]);
    expect((await gateway.ask('mutation { pay(key: "a") }')).body).toEqual({ data: { pay: 1 } });
  });

  test('every answer says what it cost', async () => {
    const gateway = await start({});
    expect((await gateway.ask('{ me }')).headers.get('x-tael-cost')).toBe('1');
    expect((await gateway.ask('{ people { id name } }')).headers.get('x-tael-cost')).toBe('11');
  });
});

describe('A29: rates are counted by person and cost', () => {
  // So slow that nothing flows in while a test runs, however busy the machine is.
  const PERSON = { perSecond: 0.001, burst: 60 };

  test('a person, over all tokens and devices; others and the anonymous are served', async () => {
    const gateway = await start({ PERSON_RATE: PERSON });
    const person = newPerson();
    const tokens = await Promise.all(Array.from({ length: 5 }, () => gateway.issuer.token(person)));
    const served = await servedOf(200, (n) => gateway.ask('{ me }', { token: tokens[n % 5]! }));
    expect(served).toBe(60);
    expect((await gateway.ask('{ me }', { token: await gateway.issuer.token(newPerson()) })).status).toBe(200);
    expect((await gateway.ask('{ me }')).status).toBe(200);
  });

  test('whoever waits as long as it was told is served again', async () => {
    const gateway = await start({ PERSON_RATE: { perSecond: 20, burst: 20 } });
    const token = await gateway.issuer.token(newPerson());
    await servedOf(100, () => gateway.ask('{ viewer { id } }', { token }));
    await eventually(async () => (await gateway.ask('{ viewer { id } }', { token })).status === 200, 3_000);
  });

  test('by cost: many in one operation count as many', async () => {
    const gateway = await start({ PERSON_RATE: PERSON });
    const [one, other] = await Promise.all([gateway.issuer.token(newPerson()), gateway.issuer.token(newPerson())]);
    const alone = await servedOf(100, () => gateway.ask('mutation { pay(key: "a") }', { token: one! }));
    const five = `mutation { ${times(5, (n) => `p${n}: pay(key: "a")`)} }`;
    const together = await servedOf(100, () => gateway.ask(five, { token: other! }));
    expect(alone).toBe(6);
    expect(together).toBe(1);
  });

  test('the anonymous of a network together, whatever X-Forwarded-For they send', async () => {
    const gateway = await start({ ANONYMOUS_RATE: PERSON });
    const served = await servedOf(200, (n) =>
      gateway.ask('{ me }', { headers: { 'x-forwarded-for': `203.0.113.${n}` } }),
    );
    expect(served).toBe(60);
    expect((await gateway.ask('{ me }', { token: await gateway.issuer.token(newPerson()) })).status).toBe(200);
  });

  test('behind a proxy of ours each client has its own, and only what the proxy wrote counts', async () => {
    const gateway = await start({ ANONYMOUS_RATE: PERSON, TRUSTED_PROXY_HOPS: 1 });
    const from = (address: string, n = 0) =>
      gateway.ask('{ me }', { headers: { 'x-forwarded-for': `10.9.8.${n}, ${address}` } });
    expect(await servedOf(100, (n) => from('203.0.113.1', n))).toBe(60);
    expect((await from('203.0.113.2')).status).toBe(200);
    expect(await servedOf(200, (n) => from(`2001:db8:1:2::${n.toString(16)}`))).toBe(60);
    expect((await from('2001:db8:1:3::1')).status).toBe(200);
  });

  test('many people of one network together', async () => {
    const gateway = await start({ NETWORK_RATE: PERSON });
    const tokens = await Promise.all(Array.from({ length: 100 }, () => gateway.issuer.token(newPerson())));
    const served = await servedOf(100, (n) => gateway.ask('{ me }', { token: tokens[n]! }));
    expect(served).toBe(60);
  });

  test('what is refused counts as well', async () => {
    const gateway = await start({ ANONYMOUS_RATE: PERSON });
    expect(await servedOf(100, () => gateway.ask('{ nothing }'))).toBe(12);
    const other = await start({ ANONYMOUS_RATE: PERSON });
    expect(await servedOf(100, () => other.ask(''))).toBe(12);
  });

  test('what is refused for its rate is looked at no further', async () => {
    const gateway = await start({ ANONYMOUS_RATE: { perSecond: 0.001, burst: 1 } });
    await gateway.ask('{ me }');
    expect(limited(await gateway.ask('{ this is no', { headers: { 'content-type': 'text/plain' } }))).toBe(true);
  });
});

test('more operations at once than the door runs are refused at once with SERVICE_BUSY', async () => {
  const gateway = await start({ RUNNING_MAX: 5 });
  const answers = Promise.all(Array.from({ length: 20 }, () => gateway.ask('{ wait(ms: 2500) }')));
  const codes = (await answers).map(({ status, headers, body }) => [
    status,
    headers.get('retry-after'),
    body.errors?.[0]?.extensions['code'],
  ]);
  const refused = codes.filter(([status]) => status !== 200);
  // Five at a time: on a busy machine more may come when the first are done.
  expect(refused.length).toBeGreaterThan(0);
  expect(20 - refused.length).toBeGreaterThanOrEqual(5);
  expect(refused).toEqual(Array(refused.length).fill([503, '1', 'SERVICE_BUSY']));
  expect((await gateway.ask('{ me }')).status).toBe(200);
});
