import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/**
 * Lays out what a builder would be sent: the tracked and the new files of the checkout, less what .dockerignore names.
 * @param {string} root
 * @param {string} folder
 */
export function layOutContext(root, folder) {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
  const ignored = ignoreRules(fs.readFileSync(path.join(root, '.dockerignore'), 'utf8'));
  for (const name of list.split('\0').filter((entry) => entry && !ignored(entry))) {
    const source = path.join(root, name);
    if (!fs.existsSync(source)) continue;
    const target = path.join(folder, name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.copyFileSync(source, target);
  }
}

/**
 * @param {string} text of .dockerignore
 * @returns {(name: string) => boolean}
 */
export function ignoreRules(text) {
  const rules = text.split('\n').map((line) => line.trim()).filter((line) => line && !line.startsWith('#'));
  const patterns = rules.map((rule) => new RegExp(`^${asPattern(rule)}(/|$)`));
  return (name) => patterns.some((pattern) => pattern.test(name));
}

/** @param {string} rule */
function asPattern(rule) {
  return rule
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('**/', '\u0000')
    .replaceAll('*', '[^/]*')
    .replaceAll('\u0000', '(.*/)?');
}
