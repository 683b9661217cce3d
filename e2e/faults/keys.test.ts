import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { eventually } from '@tael/testkit';
import { ROOT, SERVICES, Trial } from './engine';
import type { Reply } from './engine/client';
import { insist, newPerson, signInAgain } from './engine/people';
import { lasting } from './engine/processes';

// A25: keys turn while people pay, to the end. Each step is followed by a restart of every process, one after another, as the
// runbook says; tokens that were signed before, and rows that were sealed before, go on through all of it.

const home = join(ROOT, '.tael', 'test', 'keys');
const INSTANCES = 2;
const RINGS = ['token', 'identity', 'seal', 'fingerprint', 'bank'];
const SIGN_IN = `mutation ($input: SignInInput!) { signIn(input: $input) { session { accessToken refreshToken } userErrors { code } } }`;
const REFRESH = `mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { session { accessToken } userErrors { code } } }`;
const LOOK = '{ viewer { displayName email inbox { unreadCount } } }';
const ADD_CARD = `mutation ($input: AddCardInput!) { addCard(input: $input) { paymentMethod { id } userErrors { code } } }`;
const CARD = { number: '4242424242424242', expiryMonth: 12, expiryYear: 2031, securityCode: '123', holderName: 'Fay Fault' };
let trial: Trial;
beforeAll(async () => {
  trial = await Trial.start({ home, instances: INSTANCES, seed: 25, workers: 3, people: 4 });
});
afterAll(() => trial?.stop(), 120_000);

/** Beside the load, which lives in this process. */
function rotate(what: string, step: 'add' | 'use' | 'retire'): Promise<{ status: number; stderr: string }> {
  const args = [join(ROOT, 'scripts', 'keys-rotate.mjs'), '--what', what, '--step', step];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env: { ...process.env, TAEL_HOME: home } }, (_error, _stdout, stderr) =>
      resolve({ status: child.exitCode ?? -1, stderr }),
    );
  });
}

async function step(name: 'add' | 'use'): Promise<void> {
  for (const what of RINGS) expect({ what, name, ...(await rotate(what, name)) }).toEqual({ what, name, status: 0, stderr: '' });
}

/** As if the steps of now had been taken an hour ago. */
function anHourPasses(): void {
  const file = join(home, 'secrets.json');
  const secrets = JSON.parse(readFileSync(file, 'utf8')) as { keySteps: Record<string, { at: string }> };
  for (const taken of Object.values(secrets.keySteps)) taken.at = new Date(Date.parse(taken.at) - 3_600_000).toISOString();
  writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 });
}

/** Takes the old key of a ring away, as soon as nothing is left under it. */
async function retire(what: string): Promise<string[]> {
  const refusals: string[] = [];
  for (const end = performance.now() + 90_000; performance.now() < end; await lasting(1_000)) {
    const { status, stderr } = await rotate(what, 'retire');
    if (status === 0) return refusals;
    expect(stderr).toMatch(/^Rows are left under the old/);
    refusals.push(stderr);
  }
  throw new Error(`the old ${what} key is still needed: ${refusals.at(-1)}`);
}

/** As the runbook says: of each service one process after another, so that another one serves meanwhile; and the services beside each other, as a cluster does it. */
async function startAgainInTurn(): Promise<void> {
  // The bank first: it must know a key before anybody signs with it.
  await trial.processes.restart('sandbox');
  for (let turn = 0; turn < INSTANCES; turn += 1) {
    await Promise.all(SERVICES.map(async (service) => {
      const part = trial.processes.partsOf(service)[turn]!;
      const pid = await trial.processes.ready(part);
      process.kill(pid, 'SIGTERM');
      await trial.processes.dead(part, pid, 40_000);
      await trial.processes.ready(part, 120_000);
    }));
  }
}

const keyIdOf = (token: string): string => JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid;

async function sealedUnder(database: 'accounts' | 'rewards' | 'notifications', sql: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: trial.processes.stack.databaseUrls[database] });
  await client.connect();
  const { rows } = await client.query<{ key: string }>(`/* faults.sealed-under */ SELECT DISTINCT split_part(sealed, '.', 2) AS key FROM (${sql}) t (sealed)`);
  await client.end();
  return rows.map(({ key }) => key);
}

/** Asks again while a process that is being started again asks for patience, whatever its keys; a key that is not known is a fault. */
async function look(token: string): Promise<Reply> {
  for (let n = 0; ; n += 1) {
    const reply = await trial.client.ask({ query: LOOK, variables: {}, token });
    if (reply.kind !== 'again' || n === 20) return reply;
    await lasting(100);
  }
}

it('A25: every ring turns under load, to the end: nobody is signed out, nothing is lost, no row becomes unreadable', async () => {
  const before = await newPerson(trial.client);
  const { session } = await insist(trial.client, SIGN_IN, { email: before.email, password: before.password });
  let token: string = session.accessToken;
  const answers: string[] = [];
  let isOver = false;
  const looking = (async () => {
    while (!isOver) {
      answers.push(JSON.stringify(await look(token)));
      await lasting(50);
    }
  })();
  trial.load.start();
  for (const name of ['add', 'use'] as const) {
    await step(name);
    if (name === 'use') {
      // Nobody has been started again yet: whoever still seals with the old key could write more of it; and tokens of a minute ago are about.
      expect((await rotate('token', 'retire')).stderr).toMatch(/^The old token key may still be in use/);
      anHourPasses();
      expect((await rotate('seal', 'retire')).stderr).toMatch(/^These do not seal with k2 yet/);
    }
    await startAgainInTurn();
    await trial.load.more(20);
  }
  // In the midst of sealing anew.
  for (const part of ['accounts', 'notifications']) {
    await trial.processes.kill(part);
    await trial.processes.ready(part, 120_000);
  }
  // Within that hour each access token has ended. A session has not: what was given out before the turn still renews it.
  token = (await insist(trial.client, REFRESH, { refreshToken: session.refreshToken })).session.accessToken;
  await Promise.all(trial.world.everybody.map((person) => signInAgain(trial.client, person)));
  expect(keyIdOf(token)).not.toBe(keyIdOf(before.token));
  for (const what of RINGS) await retire(what);
  await startAgainInTurn();
  await trial.load.more(20);
  isOver = true;
  await looking;
  const refused = answers.filter((answer) => !answer.includes('"displayName":"'));
  expect({ answers: answers.length > 100, refused: [...new Set(refused)].slice(0, 5) }).toEqual({ answers: true, refused: [] });
  // The old key signs for nobody any more: nobody is told of it, and what it signed is refused.
  const published = (await (await fetch(`http://127.0.0.1:${trial.processes.parts()['accounts']}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] };
  expect(published.keys.map(({ kid }) => kid)).toEqual([keyIdOf(token)]);
  // A gateway that started beside an instance of accounts with the old ring has its keys for half a minute more.
  await eventually(async () => expect(await look(before.token)).toMatchObject({ kind: 'fault', code: 'UNAUTHENTICATED' }), { timeoutMs: 60_000 });
  const again = await insist(trial.client, ADD_CARD, CARD, token);
  expect(again.paymentMethod.id).toBe(before.cardId);
  expect({
    people: await sealedUnder('accounts', 'SELECT email FROM person UNION ALL SELECT "displayName" FROM person'),
    books: await sealedUnder('accounts', 'SELECT description FROM ledger_tx WHERE description IS NOT NULL UNION ALL SELECT token FROM payment_method'),
    friends: await sealedUnder('rewards', 'SELECT contact FROM person'),
    messages: await sealedUnder('notifications', 'SELECT content FROM notification UNION ALL SELECT name FROM merchant'),
  }).toEqual({ people: ['k2'], books: ['k2'], friends: ['k2'], messages: ['k2'] });
  expect(await trial.verdict()).toEqual([]);
});
