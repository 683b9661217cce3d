import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { eventually } from '@tael/testkit';
import pg from 'pg';
import type * as Banks from '../consent-bank';
import type * as Verified from '../verified-merchant';
import type * as Worlds from '../world';
import { DAILY_POINTS, ROOT } from './engine';
import { isAlive, Processes } from './engine/processes';
import { readStackFile } from './engine/stack.files';
import { StackProcess } from './engine/stack.process';
import { bookBreaches } from './engine/verdict';

// What happens when a day or a deadline is over, and somebody kills accounts in the middle of it: a stack whose clock is moved on, and one
// merchant. After each kill the batch is closed once, the payout stands once here and at the bank, the dispute is decided once.

const home = join(ROOT, '.tael', 'test', 'faults-settlement');
const SETTLES = 'DE89370400440532013000';
// And two minutes: a day is closed a minute after its end, and the suite may begin at any time of day.
const DAY_SECONDS = 86_400 + 120;
const OPEN_DISPUTE = 'mutation ($input: OpenDisputeInput!) { openDispute(input: $input) { dispute { id } userErrors { code } } }';
const SET_ACCOUNT = `mutation ($input: SetPayoutAccountInput!) { setPayoutAccount(input: $input) { payoutAccount { id status } userErrors { code } } }`;

const named = (start: string): string[] => DAILY_POINTS.map(({ point }) => point).filter((point) => point.startsWith(`${start}.`));

let running: StackProcess;
let processes: Processes;
let world: typeof Worlds;
let verified: typeof Verified;
let banks: typeof Banks;
let shop: Worlds.Merchant;
let payer: Worlds.Person;
/** Of whom each dispute is: so the days of the other stay what they are. Nobody is an operator any more once the clock was moved. */
let disputed: Worlds.Merchant[];
let kills = 0;
// They read what the running stack says of itself as they are loaded.
const load = (name: string): Promise<unknown> => import(join(__dirname, '..', name));
beforeAll(async () => {
  running = await StackProcess.start({ home, instances: 1, env: { TAEL_SANDBOX: 'true' } });
  process.env['TAEL_E2E_HOME'] = home;
  processes = new Processes(home);
  [world, verified, banks] = (await Promise.all([load('world'), load('verified-merchant'), load('consent-bank')])) as [typeof Worlds, typeof Verified, typeof Banks];
  [shop, payer] = await Promise.all([verified.newVerifiedMerchant(), world.newFundedPerson('900.00')]);
  disputed = await Promise.all(named('dispute').map(() => world.newMerchant()));
});
afterAll(() => running?.stop(), 120_000);

async function rows<Row extends object>(sql: string, values: unknown[] = [], url = readStackFile(home).databaseUrls.accounts): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(`/* faults.settlement */ ${sql}`, values)).rows;
  } finally {
    await client.end();
  }
}

/** Moves the time on. Whoever is killed meanwhile may not have answered: what counts is the clock afterwards. */
async function advance(seconds: number): Promise<void> {
  const url = `http://127.0.0.1:${readStackFile(home).ports['sandbox']}/clock`;
  const ahead = async () => ((await (await fetch(url)).json()) as { aheadSeconds: number }).aheadSeconds;
  const before = await ahead();
  await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ advanceSeconds: seconds }) }).catch(() => undefined);
  await eventually(async () => expect(await ahead()).toBe(before + seconds), { timeoutMs: 30_000, describe: 'the clock is moved' });
}

/** Does something that brings accounts to a point, where it kills itself, and waits until it serves again. */
async function killedAt(point: string, work: () => Promise<unknown>): Promise<void> {
  const pid = await processes.arm('accounts', `${point}:kill`);
  await work();
  await eventually(() => expect(isAlive(pid)).toBe(false), { timeoutMs: 60_000, describe: `accounts comes to ${point}` });
  kills += 1;
  await processes.allReady();
  running.mustRun();
}

/** Signs both in again: a day later no session holds that was not renewed. */
async function signedIn(): Promise<void> {
  [shop, payer] = await Promise.all([world.signIn(shop.owner).then((owner) => ({ ...shop, owner })), world.signIn(payer)]);
}

const SETTLED = `SELECT count(*)::int AS n, coalesce(sum(gross), 0)::text AS gross, coalesce(sum(net), 0)::text AS net FROM settlement WHERE "merchantId" = $1`;
const PAID = `SELECT count(*)::int AS n, coalesce(sum(amount), 0)::text AS amount FROM bank_order WHERE "merchantId" = $1 AND status = 'SETTLED'`;
const ORDERS = `SELECT id FROM bank_order WHERE "merchantId" = $1`;

/** What the bank has on its own books for the merchant: each order once. */
async function atBank(): Promise<{ orders: number; booked: string }> {
  const keys = (await rows<{ id: string }>(ORDERS, [shop.id])).map(({ id }) => `order-${id}`);
  const url = new URL(readStackFile(home).adminDatabaseUrl);
  url.pathname = '/tael_sandbox';
  const [orders] = await rows<{ n: number }>('SELECT count(*)::int AS n FROM bank_order WHERE idempotency_key = ANY ($1)', [keys], url.href);
  const [booked] = await rows<{ amount: string }>(
    'SELECT coalesce(sum(amount), 0)::text AS amount FROM bank_booking WHERE idempotency_key = ANY ($1)', [keys], url.href,
  );
  return { orders: orders!.n, booked: booked!.amount };
}

let days = 0;
/** Lets a day with one payment of 10.00 pass while accounts is killed at a point, and says that it is settled and paid like any other day. */
async function dayWith(point: string): Promise<void> {
  await signedIn();
  await world.pay(payer, shop.id, '10.00');
  days += 1;
  await killedAt(point, () => advance(DAY_SECONDS));
  await eventually(async () => {
    expect(await rows(SETTLED, [shop.id])).toEqual([{ n: days, gross: String(1_000 * days), net: String(992 * days) }]);
    expect(await rows(PAID, [shop.id])).toEqual([{ n: days, amount: String(992 * days) }]);
  }, { timeoutMs: 90_000, describe: 'each day is settled and paid once' });
  expect(await rows(ORDERS, [shop.id])).toHaveLength(days);
  expect(await atBank()).toEqual({ orders: days, booked: String(-992 * days) });
  expect(await bookBreaches(readStackFile(home))).toEqual([]);
}

describe('accounts is killed', () => {
  it.each(named('setPayoutAccount'))('F2: at %s: the account is set once, and its key says so', async (point) => {
    const own = await world.newMerchant();
    const input = { merchantId: own.id, iban: SETTLES, holderName: 'Fault Foods', idempotencyKey: randomUUID() };
    await killedAt(point, () => own.owner.client.request(SET_ACCOUNT, { input }).catch(() => undefined));
    const { setPayoutAccount } = await eventually(() => world.must<any>(own.owner.client, SET_ACCOUNT, { input }), { timeoutMs: 30_000 });
    expect(await rows('SELECT id FROM payout_account WHERE "merchantId" = $1', [own.id])).toEqual([{ id: setPayoutAccount.payoutAccount.id }]);
  });

  // Operators', before the clock is moved: nobody is one any more after that.
  it.each([...named('setLimit'), ...named('setFeeSchedule')])('F2: at %s: it is changed once, and its key says so', async (point) => {
    const [currency, { client }, isLimit] = [point.endsWith('before-commit') ? 'CHF' : 'DKK', await world.operator(), point.startsWith('setLimit')];
    const common = { expectedVersion: 1, reason: 'A fault', idempotencyKey: randomUUID() };
    const input = isLimit
      ? { ...common, limitId: `day-amount-${currency}`, amount: { amount: '50.00', currency } }
      : { ...common, kind: 'PAYMENT', currency, rateBasisPoints: 50, minimum: { amount: '0.05', currency }, maximum: { amount: '4.00', currency } };
    const mutation = isLimit
      ? 'mutation ($input: SetLimitInput!) { done: setLimit(input: $input) { limit { newestVersion } userErrors { code } } }'
      : 'mutation ($input: SetFeeScheduleInput!) { done: setFeeSchedule(input: $input) { schedule { newestVersion } userErrors { code } } }';
    await killedAt(point, () => client.request(mutation, { input }).catch(() => undefined));
    const { done } = await eventually(() => world.must<any>(client, mutation, { input }), { timeoutMs: 30_000 });
    expect(done[isLimit ? 'limit' : 'schedule']).toEqual({ newestVersion: 2 });
  });

  it.each([...named('endConsents'), ...named('consent-order')])('F2: at %s: all consents of a bank are ordered to end once, and end once', async (point) => {
    const [{ client }, bank, people] = [await world.operator(), await banks.ConsentBank.open('Fault Bank'), await Promise.all([1, 2].map(() => world.newPerson()))];
    for (const person of people) await banks.allow(bank, person);
    const input = { partnerId: bank.partnerId, cause: 'BANK_COMPROMISED', reason: 'A fault', idempotencyKey: randomUUID() };
    const mutation = 'mutation ($input: EndConsentsInput!) { endConsents(input: $input) { order { id } userErrors { code } } }';
    await killedAt(point, () => client.request(mutation, { input }).catch(() => undefined));
    const { endConsents } = await eventually(() => world.must<any>(client, mutation, { input }), { timeoutMs: 30_000 });
    await eventually(async () => {
      const orders = await rows('SELECT id, total, ended, "finishedAt" IS NOT NULL AS finished FROM consent_order WHERE "partnerId" = $1', [bank.partnerId]);
      expect(orders).toEqual([{ id: endConsents.order.id, total: 2, ended: 2, finished: true }]);
    }, { timeoutMs: 30_000, describe: 'the order is worked off' });
    const [told] = await rows(`SELECT count(*)::int AS n, count(DISTINCT h."consentId")::int AS consents FROM consent_change h JOIN consent c ON c.id = h."consentId"
      WHERE c."partnerId" = $1 AND h.change = 'WITHDRAWN'`, [bank.partnerId]);
    expect(told).toEqual({ n: 2, consents: 2 });
  });

  it('where nobody kills it, a day is settled and paid', async () => {
    await world.must<any>(shop.owner.client, SET_ACCOUNT, { input: { merchantId: shop.id, iban: SETTLES, holderName: 'Fault Foods' } });
    await world.pay(payer, shop.id, '10.00');
    days += 1;
    await advance(DAY_SECONDS);
    await eventually(async () => expect(await rows(PAID, [shop.id])).toEqual([{ n: 1, amount: '992' }]), { timeoutMs: 60_000, describe: 'the first day is paid' });
  });

  it.each([...named('settlement'), ...named('payout')])('F2: at %s: each day is settled once, and paid once, here and at the bank', async (point) => {
    await dayWith(point);
  });

  it.each(named('dispute'))('F2: at %s: who was not answered in time gets the money back once', async (point) => {
    await signedIn();
    const own = disputed.pop()!;
    const paid = await world.pay(payer, own.id, '20.00');
    const before = Number(await world.balanceOf(payer));
    const input = { transactionId: paid.id, reason: 'NOT_RECEIVED', description: 'It never came' };
    const { openDispute } = await world.must<any>(payer.client, OPEN_DISPUTE, { input });
    await killedAt(point, () => advance(8 * DAY_SECONDS));
    await eventually(async () => {
      const [dispute] = await rows(`SELECT status, decision, "decidedBy", refunded::text AS refunded FROM dispute WHERE id = $1`, [openDispute.dispute.id]);
      expect(dispute).toEqual({ status: 'DECIDED', decision: 'PERSON', decidedBy: 'DEADLINE', refunded: '2000' });
    }, { timeoutMs: 60_000, describe: 'the dispute is decided' });
    await signedIn();
    expect(Number(await world.balanceOf(payer)) - before).toBeCloseTo(20, 2);
    expect(await rows(`SELECT count(*)::int AS n FROM ledger_tx WHERE kind = 'REFUND' AND "parentId" = $1`, [paid.id])).toEqual([{ n: 1 }]);
    expect(await bookBreaches(readStackFile(home))).toEqual([]);
  });
});

it('every point of the list was reached, and no kill is counted that was none', () => {
  expect(kills).toBe(DAILY_POINTS.length);
});
