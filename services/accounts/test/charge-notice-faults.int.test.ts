import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { createLogger, type Logger } from '@tael/platform/log';
import { eventually } from '@tael/testkit';
import { v7 as uuidv7 } from 'uuid';
import { LOOKED_AT_MS, type NoticeType } from '../src/charge-notices/charge-notice.domain';
import { startChargeNoticeLoop } from '../src/charge-notices/charge-notice.loop';
import { ChargeNoticeService } from '../src/charge-notices/charge-notice.service';
import { createHttpCardProcessor } from '../src/processor/http-card-processor';
import { type Bank, breaches, type Customer, openBank } from './support/bank';

type Reply = readonly [status: number, body: object];

const unknown: Reply = [404, { error: 'CHARGE_UNKNOWN' }];
const charged = (chargeId: string, change: object = {}): Reply => [200, { status: 'succeeded', chargeId, amount: '5000', currency: 'USD', returned: null, ...change }];

// Notices of a card processor at its worst, over HTTP: each test says what it answers when it is asked, and when.
describe('A19: a notice, and a processor that', () => {
  let bank: Bank;
  let server: Server;
  let asked: string[];
  let reply: (nth: number) => Reply | Promise<Reply>;
  let lines: string[];
  let log: Logger;
  /** Two instances of the service on one database. */
  let one: ChargeNoticeService;
  let other: ChargeNoticeService;

  beforeAll(async () => {
    bank = await openBank('charge_notice_faults');
    server = createServer((request: IncomingMessage, response) => {
      asked.push(`${request.method} ${request.url}`);
      void Promise.resolve(reply(asked.length)).then(([status, body]) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const destination = new Writable({ write: (chunk, _encoding, done) => (lines.push(String(chunk)), done()) });
    log = createLogger({ service: 'test', level: 'error', destination: destination as never });
    const processor = createHttpCardProcessor({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, secret: 'secret' });
    const parts = { dataSource: bank.dataSource, processor, log, now: () => new Date() };
    [one, other] = [new ChargeNoticeService(parts), new ChargeNoticeService(parts)];
  });
  beforeEach(() => {
    asked = [];
    lines = [];
  });
  afterEach(async () => expect(breaches(await bank.verify())).toEqual([]));
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await bank.close();
  });

  interface Payer extends Customer {
    readonly topUpId: string;
  }
  /** Somebody with a top-up whose order nobody has an answer to; `id` where it has one already. */
  async function payer(topUpId = uuidv7()): Promise<Payer> {
    const person = await bank.customer({ minor: 100n });
    await bank.dataSource.query(
      `INSERT INTO top_up (id, "personId", "walletId", "paymentMethodId", currency, amount, last4, status, attempts, "leaseUntil", "createdAt")
       SELECT $1, $2, $3, id, 'USD', 5000, '4242', 'PENDING', 1, now() + interval '1 hour', now() FROM payment_method WHERE "personId" = $2`,
      [topUpId, person.personId, person.walletId],
    );
    return { ...person, topUpId };
  }
  const tell = async ({ topUpId }: { topUpId: string }, type: NoticeType = 'charge.succeeded', id = uuidv7()): Promise<string> => {
    await one.keep({ id, type, key: `topup-${topUpId}` });
    return id;
  };
  const outcome = async (id: string): Promise<string | null> => (await bank.dataSource.query('SELECT outcome FROM charge_notice WHERE id = $1', [id]))[0].outcome;
  const statusOf = async ({ topUpId }: Payer): Promise<string> => (await bank.dataSource.query('SELECT status FROM top_up WHERE id = $1', [topUpId]))[0].status;
  /** Lets the time of each open notice come: as after its rest, or where who had it in hand has died. */
  const due = () => bank.dataSource.query(`UPDATE charge_notice SET "lookAt" = clock_timestamp() WHERE "endedAt" IS NULL`);
  const older = (id: string, ms: number) =>
    bank.dataSource.query('UPDATE charge_notice SET "receivedAt" = "receivedAt" - make_interval(secs => $2) WHERE id = $1', [id, ms / 1_000]);
  function gate(): { opened: Promise<void>; open: () => void } {
    let open: () => void = () => undefined;
    return { opened: new Promise((resolve) => (open = resolve)), open: () => open() };
  }

  it('says that the charge stands: the top-up is settled, and told of once', async () => {
    const ada = await payer();
    reply = () => charged('n-1');
    const id = await tell(ada);
    await one.workOff();
    expect([await outcome(id), await statusOf(ada), await bank.balance(ada.walletId)]).toEqual(['BOOKED', 'SETTLED', 5_100n]);
    expect(asked).toEqual([`GET /processor/charges?key=topup-${ada.topUpId}`]);
    expect((await bank.events('topup.settled')).filter(({ data }) => data.transactionId === ada.topUpId)).toHaveLength(1);
  });

  it('says that it was declined: it fails with that reason', async () => {
    const ada = await payer();
    reply = () => charged('n-2', { status: 'declined' });
    const id = await tell(ada, 'charge.failed');
    await one.workOff();
    expect([await outcome(id), await statusOf(ada), await bank.balance(ada.walletId)]).toEqual(['BOOKED', 'FAILED', 100n]);
    expect((await bank.events('topup.failed')).filter(({ data }) => data.transactionId === ada.topUpId)).toMatchObject([{ data: { reason: 'CARD_DECLINED' } }]);
  });

  it.each<[string, Reply]>([
    ['knows of no charge', unknown], ['has a fault', [500, {}]], ['is not there behind its address', [404, { error: 'NO_ROUTE' }]],
    ['has charged another amount', charged('n-3', { amount: '1' })],
  ])('%s: nothing is booked, and it is asked again until it says so', async (_what, answer) => {
    const ada = await payer();
    reply = () => answer;
    const id = await tell(ada);
    await one.workOff();
    expect([await outcome(id), await statusOf(ada)]).toEqual([null, 'PENDING']);
    // Not before its time.
    expect(await other.workOff()).toBe(0);
    reply = () => charged(`late-${ada.topUpId}`);
    await due();
    await other.workOff();
    expect([await outcome(id), await statusOf(ada), await bank.balance(ada.walletId)]).toEqual(['BOOKED', 'SETTLED', 5_100n]);
  });

  it('confirms nothing for a week: the notice is kept for a person, and no longer looked at', async () => {
    const ada = await payer();
    reply = () => unknown;
    const id = await tell(ada);
    await older(id, LOOKED_AT_MS);
    await one.workOff();
    expect([await outcome(id), await statusOf(ada)]).toEqual(['UNCONFIRMED', 'PENDING']);
    expect(lines.join('')).toContain('came to nothing');
    await due();
    expect(await one.workOff()).toBe(0);
  });

  it('tells of a charge that nobody knows here: it is kept, and booked once its top-up is there', async () => {
    reply = () => charged('n-4');
    const topUpId = uuidv7();
    const id = await tell({ topUpId });
    await one.workOff();
    expect([await outcome(id), asked]).toEqual([null, []]);
    const ada = await payer(topUpId);
    await due();
    await one.workOff();
    expect([await outcome(id), await bank.balance(ada.walletId)]).toEqual(['BOOKED', 5_100n]);
    const foreign = uuidv7();
    await one.keep({ id: foreign, type: 'charge.succeeded', key: 'somebody-elses' });
    await older(foreign, LOOKED_AT_MS);
    await one.workOff();
    expect(await outcome(foreign)).toBe('UNKNOWN_CHARGE');
  });

  it('takes back what it said: nothing is booked, and the notice is kept for a person', async () => {
    const ada = await payer();
    reply = () => charged('n-5');
    await tell(ada);
    await one.workOff();
    reply = () => charged('n-5', { status: 'declined' });
    const id = await tell(ada, 'charge.failed');
    await one.workOff();
    expect([await outcome(id), await statusOf(ada), await bank.balance(ada.walletId)]).toEqual(['CONTRADICTS', 'SETTLED', 5_100n]);
    expect(lines.join('')).toContain('takes back what it said');
  });

  it('charged after all what was given up: it is settled, and an error says so', async () => {
    const ada = await payer();
    await bank.dataSource.query(`UPDATE top_up SET status = 'FAILED', "failureReason" = 'PROCESSOR_ERROR', "endedAt" = now() WHERE id = $1`, [ada.topUpId]);
    reply = () => charged('n-6');
    await tell(ada);
    await one.workOff();
    expect([await statusOf(ada), await bank.balance(ada.walletId)]).toEqual(['SETTLED', 5_100n]);
    expect(lines.join('')).toContain('charged after all');
  });

  it('answers a worker that died or stood still: the other instance works the notice off, and the first books nothing more', async () => {
    const ada = await payer();
    const frozen = gate();
    reply = (nth) => (nth === 1 ? frozen.opened.then(() => charged('n-7')) : charged('n-7'));
    const id = await tell(ada);
    const first = one.workOff();
    await eventually(() => Promise.resolve(expect(asked).toHaveLength(1)));
    // While the first has it, nobody else takes it.
    expect(await other.workOff()).toBe(0);
    await due();
    expect(await other.workOff()).toBe(1);
    expect([await outcome(id), await bank.balance(ada.walletId)]).toEqual(['BOOKED', 5_100n]);
    frozen.open();
    await first;
    expect([await outcome(id), await bank.balance(ada.walletId)]).toEqual(['BOOKED', 5_100n]);
    expect((await bank.events('topup.settled')).filter(({ data }) => data.transactionId === ada.topUpId)).toHaveLength(1);
  });

  it('tells the same by twenty notices to two instances: it is booked once', async () => {
    const ada = await payer();
    reply = () => charged('n-8');
    const ids = await Promise.all(Array.from({ length: 20 }, (_, n) => tell(ada, n % 2 ? 'charge.failed' : 'charge.succeeded')));
    const loops = [one, other].map((chargeNotices) => startChargeNoticeLoop({ chargeNotices, log }));
    try {
      await eventually(async () => expect(await Promise.all(ids.map(outcome))).not.toContain(null), { timeoutMs: 15_000 });
    } finally {
      await Promise.all(loops.map((loop) => loop.stop()));
    }
    const ends = await Promise.all(ids.map(outcome));
    expect(ends.filter((end) => end === 'BOOKED')).toHaveLength(1);
    expect(ends.filter((end) => end === 'NOTHING_NEW')).toHaveLength(19);
    expect(await bank.balance(ada.walletId)).toBe(5_100n);
  });

  it('is forgotten after ninety days, but not what is for a person to look at', async () => {
    const ids = await Promise.all(['BOOKED', 'NOTHING_NEW', 'CONTRADICTS', 'UNCONFIRMED', 'UNKNOWN_CHARGE'].map(async (end) => {
      const id = await tell({ topUpId: uuidv7() });
      await bank.dataSource.query(`UPDATE charge_notice SET "endedAt" = now() - interval '91 days', outcome = $2 WHERE id = $1`, [id, end]);
      return id;
    }));
    const young = await tell({ topUpId: uuidv7() });
    await bank.dataSource.query(`UPDATE charge_notice SET "endedAt" = now() - interval '89 days', outcome = 'BOOKED' WHERE id = $1`, [young]);
    await one.forget();
    const left: { id: string }[] = await bank.dataSource.query('SELECT id FROM charge_notice WHERE id = ANY ($1)', [[...ids, young]]);
    expect(left.map(({ id }) => id).sort()).toEqual([...ids.slice(2), young].sort());
  });
});
