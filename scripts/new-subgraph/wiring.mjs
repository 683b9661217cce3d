import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Problem } from '../stack/problem.mjs';
import { ROOT } from '../stack/settings.mjs';
import { readSubgraphs, registryOf } from '../subgraphs.mjs';

/** Offsets from the public port at which nothing is, nor ten and twenty further: there are the second and third process. */
const OFFSETS = [7, ...Array.from({ length: 10 }, (_none, index) => 40 + index)];

const LOCK = path.join(ROOT, 'package-lock.json');
const TURBO = path.join(ROOT, 'turbo.json');
const INSTALLED = path.join(ROOT, 'node_modules', '.tael-installed');

const link = (/** @type {string} */ name) => path.join(ROOT, 'node_modules', '@tael', name);
const sumOf = (/** @type {string} */ file) => createHash('sha256').update(fs.readFileSync(file)).digest('hex');
const readJson = (/** @type {string} */ file) => JSON.parse(fs.readFileSync(file, 'utf8'));

/**
 * Writes JSON whole or not at all.
 * @param {string} file
 * @param {string} text
 */
function write(file, text) {
  fs.writeFileSync(`${file}.new`, text);
  fs.renameSync(`${file}.new`, file);
}

/**
 * Enters a subgraph everywhere: the list of subgraphs, the check of the composition, and npm's workspaces.
 * @param {string} name
 * @returns {number} the offset of its port
 */
export function wire(name) {
  const subgraphs = readSubgraphs();
  const portOffset = OFFSETS.find((offset) => subgraphs.every((known) => known.portOffset !== offset));
  if (portOffset === undefined) throw new Problem(`There are ${subgraphs.length} subgraphs: no port is left.`);
  writeRegistry([...subgraphs, { name, portOffset }]);
  editCheck((builds) => [...builds, `@tael/${name}#build`]);
  editLock((packages) => {
    const manifest = readJson(path.join(ROOT, 'services', name, 'package.json'));
    packages[`node_modules/@tael/${name}`] = { resolved: `services/${name}`, link: true };
    const { version, license, dependencies, devDependencies } = manifest;
    packages[`services/${name}`] = { name: `@tael/${name}`, version, license, dependencies, devDependencies };
  });
  fs.mkdirSync(path.dirname(link(name)), { recursive: true });
  fs.symlinkSync(path.join('..', '..', 'services', name), link(name), 'junction');
  return portOffset;
}

/**
 * Takes a subgraph out of all that {@link wire} entered it in.
 * @param {string} name
 */
export function unwire(name) {
  writeRegistry(readSubgraphs().filter((known) => known.name !== name));
  editCheck((builds) => builds.filter((build) => build !== `@tael/${name}#build`));
  editLock((packages) => {
    delete packages[`node_modules/@tael/${name}`];
    delete packages[`services/${name}`];
  });
  fs.rmSync(link(name), { force: true });
}

/** @param {readonly import('../subgraphs.mjs').Subgraph[]} subgraphs */
function writeRegistry(subgraphs) {
  const lines = subgraphs.map(({ name, portOffset }) => `  { "name": "${name}", "portOffset": ${portOffset} }`);
  write(registryOf(), `[\n${lines.join(',\n')}\n]\n`);
}

/**
 * Edits the builds that the check of the composition waits for, and leaves every other letter of the file as it is.
 * @param {(builds: string[]) => string[]} edit
 */
function editCheck(edit) {
  const text = fs.readFileSync(TURBO, 'utf8');
  const list = /("\/\/#compose:check": \{\s*"dependsOn": )(\[[^\]]*\])/.exec(text);
  if (!list) throw new Problem('turbo.json has no task //#compose:check that begins with its dependsOn.');
  const [, before = '', builds = '[]'] = list;
  const entries = edit(JSON.parse(builds)).map((build) => `        ${JSON.stringify(build)}`);
  write(
    TURBO,
    text.replace(list[0], () => `${before}[\n${entries.join(',\n')}\n      ]`),
  );
}

/**
 * npm would write the same, but would look at every package for it. What is installed stays right: a workspace more or
 * less brings no package that is not there.
 * @param {(packages: Record<string, object>) => void} edit
 */
function editLock(edit) {
  const wasInstalled = fs.existsSync(INSTALLED) && fs.readFileSync(INSTALLED, 'utf8') === sumOf(LOCK);
  const times = fs.statSync(LOCK);
  const lock = readJson(LOCK);
  edit(lock.packages);
  const order = ([a = ''], [b = '']) => a.localeCompare(b, 'en');
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(order));
  write(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
  fs.utimesSync(LOCK, times.atime, times.mtime);
  if (wasInstalled) fs.writeFileSync(INSTALLED, sumOf(LOCK));
}
