#!/usr/bin/env node
// Mutation testing of the rules, those of money, rewards and messages first: changes their code in thousands of small ways and counts
// what the unit tests notice. Not a part of CI: it takes long. The scores go to bench/results/mutation.json.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { knownScores, note } from './mutation/results.mjs';
import { scoreOf } from './mutation/score.mjs';
import { MUTATED, placeOf, rulesOf } from './mutation/workspaces.mjs';
import { ROOT } from './stack/settings.mjs';
import { runShown } from './suites/processes.mjs';

const HELP = `Mutation testing: npm run mutation [-- <options>]

Changes every rule in each small way that Stryker knows (a < that becomes a <=, a text that becomes empty), runs the unit
tests of the workspace each time, and counts the changes that a test notices. File by file; each score is written to
bench/results/mutation.json as soon as it is known. Money takes some minutes, everything some hours on two cores.

  --only packages/money   this workspace only (${MUTATED.map(({ folder }) => folder).join(', ')})
  --file <path>           this file only; may be given more than once
  --at-least 90           fails where the score of a workspace is lower
  --fresh                 tries everything again. Without it, a change stays noticed until the rule or the test that
                          noticed it is another: a run that was broken off goes on where it was. What tests share (a helper
                          above them) is not looked at: after a change of it, --fresh
  --note                  shows the scores that are known, and runs nothing
  --help                  this text

Environment:
  MUTATION_CONCURRENCY=2  how many tests run at once

On a busy machine the tests of a change may pass their time limit of 30 seconds, which counts as noticed: the results say
how many there were.
`;

const HOUR_MS = 3_600_000;
const STRYKER = path.join(ROOT, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');

/** @param {string} file @param {{ fresh: boolean, signal: AbortSignal }} how */
async function mutate(file, { fresh, signal }) {
  const report = path.join(ROOT, placeOf(file).report);
  fs.rmSync(report, { force: true });
  const { status } = await runShown(process.execPath, [STRYKER, 'run', 'scripts/mutation/stryker.config.mjs'], {
    cwd: ROOT,
    env: { ...process.env, TAEL_MUTATED: file, TAEL_MUTATED_FRESH: fresh ? 'yes' : 'no' },
    signal,
    timeoutMs: 4 * HOUR_MS,
  });
  if (status !== 0) throw new Error(`mutation testing of ${file} did not come to an end`);
  // A file of types alone has nothing to change, and no report.
  return scoreOf(fs.existsSync(report) ? JSON.parse(fs.readFileSync(report, 'utf8')) : { files: {} });
}

/** @param {import('./mutation/score.mjs').Score} score */
const told = ({ score, killed, mutants }) => `${score} % (${killed} of ${mutants} noticed)`;

/** @param {string[]} files @param {boolean} fresh */
async function mutateAll(files, fresh) {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interruption.abort());
  for (const [index, file] of files.entries()) {
    process.stdout.write(`\n── ${index + 1} of ${files.length}: ${file}\n`);
    const begun = Date.now();
    const score = await mutate(file, { fresh, signal: interruption.signal });
    note(file, score);
    const seconds = Math.round((Date.now() - begun) / 1_000);
    process.stdout.write(`── ${file}: ${told(score)}, ${seconds} s\n`);
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      file: { type: 'string', multiple: true },
      'at-least': { type: 'string', default: '0' },
      fresh: { type: 'boolean', default: false },
      note: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const files = MUTATED.filter(({ folder }) => !values.only || folder === values.only)
    .flatMap(rulesOf)
    .filter((file) => !values.file || values.file.includes(file));
  if (values.help || files.length === 0) {
    process.stdout.write(HELP);
    process.exitCode = values.help ? 0 : 1;
    return;
  }
  if (!values.note) await mutateAll(files, values.fresh);
  process.stdout.write('\n');
  for (const [folder, score] of Object.entries(knownScores())) {
    process.stdout.write(`${folder}: ${told(score)}\n`);
    const asked = files.some((file) => placeOf(file).folder === folder);
    if (asked && score.score < Number(values['at-least'])) process.exitCode = 1;
  }
}

await main();
