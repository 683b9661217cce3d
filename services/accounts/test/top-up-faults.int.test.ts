import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { readSigningKeys } from '@tael/http-signature';
import { createLogger, type Logger } from '@tael/platform/log';
import { eventually } from '@tael/testkit';
import { createHttpBank } from '../src/bank/http-bank';
import { BankOrderService } from '../src/bank-orders/bank-order.service';
import { createHttpCardProcessor } from '../src/processor/http-card-processor';
import { AttemptService } from '../src/sessions/attempt.service';
import { startTopUpLoop } from '../src/top-ups/top-up.loop';
import { TopUpService } from '../src/top-ups/top-up.service';
import { type Bank, breaches, type Customer, openBank, usd } from './support/bank';

type Reply = readonly [status: number, body: object];
type Call = 'CHARGE' | 'ASK';

const unknown: Reply = [404, { error: 'CHARGE_UNKNOWN' }];
const charged = (chargeId: string, amount = '5000'): Reply => [
  200,
  { status: 'succeeded', chargeId, amount, currency: 'USD' },
];

// A card processor at its worst, over HTTP: each test says what it answers, and when.
describe('a top-up with a processor that', () => {
  let bank: Bank;
  let server: Server;
  let topUps: TopUpService;
  let calls: Call[];
  let reply: (call: Call, nth: number) => Reply | Promise<Reply>;
  let skewMs: number;
  let lines: string[];
  let log: Logger;

  beforeAll(async () => {
    bank = await openBank('top_up_faults');
    server = createServer((request: IncomingMessage, response) => {
      const call: Call = request.method === 'POST' ? 'CHARGE' : 'ASK';
      calls.push(call);
      request.resume();
      void Promise.resolve(reply(call, calls.filter((made) => made === call).length)).then(([status, body]) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const destination = new Writable({
      write: (chunk, _encoding, done) => {
        lines.push(String(chunk));
        done();
      },
    });
    log = createLogger({ service: 'test', level: 'error', destination: destination as never });
    const processor = createHttpCardProcessor({ url: `http://127.0.0.1:${port}`, secret: 'secret' });
    const now = () => new Date(Date.now() + skewMs);
    const { dataSource, sealer } = bank;
    const nobody = createHttpBank({ url: 'http://127.0.0.1:9', key: readSigningKeys([{ id: 'b1', key: randomBytes(32) }]).signing, now: Date.now });
    const bankOrders = new BankOrderService({ dataSource, sealer, bank: nobody, log, now });
    topUps = new TopUpService({ dataSource, sealer, processor, bankOrders, log, now });
  });
  beforeEach(() => {
    calls = [];
    skewMs = 0;
    lines = [];
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await bank.close();
  });

  async function topUp(person: Customer, idempotencyKey = 'k'): Promise<string> {
    const [method] = await bank.dataSource.query('SELECT id FROM payment_method WHERE "personId" = $1', [
      person.personId,
    ]);
    const command = { walletId: person.walletId, paymentMethodId: method.id, amount: usd(5_000n), idempotencyKey };
    const done = await topUps.topUp(person, command);
    if (!done.ok) throw new Error(JSON.stringify(done.refusals));
    return done.topUp.status;
  }

  /** Lets the leases of all that is pending run out, as if a worker had died or stood still. */
  const expireLeases = () =>
    bank.dataSource.query(`UPDATE top_up SET "leaseUntil" = now() - interval '1 minute' WHERE status = 'PENDING'`);
  const called = (count: number) => eventually(() => Promise.resolve(expect(calls).toHaveLength(count)));
  const eventsOf = async ({ personId }: Customer, type: 'topup.settled' | 'topup.failed') =>
    (await bank.events(type)).filter(({ data }) => data.personId === personId);

  function gate(): { opened: Promise<void>; open: () => void } {
    let open: () => void = () => undefined;
    return { opened: new Promise((resolve) => (open = resolve)), open: () => open() };
  }

  it('takes an order without an answer and refuses its repetition: it stays pending until the charge shows', async () => {
    const ada = await bank.customer({ minor: 100n });
    reply = (call, nth) => (call === 'ASK' ? unknown : nth === 1 ? [500, {}] : [422, { error: 'TOKEN_UNKNOWN' }]);
    expect(await topUp(ada)).toBe('PENDING');
    expect(calls.slice(0, 3)).toEqual(['CHARGE', 'ASK', 'CHARGE']);
    reply = () => charged('late-1');
    await expireLeases();
    await topUps.resolvePending();
    expect(await topUp(ada)).toBe('SETTLED');
    expect(await bank.balance(ada.walletId)).toBe(5_100n);
  });

  it('refuses the first order: it fails at once', async () => {
    const ada = await bank.customer({ minor: 100n });
    reply = () => [422, { error: 'TOKEN_UNKNOWN' }];
    expect(await topUp(ada)).toBe('FAILED');
    expect(calls).toEqual(['CHARGE']);
  });

  it('charges after the top-up was given up: it is settled after all, and an error says so', async () => {
    const ada = await bank.customer({ minor: 100n });
    const frozen = gate();
    reply = (call) => (call === 'ASK' ? unknown : frozen.opened.then(() => charged('late-2')));
    const running = topUp(ada);
    await called(1);
    skewMs = 11 * 60_000;
    await expireLeases();
    await topUps.resolvePending();
    expect(await eventsOf(ada, 'topup.failed')).toHaveLength(1);
    frozen.open();
    expect(await running).toBe('SETTLED');
    expect(await bank.balance(ada.walletId)).toBe(5_100n);
    expect(await eventsOf(ada, 'topup.settled')).toMatchObject([{ data: { amount: 5_000n, balanceAfter: 5_100n } }]);
    expect(lines.join('')).toContain('charged after all');
    expect(breaches(await bank.verify())).toEqual([]);
  });

  it('answers a worker that stood still: no order goes out when the top-up has grown too old meanwhile', async () => {
    const ada = await bank.customer({ minor: 100n });
    reply = () => [500, {}];
    expect(await topUp(ada)).toBe('PENDING');
    calls = [];
    const frozen = gate();
    reply = () => frozen.opened.then(() => unknown);
    await expireLeases();
    const round = topUps.resolvePending();
    await called(1);
    skewMs = 6 * 60_000;
    frozen.open();
    await round;
    expect(calls).toEqual(['ASK']);
    reply = () => charged('late-3');
    await expireLeases();
    await topUps.resolvePending();
  });

  it('answers a worker that stood still: no order goes out when another has it in hand', async () => {
    const ada = await bank.customer({ minor: 100n });
    reply = () => [500, {}];
    expect(await topUp(ada)).toBe('PENDING');
    calls = [];
    const frozen = gate();
    reply = (call, nth) => {
      if (call === 'CHARGE') return charged('late-4');
      return nth === 1 ? frozen.opened.then(() => unknown) : unknown;
    };
    await expireLeases();
    const first = topUps.resolvePending();
    await called(1);
    await expireLeases();
    await topUps.resolvePending();
    frozen.open();
    await first;
    expect(calls).toEqual(['ASK', 'ASK', 'CHARGE']);
    expect(await topUp(ada)).toBe('SETTLED');
    expect(await bank.balance(ada.walletId)).toBe(5_100n);
  });

  it('charges once for a worker that is slower than its lease and for the one who takes over: two book, and one booking stands', async () => {
    const ada = await bank.customer({ minor: 100n });
    const frozen = gate();
    // By the key both orders are one charge; until it is made the processor knows of none.
    reply = (call, nth) => (call === 'ASK' ? unknown : nth === 1 ? frozen.opened.then(() => charged('slow-1')) : charged('slow-1'));
    const running = topUp(ada);
    await called(1);
    await expireLeases();
    await topUps.resolvePending();
    expect(calls).toEqual(['CHARGE', 'ASK', 'CHARGE']);
    expect(await bank.balance(ada.walletId)).toBe(5_100n);
    frozen.open();
    expect(await running).toBe('SETTLED');
    expect(await bank.balance(ada.walletId)).toBe(5_100n);
    expect(await eventsOf(ada, 'topup.settled')).toHaveLength(1);
    expect(lines.join('')).not.toContain('charged after all');
    expect(breaches(await bank.verify())).toEqual([]);
  });

  it('refuses a worker whose lease is over: nothing fails that another has ordered, and the charge that shows later is booked', async () => {
    const ada = await bank.customer({ minor: 100n });
    const frozen = gate();
    reply = (call, nth) => {
      if (call === 'ASK') return nth === 1 ? unknown : [500, {}];
      return nth === 1 ? frozen.opened.then((): Reply => [422, { error: 'TOKEN_UNKNOWN' }]) : [500, {}];
    };
    const running = topUp(ada);
    await called(1);
    await expireLeases();
    await topUps.resolvePending();
    // The other's order was charged, and its answer lost: only the processor knows.
    expect(calls).toEqual(['CHARGE', 'ASK', 'CHARGE', 'ASK']);
    frozen.open();
    expect(await running).toBe('PENDING');
    expect(await eventsOf(ada, 'topup.failed')).toEqual([]);
    reply = () => charged('late-7');
    await expireLeases();
    await topUps.resolvePending();
    expect(await topUp(ada)).toBe('SETTLED');
    expect(await bank.balance(ada.walletId)).toBe(5_100n);
    expect(lines.join('')).not.toContain('charged after all');
  });

  it('charged another amount: nothing is booked, whichever answer says so', async () => {
    const ada = await bank.customer({ minor: 100n });
    reply = () => charged('other-1', '1');
    expect(await topUp(ada)).toBe('PENDING');
    expect(calls).toEqual(['CHARGE', 'ASK']);
    expect(await bank.balance(ada.walletId)).toBe(100n);
    reply = () => charged('other-1');
    await expireLeases();
    await topUps.resolvePending();
  });

  it('is not there behind its address: a 404 of something else never says that there is no charge', async () => {
    const ada = await bank.customer({ minor: 100n });
    reply = (call) => (call === 'CHARGE' ? [502, {}] : [404, { error: 'NO_ROUTE' }]);
    expect(await topUp(ada)).toBe('PENDING');
    expect(calls).toEqual(['CHARGE', 'ASK']);
    skewMs = 11 * 60_000;
    await expireLeases();
    await topUps.resolvePending();
    expect(await eventsOf(ada, 'topup.failed')).toEqual([]);
    reply = () => charged('late-5');
    await expireLeases();
    await topUps.resolvePending();
    expect(await topUp(ada)).toBe('SETTLED');
  });

  it('is slow in everything: caller and waiter are answered before the gateway gives up', async () => {
    const ada = await bank.customer({ minor: 100n });
    const after = (ms: number, answer: Reply) =>
      new Promise<Reply>((resolve) => setTimeout(() => resolve(answer), ms).unref());
    reply = (call) => (call === 'ASK' ? after(2_500, unknown) : after(3_500, [500, {}]));
    const startedAt = performance.now();
    const timed = async () => [await topUp(ada), performance.now() - startedAt] as const;
    const answers = await Promise.all([timed(), timed()]);
    for (const [status, ms] of answers) {
      expect(status).toBe('PENDING');
      expect(ms).toBeLessThan(9_000);
    }
    expect(calls).toEqual(['CHARGE', 'ASK']);
    reply = () => charged('late-6');
    await expireLeases();
    await topUps.resolvePending();
    expect(await topUp(ada)).toBe('SETTLED');
  });

  it('is slow while the service stops: the loop ends after the top-up that it has in hand', async () => {
    reply = () => [500, {}];
    for (let n = 0; n < 3; n++) expect(await topUp(await bank.customer({ minor: 100n }))).toBe('PENDING');
    await expireLeases();
    calls = [];
    const frozen = gate();
    reply = () => frozen.opened.then(() => charged(`stop-${calls.length}`));
    const loop = startTopUpLoop({ topUps, attempts: new AttemptService(bank.dataSource), log });
    await called(1);
    const stopping = loop.stop();
    frozen.open();
    await stopping;
    expect(calls).toEqual(['ASK']);
  });
});
