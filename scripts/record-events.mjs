#!/usr/bin/env node
// Adds to the corpus of events what the topics of a running stack have and the corpus does not: `npm run events:record`.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { ROOT } from './stack/settings.mjs';
import { openBus } from './where/topics.mjs';

const FOLDER = path.join(ROOT, 'packages', 'events', 'test', 'corpus');
const SUMS = path.join(FOLDER, 'SHA256SUMS');
/** Fields whose text is a word of a closed list, each of which somebody must go on understanding. */
const WORDS = new Set(['change', 'channel', 'effect', 'kind', 'outcome', 'reason', 'status']);

/**
 * What two messages have in common that are read by the same parts of a schema.
 * @param {unknown} value
 * @param {string} [name] of the field that holds it
 * @returns {unknown}
 */
function shapeOf(value, name = '') {
  if (value === null) return null;
  if (Array.isArray(value)) return [...new Set(value.map((entry) => JSON.stringify(shapeOf(entry, name))))].sort();
  if (typeof value === 'object') {
    const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(fields.map(([field, inner]) => [field, shapeOf(inner, field)]));
  }
  return WORDS.has(name) && /^[A-Z_]+$/.test(String(value)) ? value : typeof value;
}

/** @param {{ headers: Record<string, string>, value: string }} message */
const nameOf = ({ headers }) => `${headers.ce_type}.${(headers.ce_dataschema ?? '').split('/').at(-1)}`;

/** @param {{ headers: Record<string, string>, value: string }} message */
const keyOf = (message) => `${nameOf(message)} ${JSON.stringify(shapeOf(JSON.parse(message.value)))}`;

/** @returns {{ topic: string, key: string, headers: Record<string, string>, value: string }[]} */
function recordings() {
  const files = fs.readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  return files.map((file) => JSON.parse(fs.readFileSync(path.join(FOLDER, file), 'utf8')));
}

/**
 * Writes a message as the next file of its type, and its sum.
 * @param {{ topic: string, key: string, headers: Record<string, string>, value: string }} message
 */
function record({ topic, key, headers, value }) {
  const taken = fs.readdirSync(FOLDER).filter((file) => file.replace(/\.\d+\.json$/, '') === nameOf({ headers, value }));
  const file = `${nameOf({ headers, value })}.${taken.length + 1}.json`;
  const sorted = Object.fromEntries(Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1)));
  const text = `${JSON.stringify({ topic, key, headers: sorted, value }, null, 2)}\n`;
  fs.writeFileSync(path.join(FOLDER, file), text, { flag: 'wx' });
  fs.appendFileSync(SUMS, `${createHash('sha256').update(text).digest('hex')}  ${file}\n`);
  process.stdout.write(`${file}\n`);
}

async function main() {
  const file = path.join(path.resolve(ROOT, process.env.TAEL_HOME || '.tael'), 'stack.json');
  if (!fs.existsSync(file)) throw new Error(`No stack runs in ${path.dirname(file)}: start one, or say where with TAEL_HOME.`);
  const { CATALOGUE, TOPICS, fromMessage } = createRequire(import.meta.url)('../packages/events/dist/index.js');
  const { bus } = openBus(JSON.parse(fs.readFileSync(file, 'utf8')));
  const known = new Set(recordings().map(keyOf));
  try {
    for (const topic of Object.values(TOPICS)) {
      for await (const message of bus.read(topic)) {
        // What a test put there to be refused is no event that somebody sent.
        if (!isEvent(message, fromMessage) || known.has(keyOf(message))) continue;
        known.add(keyOf(message));
        record(message);
      }
    }
  } finally {
    await bus.close();
  }
  const recorded = new Set(recordings().map(nameOf));
  const missing = Object.values(CATALOGUE).map(({ type, version }) => `${type}.v${version}`).filter((name) => !recorded.has(name));
  process.stdout.write(missing.length ? `No recording yet of ${missing.join(', ')}\n` : 'Every type has a recording.\n');
}

/**
 * @param {import('../packages/events/dist/index.js').EventMessage} message
 * @param {(message: import('../packages/events/dist/index.js').EventMessage) => unknown} read
 */
function isEvent(message, read) {
  try {
    read(message);
    return message.headers.ce_dataschema !== undefined;
  } catch {
    return false;
  }
}

await main();
