import { type KeyEntry, keyRing } from '@tael/platform/env';
import { IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { ROOT, SERVICES, Trial } from './engine';
import { insist, newPerson, type Person, signInAgain } from './engine/people';
import { ENDED_MS, lasting } from './engine/processes';

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
    const { endedMs } = await trial.processes.restart(part);
    expect({ part, isInTime: endedMs < ENDED_MS }).toEqual({ part, isInTime: true });
  }
}

const keyIdOf = (token: string): string => JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid;

interface Session {
  readonly accessToken: string;
  readonly refreshToken: string;
}
const SIGN_IN = 'mutation ($input: SignInInput!) { done: signIn(input: $input) { session { accessToken refreshToken } userErrors { code } } }';
const REFRESH = 'mutation ($input: RefreshSessionInput!) { done: refreshSession(input: $input) { session { accessToken refreshToken } userErrors { code } } }';
const signedIn = async ({ email, password }: Person): Promise<Session> => (await insist(trial.client, SIGN_IN, { email, password })).session;
const renewed = async ({ refreshToken }: Session): Promise<Session> => (await insist(trial.client, REFRESH, { refreshToken })).session;

const accountsAt = (): string => `http://127.0.0.1:${trial.processes.stack.ports['accounts']}/.well-known/`;
const tokenKeysNow = async (): Promise<string[]> => ((await (await fetch(`${accountsAt()}jwks.json`)).json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);

/** What accounts says to a request that is signed as the gateway signs it. */
async function askedWith(key: KeyEntry): Promise<number> {
  const gateway = { principal: null, locale: 'en', reference: 'faults', traceparent: '', address: '' };
  return (await fetch(`${accountsAt()}ended-sessions?since=${Date.now()}`, { headers: { [IDENTITY_HEADER]: signIdentity(gateway, '', [key], Date.now()) } })).status;
}

/** The keys by which requests to the subgraphs are signed, as the stack has them in its secrets. */
function identityKeys(): KeyEntry[] {
  const { identityKeys: ring } = JSON.parse(readFileSync(join(home, 'secrets.json'), 'utf8')) as { identityKeys: string };
  return keyRing.parse(ring);
}

async function sealedUnder(database: 'accounts' | 'rewards' | 'notifications', sql: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: trial.processes.stack.databaseUrls[database] });
  await client.connect();
  const { rows } = await client.query<{ key: string }>(`/* faults.sealed-under */ SELECT DISTINCT split_part(sealed, '.', 2) AS key FROM (${sql}) t (sealed)`);
  await client.end();
  return rows.map(({ key }) => key);
}

/** Looks at what is one's own without end, with the token of now. */
function look(tokenOfNow: () => string): { end(): Promise<string[]> } {
  const answers: string[] = [];
  let isOver = false;
  const looking = (async () => {
    while (!isOver) {
      const ask = () => trial.client.ask({ query: '{ viewer { displayName email inbox { unreadCount } } }', variables: {}, token: tokenOfNow() });
      let reply = await ask();
      // A process that is being started again may ask for patience, whatever its keys; a key that is not known is a fault.
      for (let n = 0; n < 20 && reply.kind === 'again'; n += 1) {
        await lasting(100);
        reply = await ask();
      }
      answers.push(JSON.stringify(reply));
      await lasting(50);
    }
  })();
  return {
    async end() {
      isOver = true;
      await looking;
      return answers;
    },
  };
}

it('A25: every ring turns under load, and every old key goes: nobody who comes in time for a new token is signed out, nothing is lost, no row becomes unreadable, and what an old key has signed is refused', async () => {
  const before = await newPerson(trial.client);
  let session = await signedIn(before);
  const [firstKey, looking] = [keyIdOf(session.accessToken), look(() => session.accessToken)];
  trial.load.start();
  for (const name of ['add', 'use'] as const) {
    await step(name);
    if (name === 'use') {
      for (const what of ['token', 'identity']) expect((await rotate(what, 'retire')).stderr).toMatch(/may still be in use/);
      anHourPasses();
      // Nobody has been started again yet: whoever still seals with the old key could write more of it.
      expect((await rotate('seal', 'retire')).stderr).toMatch(/^These do not seal with k2 yet/);
      session = await renewed(session);
    }
    await startAgainOneByOne();
    await trial.load.more(20);
  }
  // The old keys are known for as long as what they signed may be about.
  const [old, [newKey, oldKey]] = [session, identityKeys() as [KeyEntry, KeyEntry]];
  expect([keyIdOf(old.accessToken), (await tokenKeysNow()).length, await askedWith(oldKey)]).toEqual([firstKey, 2, 200]);
  // That hour ends every token of before: whoever is there has come for another one.
  session = await renewed(session);
  expect(keyIdOf(session.accessToken)).not.toBe(firstKey);
  for (const person of trial.world.everybody) await signInAgain(trial.client, person);
  // In the midst of sealing anew.
  for (const part of ['accounts', 'notifications']) {
    await trial.processes.kill(part);
    await trial.processes.ready(part, 120_000);
  }
  for (const what of RINGS) await retire(what);
  await startAgainOneByOne();
  await trial.load.more(20);
  const answers = await looking.end();
  const refused = answers.filter((answer) => !answer.includes('"displayName":"'));
  expect({ answers: answers.length > 100, refused: [...new Set(refused)].slice(0, 5) }).toEqual({ answers: true, refused: [] });
  expect(await tokenKeysNow()).toEqual([keyIdOf(session.accessToken)]);
  expect(await trial.client.ask({ query: '{ viewer { displayName } }', variables: {}, token: old.accessToken })).toMatchObject({ kind: 'fault', code: 'UNAUTHENTICATED' });
  expect([await askedWith(newKey), await askedWith(oldKey)]).toEqual([200, 401]);
  // The session of before all of it goes on.
  session = await renewed(session);
  const again = await insist(trial.client, ADD_CARD, CARD, session.accessToken);
  expect(again.paymentMethod.id).toBe(before.cardId);
  expect({
    people: await sealedUnder('accounts', 'SELECT email FROM person UNION ALL SELECT "displayName" FROM person'),
    books: await sealedUnder('accounts', 'SELECT description FROM ledger_tx WHERE description IS NOT NULL UNION ALL SELECT token FROM payment_method'),
    friends: await sealedUnder('rewards', 'SELECT contact FROM person'),
    messages: await sealedUnder('notifications', 'SELECT content FROM notification UNION ALL SELECT name FROM merchant'),
  }).toEqual({ people: ['k2'], books: ['k2'], friends: ['k2'], messages: ['k2'] });
  expect(await trial.verdict()).toEqual([]);
});
