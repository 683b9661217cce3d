import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { ROOT } from '../stack/settings.mjs';
import { readSubgraphs } from '../subgraphs.mjs';

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Runs the bank's subgraph and tries it with the conformance kit.
 * @param {{ stops: (() => void)[] }} story
 */
export async function checkSubgraph({ stops }) {
  const { tryPartnerSubgraph } = await import('@tael/partner-graph');
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = createPublicKey(createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' }))).export({
    type: 'spki',
    format: 'pem',
  });
  const port = await freePort();
  const child = spawn(process.execPath, [path.join(ROOT, 'examples', 'partner-bank', 'subgraph', 'server.js')], {
    env: { PATH: process.env.PATH, PORT: String(port), TAEL_KEY_ID: 'demo', TAEL_PUBLIC_KEY: String(pem) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  stops.push(() => child.kill());
  await once(child.stdout, 'data');
  const own = readSubgraphs().map(({ name }) => ({
    name,
    sdl: fs.readFileSync(path.join(ROOT, 'services', name, 'schema.graphql'), 'utf8'),
  }));
  const options = { url: `http://127.0.0.1:${port}/graphql`, slug: 'nordbank', own, key: { id: 'demo', privateKey } };
  let trials = 0;
  for await (const { title, problems } of tryPartnerSubgraph(options)) {
    assert.deepEqual(problems, [], title);
    trials += 1;
  }
  assert.equal(trials, 7);
  return `${trials} trials: schema, its own field, signatures, references, errors, time`;
}
