import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { ROOT } from '../stack/settings.mjs';

const TRIALS = 9;

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
 * A command of the README, as a person at the shell runs it.
 * @param {readonly string[]} words
 * @returns {Promise<{ code: number, said: string }>}
 */
async function npmRun(...words) {
  const onWindows = process.platform === 'win32';
  const options = { cwd: ROOT, shell: onWindows, timeout: 240_000 };
  return promisify(execFile)('npm', ['run', '--silent', ...words], options).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stdout, stderr }) => ({ code, said: `${stdout}${stderr}` }),
  );
}

/**
 * Runs the bank's subgraph, and the command that a bank tries it with: from its own address alone, without anything of Tael's inside.
 * @param {{ stops: (() => void)[] }} story
 */
export async function checkSubgraph({ stops }) {
  const { said: pem } = await npmRun('partner:check', '--', '--public-key');
  const port = await freePort();
  const child = spawn(process.execPath, [path.join(ROOT, 'examples', 'partner-bank', 'subgraph', 'server.js')], {
    env: { ...process.env, PORT: String(port), TAEL_KEY_ID: 'partner-check', TAEL_PUBLIC_KEY: pem },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  stops.push(() => child.kill());
  await once(child.stdout, 'data');
  const { code, said } = await npmRun('partner:check', '--', `http://127.0.0.1:${port}/graphql`, '--local');
  const found = said.match(/^[✓✗] .*$/gm) ?? [];
  assert.equal(code, 0, `npm run partner:check ended with ${code}:\n${said}`);
  assert.deepEqual([found.length, found.filter((line) => line.startsWith('✗'))], [TRIALS, []], said);
  assert.match(said, /\nThe subgraph is ready for a stack on this machine\./);
  return `npm run partner:check: ${found.length} trials of its address, schema, names, own field, signatures, references, errors and time`;
}
