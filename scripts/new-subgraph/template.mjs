import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';

const TEMPLATE = path.join(path.dirname(fileURLToPath(import.meta.url)), 'template');

/** What builds, tests and npm make beside the sources. */
const MADE = new Set(['dist', 'node_modules', '.turbo', '.reports', 'schema.graphql']);

/**
 * @param {string} folder
 * @returns {string[]} paths of all files below, made ones left out
 */
export function filesOf(folder) {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((file) => !MADE.has(String(file.split(path.sep)[0])))
    .sort();
}

/**
 * Puts the names in. `__entities__` is the field in a text, and the folder in a path.
 * @param {string} text
 * @param {Readonly<Record<string, string>>} values
 */
const fill = (text, values) => text.replace(/__([A-Za-z]+(?::[a-z-]+)?)__/g, (token, key) => values[key] ?? token);

/**
 * The files of a new service, by path.
 * @param {import('./names.mjs').Names} names
 * @param {Readonly<Record<string, string>>} versions of the packages that it needs, as the house has them
 * @returns {Promise<Map<string, string>>}
 */
export async function renderTemplate(names, versions) {
  const { entitiesFolder, ...others } = names;
  const pinned = Object.fromEntries(Object.entries(versions).map(([name, version]) => [`version:${name}`, version]));
  /** @type {Record<string, string>} */
  const values = { ...others, ...pinned };
  const files = new Map();
  for (const file of filesOf(TEMPLATE)) {
    const filled = fill(fs.readFileSync(path.join(TEMPLATE, file), 'utf8'), values)
      // In a text a folder is named by an import alone.
      .replaceAll(`/${names.entities}/`, `/${entitiesFolder}/`);
    const left = /__[A-Za-z:-]+__/.exec(filled.replaceAll('__typename', ''));
    if (left) throw new Error(`${file} of the template has the unknown token ${left[0]}`);
    const target = fill(file, { ...values, entities: entitiesFolder });
    files.set(target, await formatted(filled, target));
  }
  return files;
}

/**
 * @param {string} text
 * @param {string} file
 */
async function formatted(text, file) {
  if (!file.endsWith('.ts')) return text;
  const options = await prettier.resolveConfig(TEMPLATE);
  return prettier.format(text, { ...options, parser: 'typescript' });
}
