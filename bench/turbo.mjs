// How long a build takes: from nothing, with nothing changed, after a change in one service; and a new subgraph from the command
// until it answers through the gateway of a stack that did not run before. In a copy of the tree, with a cache of its own.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { copyTree, linkJars } from '../scripts/new-subgraph/tree-copy.mjs';
import { findBase } from '../scripts/stack/ports.mjs';
import { portsFrom, ROOT } from '../scripts/stack/settings.mjs';
import { writeResult } from './load/result.mjs';

const TASKS = ['build', 'lint', 'typecheck', 'test'];
const CHANGED = join('services', 'merchants', 'src', 'merchants', 'merchant.service.ts');
const START_MS = 180_000;

const say = (text) => process.stderr.write(`${text}\n`);
const round = (ms) => Math.round(ms / 100) / 10;

async function timed(work) {
  const begun = performance.now();
  const result = await work();
  return { seconds: round(performance.now() - begun), result };
}

/** Runs the tasks as anybody would, and says which of them were done and not taken from the cache. */
function turbo(copy) {
  const runs = join(copy, '.turbo', 'runs');
  rmSync(runs, { recursive: true, force: true });
  const args = [join(ROOT, 'node_modules', 'turbo', 'bin', 'turbo'), 'run', ...TASKS, `--cache-dir=${join(copy, '.turbo', 'cache')}`, '--summarize', '--output-logs=errors-only'];
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) throw new Error(`turbo ended with status ${status}:\n${stdout}${stderr}`);
  const { tasks } = JSON.parse(readFileSync(join(runs, readdirSync(runs)[0]), 'utf8'));
  const real = tasks.filter(({ command }) => command !== '<NONEXISTENT>');
  return { tasks: real.length, done: real.filter(({ cache }) => cache.status !== 'HIT').map(({ taskId }) => taskId).sort() };
}

async function measureTurbo(copy) {
  const figures = {};
  const run = async (name) => {
    const { seconds, result } = await timed(() => turbo(copy));
    say(`${name}: ${seconds} s, ${result.done.length} of ${result.tasks} tasks`);
    figures[name] = { seconds, tasks: result.tasks, done: result.done.length };
    return result.done;
  };
  await run('cold');
  await run('warm');
  appendFileSync(join(copy, CHANGED), '// A line more.\n');
  const done = await run('one_service_changed');
  figures.one_service_changed.workspaces = [...new Set(done.map((task) => task.split('#')[0]))];
  return figures;
}

async function startStack(copy, home) {
  const base = await findBase(portsFrom);
  const { DATABASE_URL: _database, KAFKA_BROKERS: _brokers, npm_lifecycle_event: _npm, ...env } = process.env;
  const child = spawn(process.execPath, [join(copy, 'scripts', 'start.mjs'), '--no-seed'], {
    cwd: copy, env: { ...env, TAEL_HOME: home, TAEL_PORT: String(base) }, stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for (const end = performance.now() + START_MS; !existsSync(join(home, 'demo.json')); await sleep(20)) {
    if (child.exitCode !== null || performance.now() > end) throw new Error('the stack did not come up');
  }
  return {
    url: `http://127.0.0.1:${base}/graphql`,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function ask(url, query, variables, token) {
  const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

async function measureSubgraph(copy, home) {
  const made = await timed(() => execFileSync(process.execPath, [join(copy, 'scripts', 'new-subgraph.mjs'), 'vouchers'], { cwd: copy, stdio: ['ignore', 'ignore', 'inherit'] }));
  const started = await timed(() => startStack(copy, home));
  const { url, stop } = started.result;
  try {
    const answered = await timed(async () => {
      const input = { email: `b-${randomUUID()}@bench.tael.example`, password: randomUUID(), displayName: 'Ben Bench', currency: 'USD' };
      const { signUp } = await ask(url, 'mutation ($input: SignUpInput!) { signUp(input: $input) { session { accessToken } } }', { input });
      await ask(url, '{ vouchers(first: 1) { edges { node { id } } } }', {}, signUp.session.accessToken);
    });
    return { made_s: made.seconds, stack_start_s: started.seconds, first_answer_s: answered.seconds, whole_s: round((made.seconds + started.seconds + answered.seconds) * 1_000) };
  } finally {
    await stop();
  }
}

const copy = mkdtempSync(join(tmpdir(), 'tael-bench-turbo-'));
try {
  // The embedded Postgres runs as a user of its own, who must be able to come here.
  chmodSync(copy, 0o755);
  copyTree(copy, { withBuilds: false });
  const git = (...args) => execFileSync('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@tael.example', ...args], { cwd: copy });
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '--no-verify', '-m', 'As it is');
  linkJars(copy);
  const figures = await measureTurbo(copy);
  const subgraph = await measureSubgraph(copy, join(copy, '.tael'));
  say(`a new subgraph: ${subgraph.whole_s} s`);
  const test = await timed(() => {
    const args = ['--test', join(ROOT, 'scripts', 'new-subgraph', 'new-subgraph.test.mjs')];
    return spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] }).status;
  });
  if (test.result !== 0) throw new Error('the test of new-subgraph failed');
  const whole = writeResult('turbo', { bench: 'turbo', ...figures, new_subgraph: { ...subgraph, its_test_s: test.seconds } });
  process.stdout.write(`${JSON.stringify(whole)}\n`);
} finally {
  rmSync(copy, { recursive: true, force: true });
}
