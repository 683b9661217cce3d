import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** @param {string} folder */
const sourcesOf = (folder) =>
  fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => ({ name, source: fs.readFileSync(path.join(folder, name), 'utf8') }));

/** @param {string} list */
const topicsIn = (list) => [...list.matchAll(/TOPICS\.(\w+)/g)].map(([, name]) => `tael.${name}.v1`);

/**
 * The consumers that a service starts, as its source says: their groups, and the topics that they hear.
 * @param {string} service
 */
export function consumersOf(service) {
  const sources = sourcesOf(path.join(ROOT, 'services', service, 'src')).map(({ source }) => source);
  const groups = sources.flatMap((source) => [...source.matchAll(/\b(?:group: |CONSUMER_GROUP = )'([^']+)'/g)].map(([, group]) => group ?? ''));
  const topics = sources.flatMap((source) => [...source.matchAll(/\b(?:topics: |CONSUMED_TOPICS: readonly string\[\] = )\[([^\]]+)\]/g)].map(([, list]) => topicsIn(list ?? '')));
  const consumers = sources.flatMap((source) => [...source.matchAll(/\bstartEventConsumer\(/g)]);
  assert.equal(groups.length, consumers.length, `${service} starts a consumer without a group that can be read`);
  assert.equal(topics.length, consumers.length, `${service} starts a consumer without topics that can be read`);
  return groups.map((group, index) => ({ group, topics: topics[index] ?? [] }));
}

/** Whose events the files of packages/events define. */
const WRITERS = { accounts: ['accounts', 'payments', 'disputes'], merchants: ['merchants'], rewards: ['rewards'], notifications: ['notifications'] };

/**
 * The topics that a service writes, as the definitions of its events say.
 * @param {string} service
 * @returns {string[]}
 */
export function topicsWrittenBy(service) {
  const files = sourcesOf(path.join(ROOT, 'packages', 'events', 'src')).filter(({ name }) => name.endsWith('.events.ts'));
  const known = Object.values(WRITERS).flat().map((name) => `${name}.events.ts`);
  assert.deepEqual(files.map(({ name }) => name).sort(), known.sort(), 'each file of events has a writer');
  const own = /** @type {Record<string, string[]>} */ (WRITERS)[service] ?? [];
  return [...new Set(files.filter(({ name }) => own.includes(name.replace('.events.ts', ''))).flatMap(({ source }) => topicsIn(source)))];
}
