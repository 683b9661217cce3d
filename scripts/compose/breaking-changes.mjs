import { findBreakingChanges } from 'graphql';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Refused } from './refused.mjs';

/** Where changes that break clients are declared. */
export const WAIVERS = path.join('docs', 'breaking-changes.json');

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/**
 * How the place of a change is read from its description: the words are the library's, the form is ours.
 * @type {readonly [RegExp, (match: RegExpExecArray) => string][]}
 */
const PLACES = [
  [/^(\S+\.\S+) arg (\S+) /, ([, field, argument]) => `${field}(${argument}:)`],
  [/^A required arg (\S+) on (\S+) was added/, ([, argument, field]) => `${field}(${argument}:)`],
  [/^A required field (\S+) on input type (\S+) was added/, ([, field, type]) => `${type}.${field}`],
  [/^(\S+) was removed from (?:enum|union) type (\S+?)\.$/, ([, member, type]) => `${type}.${member}`],
  [/^(\S+) no longer implements interface (\S+?)\.$/, ([, type, face]) => `${type} & ${face}`],
  [/^(\S+) /, ([, place]) => String(place)],
];

/**
 * @typedef {object} Change
 * @property {string} id its kind and place, by which a waiver names it: `FIELD_REMOVED Query.me`
 * @property {string} text
 */

/**
 * The changes between two API schemas that break clients.
 * @param {import('graphql').GraphQLSchema} before
 * @param {import('graphql').GraphQLSchema} after
 * @returns {Change[]}
 */
export function breakingChanges(before, after) {
  // A built-in scalar that nothing refers to any more: whatever referred to it is in the list itself.
  const changes = findBreakingChanges(before, after).filter(
    ({ description }) => !/^Standard scalar /.test(description),
  );
  return changes.map(({ type, description }) => {
    const [pattern, place] = /** @type {typeof PLACES[number]} */ (PLACES.find(([form]) => form.test(description)));
    return { id: `${type} ${place(/** @type {RegExpExecArray} */ (pattern.exec(description)))}`, text: description };
  });
}

/**
 * The declared changes of a tree, by id. One holds until its day: then its clients are gone, or were promised too little.
 * @param {string} root
 * @param {string} today
 * @returns {{ holding: Set<string>, lapsed: Map<string, string> }}
 */
export function readWaivers(root, today) {
  const file = path.join(root, WAIVERS);
  /** @type {unknown} */
  const list = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  if (!Array.isArray(list)) throw new Refused(`${WAIVERS} is no list.`);
  const holding = new Set();
  const lapsed = new Map();
  for (const { change, why, until } of list) {
    if (typeof change !== 'string' || typeof why !== 'string' || !why.trim() || !DAY.test(until)) {
      throw new Refused(`${WAIVERS}: each entry needs "change", "why" and "until" (a day, YYYY-MM-DD).`);
    }
    if (until >= today) holding.add(change);
    else lapsed.set(change, until);
  }
  return { holding, lapsed };
}

/**
 * Says which changes are undeclared, and how to declare them.
 * @param {readonly Change[]} changes
 * @param {ReadonlyMap<string, string>} lapsed
 */
export function refusalOf(changes, lapsed) {
  const lines = changes.map(({ id, text }) => {
    const end = lapsed.get(id);
    return `  ${id}: ${text}${end ? ` Its waiver held until ${end}.` : ''}`;
  });
  const example = JSON.stringify({ change: changes[0]?.id, why: '…', until: 'YYYY-MM-DD' });
  return new Refused(
    `These changes break clients:\n${lines.join('\n')}\n` +
      `Take them back, or declare each in ${WAIVERS} (a JSON list), with why and until when it holds:\n  ${example}`,
  );
}
