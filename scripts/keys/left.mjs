import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { Problem } from '../stack/problem.mjs';
import { entryOf } from '../stack/services.mjs';

const run = promisify(execFile);

/**
 * The services that seal, by ring. One that is missing here would have its rows forgotten: a test holds the list.
 * @type {Record<'seal' | 'fingerprint', readonly import('../stack/services.mjs').DataServiceName[]>}
 */
export const SEALING = { seal: ['accounts', 'merchants', 'rewards', 'notifications'], fingerprint: ['accounts'] };

/**
 * @typedef {object} StackFile what stack.json says, as far as it is needed here
 * @property {Record<string, string>} databaseUrls
 * @property {Record<string, { part: string, port: number }[]>} instances
 */

/**
 * The stack that runs on a data folder.
 * @param {string} home
 * @returns {StackFile}
 */
export function runningStack(home) {
  const file = path.join(home, 'stack.json');
  if (fs.existsSync(file)) return JSON.parse(fs.readFileSync(file, 'utf8'));
  throw new Problem('The stack does not run: what is left under the old key can only be counted, and put under the new one, where it does.');
}

/**
 * Refuses where a process runs that seals with another key than the first of the ring, or does not say: it could write more
 * under the old key after everything was counted.
 * @param {'seal' | 'fingerprint'} what
 * @param {string} key
 * @param {StackFile} stack
 */
export async function refuseWhereBehind(what, key, stack) {
  const behind = [];
  for (const { part, port } of SEALING[what].flatMap((service) => stack.instances[service] ?? [])) {
    const text = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(5_000) }).then(
      (response) => response.text(),
      () => '',
    );
    if (!text.includes(`tael_seal_key{ring="${what}",key="${key}"} 1`)) behind.push(part);
  }
  if (behind.length > 0)
    throw new Problem(`These do not seal with ${key} yet, or do not answer; start them again: ${behind.join(', ')}.`);
}

/**
 * Counts in every database of the stack what does not stand under the first key of a ring.
 * @param {'seal' | 'fingerprint'} what
 * @param {{ sealKeys: string, cardFingerprintKeys: string }} secrets
 * @param {StackFile} stack
 * @returns {Promise<import('./rotation.mjs').Left>}
 */
export async function countLeft(what, secrets, stack) {
  /** @type {import('./rotation.mjs').Left} */
  const left = {};
  for (const service of SEALING[what]) {
    const program = entryOf(service, 'seals-left');
    if (!fs.existsSync(program)) throw new Problem(`${program} is not there: build first (npm run build).`);
    const env = {
      PATH: process.env.PATH,
      DATABASE_URL: stack.databaseUrls[service],
      SEAL_KEYS: secrets.sealKeys,
      CARD_FINGERPRINT_KEYS: secrets.cardFingerprintKeys,
    };
    const { stdout } = await run(process.execPath, [program], { env, timeout: 120_000 });
    for (const [place, keys] of Object.entries(JSON.parse(stdout)[what])) left[`${service} ${place}`] = keys;
  }
  return left;
}
