import { createAdmission } from '@tael/platform/http';
import Fastify, { type FastifyInstance } from 'fastify';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inTurn, limitWork } from '../src/admission.hook';

const limits = { inWorkMax: 2, waitingMax: 1, waitMs: 10_000, loopDelayMaxMs: 60_000 };
let server: FastifyInstance;
let admission: ReturnType<typeof createAdmission>;
let finish: (() => void)[] = [];

beforeEach(async () => {
  finish = [];
  server = Fastify();
  admission = createAdmission(limits);
  limitWork(server, admission, '/graphql');
  server.post('/graphql', (request) => inTurn(request, () => new Promise<object>((resolve) => finish.push(() => resolve({ done: true })))));
  server.get('/live', () => ({ live: true }));
  await server.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  finish.forEach((end) => end());
  await server.close();
});

const port = (): number => (server.server.address() as AddressInfo).port;
const post = (): Promise<Response> => fetch(`http://127.0.0.1:${port()}/graphql`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe('the limit of work', () => {
  it('refuses what is too much with 503, Retry-After and SERVICE_BUSY, and does the rest', async () => {
    const inWork = [post(), post()];
    await until(() => finish.length === 2);
    const waiting = post();
    await until(() => admission.waiting === 1);
    const refused = await post();
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toEqual({
      errors: [{ message: expect.any(String) as string, extensions: { code: 'SERVICE_BUSY', retryable: true, retryAfter: 1 } }],
    });
    expect((await fetch(`http://127.0.0.1:${port()}/live`)).status).toBe(200);
    finish[0]!();
    await until(() => finish.length === 3);
    finish.forEach((end) => end());
    for (const answer of await Promise.all([...inWork, waiting])) expect(answer.status).toBe(200);
    expect([admission.inWork, admission.waiting]).toEqual([0, 0]);
  });

  it('does nothing for whoever went away while waiting, and gives the place on', async () => {
    const inWork = [post(), post()];
    await until(() => finish.length === 2);
    const gone = httpRequest({ port: port(), host: '127.0.0.1', path: '/graphql', method: 'POST' });
    gone.on('error', () => undefined);
    gone.end('{}');
    await until(() => admission.waiting === 1);
    const closed = new Promise((resolve) => gone.once('close', resolve));
    gone.destroy();
    await closed;
    finish.forEach((end) => end());
    await Promise.all(inWork);
    await until(() => admission.inWork === 0);
    expect(finish).toHaveLength(2);
  });

  it('holds the place of work that goes on though its client is gone', async () => {
    const gone = httpRequest({ port: port(), host: '127.0.0.1', path: '/graphql', method: 'POST', headers: { 'content-type': 'application/json' } });
    gone.on('error', () => undefined);
    gone.end('{}');
    await until(() => finish.length === 1);
    const closed = new Promise((resolve) => gone.once('close', resolve));
    gone.destroy();
    await closed;
    const other = post();
    await until(() => finish.length === 2);
    expect(admission.inWork).toBe(2);
    finish.forEach((end) => end());
    expect((await other).status).toBe(200);
    await until(() => admission.inWork === 0);
  });
});
