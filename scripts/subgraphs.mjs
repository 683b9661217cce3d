import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/**
 * @typedef {object} Subgraph
 * @property {string} name of the service and of the subgraph; its folder is services/<name>
 * @property {number} portOffset how far its port lies from the public one
 */

/** @param {string} [root] */
export const registryOf = (root = ROOT) => path.join(root, 'scripts', 'subgraphs.json');

/**
 * The subgraphs of the house, in the order in which they are composed. This list is the only one: the stack, the
 * composition and the tests take theirs from it.
 * @param {string} [root] of another tree than this one
 * @returns {readonly Subgraph[]}
 */
export function readSubgraphs(root = ROOT) {
  return JSON.parse(fs.readFileSync(registryOf(root), 'utf8'));
}

/**
 * The database of a subgraph, and the role under which its service uses it.
 * @param {string} name of a subgraph
 */
export const databaseOf = (name) => `tael_${name.replaceAll('-', '_')}`;

/**
 * The role that owns a database and migrates it. The stand-in of the outside world makes its tables itself, so it has one
 * role only.
 * @param {string} database
 */
export const ownerOf = (database) => (database === 'tael_sandbox' ? database : `${database}_owner`);
