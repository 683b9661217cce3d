import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, test } from 'node:test';
import { againWhereBusy, caller, NotNow } from './graph.mjs';

/** @type {((response: http.ServerResponse) => void)[]} what the door does next, one request after another */
const next = [];
const door = http.createServer((_request, response) => next.shift()?.(response));
door.listen(0, '127.0.0.1');
await once(door, 'listening');
after(() => door.close());
const url = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (door.address()).port}/graphql`;

/** @type {(status: number, body: unknown) => (response: http.ServerResponse) => void} */
const says = (status, body) => (response) => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const failsWith = (/** @type {object} */ extensions) => ({ data: null, errors: [{ message: 'No', extensions }] });
const ask = caller(url);
const { signal } = new AbortController();
const quickly = { signal, pausesMs: [1, 1] };

for (const [what, answer] of /** @type {const} */ ([
  ['a subgraph that was given up', says(200, failsWith({ code: 'SUBGRAPH_UNAVAILABLE', retryable: true }))],
  ['a service with too much to do', says(503, failsWith({ code: 'SERVICE_BUSY' }))],
  ['too many requests', says(429, failsWith({ code: 'RATE_LIMITED' }))],
  ['a connection that is cut', (/** @type {http.ServerResponse} */ response) => void response.destroy()],
  ['a page of something between', (/** @type {http.ServerResponse} */ response) => void response.writeHead(502).end('<html>')],
])) {
  test(`${what} is asked again, and the work begins anew`, async () => {
    let begun = 0;
    next.push(answer, answer, says(200, { data: { n: 1 } }));
    const work = () => {
      begun += 1;
      return ask('{ n }');
    };
    assert.deepEqual(await againWhereBusy(work, quickly), { n: 1 });
    assert.equal(begun, 3);
  });
}

test('what does not pass is told in the end', async () => {
  const busy = says(503, failsWith({ code: 'SERVICE_BUSY' }));
  next.push(busy, busy, busy);
  await assert.rejects(againWhereBusy(() => ask('{ n }'), quickly), NotNow);
  assert.equal(next.length, 0);
});

test('what is wrong is told at once', async () => {
  next.push(says(200, failsWith({ code: 'BAD_USER_INPUT' })));
  await assert.rejects(againWhereBusy(() => ask('{ n }'), quickly), (error) => !(error instanceof NotNow) && /BAD_USER_INPUT/.test(String(error)));
});

test('somebody who stops it does not wait', async () => {
  const stopped = new AbortController();
  next.push(says(503, failsWith({ code: 'SERVICE_BUSY' })));
  const work = againWhereBusy(() => ask('{ n }'), { signal: stopped.signal, pausesMs: [60_000] });
  setTimeout(() => stopped.abort(), 50);
  await assert.rejects(work, { name: 'AbortError' });
});
