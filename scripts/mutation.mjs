#!/usr/bin/env node
// Mutation testing of the rules of money, rewards and messages: changes their code in thousands of small ways and counts
// what the unit tests notice. Not a part of CI: it takes long. The scores go to bench/results/mutation.json.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { scoreOf } from './mutation/score.mjs';
import { MUTATED } from './mutation/workspaces.mjs';
import { ROOT } from './stack/settings.mjs';
import { runShown } from './suites/processes.mjs';

const HELP = `Mutation testing: npm run mutation [-- <options>]

  --only packages/money   this workspace only; the scores of the others stay as they were
  --at-least 90           fails where a score is lower
  --note                  writes the scores of the reports that are there already, and runs nothing
  --help                  this text

Environment:
  MUTATION_CONCURRENCY=2  how many tests run at once
`;

const RESULTS = path.join(ROOT, 'bench', 'results', 'mutation.json');
const HOUR_MS = 3_600_000;
const STRYKER = path.join(ROOT, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');

/** @param {string} folder of a workspace */
const reportOf = (folder) => path.join(ROOT, '.tael', 'mutation', `${folder.replace('/', '-')}.json`);

/** @param {string} folder */
async function mutate(folder) {
  process.stdout.write(`\n── ${folder}\n`);
  fs.rmSync(reportOf(folder), { force: true });
  const { status } = await runShown(process.execPath, [STRYKER, 'run', 'scripts/mutation/stryker.config.mjs'], {
    cwd: ROOT,
    env: { ...process.env, TAEL_MUTATED: folder },
    signal: interruption.signal,
    timeoutMs: 4 * HOUR_MS,
  });
  if (status !== 0) throw new Error(`mutation testing of ${folder} did not come to an end`);
}

/** What was known before, and the scores of the reports. @param {string[]} folders */
function note(folders) {
  const known = fs.existsSync(RESULTS) ? JSON.parse(fs.readFileSync(RESULTS, 'utf8')).workspaces : {};
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
  const machine = `${os.cpus().length} cores, ${os.cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
  const fresh = folders.flatMap((folder) => {
    if (!fs.existsSync(reportOf(folder))) return [];
    const date = fs.statSync(reportOf(folder)).mtime.toISOString();
    return [[folder, { date, commit, ...scoreOf(JSON.parse(fs.readFileSync(reportOf(folder), 'utf8'))) }]];
  });
  const workspaces = { ...known, ...Object.fromEntries(fresh) };
  fs.writeFileSync(RESULTS, `${JSON.stringify({ bench: 'mutation', machine, workspaces }, null, 2)}\n`);
  return workspaces;
}

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interruption.abort());

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    'at-least': { type: 'string', default: '0' },
    note: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const folders = MUTATED.map(({ folder }) => folder).filter((folder) => !values.only || folder === values.only);
if (values.help || !folders.length) {
  process.stdout.write(HELP);
  process.exitCode = values.help ? 0 : 1;
} else {
  if (!values.note) for (const folder of folders) await mutate(folder);
  const workspaces = note(folders);
  for (const [folder, { score, killed, mutants }] of Object.entries(workspaces)) {
    process.stdout.write(`${folder}: ${score} % (${killed} of ${mutants} noticed)\n`);
    if (folders.includes(folder) && score < Number(values['at-least'])) process.exitCode = 1;
  }
}
