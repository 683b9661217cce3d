import { spawnSync } from 'node:child_process';

/** @typedef {{ state: 'clean' | 'not checked' | 'found', lines: string[] }} Verdict */

/**
 * What an answer of `npm audit --json` means. A registry that gives no answer has cleared nothing.
 * @param {string} output
 * @returns {Verdict}
 */
export function readAudit(output) {
  const report = parsed(output);
  if (report?.error || !report?.vulnerabilities || !report?.metadata?.vulnerabilities)
    return {
      state: 'not checked',
      lines: [report?.error?.summary ?? report?.message ?? 'the registry gave no answer'],
    };
  const grave = Object.values(report.vulnerabilities).filter(({ severity }) => ['high', 'critical'].includes(severity));
  return grave.length
    ? { state: 'found', lines: grave.map(({ name, severity, range }) => `${name} ${range}: ${severity}`) }
    : { state: 'clean', lines: [] };
}

/** @param {string} output */
function parsed(output) {
  try {
    return JSON.parse(output);
  } catch {
    return undefined;
  }
}

/**
 * Asks the registry about all that runs with the platform.
 * @param {string} root
 * @returns {Verdict}
 */
export function audit(root) {
  const { stdout } = spawnSync('npm', ['audit', '--json', '--omit=dev'], {
    cwd: root,
    encoding: 'utf8',
    timeout: 120_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return readAudit(stdout ?? '');
}
