#!/usr/bin/env node
// Takes one step of a rotation of keys in the stack's secrets: docs/runbooks/key-rotation.md says when.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { countLeft, refuseWhereBehind, runningStack } from './keys/left.mjs';
import { firstKeyOf, rotate, sealsRows, STEPS, WHAT } from './keys/rotation.mjs';
import { Problem } from './stack/problem.mjs';
import { writePrivately } from './stack/secrets.mjs';
import { readSettings } from './stack/settings.mjs';

const HELP = `Usage: npm run keys:rotate -- --what ${WHAT.join('|')} --step ${STEPS.join('|')}

add     makes a new key that is known and not used yet
use     puts it in front: it signs and seals from now on, the old one still opens
retire  takes the old key away, once nothing is about that it signed, and no row is left that it sealed

Each step counts once every service was started again. docs/runbooks/key-rotation.md has the order.
`;

/** @template {string} Word @param {readonly Word[]} words @param {string | undefined} given */
function oneOf(words, given) {
  const word = words.find((candidate) => candidate === given);
  if (!word) throw new Problem(HELP);
  return word;
}

/**
 * Of a ring whose keys seal rows: what is left under the old key, once no process can write more.
 * @param {import('./keys/rotation.mjs').What} what
 * @param {any} secrets
 * @param {string} home
 */
async function counted(what, secrets, home) {
  if (what !== 'seal' && what !== 'fingerprint') return undefined;
  const stack = runningStack(home);
  await refuseWhereBehind(what, firstKeyOf(what, secrets), stack);
  return countLeft(what, secrets, stack);
}

async function main() {
  const { values } = parseArgs({ options: { what: { type: 'string' }, step: { type: 'string' } } });
  const wanted = { what: oneOf(WHAT, values.what), step: oneOf(STEPS, values.step), now: new Date() };
  const { home } = readSettings([], process.env);
  const file = path.join(home, 'secrets.json');
  if (!fs.existsSync(file)) throw new Problem(`${file} is not there: no stack was ever started with this TAEL_HOME.`);
  const secrets = JSON.parse(fs.readFileSync(file, 'utf8'));
  const isOpen = wanted.step === 'retire' && secrets.keySteps?.[wanted.what]?.step === 'use';
  const left = isOpen && sealsRows(wanted.what) ? await counted(wanted.what, secrets, home) : undefined;
  writePrivately(file, rotate(secrets, { ...wanted, ...(left ? { left } : {}) }));
  process.stdout.write(
    `${wanted.what} keys: ${wanted.step} is done. Start every service again before the next step.\n`,
  );
}

main().catch((/** @type {unknown} */ error) => {
  process.stderr.write(`${error instanceof Problem ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
