import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { ROOT, SERVICES, Trial } from './engine';
import { insist, newPerson } from './engine/people';
import { lasting } from './engine/processes';

// A25: keys turn while people pay, to the end. Each step is followed by a restart of every process, one after another, as the
// runbook says; tokens that were signed before, and rows that were sealed before, go on through all of it.

jest.setTimeout(900_000);

const home = join(ROOT, '.tael', 'test', 'keys');
const RINGS = ['token', 'identity', 'seal', 'fingerprint'];
const ADD_CARD = `mutation ($input: AddCardInput!) { addCard(input: $input) { paymentMethod { id } userErrors { code } } }`;
const CARD = { number: '4242424242424242', expiryMonth: 12, expiryYear: 2031, securityCode: '123', holderName: 'Fay Fault' };
let trial: Trial;
beforeAll(async () => {
  trial = await Trial.start({ home, instances: 2, seed: 25, workers: 3, people: 4 });
}, 300_000);
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

async function startAgainOneByOne(): Promise<void> {
  for (const part of SERVICES.flatMap((service) => trial.processes.partsOf(service))) {
    const pid = await trial.processes.ready(part);
    process.kill(pid, 'SIGTERM');
    await trial.processes.dead(part, pid, 40_000);
    await trial.processes.ready(part, 120_000);
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

it('A25: every ring turns under load, to the end: nobody is signed out, nothing is lost, no row becomes unreadable', async () => {
  const before = await newPerson(trial.client);
  const answers: string[] = [];
  let isOver = false;
  const looking = (async () => {
    while (!isOver) {
      const look = () => trial.client.ask({ query: '{ viewer { displayName email inbox { unreadCount } } }', variables: {}, token: before.token });
      let reply = await look();
      // A process that is being started again may ask for patience, whatever its keys; a key that is not known is a fault.
      for (let n = 0; n < 20 && reply.kind === 'again'; n += 1) {
        await lasting(100);
        reply = await look();
      }
      answers.push(JSON.stringify(reply));
      await lasting(50);
    }
  })();
  trial.load.start();
  for (const name of ['add', 'use'] as const) {
    await step(name);
    if (name === 'use') {
      anHourPasses();
      // Nobody has been started again yet: whoever still seals with the old key could write more of it.
      expect((await rotate('seal', 'retire')).stderr).toMatch(/^These do not seal with k2 yet/);
    }
    await startAgainOneByOne();
    await trial.load.more(20);
  }
  // In the midst of sealing anew.
  for (const part of ['accounts', 'notifications']) {
    await trial.processes.kill(part);
    await trial.processes.ready(part, 120_000);
  }
  for (const what of ['seal', 'fingerprint']) await retire(what);
  await startAgainOneByOne();
  await trial.load.more(20);
  isOver = true;
  await looking;
  const refused = answers.filter((answer) => !answer.includes('"displayName":"'));
  expect({ answers: answers.length > 100, refused: [...new Set(refused)].slice(0, 5) }).toEqual({ answers: true, refused: [] });
  const after = await newPerson(trial.client);
  expect(keyIdOf(after.token)).not.toBe(keyIdOf(before.token));
  const again = await insist(trial.client, ADD_CARD, CARD, before.token);
  expect(again.paymentMethod.id).toBe(before.cardId);
  expect({
    people: await sealedUnder('accounts', 'SELECT email FROM person UNION ALL SELECT "displayName" FROM person'),
    books: await sealedUnder('accounts', 'SELECT description FROM ledger_tx WHERE description IS NOT NULL UNION ALL SELECT token FROM payment_method'),
    friends: await sealedUnder('rewards', 'SELECT contact FROM person'),
    messages: await sealedUnder('notifications', 'SELECT content FROM notification UNION ALL SELECT name FROM merchant'),
  }).toEqual({ people: ['k2'], books: ['k2'], friends: ['k2'], messages: ['k2'] });
  expect(await trial.verdict()).toEqual([]);
});
