import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { birthOf } from './processes.mjs';
import { Supervisor } from './supervisor.mjs';

/** @type {string} */
let folder;
/** @type {string[]} */
let notes;
/** @type {import('./problem.mjs').Problem | undefined} */
let gaveUp;
/** @type {Supervisor} */
let supervisor;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-supervisor-'));
  notes = [];
  gaveUp = undefined;
  supervisor = new Supervisor({
    note: (text) => notes.push(text),
    giveUp: (problem) => {
      gaveUp = problem;
    },
    changed: () => undefined,
  });
});

afterEach(async () => {
  await supervisor.stop();
  fs.rmSync(folder, { recursive: true });
});

/**
 * A part that runs `program`, ready once it has written the file `<name>.ready`.
 * @param {string} name
 * @param {string} program
 * @param {Partial<import('./supervisor.mjs').PartSpec>} [changes]
 * @returns {import('./supervisor.mjs').PartSpec}
 */
function part(name, program, changes = {}) {
  const ready = path.join(folder, `${name}.ready`);
  const code = `const fs = require('fs'); const ready = () => fs.writeFileSync(${JSON.stringify(ready)}, ''); ${program}`;
  return {
    name,
    command: process.execPath,
    args: ['-e', code],
    env: process.env,
    user: undefined,
    tier: 1,
    log: path.join(folder, `${name}.log`),
    probe: async () => fs.accessSync(ready),
    ...changes,
  };
}

/** @param {() => boolean} holds */
async function until(holds) {
  for (const end = performance.now() + 10_000; !holds(); await sleep(10)) {
    assert.ok(performance.now() < end, `not reached; notes: ${notes.join(' | ')}`);
  }
}

const SERVE = 'ready(); setInterval(() => {}, 1000);';

test('a part that is killed is started again as another process, and it is said', async () => {
  await supervisor.start(part('one', SERVE));
  const first = supervisor.processes()['one']?.pid ?? 0;
  process.kill(first, 'SIGKILL');
  await until(() => notes.some((text) => text.includes('ready again')));
  assert.notEqual(supervisor.processes()['one']?.pid, first);
  assert.match(notes[0] ?? '', /one was ended by SIGKILL; starting it again in 250 ms \(1 of 5\)/);
});

test('a part that dies five times in a row ends all, with its last lines', async () => {
  const start = supervisor.start(part('one', 'console.error("no such table"); process.exit(3);'));
  await assert.rejects(start, (/** @type {any} */ error) => {
    assert.match(error.message, /one ended with status 3, 5 times in a row/);
    assert.match(error.advice, /no such table/);
    return true;
  });
  assert.equal(gaveUp?.message, 'one ended with status 3, 5 times in a row.');
  assert.equal(notes.length, 4);
});

test('a part that does not get ready in its time is named with its cause', async () => {
  const slow = part('one', 'setInterval(() => {}, 1000);', { probe: () => Promise.reject(new Error('no database')) });
  await assert.rejects(supervisor.start(slow, 300), /one was not ready within 0.3 s: no database/);
});

test('a program that is not there is a death like any other', async () => {
  await assert.rejects(
    supervisor.start(part('one', '', { command: path.join(folder, 'none') })),
    /could not be started/,
  );
});

test('stopping ends the higher tiers first, kills what does not stop, and starts nothing again', async () => {
  const order = path.join(folder, 'order');
  const tell = (/** @type {string} */ name) =>
    `process.on('SIGTERM', () => { fs.appendFileSync(${JSON.stringify(order)}, '${name} '); process.exit(0); }); ${SERVE}`;
  await supervisor.start(part('store', tell('store'), { tier: 0 }));
  await supervisor.start(part('service', tell('service'), { tier: 3 }));
  await supervisor.start(part('deaf', `process.on('SIGTERM', () => {}); ${SERVE}`, { tier: 2, stopTimeoutMs: 200 }));
  const pids = Object.values(supervisor.processes()).map(({ pid }) => pid);
  assert.equal(pids.length, 3);
  await supervisor.stop();
  assert.equal(fs.readFileSync(order, 'utf8'), 'service store ');
  assert.deepEqual(pids.map(birthOf), [null, null, null]);
  assert.match(notes.join(), /deaf did not stop in time and was killed/);
});

test('a part that is held stays down after its death until it is let go', async () => {
  let held = false;
  await supervisor.start(part('one', SERVE, { held: () => held }));
  held = true;
  process.kill(supervisor.processes()['one']?.pid ?? 0, 'SIGKILL');
  await until(() => notes.length === 1);
  // Longer than the pause before the first start after a death.
  await sleep(600);
  assert.deepEqual(supervisor.processes(), {});
  held = false;
  await until(() => notes.some((text) => text.includes('ready again')));
});

test('a part stands back only once it serves: before, it would hardly come to it on a busy machine', async () => {
  const begun = path.join(folder, 'begun');
  const go = path.join(folder, 'go');
  const program = `fs.writeFileSync(${JSON.stringify(begun)}, ''); const wait = setInterval(() => fs.existsSync(${JSON.stringify(go)}) && ready(), 10);`;
  const started = supervisor.start(part('quiet', program, { nice: 7 }));
  await until(() => fs.existsSync(begun));
  const { pid } = supervisor.processes()['quiet'];
  assert.equal(os.getPriority(pid), 0);
  fs.writeFileSync(go, '');
  await started;
  await until(() => os.getPriority(pid) === 7);
  const threads = fs.existsSync(`/proc/${pid}/task`) ? fs.readdirSync(`/proc/${pid}/task`) : [];
  await until(() => threads.every((thread) => os.getPriority(Number(thread)) === 7));
});
