import { randomBytes } from 'node:crypto';
import { newSigningKey } from './signing-key.mjs';
import { Problem } from '../stack/problem.mjs';

/**
 * A ring of keys turns in three steps, and every process has taken one step before any takes the next: `add` makes a new key
 * that is known and not used, `use` puts it in front, `retire` takes the old ones away. Two processes that are one step apart
 * always understand each other, so a rolling restart after each step leaves no gap.
 *
 * @typedef {'token' | 'identity' | 'seal' | 'fingerprint' | 'subgraph' | 'bank'} What
 * @typedef {'add' | 'use' | 'retire'} Step
 * @typedef {{ id: string, text: string }} Key with its text in the ring
 * @typedef {Record<string, Record<string, number>>} Left rows under other keys than the first, by place and by key
 */

/** @type {readonly What[]} */
export const WHAT = ['token', 'identity', 'seal', 'fingerprint', 'subgraph', 'bank'];
/** @type {readonly Step[]} */
export const STEPS = ['add', 'use', 'retire'];

/**
 * The name of each ring in secrets.json.
 * @type {Record<What, 'tokenSigningKeys' | 'identityKeys' | 'sealKeys' | 'cardFingerprintKeys' | 'partnerSubgraphKeys' | 'bankSigningKeys'>}
 */
const RINGS = {
  token: 'tokenSigningKeys', identity: 'identityKeys', seal: 'sealKeys', fingerprint: 'cardFingerprintKeys', subgraph: 'partnerSubgraphKeys', bank: 'bankSigningKeys',
};

/** How long after `use` something may still be about that the old key signed or sealed, and that no row tells of. @type {Record<What, number>} */
const STILL_OUT_MS = { token: 15 * 60_000, identity: 2 * 60_000, seal: 15 * 60_000, fingerprint: 0, subgraph: 2 * 60_000, bank: 2 * 60_000 };

/** Rings under whose keys rows stand: an old key goes when no row is left under it, and its id is remembered. */
const SEALS = new Set(/** @type {What[]} */ (['seal', 'fingerprint']));

const RETIRED = 'retired';

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

/** @param {Key} key */
const isRetired = ({ id, text }) => text === `${id}:${RETIRED}`;

/** @param {What} what @param {Key[]} known @returns {Key} */
function newKey(what, known) {
  if (what === 'token') {
    const id = randomBytes(8).toString('hex');
    return { id, text: JSON.stringify(newSigningKey(id)) };
  }
  const id = `k${Math.max(0, ...known.map((key) => Number(/^k(\d+)$/.exec(key.id)?.[1] ?? 0))) + 1}`;
  return { id, text: `${id}:${randomBytes(32).toString('base64')}` };
}

/**
 * Takes one step with one ring.
 * @template {Record<string, unknown>} Secrets
 * @param {Secrets & { keySteps?: Partial<Record<What, { step: Step, at: string }>> }} secrets
 * @param {{ what: What, step: Step, now: Date, left?: Left }} wanted `left`: what was counted, to retire a key that seals
 * @returns {Secrets} the secrets with the ring as it is now; the given ones stay as they are
 */
export function rotate(secrets, { what, step, now, left }) {
  const ring = readRing(what, String(secrets[RINGS[what]]));
  const last = secrets.keySteps?.[what];
  const next = /** @type {const} */ ({ add: 'use', use: 'retire', retire: 'add' })[last?.step ?? 'retire'];
  if (step !== next) throw new Problem(`The next step of the ${what} keys is "${next}", not "${step}".`);
  const waitMs = step === 'retire' ? Date.parse(last?.at ?? '') + STILL_OUT_MS[what] - now.getTime() : 0;
  if (waitMs > 0)
    throw new Problem(`The old ${what} key may still be in use: retire it in ${Math.ceil(waitMs / 60_000)} minutes.`);
  if (step === 'retire' && SEALS.has(what)) refuseWhereLeft(what, ring, left);
  return {
    ...secrets,
    [RINGS[what]]: writeRing(what, turned(what, ring, step)),
    keySteps: { ...secrets.keySteps, [what]: { step, at: now.toISOString() } },
  };
}

/**
 * The id of the key that signs and seals.
 * @param {What} what
 * @param {Record<string, unknown>} secrets
 */
export const firstKeyOf = (what, secrets) => readRing(what, String(secrets[RINGS[what]]))[0]?.id ?? '';

/**
 * Whether a key of this ring may go only when no row stands under it any more.
 * @param {What} what
 */
export const sealsRows = (what) => SEALS.has(what);

/**
 * @param {What} what
 * @param {Key[]} ring
 * @param {Left | undefined} left
 */
function refuseWhereLeft(what, ring, left) {
  if (!left) throw new Problem(`What is left under the old ${what} key was not counted: nothing is retired.`);
  // Rows without a key's id stand under the oldest. What an earlier retirement has made unreadable keeps no further one.
  const old = new Set(['', ...ring.slice(1).flatMap((key) => (isRetired(key) ? [] : [key.id]))]);
  const lines = Object.entries(left).flatMap(([place, keys]) =>
    Object.entries(keys)
      .filter(([id]) => old.has(id))
      .map(([id, rows]) => `  ${place}: ${rows} under ${id || 'a key without an id'}`),
  );
  if (lines.length > 0)
    throw new Problem(
      `Rows are left under the old ${what} key; the services put them under the new one, about a thousand a second:\n${lines.join('\n')}`,
    );
}

/** @param {What} what @param {Key[]} ring @param {Step} step @returns {Key[]} */
function turned(what, ring, step) {
  if (step === 'add') return [...ring, newKey(what, ring)];
  if (step === 'use') return [...ring.slice(-1), ...ring.slice(0, -1)];
  const rest = SEALS.has(what) ? ring.slice(1).map(({ id }) => ({ id, text: `${id}:${RETIRED}` })) : [];
  return [...ring.slice(0, 1), ...rest];
}
