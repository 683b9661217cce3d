import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { birthOf } from '../stack/processes.mjs';
import { marksOf } from './manifest.mjs';

// What a restore refuses before it touches anything. The way back itself is e2e/faults/restore.test.ts.

const PROGRAM = fileURLToPath(new URL('../restore.mjs', import.meta.url));
const KEYS = 'k2:bmV3,k1:b2xk';
const folders = /** @type {string[]} */ ([]);
after(() => folders.forEach((folder) => fs.rmSync(folder, { recursive: true, force: true })));

/** A stopped stack and a folder with one backup of it. @param {{ sealKeys?: string, eventBus?: string, endedAt?: string }} [backup] */
function scene({ sealKeys = 'k1:b2xk', eventBus = 'postgres', endedAt = '2026-01-01T10:00:00.000Z' } = {}) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-restore-'));
  folders.push(root);
  fs.chmodSync(root, 0o755);
  const [home, from] = [path.join(root, 'home'), path.join(root, 'backups')];
  const base = path.join(from, 'base', 'one');
  for (const folder of [home, base]) fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(home, 'secrets.json'), JSON.stringify({ sealKeys: KEYS, databasePasswords: { postgres: 'p' } }));
  fs.writeFileSync(path.join(base, 'PG_VERSION'), '18\n');
  const files = { PG_VERSION: createHash('sha256').update('18\n').digest('hex') };
  const manifest = { format: 1, startedAt: endedAt, endedAt, timeline: 1, stopLsn: '0/3000000', firstSegment: '000000010000000000000003', eventBus, sealKeys: marksOf(sealKeys), files };
  fs.writeFileSync(path.join(base, 'backup.json'), JSON.stringify(manifest));
  return { home, from, base };
}

/**
 * @param {string} home
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
function refusal(home, args, env = {}) {
  const { DATABASE_URL, KAFKA_BROKERS, TAEL_ARCHIVE, ...own } = process.env;
  const before = fs.readdirSync(home);
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8', env: { ...own, TAEL_HOME: home, ...env } });
  assert.equal(status, 1, stderr);
  assert.deepEqual(fs.readdirSync(home), before);
  return stderr;
}

test('a folder without a backup', () => {
  const { home, base } = scene();
  fs.rmSync(path.join(base, 'backup.json'));
  assert.match(refusal(home, ['--from', path.dirname(path.dirname(base))]), /There is no backup/);
});

test('a moment before the oldest backup, of the future, or that is none', () => {
  const { home, from } = scene();
  assert.match(refusal(home, ['--from', from, '--until', '2026-01-01T09:59:59.999Z']), /No backup .* is older[^]*one of 2026-01-01T10:00:00.000Z/);
  assert.match(refusal(home, ['--from', from, '--until', '2999-01-01T00:00:00Z']), /lies in the future/);
  for (const text of ['yesterday', '2026-01-01', '2026-01-01T10:00:00', '2026-01-01T10:00:00.000001Z', '2026-13-01T10:00:00Z'])
    assert.match(refusal(home, ['--from', from, '--until', text]), /is no moment/, text);
});

test('keys that cannot open what is sealed, and none at all', () => {
  const other = scene({ sealKeys: 'k1:b3RoZXI' });
  assert.match(refusal(other.home, ['--from', other.from]), /cannot be opened: .*\(k1\)/);
  fs.rmSync(path.join(other.home, 'secrets.json'));
  assert.match(refusal(other.home, ['--from', other.from]), /There are no keys/);
});

test("a backup of a stack on Kafka whose topics are gone", () => {
  const { home, from } = scene({ eventBus: 'kafka' });
  assert.match(refusal(home, ['--from', from]), /Kafka's data is not here/);
});

test('servers that are not ours', () => {
  const { home, from } = scene();
  assert.match(refusal(home, ['--from', from], { DATABASE_URL: 'postgres://x@127.0.0.1/x' }), /restored by whoever runs them/);
  assert.match(refusal(home, ['--from', from], { KAFKA_BROKERS: '127.0.0.1:1' }), /restored by whoever runs them/);
});

test('a stack that runs', () => {
  const { home, from } = scene();
  const birth = birthOf(process.pid);
  fs.writeFileSync(path.join(home, 'run.lock'), JSON.stringify({ pid: process.pid, birth }));
  assert.match(refusal(home, ['--from', from]), /already runs/);
});

test('a damaged backup', () => {
  const { home, from, base } = scene();
  fs.writeFileSync(path.join(base, 'PG_VERSION'), '17\n');
  const { DATABASE_URL, KAFKA_BROKERS, ...own } = process.env;
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, '--from', from], { encoding: 'utf8', env: { ...own, TAEL_HOME: home } });
  assert.equal(status, 1);
  assert.match(stderr, /is damaged: PG_VERSION has changed/);
  assert.equal(fs.existsSync(path.join(home, 'postgres')), false);
});
