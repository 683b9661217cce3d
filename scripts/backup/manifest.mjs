import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Problem } from '../stack/problem.mjs';
import { placesIn } from './archive.mjs';

const NAME = 'backup.json';

/**
 * What a base backup says of itself.
 * @typedef {object} Manifest
 * @property {1} format
 * @property {string} startedAt
 * @property {string} endedAt from here on its files can be brought to any moment
 * @property {number} timeline
 * @property {string} stopLsn
 * @property {string} firstSegment of the write-ahead log that it needs
 * @property {string} systemId of the server
 * @property {string} serverVersion
 * @property {'kafka' | 'postgres'} eventBus
 * @property {Record<string, string>} sealKeys a mark of each key that opens what is sealed in it
 * @property {number} bytes
 * @property {Record<string, string>} files the sum of each, by its path
 */

/** @typedef {Manifest & { folder: string }} Base */

/**
 * A mark by which a key is known again, and from which nobody learns it.
 * @param {string} ring as it stands in secrets.json
 */
export const marksOf = (ring) =>
  Object.fromEntries(
    ring.split(',').map((key) => [key.slice(0, key.indexOf(':')), createHash('sha256').update(`tael/seal-key/${key}`).digest('hex').slice(0, 16)]),
  );

/** @param {string} folder @param {Manifest} manifest */
export function writeManifest(folder, manifest) {
  fs.writeFileSync(path.join(folder, NAME), `${JSON.stringify(manifest, null, 1)}\n`, { mode: 0o600, flush: true });
}

/**
 * The base backups in a folder, oldest first. What was broken off has no manifest and is none.
 * @param {string} folder
 * @returns {Base[]}
 */
export function basesIn(folder) {
  const { bases } = placesIn(folder);
  if (!fs.existsSync(bases)) return [];
  const found = fs.readdirSync(bases).map((name) => path.join(bases, name)).filter((at) => fs.existsSync(path.join(at, NAME)));
  return found
    .map((at) => ({ folder: at, .../** @type {Manifest} */ (JSON.parse(fs.readFileSync(path.join(at, NAME), 'utf8'))) }))
    .sort((a, b) => (a.endedAt < b.endedAt ? -1 : 1));
}

/**
 * Refuses a backup of which a file is missing or changed.
 * @param {Base} base
 */
export function checkFiles({ folder, files }) {
  const faults = Object.entries(files).flatMap(([name, sum]) => {
    const file = path.join(folder, name);
    if (!fs.existsSync(file)) return [`${name} is missing`];
    return createHash('sha256').update(fs.readFileSync(file)).digest('hex') === sum ? [] : [`${name} has changed`];
  });
  if (faults.length === 0) return;
  throw new Problem(`The backup ${folder} is damaged: ${faults.slice(0, 5).join(', ')}${faults.length > 5 ? ', …' : ''}.`, 'Take another one.');
}
