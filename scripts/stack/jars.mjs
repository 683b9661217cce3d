import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/**
 * Reads a list as sha512sum writes it.
 * @param {string} text
 * @returns {Map<string, string>} sum by file name
 */
export function parseSums(text) {
  const rows = text.split('\n').filter((row) => row.trim());
  return new Map(
    rows.map((row) => {
      const match = /^([0-9a-f]{128}) [ *]([\w.+-]+)$/.exec(row);
      if (!match) throw new Error(`not a line of a SHA-512 list: ${row.slice(0, 60)}`);
      return [/** @type {string} */ (match[2]), /** @type {string} */ (match[1])];
    }),
  );
}

/**
 * Compares a folder of jars with the list: gives what is missing, changed or does not belong there.
 * @param {string} folder
 * @param {Map<string, string>} sums
 * @returns {string[]}
 */
export function checkJars(folder, sums) {
  const present = new Set(fs.existsSync(folder) ? fs.readdirSync(folder) : []);
  const faults = [...present].filter((name) => !sums.has(name)).map((name) => `${name} is not on the list`);
  for (const [name, sum] of sums) {
    if (!present.has(name)) faults.push(`${name} is missing`);
    else if (sumOf(path.join(folder, name)) !== sum) faults.push(`${name} has another SHA-512 sum`);
  }
  return faults;
}

/** @param {string} file */
const sumOf = (file) => createHash('sha512').update(fs.readFileSync(file)).digest('hex');
