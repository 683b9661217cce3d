import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';
import { createLogger } from '@tael/platform/log';
import { buildSchema } from 'graphql';
import { createSubgraphServer } from '../src';

/** Sends raw bytes and gives what came back until the other side closed. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (data) => (answer += String(data)));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

it.each(['//', '/\\', '/graphql/', 'http://[', '/other', '*'])('A15: an upgrade at %j is closed, and the service lives on', async (path) => {
  const server = await createSubgraphServer({
    schema: buildSchema('type Query { a: Int } type Subscription { b: Int }'), log: createLogger({ service: 'test', level: 'silent' }),
    identityKeys: [{ id: 'k', key: randomBytes(32) }], loaders: () => ({}), checks: {}, subscriptions: true,
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  const { port } = server.server.address() as { port: number };
  const upgrade = `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`;
  expect(await raw(port, upgrade)).not.toContain('101 Switching');
  expect((await fetch(`http://127.0.0.1:${port}/live`)).status).toBe(200);
  await server.close();
});
