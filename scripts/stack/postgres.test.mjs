import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { findBase } from './ports.mjs';
import { outsideFolder, ping, postgresPart, prepareCluster } from './postgres.mjs';
import { birthOf, stillRuns } from './processes.mjs';
import { portsFrom } from './settings.mjs';
import { Supervisor } from './supervisor.mjs';

const BACK_MS = 60_000;

describe('embedded Postgres', { timeout: 180_000 }, () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-postgres-'));
  /** @type {string[]} */
  const notes = [];
  /** @type {import('./problem.mjs').Problem | undefined} */
  let gaveUp;
  const supervisor = new Supervisor({
    note: (text) => notes.push(text),
    giveUp: (problem) => {
      gaveUp = problem;
    },
    changed: () => undefined,
  });
  /** @type {import('./postgres.mjs').Cluster} */
  let cluster;

  before(async () => {
    fs.chmodSync(home, 0o755);
    const { postgres: port } = portsFrom(await findBase(portsFrom));
    cluster = prepareCluster({ home, port, password: 'postgres' });
    await supervisor.start(postgresPart(cluster, { log: path.join(home, 'postgres.log') }));
  });
  after(async () => {
    await supervisor.stop();
    for (const folder of [home, outsideFolder(home)]) fs.rmSync(folder, { recursive: true, force: true });
  });

  /** Never 0, which would be this process and all beside it. */
  function serverPid() {
    const { pid = 0 } = supervisor.processes()['postgres'] ?? {};
    assert.ok(pid > 1, 'Postgres runs');
    return pid;
  }

  /** Kills the server alone, and gives the process of a session of it that cannot end by itself. */
  async function killBesideStuckSession() {
    const client = new pg.Client({ connectionString: cluster.url });
    client.on('error', () => undefined);
    await client.connect();
    const pid = Number((await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid);
    const session = { pid, birth: birthOf(pid) ?? '' };
    process.kill(pid, 'SIGSTOP');
    process.kill(serverPid(), 'SIGKILL');
    return session;
  }

  /** @param {() => boolean} holds */
  async function until(holds) {
    for (const end = performance.now() + BACK_MS; !holds(); await sleep(50)) {
      if (gaveUp) assert.fail(`${gaveUp.message}\n${gaveUp.advice}`);
      assert.ok(performance.now() < end, `not reached; notes: ${notes.join(' | ')}`);
    }
  }

  // Only Linux tells which processes work in a folder.
  it('F1: killed while a session of it hangs, which keeps its memory taken: that session is ended, and it serves again', { skip: process.platform !== 'linux' }, async () => {
    const session = await killBesideStuckSession();
    await until(() => notes.some((text) => text.includes('is ready again')));
    await ping(cluster.url);
    assert.ok(!stillRuns(session));
    assert.equal(notes.length, 2, notes.join(' | '));
  });

  it('lets live who merely stands in its folder', async () => {
    const visitor = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { cwd: cluster.data });
    const mark = { pid: visitor.pid ?? 0, birth: birthOf(visitor.pid ?? 0) ?? '' };
    try {
      const before = notes.length;
      process.kill(serverPid(), 'SIGKILL');
      await until(() => notes.slice(before).some((text) => text.includes('is ready again')));
      assert.ok(stillRuns(mark));
    } finally {
      visitor.kill();
    }
  });
});
