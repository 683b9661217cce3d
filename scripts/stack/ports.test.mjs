import assert from 'node:assert/strict';
import net from 'node:net';
import process from 'node:process';
import { test } from 'node:test';
import { checkPorts, findBase, isFree, ownerOf } from './ports.mjs';

/** @param {(port: number) => Promise<void>} work */
async function withListener(work) {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  try {
    await work(/** @type {net.AddressInfo} */ (server.address()).port);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

test('a port that somebody listens on is not free, and is free again after', async () => {
  let used = 0;
  await withListener(async (port) => {
    used = port;
    assert.equal(await isFree(port), false);
  });
  assert.equal(await isFree(used), true);
});

test('a taken port is named with its part, its owner and the way out', async () => {
  await withListener(async (port) => {
    await assert.rejects(checkPorts({ gateway: port }), (/** @type {any} */ error) => {
      assert.match(error.message, new RegExp(`Port ${port}, which gateway needs, is taken`));
      assert.match(error.advice, /TAEL_PORT=5000 npm start/);
      return true;
    });
  });
});

test('on Linux the owner of a port is found', { skip: process.platform !== 'linux' }, async () => {
  await withListener(async (port) => {
    assert.match(ownerOf(port) ?? '', new RegExp(`^process ${process.pid} `));
  });
});

test('a base is taken only where all its ports are free', async () => {
  await withListener(async (port) => {
    // 0 is any port that is free: of those that a base asks for, one alone decides.
    const base = await findBase((from) => ({ one: 0, other: from === port - 1 ? port : 0 }), port - 1);
    assert.equal(base, port + 99);
  });
});
