import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { Problem } from '../stack/problem.mjs';

/**
 * A ring of keys turns in three steps, and every process has taken one step before any takes the next: `add` makes a new key
 * that is known and not used, `use` puts it in front, `retire` takes the old ones away. Two processes that are one step apart
 * always understand each other, so a rolling restart after each step leaves no gap.
 *
 * @typedef {'token' | 'identity' | 'seal'} What
 * @typedef {'add' | 'use' | 'retire'} Step
 * @typedef {{ id: string, text: string }} Key with its text in the ring
 */

/** @type {readonly What[]} */
export const WHAT = ['token', 'identity', 'seal'];
/** @type {readonly Step[]} */
export const STEPS = ['add', 'use', 'retire'];

/** The name of each ring in secrets.json. @type {Record<What, 'tokenSigningKeys' | 'identityKeys' | 'sealKeys'>} */
const RINGS = { token: 'tokenSigningKeys', identity: 'identityKeys', seal: 'sealKeys' };

/** How long after `use` something may still be about that the old key signed. @type {Record<What, number>} */
const STILL_OUT_MS = { token: 15 * 60_000, identity: 2 * 60_000, seal: Number.POSITIVE_INFINITY };

/**
 * @param {What} what
 * @param {string} text
 * @returns {Key[]}
 */
function readRing(what, text) {
  if (what === 'token')
    return JSON.parse(text).keys.map((/** @type {{ kid: string }} */ key) => ({
      id: key.kid,
      text: JSON.stringify(key),
    }));
  return text.split(',').map((part) => ({ id: part.slice(0, part.indexOf(':')), text: part }));
}

/** @param {What} what @param {Key[]} keys */
const writeRing = (what, keys) =>
  what === 'token' ? `{"keys":[${keys.map(({ text }) => text).join(',')}]}` : keys.map(({ text }) => text).join(',');

/** @param {What} what @param {Key[]} known @returns {Key} */
function newKey(what, known) {
  if (what === 'token') {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const id = randomBytes(8).toString('hex');
    return { id, text: JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: id, alg: 'ES256', use: 'sig' }) };
  }
  const id = `k${Math.max(0, ...known.map((key) => Number(/^k(\d+)$/.exec(key.id)?.[1] ?? 0))) + 1}`;
  return { id, text: `${id}:${randomBytes(32).toString('base64')}` };
}

/**
 * Takes one step with one ring.
 * @template {Record<string, unknown>} Secrets
 * @param {Secrets & { keySteps?: Partial<Record<What, { step: Step, at: string }>> }} secrets
 * @param {{ what: What, step: Step, now: Date }} wanted
 * @returns {Secrets} the secrets with the ring as it is now; the given ones stay as they are
 */
export function rotate(secrets, { what, step, now }) {
  const ring = readRing(what, String(secrets[RINGS[what]]));
  const last = secrets.keySteps?.[what];
  const expected = /** @type {const} */ ({ add: 'use', use: 'retire', retire: 'add' })[last?.step ?? 'retire'];
  // What is sealed stays sealed under its key: that ring only grows, and after `use` a next key may be added.
  const next = what === 'seal' && expected === 'retire' ? 'add' : expected;
  if (what === 'seal' && step === 'retire')
    throw new Problem(
      'A seal key cannot be retired: rows are still sealed under it, and addresses are looked up by it.',
    );
  if (step !== next) throw new Problem(`The next step of the ${what} keys is "${next}", not "${step}".`);
  const waitMs = step === 'retire' ? Date.parse(last?.at ?? '') + STILL_OUT_MS[what] - now.getTime() : 0;
  if (waitMs > 0)
    throw new Problem(`The old ${what} key may still be in use: retire it in ${Math.ceil(waitMs / 60_000)} minutes.`);
  return {
    ...secrets,
    [RINGS[what]]: writeRing(what, turned(what, ring, step)),
    keySteps: { ...secrets.keySteps, [what]: { step, at: now.toISOString() } },
  };
}

/** @param {What} what @param {Key[]} ring @param {Step} step @returns {Key[]} */
function turned(what, ring, step) {
  if (step === 'add') return [...ring, newKey(what, ring)];
  if (step === 'use') return [...ring.slice(-1), ...ring.slice(0, -1)];
  return ring.slice(0, 1);
}
