import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { workspaceFolders } from './stack/install.mjs';
import { ROOT } from './stack/settings.mjs';
import { CHECKS } from './suites/options.mjs';

// turbo says of every task the sum of all that it depends on: what a change does not touch is not built again.

/** @type {string} */
let copy;
before(() => {
  copy = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-turbo-'));
  const top = [
    'package.json',
    'package-lock.json',
    'turbo.json',
    'tsconfig.base.json',
    'jest.preset.cjs',
    '.gitignore',
  ];
  const kept = ['scripts', 'docs', 'supergraph.graphql', 'supergraph.ownership.json'];
  const folders = workspaceFolders().map((folder) => path.relative(ROOT, folder));
  for (const name of [...top, ...kept, ...folders]) {
    fs.cpSync(path.join(ROOT, name), path.join(copy, name), {
      recursive: true,
      filter: (source) => !['node_modules', 'dist', '.reports', '.turbo', 'results'].includes(path.basename(source)),
    });
  }
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
});
after(() => fs.rmSync(copy, { recursive: true, force: true }));

/** The sum of every task, by its id. @param {string[]} tasks */
function sums(...tasks) {
  const turbo = path.join(ROOT, 'node_modules', 'turbo', 'bin', 'turbo');
  const { stdout, stderr } = spawnSync(process.execPath, [turbo, 'run', ...tasks, '--dry=json'], {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
    maxBuffer: 64 * 1024 * 1024,
  });
  const at = stdout.indexOf('{');
  assert.notEqual(at, -1, stderr);
  /** @type {{ tasks: { taskId: string, hash: string, command: string }[] }} */
  const plan = JSON.parse(stdout.slice(at));
  return new Map(
    plan.tasks.filter(({ command }) => command !== '<NONEXISTENT>').map(({ taskId, hash }) => [taskId, hash]),
  );
}

/**
 * What would be done anew after a change.
 * @param {string} file
 * @param {string[]} tasks
 */
function touchedBy(file, ...tasks) {
  const before = sums(...tasks);
  const target = path.join(copy, file);
  const text = fs.readFileSync(target, 'utf8');
  fs.writeFileSync(target, `${text}\n`);
  const now = sums(...tasks);
  fs.writeFileSync(target, text);
  assert.deepEqual([...now.keys()], [...before.keys()]);
  return [...now]
    .filter(([task, hash]) => before.get(task) !== hash)
    .map(([task]) => task)
    .sort();
}

test('a change in one service builds that service and composes; no other service, not even the gateway', () => {
  const changed = touchedBy('services/merchants/src/merchants/merchant.service.ts', 'build', 'compose:check');
  assert.deepEqual(changed, ['//#compose:check', '@tael/merchants#build']);
});

test('a change in the gateway builds the gateway alone', () => {
  assert.deepEqual(touchedBy('services/gateway/src/app.ts', 'build', 'compose:check'), ['@tael/gateway#build']);
});

test('a change in a test builds nothing', () => {
  assert.deepEqual(touchedBy('packages/money/src/money.test.ts', 'build', 'compose:check'), []);
});

test('a change in money builds what counts money, and not the gateway', () => {
  const changed = touchedBy('packages/money/src/amount.ts', 'build');
  for (const name of ['money', 'events', 'graphql', 'accounts', 'merchants', 'rewards', 'notifications'])
    assert.ok(changed.includes(`@tael/${name}#build`), `${name} is not among ${changed.join(', ')}`);
  assert.ok(!changed.includes('@tael/gateway#build'));
});

test('a change in the graph, in its waivers or in the rules of composing is checked anew, and builds nothing', () => {
  for (const file of [
    'supergraph.graphql',
    'docs/breaking-changes.json',
    'scripts/compose/breaking-changes.mjs',
    'scripts/subgraphs.json',
  ])
    assert.deepEqual(touchedBy(file, 'build', 'compose:check'), ['//#compose:check'], file);
});

test('a change in the rules of who may see what is checked anew by npm run build, and builds nothing', () => {
  const { scripts } = JSON.parse(fs.readFileSync(path.join(copy, 'package.json'), 'utf8'));
  const [program, command, ...tasks] = scripts.build.split(' ');
  assert.deepEqual([program, command], ['turbo', 'run']);
  for (const file of ['supergraph.ownership.json', 'scripts/ownership/rules.mjs'])
    assert.deepEqual(touchedBy(file, ...tasks), ['//#ownership:check'], file);
});

test('npm test has every check of the graph', () => {
  const { tasks } = JSON.parse(fs.readFileSync(path.join(copy, 'turbo.json'), 'utf8'));
  const ofTheGraph = Object.keys(tasks).filter((task) => tasks[task].inputs?.includes('supergraph.graphql'));
  assert.deepEqual(ofTheGraph.sort(), ['//#compose:check', '//#ownership:check', '//#schema:lint']);
  for (const task of ofTheGraph) assert.ok(CHECKS.some((check) => task === `//#${check}`), `${task} is no check of npm test`);
});
