#!/usr/bin/env node
// Proves the books: `npm run ledger:verify`. Exit status 0: sound, or no books yet; 1: not sound; 2: could not look.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { build, install, turbo } from './stack/install.mjs';
import { portsFrom, readSettings, ROOT } from './stack/settings.mjs';

const HELP = `Proves the ledger: npm run ledger:verify [-- --checkpoint <number>:<hash>]

The sum of all accounts of each currency is zero, every balance equals its postings, every limit, budget and refund
guard equals what was booked, every transaction is as it was when a checkpoint closed over it. It reads one snapshot and disturbs no running payment.

With --checkpoint the chain must still have that one: a number and hash that an earlier report, or the log of accounts,
has shown. Without it nobody can tell a chain that was written anew as a whole.

It looks at the running stack; where none runs, at DATABASE_URL (the database of accounts), or at the data of the last
start, for which it starts Postgres and stops it again.
`;

const VERIFY = path.join(ROOT, 'services', 'accounts', 'dist', 'verify.js');

/**
 * Builds what the check needs, and nothing else where it stands already.
 * @param {string} home
 */
async function prepare(home) {
  const work = { logs: path.join(home, 'logs'), signal: new AbortController().signal, say: () => undefined };
  await install(work);
  const options = { title: 'The build', log: path.join(work.logs, 'verify-build.log') };
  await turbo(['run', 'build', '--filter=@tael/accounts', '--output-logs=errors-only'], options);
  if (!fs.existsSync(VERIFY)) await build(work);
}

/**
 * Checks one database and gives the exit status.
 * @param {string} url
 * @returns {Promise<number>}
 */
function verify(url) {
  const child = spawn(process.execPath, ['--enable-source-maps', VERIFY, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, DATABASE_URL: url },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 2));
  });
}

/**
 * The accounts database of the stack that runs on a data folder.
 * @param {string} home
 * @returns {Promise<string | undefined>}
 */
async function runningDatabase(home) {
  const file = path.join(home, 'stack.json');
  if (!fs.existsSync(file)) return undefined;
  const { ping } = await import('./stack/postgres.mjs');
  const url = JSON.parse(fs.readFileSync(file, 'utf8')).databaseUrls.accounts;
  // A stack that was killed leaves its file behind.
  return ping(url).then(() => url, () => undefined);
}

/**
 * Starts the embedded Postgres on the data of an earlier start for as long as the check takes.
 * @param {string} home
 * @returns {Promise<number>}
 */
async function verifyStopped(home) {
  const { outsideFolder, postgresPart, prepareCluster } = await import('./stack/postgres.mjs');
  const places = [path.join(home, 'postgres'), path.join(outsideFolder(home), 'postgres')];
  if (!places.some((place) => fs.existsSync(path.join(place, 'PG_VERSION')))) {
    process.stdout.write('There are no books here yet: nothing to verify. `npm start` begins some.\n');
    return 0;
  }
  const { findBase } = await import('./stack/ports.mjs');
  const { RunLock } = await import('./stack/run-lock.mjs');
  const { loadSecrets } = await import('./stack/secrets.mjs');
  const { Supervisor } = await import('./stack/supervisor.mjs');
  const lock = new RunLock(home);
  lock.take();
  const supervisor = new Supervisor({ note: () => undefined, giveUp: () => undefined, changed: () => undefined });
  const stop = async () => {
    await supervisor.stop();
    lock.release();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => void stop().then(() => process.exit(130)));
  try {
    await lock.endLeftovers();
    const { databasePasswords } = loadSecrets(home);
    const { postgres: port } = portsFrom(await findBase(portsFrom));
    const cluster = prepareCluster({ home, port, password: databasePasswords.postgres });
    await supervisor.start(postgresPart(cluster, { log: path.join(home, 'logs', 'postgres.log') }));
    lock.record(supervisor.processes());
    const url = `postgres://tael_accounts:${databasePasswords.tael_accounts}@127.0.0.1:${port}/tael_accounts`;
    return await verify(url);
  } finally {
    await stop();
  }
}

async function main() {
  if (process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
    process.stdout.write(HELP);
    return 0;
  }
  const { home, databaseUrl } = readSettings([], process.env);
  // The folder of a clone that was never started is not made for the log of a build.
  const draft = fs.existsSync(home) ? undefined : fs.mkdtempSync(path.join(os.tmpdir(), 'tael-verify-'));
  await prepare(draft ?? home);
  if (draft) fs.rmSync(draft, { recursive: true, force: true });
  const running = await runningDatabase(home);
  if (running) return verify(running);
  return databaseUrl ? verify(databaseUrl) : verifyStopped(home);
}

main().then(
  (status) => process.exit(status),
  (error) => {
    process.stderr.write(`${error?.stack && !error.advice ? error.stack : `${error?.message}\n${error?.advice ?? ''}`}\n`);
    process.exit(2);
  },
);
