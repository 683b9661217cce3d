import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Bus, createBus } from '@tael/platform/bus';
import { deadLetterTopic } from '@tael/platform/inbox';
import { createLogger } from '@tael/platform/log';
import pg from 'pg';
import { deliveryBreaches } from './deliveries';
import { strangersOf, SUBSCRIPTIONS } from './groups';
import type { Journal } from './journal';
import { loggedOf } from './logged';
import { messageBreaches } from './messages';
import { outsideBreaches } from './outside';
import { CASHBACK_BASIS_POINTS, type World } from './people';
import type { Receiver } from './receiver';
import { ROOT, type StackFile } from './stack.files';
import { codeBreaches, webhookBreaches } from './webhooks';

/** What is judged: who used the platform, what they were answered, and where it keeps its logs. */
interface Run {
  readonly world: World;
  readonly journal: Journal;
  readonly home: string;
  /** Who was told by webhooks. */
  readonly receiver: Receiver;
  readonly bus: Bus;
}

/** What has to be true of a platform at rest, whatever was done to it. Gives each breach; none is the verdict. */
export async function breachesOf(stack: StackFile, { world, journal, home, receiver, bus }: Run): Promise<string[]> {
  const clients = await connect(stack);
  try {
    const breaches = [
      ...(await moneyBreaches(clients.accounts, world, journal)),
      ...(await grantBreaches(clients, world, journal)),
      ...(await messageBreaches(clients, world, journal)),
      ...(await deliveryBreaches(clients, bus)),
      ...(await webhookBreaches(clients, receiver, world, journal)),
      ...(await codeBreaches(clients, journal)),
      ...(await outsideBreaches(stack)),
    ];
    // Told once, and so not before there is somebody who is told.
    const { faults, contradictions } = journal.news();
    return [
      ...faults.map((text) => `an answer that no client should see: ${text}${loggedOf(home, text)}`),
      ...contradictions.map((text) => `one key, two answers: ${text}`),
      ...breaches,
    ];
  } finally {
    await Promise.all(Object.values(clients).map((client) => client.end()));
  }
}

/**
 * What still is on its way: nothing, once the consumers have caught up. Looks at several places one after the other, so
 * what moves from one to the next could be seen in none: it counts only where nothing moved from the first look to the last.
 */
export async function onTheWay(stack: StackFile, bus: Bus): Promise<string[]> {
  const clients = await connect(stack);
  try {
    const before = await movement(clients);
    const outboxes = await Promise.all(Object.entries(clients).map(async ([name, client]) => {
      return waiting(client, `events in the outbox of ${name}`, '/* faults.outbox */ SELECT count(*)::text AS n FROM outbox');
    }));
    const lags = await Promise.all(Object.entries(SUBSCRIPTIONS).map(async ([group, topics]) => {
      const lag = await bus.lag(group, topics);
      return lag === 0n ? [] : [`${lag} events before ${group}`];
    }));
    const pending = await waiting(clients.accounts, 'pending in accounts',
      `/* faults.pending */ SELECT ((SELECT count(*) FROM top_up WHERE status = 'PENDING')
         + (SELECT count(*) FROM bank_order WHERE status = 'PENDING')
         + (SELECT count(*) FROM reward_grant WHERE status = 'WAITING')
         + (SELECT count(*) FROM reward_reversal WHERE status = 'WAITING'))::text AS n`);
    // Those that were asked for before another topic told who the person is, or the merchant.
    const nameless = await waiting(clients.notifications, 'messages wait for a name',
      `/* faults.nameless */ SELECT count(*)::text AS n FROM intent WHERE status = 'OPEN' AND reason IN ('PERSON_UNKNOWN', 'NAME_UNKNOWN')`);
    const webhooks = await waiting(clients.merchants, 'webhooks to be sent', `/* faults.unsent */ SELECT count(*)::text AS n FROM webhook_delivery WHERE status = 'PENDING'`);
    const moved = before === (await movement(clients)) ? [] : ['events are moving'];
    return [...outboxes.flat(), ...lags.flat(), ...pending, ...nameless, ...webhooks, ...moved];
  } finally {
    await Promise.all(Object.values(clients).map((client) => client.end()));
  }
}

async function waiting(client: pg.Client, what: string, sql: string): Promise<string[]> {
  const { rows } = await client.query<{ n: string }>(sql);
  return rows[0]!.n === '0' ? [] : [`${rows[0]!.n} ${what}`];
}

/** How much every outbox has sent and every inbox has taken, ever: it changes with each event that moves. */
async function movement(clients: Clients): Promise<string> {
  const counts = await Promise.all(Object.values(clients).map(async (client) => {
    const { rows } = await client.query<{ sent: string | null; taken: string }>(
      `/* faults.movement */ SELECT pg_sequence_last_value(pg_get_serial_sequence('outbox', 'id')::regclass)::text AS sent,
         (SELECT count(*)::text FROM inbox) AS taken`,
    );
    return `${rows[0]!.sent}/${rows[0]!.taken}`;
  }));
  return counts.join(' ');
}

/** Every message that a consumer gave up, of every group that the bus knows. */
export async function deadLetters(bus: Bus): Promise<string[]> {
  const found = await strangersOf(bus);
  for (const [group, topics] of Object.entries(SUBSCRIPTIONS)) {
    for (const topic of topics) {
      for await (const letter of bus.read(deadLetterTopic(topic, group))) {
        found.push(`a dead letter of ${group}: ${letter.value.slice(0, 200)} ${JSON.stringify(letter.headers).slice(0, 400)}`);
      }
    }
  }
  return found;
}

/** `npm run ledger:verify` on the running database. Gives nothing where the books are sound. */
export async function bookBreaches(stack: StackFile): Promise<string[]> {
  const verify = join(ROOT, 'services', 'accounts', 'dist', 'verify.js');
  try {
    await promisify(execFile)(process.execPath, [verify], { env: { ...process.env, DATABASE_URL: stack.databaseUrls.accounts } });
    return [];
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return [`the books are not sound:\n${stdout}${stderr}`];
  }
}

export function openBus(stack: StackFile): Bus {
  const log = createLogger({ service: 'faults', level: 'silent' });
  return stack.eventBus === 'kafka'
    ? createBus({ kind: 'kafka', brokers: stack.kafkaBrokers!.split(','), clientId: 'faults', log })
    : createBus({ kind: 'postgres', url: stack.busDatabaseUrl, clientId: 'faults', log });
}

type Clients = Record<Exclude<keyof StackFile['databaseUrls'], 'sandbox'>, pg.Client>;

async function connect(stack: StackFile): Promise<Clients> {
  const names = ['accounts', 'merchants', 'rewards', 'notifications'] as const;
  const entries = await Promise.all(names.map(async (name) => {
    const client = new pg.Client({ connectionString: stack.databaseUrls[name], connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    await client.connect();
    return [name, client] as const;
  }));
  return Object.fromEntries(entries) as Clients;
}

/** Every acknowledged operation stands once, by its id and by its key, and nothing stands that nobody asked for. */
async function moneyBreaches(accounts: pg.Client, world: World, journal: Journal): Promise<string[]> {
  const everybody = world.everybody.map((person) => person.id);
  const { rows: kept } = await accounts.query<{ key: string; transactionId: string | null }>(
    '/* faults.keys */ SELECT scope || key AS key, "transactionId" FROM idempotency WHERE scope = ANY($1)', [everybody],
  );
  const byKey = new Map(kept.map((row) => [row.key, row.transactionId]));
  const { rows: booked } = await accounts.query<{ id: string; kind: string; amount: bigint | string }>(
    `/* faults.booked */ SELECT id, kind, amount FROM ledger_tx
     WHERE "personId" = ANY($1) AND kind IN ('PAYMENT', 'TRANSFER', 'TOP_UP', 'REFUND', 'WITHDRAWAL')`, [everybody],
  );
  const byId = new Map(booked.map((row) => [row.id, row]));
  const breaches: string[] = [];
  for (const { kind, key, scope, minor, transactionId, refusal } of journal.operations) {
    const stored = byKey.get(scope + key);
    if (refusal !== undefined && stored) breaches.push(`${key} was refused (${refusal}) and stands as ${stored}`);
    if (transactionId === undefined) continue;
    if (stored !== transactionId) breaches.push(`${key} was answered ${transactionId}, its key says ${stored}`);
    const row = byId.get(transactionId);
    byId.delete(transactionId);
    if (!row) breaches.push(`${key} was acknowledged as ${transactionId} and is not in the books`);
    else if (row.kind !== kind || BigInt(row.amount) !== minor) breaches.push(`${key} stands as ${row.kind} of ${row.amount}, not ${kind} of ${minor}`);
  }
  for (const row of byId.values()) breaches.push(`a ${row.kind} stands that no client was told of: ${row.id}`);
  return breaches;
}

/** Every payment earned its cashback once, and what was granted was paid once. */
async function grantBreaches({ accounts, rewards }: Clients, world: World, journal: Journal): Promise<string[]> {
  const paid = journal.acknowledged('PAYMENT');
  const { rows: benefits } = await rewards.query<{ id: string; paymentId: string; status: string; amount: bigint | string }>(
    '/* faults.benefits */ SELECT id, "paymentId", status, amount FROM benefit WHERE "campaignId" = $1', [world.campaignId],
  );
  const { rows: postings } = await accounts.query<{ grantId: string; status: string; transactionId: string | null; booked: string }>(
    `/* faults.grants */ SELECT g."grantId", g.status, g."transactionId",
       (SELECT count(*)::text FROM ledger_tx t WHERE t.id = g."transactionId" AND t.amount = g.amount) AS booked
     FROM reward_grant g WHERE g."campaignId" = $1`, [world.campaignId],
  );
  const byPayment = new Map<string, typeof benefits>();
  for (const benefit of benefits) byPayment.set(benefit.paymentId, [...(byPayment.get(benefit.paymentId) ?? []), benefit]);
  const byGrant = new Map(postings.map((row) => [row.grantId, row]));
  const breaches: string[] = [];
  for (const { key, transactionId, minor } of paid) {
    const given = byPayment.get(transactionId!) ?? [];
    if (given.length !== 1) breaches.push(`${key} (${transactionId}) earned ${given.length} benefits`);
    for (const benefit of given) {
      if (benefit.status !== 'PAID') breaches.push(`the benefit of ${key} is ${benefit.status}`);
      if (BigInt(benefit.amount) !== cashbackOf(minor)) breaches.push(`the benefit of ${key} is ${benefit.amount} of ${minor}`);
      const posting = byGrant.get(benefit.id);
      if (posting?.status !== 'POSTED' || posting.booked !== '1') breaches.push(`the grant of ${key} is ${JSON.stringify(posting)}`);
    }
  }
  const transactions = new Set(postings.map((row) => row.transactionId));
  if (transactions.size !== postings.length) breaches.push('two grants share a transaction');
  if (benefits.length > paid.length) breaches.push(`${benefits.length} benefits for ${paid.length} payments`);
  return breaches;
}

/** Rounded half to even, as money is. */
export function cashbackOf(minor: bigint): bigint {
  const scaled = minor * BigInt(CASHBACK_BASIS_POINTS);
  const whole = scaled / 10_000n;
  const rest = scaled % 10_000n;
  const up = rest > 5_000n || (rest === 5_000n && whole % 2n === 1n);
  return up ? whole + 1n : whole;
}
