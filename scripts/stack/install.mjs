import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { runCommand } from './commands.mjs';
import { Problem } from './problem.mjs';
import { ROOT } from './settings.mjs';

const LOCK = path.join(ROOT, 'package-lock.json');
const MODULES = path.join(ROOT, 'node_modules');
const INSTALLED = path.join(MODULES, '.tael-installed');
const BUILT = path.join(MODULES, '.tael-built');

/**
 * @typedef {object} Work
 * @property {string} logs folder
 * @property {AbortSignal} signal
 * @property {(detail: string) => void} say
 */

/**
 * Installs what package-lock.json names, where that has not been done.
 * @param {Work} work
 */
export async function install({ logs, signal, say }) {
  const sum = createHash('sha256').update(fs.readFileSync(LOCK)).digest('hex');
  if (isInstalled(sum)) return say('nothing to do');
  const total = (fs.readFileSync(LOCK, 'utf8').match(/^ {4}"node_modules\//gm) ?? []).length;
  const counting = setInterval(() => say(`${countPackages()} of about ${total} packages`), 500);
  try {
    const npm = process.env['npm_execpath'];
    const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
    await runCommand(command, [...args, 'ci', '--no-audit', '--no-fund'], {
      title: 'npm ci',
      log: path.join(logs, 'install.log'),
      signal,
      cwd: ROOT,
    });
  } finally {
    clearInterval(counting);
  }
  fs.writeFileSync(INSTALLED, sum);
  say(`${countPackages()} packages`);
}

/**
 * By the sum of the lockfile that was installed from; by time where npm was called by hand.
 * @param {string} sum
 */
function isInstalled(sum) {
  const hidden = path.join(MODULES, '.package-lock.json');
  if (!fs.existsSync(hidden)) return false;
  if (fs.existsSync(INSTALLED) && fs.readFileSync(INSTALLED, 'utf8') === sum) return true;
  // npm writes the two within moments of each other, in no fixed order.
  return fs.statSync(hidden).mtimeMs + 60_000 >= fs.statSync(LOCK).mtimeMs;
}

function countPackages() {
  if (!fs.existsSync(MODULES)) return 0;
  const names = fs.readdirSync(MODULES).filter((name) => !name.startsWith('.'));
  const scoped = names.filter((name) => name.startsWith('@'));
  return names.length - scoped.length + scoped.reduce((sum, scope) => sum + countIn(path.join(MODULES, scope)), 0);
}

/** @param {string} folder */
function countIn(folder) {
  try {
    return fs.readdirSync(folder).length;
  } catch {
    return 0;
  }
}

/**
 * Builds all workspaces and composes the graph, where an input changed since the last build.
 * @param {Work & { compose?: 'write' | 'check' }} work `check` refuses where the committed graph is not what it would be
 * @returns {Promise<string>} a sum that is the same as long as the build is
 */
export async function build({ logs, signal, say, compose = 'write' }) {
  const before = inputsSum();
  if (before && fs.existsSync(BUILT) && fs.readFileSync(BUILT, 'utf8') === before) {
    say('nothing to do');
    return before;
  }
  await turbo(['run', 'build', '--output-logs=new-only'], {
    title: 'The build',
    log: path.join(logs, 'build.log'),
    signal,
    onLine: (line) => {
      const task = /^(\S+):build: cache (hit|miss)/.exec(line);
      if (task) say(/** @type {string} */ (task[1]));
    },
  });
  say('composing the graph');
  const program = path.join(ROOT, 'scripts', 'compose.mjs');
  await runCommand(process.execPath, [program, ...(compose === 'check' ? ['--check'] : [])], {
    title: 'Composing the graph',
    log: path.join(logs, 'compose.log'),
    signal,
    cwd: ROOT,
  });
  const sum = inputsSum();
  if (!sum) throw new Problem('The build left out an entry of a service.', `See ${path.join(logs, 'build.log')}.`);
  fs.writeFileSync(BUILT, sum);
  say('done');
  return sum;
}

/**
 * @param {string[]} args
 * @param {Omit<Parameters<typeof runCommand>[2], 'cwd' | 'env'> & { env?: NodeJS.ProcessEnv }} options
 */
export function turbo(args, options) {
  const env = {
    ...process.env,
    ...options.env,
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    FORCE_COLOR: '0',
  };
  return runCommand(process.execPath, [path.join(MODULES, 'turbo', 'bin', 'turbo'), ...args], {
    ...options,
    cwd: ROOT,
    env,
  });
}

/** Name, size and time of every input of the build. Null where an output is missing. */
function inputsSum() {
  const workspaces = workspaceFolders();
  const sum = createHash('sha256');
  for (const name of ['package-lock.json', 'tsconfig.base.json', 'turbo.json', 'supergraph.graphql', 'partner.supergraph.graphql']) {
    addFile(sum, path.join(ROOT, name));
  }
  for (const folder of workspaces) {
    if (fs.existsSync(path.join(folder, 'tsconfig.build.json')) && !fs.existsSync(path.join(folder, 'dist')))
      return null;
    for (const name of ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'schema.graphql']) {
      addFile(sum, path.join(folder, name));
    }
    addFolder(sum, path.join(folder, 'src'));
  }
  return sum.digest('hex');
}

/** The folders of all workspaces, as package.json names them. */
export function workspaceFolders() {
  /** @type {{ workspaces: string[] }} */
  const { workspaces } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  return workspaces
    .flatMap((pattern) => {
      if (!pattern.endsWith('/*')) return [path.join(ROOT, pattern)];
      const parent = path.join(ROOT, pattern.slice(0, -2));
      return fs.readdirSync(parent).map((name) => path.join(parent, name));
    })
    .filter((folder) => fs.existsSync(path.join(folder, 'package.json')));
}

/**
 * @param {import('node:crypto').Hash} sum
 * @param {string} folder
 */
function addFolder(sum, folder) {
  if (!fs.existsSync(folder)) return;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) addFolder(sum, at);
    else if (!entry.name.endsWith('.test.ts')) addFile(sum, at);
  }
}

/**
 * @param {import('node:crypto').Hash} sum
 * @param {string} file
 */
function addFile(sum, file) {
  if (!fs.existsSync(file)) return;
  const { size, mtimeMs } = fs.statSync(file);
  sum.update(`${file}\0${size}\0${mtimeMs}\n`);
}
