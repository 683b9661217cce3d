import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, SERVICES, Trial } from './engine';
import { newPerson } from './engine/people';
import { lasting } from './engine/processes';

// A25: keys turn while people pay. Each step is followed by a restart of every process, one after another, as the runbook
// says; tokens that were signed before, and rows that were sealed before, go on through all of it.

jest.setTimeout(420_000);

const home = join(ROOT, '.tael', 'test', 'keys');
let trial: Trial;
beforeAll(async () => {
  trial = await Trial.start({ home, instances: 2, seed: 25, workers: 3, people: 4 });
}, 300_000);
afterAll(() => trial?.stop(), 120_000);

function step(name: 'add' | 'use'): void {
  for (const what of ['token', 'identity', 'seal']) {
    const args = [join(ROOT, 'scripts', 'keys-rotate.mjs'), '--what', what, '--step', name];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, TAEL_HOME: home } });
    expect({ what, name, status, stderr }).toEqual({ what, name, status: 0, stderr: '' });
  }
}

async function startAgainOneByOne(): Promise<void> {
  for (const part of SERVICES.flatMap((service) => trial.processes.partsOf(service))) {
    const pid = await trial.processes.ready(part);
    process.kill(pid, 'SIGTERM');
    await trial.processes.dead(part, pid, 40_000);
    await trial.processes.ready(part);
  }
}

const keyIdOf = (token: string): string => JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid;

it('A25: token, identity and seal keys turn under load: nobody is signed out, nothing is lost, no row becomes unreadable', async () => {
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
    step(name);
    await startAgainOneByOne();
    await trial.load.more(20);
  }
  isOver = true;
  await looking;
  const refused = answers.filter((answer) => !answer.includes('"displayName":"'));
  expect({ answers: answers.length > 100, refused: [...new Set(refused)].slice(0, 5) }).toEqual({ answers: true, refused: [] });
  const after = await newPerson(trial.client);
  expect(keyIdOf(after.token)).not.toBe(keyIdOf(before.token));
  expect(await trial.verdict()).toEqual([]);
});
