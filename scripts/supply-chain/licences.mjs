import fs from 'node:fs';
import path from 'node:path';
import { installed } from './lockfile.mjs';

/** What may run with Tael, by SPDX id: permissive licences, MPL 2.0, which binds its own files alone, and OFL 1.1, which binds fonts alone. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'MPL-2.0',
  'OFL-1.1',
  'Python-2.0',
  'Unlicense',
]);

/** Packages that name no licence but bring its text: read by hand, each for one version. */
export const READ = new Map([['node_modules/png-js 2.0.0', 'MIT']]);

/**
 * Whether an SPDX expression lets us run what it covers: one side of each OR, both sides of each AND.
 * @param {string | undefined} expression
 * @returns {boolean}
 */
export function isAllowed(expression) {
  const tokens = (expression ?? '').match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const single = () => {
    if (tokens[at] !== '(') return ALLOWED.has(tokens[at++] ?? '');
    at += 1;
    const inner = either();
    return tokens[at++] === ')' && inner;
  };
  const both = () => {
    let allowed = single();
    while (tokens[at] === 'AND') {
      at += 1;
      allowed = single() && allowed;
    }
    return allowed;
  };
  const either = () => {
    let allowed = both();
    while (tokens[at] === 'OR') {
      at += 1;
      allowed = both() || allowed;
    }
    return allowed;
  };
  const allowed = either();
  return allowed && at === tokens.length;
}

/**
 * The licence that an installed package names itself, in the present form or the old ones.
 * @param {string} folder
 * @returns {string | undefined}
 */
function licenceIn(folder) {
  const file = path.join(folder, 'package.json');
  if (!fs.existsSync(file)) return undefined;
  const { license, licenses } = JSON.parse(fs.readFileSync(file, 'utf8'));
  const names = [license ?? licenses ?? []].flat().map((one) => (typeof one === 'string' ? one : one?.type));
  return names.length ? names.join(' OR ') : undefined;
}

/**
 * The packages of the running platform whose licence is unknown or not on the list. What is installed counts, not what the
 * lockfile repeats of it; a package for another kind of machine is not installed, and the lockfile is all there is.
 * @param {import('./lockfile.mjs').Lockfile} lockfile
 * @param {string} root
 * @returns {string[]}
 */
export function licenceProblems(lockfile, root) {
  const runtime = installed(lockfile).filter(({ entry }) => !entry.dev);
  const problems = runtime.flatMap(({ place, entry }) => {
    const licence = licenceIn(path.join(root, place)) ?? entry.license ?? READ.get(`${place} ${entry.version}`);
    return isAllowed(licence) ? [] : [`${place} has the licence ${licence ?? 'unknown'}`];
  });
  return runtime.length ? problems : ['no runtime package was found'];
}
