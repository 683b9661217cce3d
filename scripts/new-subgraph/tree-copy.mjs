import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../stack/settings.mjs';

const LEFT_OUT = new Set(['node_modules', '.git', '.tael', '.turbo', '.reports', 'dist']);

/** Everything that a commit of the tree would have. @param {string} folder */
export function filesOf(folder) {
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => !file.split(path.sep).some((part) => LEFT_OUT.has(part)))
    .filter((file) => fs.statSync(path.join(folder, file)).isFile());
}

/**
 * A copy of the tree as it is, with the packages that are installed.
 * @param {string} copy an empty folder
 * @param {{ withBuilds: boolean }} options withBuilds: also what is built, and turbo's cache
 */
export function copyTree(copy, { withBuilds }) {
  const left = ['node_modules', '.tael', '.reports', ...(withBuilds ? [] : ['dist', '.turbo'])];
  for (const file of [...topLevel(ROOT)]) {
    fs.cpSync(path.join(ROOT, file), path.join(copy, file), {
      recursive: true,
      filter: (source) => !left.includes(path.basename(source)),
    });
  }
  const modules = path.join(ROOT, 'node_modules');
  fs.mkdirSync(path.join(copy, 'node_modules', '@tael'), { recursive: true });
  for (const name of fs
    .readdirSync(modules)
    .filter((entry) => !['@tael', '.tael-built', '.tael-installed', '.package-lock.json'].includes(entry))) {
    fs.symlinkSync(path.join(modules, name), path.join(copy, 'node_modules', name));
  }
  for (const name of fs.readdirSync(path.join(modules, '@tael'))) {
    fs.symlinkSync(fs.readlinkSync(path.join(modules, '@tael', name)), path.join(copy, 'node_modules', '@tael', name));
  }
  for (const service of fs.readdirSync(path.join(ROOT, 'services'))) {
    const own = path.join('services', service, 'node_modules');
    if (fs.existsSync(path.join(ROOT, own))) fs.symlinkSync(path.join(ROOT, own), path.join(copy, own));
  }
  if (withBuilds && fs.existsSync(path.join(ROOT, '.turbo'))) fs.symlinkSync(path.join(ROOT, '.turbo'), path.join(copy, '.turbo'));
  fs.writeFileSync(path.join(copy, 'node_modules', '.package-lock.json'), '{}');
  const lock = createHash('sha256')
    .update(fs.readFileSync(path.join(copy, 'package-lock.json')))
    .digest('hex');
  fs.writeFileSync(path.join(copy, 'node_modules', '.tael-installed'), lock);
}

/**
 * Gives a copy what a machine has that ran the stack before: Kafka's jars, where they are here.
 * @param {string} copy
 */
export function linkJars(copy) {
  const jars = path.join('.tael', 'kafka', 'libs');
  if (!fs.existsSync(path.join(ROOT, jars))) return;
  fs.mkdirSync(path.dirname(path.join(copy, jars)), { recursive: true });
  fs.symlinkSync(path.join(ROOT, jars), path.join(copy, jars));
}

const topLevel = (/** @type {string} */ folder) =>
  fs.readdirSync(folder).filter((name) => !['node_modules', '.git', '.tael', '.turbo'].includes(name));
