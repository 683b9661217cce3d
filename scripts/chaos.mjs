#!/usr/bin/env node
// The long run of the fault suite: `npm run chaos -- --kills 1000 --seed 7`. Exit status 0: nothing lost, nothing
// doubled; 1: something is; 3: sound, but the time was up before the kills that were asked for.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { build, install, turbo } from './stack/install.mjs';
import { HELP, readChaosOptions } from './chaos/options.mjs';
import { outcomeOf } from './chaos/outcome.mjs';
import { piecesWith, readPieces, wholeOf, writePieces } from './chaos/pieces.mjs';
import { createProgress } from './chaos/progress.mjs';
import { Problem } from './stack/problem.mjs';
import { createScreen } from './stack/screen.mjs';
import { ROOT } from './stack/settings.mjs';

/** After so many kills everything is brought to rest and looked at. */
const KILLS_A_CHECK = 25;

const require = createRequire(import.meta.url);

/** Builds what runs, and the engine that breaks it. */
async function prepare() {
  const screen = createScreen();
  const logs = path.join(ROOT, '.tael', 'test', 'logs');
  const work = { logs, signal: new AbortController().signal };
  await screen.step('Install', (say) => install({ ...work, say }));
  await screen.step('Build', (say) => build({ ...work, say }));
  const options = { title: 'The build of the engine', log: path.join(logs, 'chaos-build.log') };
  await turbo(['run', 'build:engine', '--filter=@tael/e2e', '--output-logs=errors-only'], options);
  return require(path.join(ROOT, 'e2e', 'dist', 'faults', 'engine', 'index.js'));
}

/**
 * Does fault after fault; gives what was found, and ends at the first breach.
 * @param {any} engine
 * @param {import('./chaos/options.mjs').ChaosOptions} options
 */
async function run(engine, options) {
  const { seed, kills, from, minutes, instances, port } = options;
  const schedule = engine.pieceOf({ seed, kills, from, instances });
  const home = path.join(ROOT, '.tael', 'test', 'chaos');
  const begun = performance.now();
  const until = begun + minutes * 60_000;
  const trial = await engine.Trial.start({ home, instances, port, seed, workers: 4, people: 12 });
  const stop = () => void trial.stop().then(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
  const progress = createProgress({ trial, goal: kills });
  /** @type {string[]} */
  let breaches = [];
  /** @type {Record<string, number>} */
  const done = {};
  try {
    trial.load.start();
    const onslaught = new engine.Onslaught(trial);
    let checkedAt = 0;
    for (const fault of schedule.faults) {
      if (performance.now() > until) break;
      progress.doing(engine.textOf(fault));
      await onslaught.next(fault);
      done[fault.kind] = (done[fault.kind] ?? 0) + 1;
      if (trial.kills - checkedAt < KILLS_A_CHECK) continue;
      checkedAt = trial.kills;
      await onslaught.over();
      breaches = await check(trial, progress);
      if (breaches.length) break;
      trial.load.start();
    }
    await onslaught.over();
    if (!breaches.length) breaches = await check(trial, progress);
  } catch (error) {
    breaches = [...breaches, String(/** @type {Error} */ (error).stack ?? error)];
  } finally {
    progress.end();
    await trial.stop();
  }
  return { trial, breaches, faults: done, from: schedule.from, minutes: (performance.now() - begun) / 60_000 };
}

/**
 * @param {any} trial
 * @param {ReturnType<typeof createProgress>} progress
 * @returns {Promise<string[]>}
 */
async function check(trial, progress) {
  progress.doing('everything comes to rest');
  const breaches = await trial.verdict();
  progress.checked(breaches.length);
  return breaches;
}

/** What is checked out, where this is a checkout. */
function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return 'unknown';
  }
}

/**
 * @param {import('./chaos/options.mjs').ChaosOptions} options
 * @param {Awaited<ReturnType<typeof run>>} outcome
 */
function reportOf(options, { trial, breaches, faults, from, minutes: exactly }) {
  const { journal } = trial.load;
  const acknowledged = journal.acknowledged().length;
  const minutes = Number(exactly.toFixed(1));
  const { verdict, text, status } = outcomeOf({ kills: trial.kills, asked: options.kills, minutes, acknowledged, breaches });
  const piece = {
    date: new Date().toISOString(),
    commit: commit(),
    machine: `${os.cpus().length} x ${os.cpus()[0]?.model ?? 'unknown'}, ${Math.round(os.totalmem() / 2 ** 30)} GiB`,
    seed: options.seed,
    instances: options.instances,
    from,
    to: from + trial.kills,
    asked: options.kills,
    faults,
    minutes,
    seconds: Object.fromEntries(Object.entries(trial.spentMs).map(([what, ms]) => [what, Math.round(Number(ms) / 100) / 10])),
    acknowledged,
    unknown: journal.unknown().length,
    retryable_refusals: Object.fromEntries(journal.refusals),
    breaches,
    verdict,
  };
  return { piece, text, status };
}

async function main() {
  const options = readChaosOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const results = path.join(ROOT, 'bench', 'results');
  fs.mkdirSync(results, { recursive: true });
  const file = path.join(results, 'chaos.json');
  // Before hours are spent: a file that cannot be read would take the result with it.
  const before = readPieces(file);
  const engine = await prepare();
  process.stdout.write(`Seed ${options.seed}: it repeats the faults and what each client wants, not how processes interleave.\n`);
  const { piece, text, status } = reportOf(options, await run(engine, options));
  for (const breach of piece.breaches) process.stdout.write(`  BROKEN  ${breach}\n`);
  process.stdout.write(`${text}\n`);
  const pieces = piecesWith(before, piece);
  if (!pieces) {
    writePieces(path.join(results, 'chaos-again.json'), [piece]);
    process.stdout.write('It is no next piece of the run in bench/results/chaos.json, and stands in chaos-again.json.\n');
    return status;
  }
  writePieces(file, pieces);
  const whole = wholeOf(pieces);
  if (pieces.length > 1) process.stdout.write(`With the pieces before it: ${whole.kills} kills in ${whole.minutes} minutes: ${whole.verdict}.\n`);
  if (status !== 1) process.stdout.write(`The kills after these: npm run chaos -- --seed ${piece.seed} --instances ${piece.instances} --from ${piece.to} --kills <how many>\n`);
  return status;
}

main().then(
  (status) => process.exit(status),
  (error) => {
    const text = error instanceof Problem ? `${error.message}\n${error.advice ?? ''}` : (error?.stack ?? error);
    process.stderr.write(`${text}\n`);
    process.exit(2);
  },
);
