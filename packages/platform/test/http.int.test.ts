import { eventually } from '@tael/testkit';
import { Agent, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttpServer, startManagementServer } from '../src/http';
import { createLogger } from '../src/log';

const log = createLogger({ service: 'test', level: 'silent' });

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

function ask(port: number, path: string, agent: Agent | false = false): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path, agent }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    }).on('error', reject);
  });
}

async function serve(options: { drainMs?: number; checks?: Record<string, () => { ready: boolean; cause?: string }> } = {}) {
  const work: (() => void)[] = [];
  const server = createHttpServer({ log, checks: options.checks ?? {}, drainMs: options.drainMs ?? 0 });
  server.get('/work', () => new Promise((resolve) => work.push(() => resolve({ done: true }))));
  server.get('/quick', () => ({ done: true }));
  await server.listen({ port: 0, host: '127.0.0.1' });
  return { server, work, port: (server.server.address() as AddressInfo).port };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe('a server that is asked to end', () => {
  it('says so, answers for a while, finishes what is under way, and takes nothing after', async () => {
    const { server, work, port } = await serve({ drainMs: 400 });
    const kept = new Agent({ keepAlive: true, maxSockets: 8 });
    const slow = ask(port, '/work', kept);
    await until(() => work.length === 1);
    expect((await ask(port, '/quick', kept)).headers.connection).toBe('keep-alive');

    const closed = server.close();
    const ready = await ask(port, '/ready', kept);
    expect([ready.status, JSON.parse(ready.body)]).toEqual([503, { ready: false, parts: { door: { ready: false, cause: 'draining' } } }]);
    const during = await ask(port, '/quick', kept);
    expect([during.status, during.headers.connection]).toEqual([200, 'close']);
    expect((await ask(port, '/live')).status).toBe(200);

    // The door is shut; the work that was under way ends after that, and is answered.
    await eventually(() => expect(ask(port, '/quick')).rejects.toThrow(/ECONNREFUSED/));
    work[0]!();
    const answer = await slow;
    expect([answer.status, answer.headers.connection]).toEqual([200, 'close']);
    await closed;
    kept.destroy();
  });

  it('leaves a kept connection to its client: what still comes on it after the door is shut is answered', async () => {
    const { server, port } = await serve({ drainMs: 200 });
    const kept = new Agent({ keepAlive: true, maxSockets: 1 });
    await ask(port, '/quick', kept);
    const closed = server.close();
    await eventually(() => expect(ask(port, '/quick')).rejects.toThrow(/ECONNREFUSED/));
    const late = await ask(port, '/quick', kept);
    expect([late.status, late.headers.connection]).toEqual([200, 'close']);
    await closed;
    kept.destroy();
  });

  it('ends connections that their clients do not leave', async () => {
    const { server, port } = await serve({ drainMs: 100 });
    const kept = new Agent({ keepAlive: true });
    await ask(port, '/quick', kept);
    const begun = performance.now();
    await server.close();
    expect(performance.now() - begun).toBeLessThan(2_000);
    kept.destroy();
  });

  it('does not wait for connections that carry nothing', async () => {
    const { server, port } = await serve();
    const kept = new Agent({ keepAlive: true });
    await ask(port, '/quick', kept);
    const begun = performance.now();
    await server.close();
    expect(performance.now() - begun).toBeLessThan(2_000);
    kept.destroy();
  });
});

describe('what operators ask', () => {
  it('is answered with the causes', async () => {
    const { server, port } = await serve({ checks: { bus: () => ({ ready: false, cause: 'the broker does not answer' }) } });
    const ready = await ask(port, '/ready');
    expect(ready.status).toBe(503);
    expect(JSON.parse(ready.body).parts).toEqual({ bus: { ready: false, cause: 'the broker does not answer' }, door: { ready: true } });
    const metrics = await ask(port, '/metrics');
    expect(metrics.headers['content-type']).toContain('text/plain');
    expect(metrics.body).toContain('tael_process_cpu_seconds_total');
    await server.close();
  });

  it('is answered at a door of its own where there is one, and the figures only there', async () => {
    const door = await startManagementServer({ host: '127.0.0.1', port: 0, ready: () => ({ ready: false, parts: {} }) });
    expect((await ask(door.port, '/live')).status).toBe(200);
    expect((await ask(door.port, '/ready')).status).toBe(503);
    expect((await ask(door.port, '/metrics?x=1')).body).toContain('tael_process_cpu_seconds_total');
    expect((await ask(door.port, '/graphql')).status).toBe(404);
    await door.close();

    const server = createHttpServer({ log, checks: {}, management: { host: '127.0.0.1', port: 0 } });
    await server.listen({ port: 0, host: '127.0.0.1' });
    expect((await ask((server.server.address() as AddressInfo).port, '/metrics')).status).toBe(404);
    await server.close();
  });
});
