import { readStackFile } from './services';

// Goal: whoever watches the platform finds the same three paths at every process. Method: each instance of the running stack is asked for all of them.

/** What each service has beside what all have: parts that say whether they work, and a metric that no other service has. */
const OWN = {
  gateway: { parts: ['graph', 'tokenKeys', 'door'], metric: 'tael_graphql_refusals_total' },
  accounts: { parts: ['postgres', 'bus', 'relay', 'consumer', 'door', 'folder', 'checkpoints'], metric: 'tael_ledger_drift' },
  merchants: { parts: ['postgres', 'bus', 'relay', 'consumer', 'door', 'webhooks', 'key-expiry'], metric: 'tael_webhooks_waiting' },
  // Its own are those of its consumer: of its group.
  rewards: { parts: ['postgres', 'bus', 'relay', 'consumer', 'door'], metric: 'tael_consumer_lag_events{group="rewards"' },
  notifications: { parts: ['postgres', 'bus', 'relay', 'consumer', 'door', 'messages', 'deliveries'], metric: 'tael_deliveries_total' },
} as const;
const OF_ALL = ['tael_process_resident_memory_bytes', 'tael_nodejs_eventloop_lag_p99_seconds', 'tael_clock_ahead_seconds'];

type Service = keyof typeof OWN;
const SERVICES = Object.keys(OWN) as Service[];

const { instances, ports } = readStackFile();
/** The gateway tells of itself at a port of its own, since its door is public. */
const portOf = (service: Service, port: number): number => (service === 'gateway' ? port + ports.management - ports.gateway : port);
const INSTANCES = SERVICES.flatMap((service) => instances[service].map(({ part, port }) => [part, service, portOf(service, port)] as const));

const ask = (port: number, path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(10_000) });

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\.)*",?)*)\})? (?:NaN|[+-]?Inf|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

/** Reads the text format of Prometheus: the types by name, and the lines that are none of it. */
function readMetrics(text: string): { types: Map<string, string>; strange: string[]; samples: string[] } {
  const types = new Map<string, string>();
  const samples: string[] = [];
  const strange = text.split('\n').filter((line) => {
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line);
    if (type) types.set(type[1]!, type[2]!);
    if (type || line === '' || /^# HELP \S+ \S/.test(line)) return false;
    const sample = SAMPLE.exec(line);
    const isTyped = sample && [sample[1]!, sample[1]!.replace(/_(bucket|sum|count)$/, '')].some((name) => types.has(name));
    if (isTyped) samples.push(line);
    return !isTyped;
  });
  return { types, strange, samples };
}

it('the stack runs all five services', () => expect(new Set(INSTANCES.map(([, service]) => service)).size).toBe(5));

describe.each(INSTANCES)('%s', (_part, service, port) => {
  it('lives', async () => {
    const response = await ask(port, '/live');
    expect([response.status, await response.json()]).toEqual([200, { live: true }]);
  });

  it('is ready, and says of each of its parts whether it is, and why where it is not', async () => {
    const response = await ask(port, '/ready');
    const { ready, parts } = (await response.json()) as { ready: boolean; parts: Record<string, { ready: boolean; cause?: string }> };
    expect([response.status, ready]).toEqual([200, true]);
    expect(Object.keys(parts)).toEqual(expect.arrayContaining([...OWN[service].parts]));
    // A part that works beside the requests may be away without the whole being so; then it says why.
    for (const [name, part] of Object.entries(parts)) expect([name, part.ready || part.cause]).toEqual([name, part.ready || expect.stringMatching(/\S/)]);
  });

  it('tells its metrics as Prometheus reads them, its own among them, and none of another service', async () => {
    const response = await ask(port, '/metrics');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/plain; version=0\.0\.4/)]);
    const { types, strange, samples } = readMetrics(await response.text());
    expect(strange).toEqual([]);
    expect([...types.keys()]).toEqual(expect.arrayContaining(OF_ALL));
    const has = (metric: string): boolean => types.has(metric) || samples.some((line) => line.startsWith(metric));
    expect(SERVICES.filter((other) => has(OWN[other].metric))).toEqual([service]);
  });
});

it.each(instances.gateway.map(({ part, port }) => [part, port] as const))('at its public door %s tells no metrics', async (_part, port) => {
  const response = await ask(port, '/metrics');
  expect(response.status).toBe(404);
  expect(await response.text()).not.toContain('tael_');
});
