#!/usr/bin/env node
// Takes one step of a rotation of keys in the stack's secrets: docs/runbooks/key-rotation.md says when.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { rotate, STEPS, WHAT } from './keys/rotation.mjs';
import { Problem } from './stack/problem.mjs';
import { writePrivately } from './stack/secrets.mjs';
import { readSettings } from './stack/settings.mjs';

const HELP = `Usage: npm run keys:rotate -- --what ${WHAT.join('|')} --step ${STEPS.join('|')}

add     makes a new key that is known and not used yet
use     puts it in front: it signs and seals from now on, the old one still opens
retire  takes the old key away, once nothing is about that it signed

Each step counts once every service was started again. docs/runbooks/key-rotation.md has the order.
`;

/** @template {string} Word @param {readonly Word[]} words @param {string | undefined} given */
function oneOf(words, given) {
  const word = words.find((candidate) => candidate === given);
  if (!word) throw new Problem(HELP);
  return word;
}

function main() {
  const { values } = parseArgs({ options: { what: { type: 'string' }, step: { type: 'string' } } });
  const wanted = { what: oneOf(WHAT, values.what), step: oneOf(STEPS, values.step), now: new Date() };
  const file = path.join(readSettings([], process.env).home, 'secrets.json');
  if (!fs.existsSync(file)) throw new Problem(`${file} is not there: no stack was ever started with this TAEL_HOME.`);
  writePrivately(file, rotate(JSON.parse(fs.readFileSync(file, 'utf8')), wanted));
  process.stdout.write(
    `${wanted.what} keys: ${wanted.step} is done. Start every service again before the next step.\n`,
  );
}

try {
  main();
} catch (error) {
  process.stderr.write(`${error instanceof Problem ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
