import { type Proxy, proxyTo } from '@tael/testkit';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Trial } from './engine';
import { insist } from './engine/people';
import { lasting } from './engine/processes';
import { freeBase } from './engine/stack.process';
import { onKafka, SEED } from './settings';

// A stack whose services reach Postgres and Kafka through a proxy, and whose Postgres has a small disk of its own. The
// disk is a tmpfs, which only root may mount: elsewhere that one test is reported as skipped.

jest.setTimeout(600_000);

const DISK = '640m';
const home = mkdtempSync(join(tmpdir(), 'tael-faults-'));
const disk = join(home, 'postgres');
const mounted = mountDisk();
let trial: Trial;
let postgres: Proxy;
let kafka: Proxy;

function mountDisk(): boolean {
  chmodSync(home, 0o755);
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

beforeAll(async () => {
  const port = await freeBase();
  postgres = await proxyTo(`tcp://127.0.0.1:${port + 32}`);
  kafka = await proxyTo(`tcp://127.0.0.1:${port + 92}`);
  trial = await Trial.start({
    home, instances: 1, port, seed: SEED, workers: 4, people: 6, fresh: false,
    env: { TAEL_VIA_POSTGRES: String(postgres.port), TAEL_VIA_KAFKA: String(kafka.port) },
  });
}, 300_000);

afterAll(async () => {
  await Promise.all([postgres?.mend(), kafka?.mend()]);
  await trial?.stop();
  await Promise.all([postgres?.close(), kafka?.close()]);
  if (mounted) execFileSync('umount', ['-l', disk]);
  rmSync(home, { recursive: true, force: true });
}, 120_000);

beforeEach(() => trial.load.start());

async function sound(): Promise<void> {
  expect(await trial.verdict()).toEqual([]);
}

const PAY = `mutation ($input: PayMerchantInput!) { payMerchant(input: $input) { transaction { id } userErrors { code } } }`;

/** A payment of its own, that the load does not know. */
function payment(key: string) {
  const [person, shop] = [trial.world.people[0]!, trial.world.shops[0]!];
  const input = { walletId: person.walletId, merchantId: shop.id, amount: { amount: '2.00', currency: 'USD' }, idempotencyKey: key };
  const noted = (transactionId: string) => trial.load.journal.operations.push({
    kind: 'PAYMENT', key, scope: person.id, minor: 200n, query: PAY, input, attempts: 1, transactionId,
  });
  return { input, token: person.token, noted };
}

describe('the way to Postgres', () => {
  it('F11: is reset after COMMIT was sent: the outcome is unknown to the server too, and the same key tells the truth', async () => {
    await trial.load.settle();
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const key = `mid-commit-${SEED}-${attempt}`;
      const { input, token, noted } = payment(key);
      const sprung = postgres.resetAfter('tael.commit', key);
      const [reply] = await Promise.all([trial.client.ask({ query: PAY, variables: { input }, token }), sprung]);
      // Accounts may have asked again by itself, under the same key: then it is answered at once.
      expect(reply).toMatchObject({ kind: expect.stringMatching(/^(data|again)$/) });
      const { transaction } = await insist(trial.client, PAY, input, token);
      const again = await insist(trial.client, PAY, input, token);
      expect(again.transaction.id).toBe(transaction.id);
      if (reply.kind === 'data') expect(reply.data.payMerchant.transaction.id).toBe(transaction.id);
      noted(transaction.id);
    }
    await sound();
  });

  it('F12: is slow (200 ms each way): answers or retryable refusals within their deadline, then as before', async () => {
    await trial.load.more(10);
    postgres.delay(200);
    const { input, token, noted } = payment(`slow-${SEED}`);
    const begun = performance.now();
    const reply = await trial.client.ask({ query: PAY, variables: { input }, token });
    expect(performance.now() - begun).toBeLessThan(12_000);
    expect(['data', 'again']).toContain(reply.kind);
    await postgres.mend();
    const { transaction } = await insist(trial.client, PAY, input, token);
    noted(transaction.id);
    await trial.load.more(20, 30_000);
    await sound();
  });

  it('F12: is half open (what is sent is swallowed, and nobody is told): a refusal by deadline, and recovery without a restart', async () => {
    await trial.load.settle();
    const pid = trial.processes.pid('accounts');
    const { input, token, noted } = payment(`half-open-${SEED}`);
    postgres.blackHole();
    const begun = performance.now();
    const reply = await trial.client.ask({ query: PAY, variables: { input }, token });
    expect(reply.kind).toBe('again');
    expect(performance.now() - begun).toBeLessThan(12_000);
    await lasting(5_000);
    await postgres.mend();
    const { transaction } = await insist(trial.client, PAY, input, token);
    noted(transaction.id);
    expect(trial.processes.pid('accounts')).toBe(pid);
    await sound();
  });
});

describe('the way to Kafka', () => {
  onKafka.each<[string, (proxy: Proxy) => void | Promise<void>]>([
    ['slow (500 ms each way)', (proxy) => proxy.delay(500)],
    ['narrow (20 kB a second)', (proxy) => proxy.limit(20_000)],
    ['half open for 20 s', (proxy) => proxy.blackHole()],
    ['cut', (proxy) => proxy.cut()],
  ])('F7: is %s: payments go on, and what waits is delivered', async (_what, harm) => {
    await trial.load.more(10);
    await harm(kafka);
    for (const end = performance.now() + 20_000; performance.now() < end; await lasting(500)) await trial.load.more(3, 20_000);
    await kafka.mend();
    await sound();
  });
});

const onDisk = mounted ? it : it.skip;

onDisk('F14: the disk of Postgres is full: writes are refused cleanly, nothing acknowledged is lost, and it goes on by itself once there is room', async () => {
  await trial.load.more(20);
  const ballast = join(disk, 'ballast');
  fill(ballast);
  const before = trial.load.journal.acknowledged().length;
  // Writes go on until the next file of the log does not fit; then nothing is acknowledged any more.
  const { stack } = trial.processes;
  const refused = () => trial.load.journal.timesRefused();
  const refusedBefore = refused();
  await switchLogFile(stack.adminDatabaseUrl);
  for (const end = performance.now() + 30_000; refused() < refusedBefore + 10;) {
    if (performance.now() > end) throw new Error(`the disk is full, and nothing was refused; ${trial.load.journal.acknowledged().length - before} answers`);
    await lasting(200);
    fill(ballast);
  }
  unlinkSync(ballast);
  await trial.processes.allReady(120_000);
  await trial.load.more(20, 60_000);
  await sound();
});

/** Takes all the room that there is. */
function fill(ballast: string): void {
  const { bavail, bsize } = statfsSync(disk);
  if (bavail === 0) return;
  try {
    writeFileSync(ballast, Buffer.alloc(Math.min(bavail * bsize, 2 ** 30)), { flag: 'a' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

/** Has Postgres begin new files of its log, until there is no room for one. */
async function switchLogFile(url: string): Promise<void> {
  for (let count = 0; count < 40; count += 1) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 5_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query(`/* faults.log */ SELECT pg_logical_emit_message(false, 'faults', repeat('x', 8000000)), pg_switch_wal()`);
    } catch {
      // There is no room any more.
      return;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
