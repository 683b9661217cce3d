import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '@tael/testkit';
import pg from 'pg';
import { appCode } from '../authenticator';
import { ROOT, Trial } from './engine';
import type { Operation } from './engine/journal';
import { insist } from './engine/people';
import { lasting } from './engine/processes';
import { StackProcess } from './engine/stack.process';

// F20: a backup is taken while people pay, and the stack is brought back to a moment after it, while Kafka and whoever
// was answered know more than the books do then.

const home = join(ROOT, '.tael', 'test', 'restore');
// Not under the checkout: Postgres runs as a user of its own where we are root, who may not enter everywhere.
const backups = join(tmpdir(), 'tael-test-backups');
const SIGN_UP = `mutation ($input: SignUpInput!) { signUp(input: $input) { session { refreshToken accessToken } userErrors { code } } }`;
const REFRESH = `mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { session { accessToken } userErrors { code } } }`;
const ASK_FOR_CODE = `mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { request { id } userErrors { code } } }`;
const CHANGE_PASSWORD = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }`;
const BEGIN_TOTP = `mutation ($input: BeginTotpInput!) { beginTotp(input: $input) { secret userErrors { code } } }`;
const CONFIRM_TOTP = `mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { recoveryCodes userErrors { code } } }`;
const SIGN_IN = `mutation ($input: SignInInput!) { signIn(input: $input) { challenge { token } userErrors { code } } }`;
const LOST = `mutation ($input: RequestSecondFactorRemovalInput!) { requestSecondFactorRemoval(input: $input) { userErrors { code } } }`;
const CONFIRM_LOST = `mutation ($input: ConfirmSecondFactorRemovalInput!) { confirmSecondFactorRemoval(input: $input) { removesAt userErrors { code } } }`;

let trial: Trial;
let restored: StackProcess | undefined;
beforeAll(async () => {
  rmSync(backups, { recursive: true, force: true });
  // What a restore of an earlier run has kept.
  const kept = existsSync(home) ? readdirSync(home).filter((name) => /^(postgres\.before|undone)-/.test(name)) : [];
  for (const name of kept) rmSync(join(home, name), { recursive: true });
  trial = await Trial.start({ home, instances: 1, seed: 20, workers: 3, people: 4, env: { TAEL_ARCHIVE: backups } });
});
afterAll(async () => {
  await trial?.stop();
  await restored?.stop();
});

async function run(script: string, ...args: string[]): Promise<string> {
  const options = { env: { ...process.env, TAEL_HOME: home, DATABASE_URL: '', KAFKA_BROKERS: '' } };
  const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'scripts', script), ...args], options);
  return stdout;
}

async function rowsOf<Row extends object>(service: 'accounts' | 'notifications' | 'rewards', sql: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: trial.processes.stack.databaseUrls[service] });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** The acknowledged operations that the books do not have. */
async function lostOf(operations: readonly Operation[]): Promise<Operation[]> {
  const ids = operations.map((one) => one.transactionId);
  const rows = await rowsOf<{ id: string }>('accounts', '/* faults.standing */ SELECT id FROM ledger_tx WHERE id = ANY($1)', [ids]);
  const standing = new Set(rows.map((row) => row.id));
  return operations.filter((one) => !standing.has(one.transactionId!));
}

/** What events of the lost time would leave behind: messages and grants of transactions that the books do not know. */
async function ghosts(): Promise<string[]> {
  const known = new Set((await rowsOf<{ id: string }>('accounts', '/* faults.all */ SELECT id FROM ledger_tx')).map((row) => row.id));
  const told = await rowsOf<{ id: string }>('notifications', `/* faults.told */ SELECT DISTINCT "transactionId" AS id FROM notification WHERE "transactionId" IS NOT NULL`);
  const granted = await rowsOf<{ id: string }>('rewards', `/* faults.granted */ SELECT DISTINCT "paymentId" AS id FROM benefit WHERE "paymentId" IS NOT NULL`);
  const asked = await rowsOf<{ id: string }>('accounts', `/* faults.asked */ SELECT "grantId" AS id FROM reward_grant`);
  const benefits = new Set((await rowsOf<{ id: string }>('rewards', '/* faults.benefitIds */ SELECT id FROM benefit')).map((row) => row.id));
  return [
    ...told.filter(({ id }) => !known.has(id)).map(({ id }) => `a message of ${id}`),
    ...granted.filter(({ id }) => !known.has(id)).map(({ id }) => `a benefit for ${id}`),
    ...asked.filter(({ id }) => !benefits.has(id)).map(({ id }) => `a grant that rewards does not know: ${id}`),
  ];
}

/** Somebody whose second factor is said to be lost, and goes in a week. */
async function withLostFactor(): Promise<void> {
  const person = { email: `f-${randomUUID()}@faults.tael.example`, password: randomUUID(), displayName: 'Lou Loser', currency: 'USD' };
  const { session } = await insist(trial.client, SIGN_UP, person);
  const { secret } = await insist(trial.client, BEGIN_TOTP, { password: person.password }, session.accessToken);
  await insist(trial.client, CONFIRM_TOTP, { code: appCode(secret, 0) }, session.accessToken);
  const { challenge } = await insist(trial.client, SIGN_IN, { email: person.email, password: person.password });
  await insist(trial.client, LOST, { challengeToken: challenge.token });
  const mails = `http://127.0.0.1:${trial.processes.stack.ports['sandbox']}/messages?channel=mail&to=${encodeURIComponent(person.email)}`;
  const code = await eventually(async () => {
    const [found] = /\b[0-9A-Z]{4}(-[0-9A-Z]{4}){3}\b/.exec((await (await fetch(mails)).text()).replaceAll(String.raw`\n`, ' ')) ?? [];
    if (!found) throw new Error('no code has come');
    return found;
  }, { timeoutMs: 60_000, describe: 'the mail with the code has come' });
  await insist(trial.client, CONFIRM_LOST, { challengeToken: challenge.token, code });
}

it('F20: brought back to a moment under load: what was acknowledged before stands, what came later is as if it had not been, and payments go on', async () => {
  const leaver = { email: `f-${randomUUID()}@faults.tael.example`, password: randomUUID(), displayName: 'Lee Leaver', currency: 'USD' };
  const { session } = await insist(trial.client, SIGN_UP, leaver);
  trial.load.start();
  await trial.load.more(15);
  const port = trial.processes.stack.ports['gateway']!;
  expect(await trial.spend('the backup', () => run('backup.mjs', '--to', backups))).toContain('whole from');
  await trial.load.more(30);

  await insist(trial.client, ASK_FOR_CODE, { email: leaver.email });
  await withLostFactor();
  const before = [...trial.load.journal.acknowledged()];
  const codes = [...trial.load.journal.codes];
  // Whole milliseconds, as the broker notes them; what was acknowledged before was committed before.
  await lasting(2);
  const moment = new Date();
  await trial.load.more(30);
  await insist(trial.client, CHANGE_PASSWORD, { currentPassword: leaver.password, newPassword: randomUUID() }, session.accessToken);
  await trial.load.settle();
  const after = trial.load.journal.acknowledged();
  await trial.spend('everything is sent', () => eventually(async () => {
    const [row] = await rowsOf<{ n: string }>('accounts', '/* faults.outbox */ SELECT count(*)::text AS n FROM outbox');
    expect(row!.n).toBe('0');
  }, { timeoutMs: 30_000, describe: 'everything is sent' }));
  await trial.stack.stop();

  // The stack of before has ended: `spend` would end with it.
  const begun = performance.now();
  const said = await run('restore.mjs', '--from', backups, '--until', moment.toISOString());
  trial.spentMs['the restore'] = Math.round(performance.now() - begun);
  expect(said).toContain(`All databases are as of ${moment.toISOString()}, and the books are sound.`);
  restored = await StackProcess.start({ home, instances: 1, port, fresh: false, env: { TAEL_ARCHIVE: backups } });
  trial.stack = restored;
  await trial.processes.allReady();
  trial.spentMs['the start after it'] = Math.round(performance.now() - begun) - trial.spentMs['the restore'];

  expect(await lostOf(before)).toEqual([]);
  // It may have been used since, and nobody would know.
  expect(await rowsOf('accounts', `/* faults.codes */ SELECT "usedAt" IS NOT NULL AS over FROM password_reset`)).toEqual([{ over: true }]);
  // Its owner may have stopped it since.
  expect(await rowsOf('accounts', '/* faults.removals */ SELECT 1 FROM factor_removal')).toEqual([]);
  const lost = await lostOf(after);
  expect(lost.length).toBeGreaterThan(10);
  trial.load.journal.codes.splice(0, Infinity, ...codes);
  trial.receiver.restored(lost.map(({ transactionId }) => transactionId!));
  if (trial.processes.stack.eventBus === 'kafka') {
    expect(said).toMatch(/\d+ events told of what is not in the books any more \(.*payment\.settled/);
    // A session that its owner had ended by a new password does not live again.
    const reply = await trial.client.ask({ query: REFRESH, variables: { input: { refreshToken: session.refreshToken } } });
    expect(JSON.stringify(reply)).toContain('"session":null');
  }
  // The client sends what it wants again under its key: once more it happens once.
  for (const operation of lost) delete operation.transactionId;
  await trial.spend('what was lost, once more', () => trial.load.again(lost));
  trial.load.start();
  await trial.load.more(20);
  expect(await trial.verdict()).toEqual([]);
  expect(await ghosts()).toEqual([]);
});
