#!/usr/bin/env node
// Checks what we build upon: node scripts/supply-chain.mjs lockfile|licences|sbom|secrets|audit. Exits with 1 where it finds something.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { ROOT } from './stack/settings.mjs';
import { audit } from './supply-chain/audit.mjs';
import { licenceProblems } from './supply-chain/licences.mjs';
import { lockfileProblems } from './supply-chain/lockfile.mjs';
import { SBOM_FILE, writeSbom } from './supply-chain/sbom.mjs';
import { secretProblems } from './supply-chain/secrets.mjs';

/** @param {string} file */
const json = (file) => JSON.parse(fs.readFileSync(path.join(ROOT, file), 'utf8'));

/** @param {string[] | undefined} problems @returns {import('./supply-chain/audit.mjs').Verdict} */
const verdict = (problems) => {
  // Where a machine decides by the exit code alone, what was not looked at is not clean.
  if (!problems) return { state: process.env['CI'] === 'true' ? 'found' : 'not checked', lines: ['this is no checkout of git: nothing was looked at'] };
  return { state: problems.length ? 'found' : 'clean', lines: problems };
};

/** @returns {import('./supply-chain/audit.mjs').Verdict} */
const sbom = () => {
  const { problems, count } = writeSbom(ROOT, json('package-lock.json'));
  return problems.length ? verdict(problems) : { state: 'clean', lines: [`${SBOM_FILE} names ${count} packages`] };
};

/** @type {Record<string, () => import('./supply-chain/audit.mjs').Verdict>} */
const CHECKS = {
  lockfile: () => verdict(lockfileProblems(json('package-lock.json'), json('package.json').allowScripts)),
  licences: () => verdict(licenceProblems(json('package-lock.json'), ROOT)),
  sbom,
  secrets: () => verdict(secretProblems(ROOT)),
  audit: () => audit(ROOT),
};

const check = CHECKS[process.argv[2] ?? ''];
if (!check) {
  process.stderr.write(`Usage: node scripts/supply-chain.mjs ${Object.keys(CHECKS).join('|')}\n`);
  process.exit(2);
}
const { state, lines } = check();
process.stdout.write([...lines, `${process.argv[2]}: ${state}`, ''].join('\n'));
process.exitCode = state === 'found' ? 1 : 0;
