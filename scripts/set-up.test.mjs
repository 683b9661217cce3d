import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('set-up.mjs', import.meta.url));
const ENGINES = { DATABASE_URL: 'postgres://postgres:tael@db.example:5432/postgres', KAFKA_BROKERS: 'kafka.example:9092' };

describe('keys for containers', () => {
  /** @type {string} */
  let folder;
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-keys-'));
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  /** @param {string[]} args @param {Record<string, string>} [env] */
  const setUp = (args, env = ENGINES) =>
    spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8', env: { PATH: process.env['PATH'], ...env } });
  const read = (/** @type {string} */ name) => fs.readFileSync(path.join(folder, name), 'utf8');

  it('a file a service, for its owner alone, that node reads', () => {
    const { status, stderr } = setUp(['--keys', folder, '--keys-only']);
    assert.equal(status, 0, stderr);
    for (const name of fs.readdirSync(folder, { encoding: 'utf8', recursive: true })) {
      assert.equal(fs.statSync(path.join(folder, name)).mode & 0o077, 0, name);
    }
    const code = 'console.log(JSON.parse(process.env.TOKEN_SIGNING_KEYS).keys.length, process.env.DATABASE_URL)';
    const { stdout } = spawnSync(process.execPath, [`--env-file=${path.join(folder, 'accounts.env')}`, '-e', code], { encoding: 'utf8' });
    assert.match(stdout, /^1 postgres:\/\/tael_accounts:[^@]{20,}@db\.example:5432\/tael_accounts\n$/);
  });

  it('no service is given what is not its own', () => {
    assert.match(read('accounts.env'), /^TOKEN_SIGNING_KEYS=/m);
    for (const name of ['merchants', 'rewards', 'notifications', 'gateway', 'sandbox']) {
      assert.doesNotMatch(read(`${name}.env`), /TOKEN_SIGNING_KEYS|CARD_FINGERPRINT_KEY|BANK_SIGNING_KEYS|tael_accounts/, name);
    }
    assert.doesNotMatch(read('gateway.env'), /SEAL_KEYS|DATABASE_URL/);
  });

  it("A30: no service is given the role that owns its database, and its migrations are given nothing else", () => {
    for (const name of ['accounts', 'merchants', 'rewards', 'notifications']) {
      assert.doesNotMatch(read(`${name}.env`), /_owner/, name);
      assert.match(read(`${name}-migrations.env`), new RegExp(`^DATABASE_URL=postgres://tael_${name}_owner:[^@]{20,}@\\S+/tael_${name}\n$`));
      assert.match(read(`roles/tael_${name}_owner.env`), new RegExp(`^username=tael_${name}_owner\npassword=\\S{20,}\n$`));
    }
  });

  it('a second run changes nothing', () => {
    const once = read('accounts.env');
    assert.equal(setUp(['--keys', folder, '--keys-only']).status, 0);
    assert.equal(read('accounts.env'), once);
  });

  it("a certificate for the partners' door where one is asked for, the same at every later run, its key for its owner alone", () => {
    assert.ok(!fs.existsSync(path.join(folder, 'partner-tls.pem')));
    const args = ['--keys', folder, '--keys-only', '--certificate'];
    const { status, stdout, stderr } = setUp(args);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /partner-tls\.pem\n/);
    const [cert, key] = [read('partner-tls.pem'), read('partner-tls.key')];
    assert.ok(new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)));
    assert.equal(fs.statSync(path.join(folder, 'partner-tls.key')).mode & 0o077, 0);
    assert.equal(setUp(args).status, 0);
    assert.deepEqual([read('partner-tls.pem'), read('partner-tls.key')], [cert, key]);
  });

  it('who the key of the certificate is for is the gateway', { skip: process.getuid?.() === 0 ? false : 'only root gives files away' }, () => {
    assert.equal(setUp(['--keys', folder, '--keys-only', '--certificate', '--owner=gateway=10005']).status, 0);
    assert.deepEqual(['gateway.env', 'partner-tls.key', 'accounts.env'].map((name) => fs.statSync(path.join(folder, name)).uid), [10_005, 10_005, 0]);
  });

  it('says what is missing', () => {
    const { status, stderr } = setUp(['--keys', folder], { KAFKA_BROKERS: 'kafka.example:9092' });
    assert.equal(status, 1);
    assert.match(stderr, /^DATABASE_URL is not given/);
  });
});
