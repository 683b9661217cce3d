import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { createGuardedServer } from '../src/http/guarded.server';

/** Clients in a thread of their own: a crowd that asks again as soon as it is answered, and newcomers of whom each has a connection of its own. */
const CLIENTS = `
  const { Agent, get } = require('node:http');
  const { parentPort, workerData: { port, crowd, newcomers } } = require('node:worker_threads');
  const busy = new Agent({ keepAlive: true, maxSockets: crowd });
  const ask = (agent) => new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
  });
  let answers = 0;
  let isOver = false;
  for (let n = 0; n < crowd; n++) void (async () => { for (; !isOver; answers++) await ask(busy).catch(() => undefined); })();
  const begun = setInterval(async () => {
    if (answers < crowd) return;
    clearInterval(begun);
    const before = answers;
    await Promise.all(Array.from({ length: newcomers }, () => ask(false)));
    isOver = true;
    parentPort.postMessage(answers - before);
    busy.destroy();
  }, 1);
`;

function workFor(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end;);
}

// libuv takes one connection in a turn of the event loop: where all that a crowd has sent begins in one turn, each newcomer costs a round of the crowd.
test('newcomers are served while a crowd keeps the door busy', async () => {
  const [crowd, newcomers] = [100, 60];
  const server = createGuardedServer({
    connections: { total: 1_000, perNetwork: 0 },
    serve: (_request, response) => {
      workFor(0.5);
      response.end();
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clients = new Worker(CLIENTS, { eval: true, workerData: { port: (server.address() as AddressInfo).port, crowd, newcomers } });
  const answered = await new Promise<number>((resolve, reject) => clients.once('message', resolve).once('error', reject));
  await clients.terminate();
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  // A round of the crowd for each newcomer were 6,000.
  expect(answered).toBeLessThan(0.25 * crowd * newcomers);
});
