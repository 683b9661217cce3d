import { type Proxy, proxyTo } from '@tael/testkit';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statfsSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { countOf, payOnce, PAY, paymentOf, timesOf, told, type Told, untilEnd } from './crowd';
import { Trial } from './engine';
import { insist } from './engine/people';
import { lasting } from './engine/processes';
import { freeBase } from './engine/stack.process';
import { onKafka, SEED, where } from './settings';
import { Tampering } from './tampering';

// A stack whose services reach Postgres and Kafka through a proxy, and whose Postgres has a small disk of its own. The
// disk is a tmpfs, which only root may mount: elsewhere that one test is skipped and says so, and in CI it fails.

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
});

afterAll(async () => {
  await Promise.all([postgres?.mend(), kafka?.mend()]);
  await trial?.stop();
  await Promise.all([postgres?.close(), kafka?.close()]);
  if (mounted) execFileSync('umount', ['-l', disk]);
  rmSync(home, { recursive: true, force: true });
});

beforeEach(() => trial.load.start());

async function sound(): Promise<void> {
  expect(await trial.verdict()).toEqual([]);
}

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

  it('F2, F11: ends the session as it commits a payment, its postings, balance and event written: nothing of it stands, and the same key pays once', async () => {
    await trial.load.settle();
    const tampering = new Tampering(trial.processes.stack);
    // A deferred trigger runs in the COMMIT itself; what a sequence has counted is not taken back with the rest.
    await tampering.query('accounts', `/* faults.at-commit */
      CREATE SEQUENCE faults_reached;
      CREATE FUNCTION faults_at_commit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
        IF NOT EXISTS (SELECT FROM public.outbox WHERE xid = pg_current_xact_id()) OR NOT EXISTS (SELECT FROM public.idempotency WHERE "transactionId" = NEW.id) THEN
          RAISE 'not all is written';
        END IF;
        IF nextval('public.faults_reached') <= ${SESSIONS_ENDED} THEN
          PERFORM pg_terminate_backend(pg_backend_pid());
          PERFORM pg_sleep(5);
        END IF;
        RETURN NULL;
      END $$;
      CREATE CONSTRAINT TRIGGER faults_at_commit AFTER INSERT ON ledger_tx DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.kind = 'PAYMENT') EXECUTE FUNCTION faults_at_commit()`);
    const payments = Array.from({ length: SESSIONS_ENDED }, (_, n) => paymentOf(trial, 'at-commit', n));
    for (const payment of payments) {
      await payOnce(trial, payment);
      await trial.load.again([payment.operation]);
    }
    const [{ reached }] = await tampering.query('accounts', '/* faults.reached */ SELECT last_value::int AS reached FROM faults_reached');
    await tampering.query('accounts', '/* faults.undo */ DROP TRIGGER faults_at_commit ON ledger_tx; DROP FUNCTION faults_at_commit; DROP SEQUENCE faults_reached');
    // Each that was ended, and each that then went through.
    expect(reached).toBe(2 * SESSIONS_ENDED);
    await sound();
  });

  it('F12: is slow (200 ms each way): who pays alone is paid, of a crowd accounts works on so many and no more, tells the others by code in two seconds and pays on, others are served, and it recovers in five seconds without a restart', async () => {
    await trial.load.settle();
    const pid = trial.processes.pid('accounts');
    postgres.delay(200);
    const alone = await payOnce(trial, paymentOf(trial, 'alone', 0));
    const others = lookers();
    const inWork = watchWork();
    const crowd = Array.from({ length: CROWD }, (_, n) => paymentOf(trial, 'slow', n));
    const replies = await Promise.all(crowd.map((one) => payOnce(trial, one)));
    const [looked, mostInWork] = await Promise.all([others.end(), inWork.end()]);
    await postgres.mend();
    const mended = performance.now();
    // What was given up may still be in work for a moment: who is told to come again does, under the same key.
    const back = paymentOf(trial, 'mended', 0);
    let recovered = await payOnce(trial, back);
    for (; recovered.kind === 'again' && performance.now() - mended < RECOVERED_MS; recovered = await payOnce(trial, back)) await lasting(200);
    const recoveredMs = Math.round(performance.now() - mended);
    await trial.load.again(trial.load.journal.unknown());
    const paid = replies.filter(({ kind }) => kind === 'data').length;
    const figures = { aloneMs: alone.tookMs, codes: countOf(replies), paid, refusedMs: soonest(replies), mostMs: slowest(replies), mostInWork, looked: countOf(looked), lookedMs: slowest(looked), recoveredMs };
    process.stderr.write(`slow: ${JSON.stringify(figures)}\n`);
    expect(alone.kind).toBe('data');
    expect(alone.tookMs).toBeLessThan(SLOW_PAYMENT_MS);
    expect(Object.keys(figures.codes).filter((code) => !REFUSALS.includes(code))).toEqual([]);
    // The queue is bounded: who finds no place in it is told so, and soon. The others are paid, or given up by the gateway when that is due.
    expect(mostInWork).toBeLessThanOrEqual(IN_WORK_MAX);
    expect(figures.refusedMs).toBeLessThan(REFUSED_MS + GRAIN_MS);
    expect(figures.mostMs).toBeLessThan(GIVEN_UP_MS);
    expect(paid).toBeGreaterThan(trial.world.people.length);
    // Who asks another service is answered as ever, by a database that is as far away.
    expect(figures.looked).toEqual({ data: looked.length });
    expect(looked.length).toBeGreaterThan(3);
    expect(figures.lookedMs).toBeLessThan(LOOKED_MS);
    expect([recovered.kind, recoveredMs < RECOVERED_MS]).toEqual(['data', true]);
    expect(trial.processes.pid('accounts')).toBe(pid);
    await sound();
  });

  it('F12: is half open, and a crowd pays: most are refused in two seconds and all by the deadline, nothing is sent twice, and it recovers in five seconds without a restart', async () => {
    await trial.load.settle();
    const pid = trial.processes.pid('accounts');
    const crowd = Array.from({ length: CROWD }, (_, n) => paymentOf(trial, 'crowd', n));
    const arrivedBefore = await arrived();
    postgres.blackHole();
    const replies = await Promise.all(crowd.map((one) => payOnce(trial, one)));
    await postgres.mend();
    const mended = performance.now();
    let sent = CROWD + 1;
    for (; (await payOnce(trial, crowd[0]!)).kind !== 'data'; sent += 1) await lasting(200);
    const recoveredMs = Math.round(performance.now() - mended);
    const came = (await arrived()) - arrivedBefore;
    await trial.load.again(trial.load.journal.unknown());
    const figures = { codes: countOf(replies), refusedMs: soonest(replies), most: slowest(replies), sent, came, recoveredMs };
    process.stderr.write(`half open: ${JSON.stringify(figures)}\n`);
    expect(replies.filter(({ kind }) => kind !== 'again')).toEqual([]);
    // Those in work owe an answer that only the database knows, and are given up late on purpose; the others are told soon.
    expect(figures.most).toBeLessThan(GIVEN_UP_MS);
    expect(figures.refusedMs).toBeLessThan(REFUSED_MS + GRAIN_MS);
    // A budget of a tenth for what the gateway may send again.
    expect(came).toBeLessThanOrEqual(sent * 1.1);
    expect(recoveredMs).toBeLessThan(RECOVERED_MS);
    expect(trial.processes.pid('accounts')).toBe(pid);
    await sound();
  });
});

/** So many payments are stopped in their COMMIT. */
const SESSIONS_ENDED = 5;

/** So many pay at once: more than accounts works on (REQUESTS_IN_WORK_MAX), less than the gateway does (RUNNING_MAX). */
const CROWD = 240;
const IN_WORK_MAX = 128;
/** Who waits for a place in accounts does so for two seconds at most (REQUEST_WAIT_MS), plus the way there on a busy machine. */
const REFUSED_MS = 2_000;
const GRAIN_MS = 2_000;
/** The gateway's SUBGRAPH_MUTATION_TIMEOUT_MS is 10 s; the rest is the way there and back of 240 at once, on two cores with other work. */
const GIVEN_UP_MS = 14_000;
const RECOVERED_MS = 5_000;

/** A payment by itself is a handful of statements of 0.4 s, and what a busy machine takes. */
const SLOW_PAYMENT_MS = 3_000;
/** A look at a shop is a statement or two; the gateway gives a query up after 3 s. */
const LOOKED_MS = 3_000;
/** What somebody may be told while the way is bad: it is too much, it is away, it was given up. */
const REFUSALS = ['data', 'SERVICE_BUSY', 'SERVICE_UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE'];

/** When all of a crowd were answered but as many as accounts works on. */
const soonest = (replies: readonly Told[]): number => timesOf(replies)[replies.length - IN_WORK_MAX - 1]!;
const slowest = (replies: readonly Told[]): number => timesOf(replies).at(-1)!;

/** Somebody who looks at a shop without end. */
function lookers(): { end(): Promise<Told[]> } {
  const [person, shop] = [trial.world.people[0]!, trial.world.shops[0]!];
  return untilEnd(() => told(trial, { query: 'query ($id: ID!) { merchant(id: $id) { name } }', variables: { id: shop.id }, token: person.token }), 100);
}

/** Watches how much accounts works on at once. */
function watchWork(): { end(): Promise<number> } {
  const watch = untilEnd(() => figure('tael_requests_in_work'), 200);
  return { end: async () => Math.max(...await watch.end()) };
}

/** The sum of a figure of accounts, over its labels. */
async function figure(name: string): Promise<number> {
  const text = await trial.processes.metrics('accounts');
  return [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce((sum, [, value]) => sum + Number(value), 0);
}

/** How many requests have come to accounts, and were answered or refused. */
async function arrived(): Promise<number> {
  return (await figure('tael_graphql_request_seconds_count')) + (await figure('tael_requests_refused_total')) + (await figure('tael_requests_in_work'));
}

/** So long a relay may wait for a broker from which nothing comes: two requests of 2.5 s each, and what a busy machine takes. */
const RELAY_SAYS_MS = 10_000;
/** What a process may hold more while the way is bad: V8 takes up to 192 MB for young objects under load, whatever is gathered. */
const GATHERED_MB = 250;

/** Why nothing is handed on, as accounts says it; undefined while something is. */
async function relayCause(): Promise<string | undefined> {
  const answer = await fetch(`http://127.0.0.1:${trial.processes.stack.ports.accounts}/ready`);
  return ((await answer.json()) as { parts: { relay: { cause?: string } } }).parts.relay.cause;
}

describe('the way to Kafka', () => {
  onKafka.each<[string, (proxy: Proxy) => void | Promise<void>, isSilent: boolean]>([
    ['slow (500 ms each way)', (proxy) => proxy.delay(500), false],
    ['narrow (20 kB a second)', (proxy) => proxy.limit(20_000), false],
    ['half open for 20 s', (proxy) => proxy.blackHole(), true],
    ['cut', (proxy) => proxy.cut(), true],
  ])('F7: is %s: payments go on, nothing is gathered in memory, and what waits is delivered', async (what, harm, isSilent) => {
    await trial.load.more(10);
    const consumers = ['accounts', 'merchants', 'rewards', 'notifications'];
    const before = consumers.map((part) => trial.processes.memoryMb(part));
    await harm(kafka);
    const harmed = performance.now();
    let saidMs = Infinity;
    for (const end = harmed + 20_000; performance.now() < end; await lasting(500)) {
      await trial.load.more(3, 20_000);
      if (saidMs === Infinity && (await relayCause()) !== undefined) saidMs = Math.round(performance.now() - harmed);
    }
    const grownMb = Math.max(...consumers.map((part, n) => trial.processes.memoryMb(part) - before[n]!));
    process.stderr.write(`F7: ${what}: the relay says so after ${saidMs} ms, the most that a process grew is ${grownMb} MB\n`);
    if (isSilent) expect(saidMs).toBeLessThan(RELAY_SAYS_MS);
    expect(grownMb).toBeLessThan(GATHERED_MB);
    await kafka.mend();
    await sound();
    expect(await relayCause()).toBeUndefined();
  });
});

const onDisk = where('disk', mounted);

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
