import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const BATCH = 200;

/**
 * The files of a checkout that could be committed: what git tracks or would offer to add.
 * @param {string} root
 */
function filesOf(root) {
  const { stdout, status } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) return undefined;
  return stdout.split('\0').filter((file) => file && fs.existsSync(path.join(root, file)));
}

/**
 * Keys and passwords that stand in files of the checkout, found by secretlint's recommended rules.
 * @param {string} root
 * @param {string[]} [files] relative to the root; all that could be committed unless told
 * @returns {string[] | undefined} undefined where nothing says what the files are: no checkout
 */
export function secretProblems(root, files = filesOf(root)) {
  if (!files) return undefined;
  const bin = path.join(root, 'node_modules', 'secretlint', 'bin', 'secretlint.js');
  const problems = [];
  for (let at = 0; at < files.length; at += BATCH) {
    const args = ['--format', 'unix', '--no-glob', '--no-color', '--maskSecrets', ...files.slice(at, at + BATCH)];
    const { stdout, stderr, status } = spawnSync(process.execPath, [bin, ...args], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    if (status !== 0 && status !== 1) throw new Error(`secretlint did not come to an end: ${stderr}`);
    const lines = stdout.split('\n').filter((line) => /^\S.*:\d+:\d+: /.test(line));
    if (status === 1 && lines.length === 0)
      throw new Error(`secretlint found something and does not say what: ${stdout}`);
    problems.push(...lines.map((line) => path.relative(root, line)));
  }
  return files.length ? problems : ['no file was looked at'];
}
