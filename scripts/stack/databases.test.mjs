import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { DATABASES, ensureDatabases } from './databases.mjs';
import { findBase } from './ports.mjs';
import { outsideFolder, postgresPart, prepareCluster } from './postgres.mjs';
import { loadSecrets } from './secrets.mjs';
import { portsFrom } from './settings.mjs';
import { Supervisor } from './supervisor.mjs';

describe('databases and their roles', { timeout: 180_000 }, () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-databases-'));
  const passwords = loadSecrets(home).databasePasswords;
  const supervisor = new Supervisor({ note: () => undefined, giveUp: () => undefined, changed: () => undefined });
  /** @type {string} of a user who may create databases and roles, and is no superuser */
  let adminUrl;

  before(async () => {
    fs.chmodSync(home, 0o755);
    const { postgres: port } = portsFrom(await findBase(portsFrom));
    const cluster = prepareCluster({ home, port, password: passwords.postgres });
    await supervisor.start(postgresPart(cluster, { log: path.join(home, 'postgres.log') }));
    await run(cluster.url, `CREATE ROLE admin LOGIN CREATEDB CREATEROLE PASSWORD 'admin'`);
    adminUrl = `postgres://admin:admin@127.0.0.1:${port}/postgres`;
  });
  after(async () => {
    await supervisor.stop();
    for (const folder of [home, outsideFolder(home)]) fs.rmSync(folder, { recursive: true, force: true });
  });

  /** @param {string} url @param {string[]} statements */
  async function run(url, ...statements) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      let rows = [];
      for (const statement of statements) ({ rows } = await client.query(statement));
      return rows;
    } finally {
      await client.end();
    }
  }

  it('A30: gives a database of the version before to an owner, and its service goes on', async () => {
    await run(
      adminUrl,
      `CREATE ROLE tael_merchants LOGIN PASSWORD 'before'`,
      'GRANT tael_merchants TO CURRENT_USER',
      'CREATE DATABASE tael_merchants OWNER tael_merchants',
      'REVOKE CONNECT ON DATABASE tael_merchants FROM PUBLIC',
    );
    const before = adminUrl.replace('admin:admin', 'tael_merchants:before').replace(/postgres$/, 'tael_merchants');
    await run(
      before,
      'CREATE EXTENSION pg_trgm',
      'CREATE TABLE shop (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text)',
      `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'`,
      'CREATE TRIGGER shop_append_only BEFORE UPDATE OR DELETE ON shop EXECUTE FUNCTION refuse_change()',
      `INSERT INTO shop (name) VALUES ('one')`,
    );

    const { urls, ownerUrls, handedOver, created } = await ensureDatabases(adminUrl, passwords);
    assert.deepEqual([handedOver, created], [1, DATABASES.length - 1]);
    assert.deepEqual(await run(urls.tael_merchants, `INSERT INTO shop (name) VALUES ('two')`, 'SELECT name FROM shop'), [
      { name: 'one' }, { name: 'two' },
    ]);
    for (const change of ['ALTER TABLE shop DISABLE TRIGGER USER', 'TRUNCATE shop', 'DROP TABLE shop', 'CREATE TABLE other ()', 'CREATE TEMP TABLE t ()']) {
      await assert.rejects(run(urls.tael_merchants, change), { code: '42501' }, change);
    }
    const owners = 'SELECT DISTINCT pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relnamespace = \'public\'::regnamespace';
    assert.deepEqual(await run(ownerUrls.tael_merchants, 'ALTER TABLE shop ADD COLUMN town text', owners), [{ owner: 'tael_merchants_owner' }]);
  });

  it('changes nothing where everything is there', async () => {
    const { handedOver, created } = await ensureDatabases(adminUrl, passwords);
    assert.deepEqual([handedOver, created], [0, 0]);
  });

  it('A30: lets nobody into a database but the two roles that are its own', async () => {
    const { urls, ownerUrls } = await ensureDatabases(adminUrl, passwords);
    const elsewhere = urls.tael_rewards.replace(/tael_rewards$/, 'tael_accounts');
    await assert.rejects(run(elsewhere, 'SELECT 1'), { code: '42501' });
    await assert.rejects(run(urls.tael_accounts, 'SET ROLE tael_accounts_owner'), { code: '42501' });
    assert.deepEqual(await run(ownerUrls.tael_accounts, 'CREATE TABLE mine (n integer)', 'SELECT n FROM mine'), []);
  });
});
