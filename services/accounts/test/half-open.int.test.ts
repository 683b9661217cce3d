import { DatabaseUnavailable, isAway } from '@tael/platform/postgres';
import { type Proxy, proxyTo } from '@tael/testkit';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { accountsDataSource } from '../src/data-source';
import { createPaymentServices, type PaymentServices } from '../src/payments/payment.parts';
import { type Bank, breaches, openBank, usd } from './support/bank';

const POOL_SIZE = 5;

// A database behind a connection that swallows what is sent and tells nobody.
describe('payments whose database is gone without a word', () => {
  let bank: Bank;
  let proxy: Proxy;
  let dataSource: DataSource;
  let services: PaymentServices;

  beforeAll(async () => {
    bank = await openBank('half_open');
    proxy = await proxyTo(bank.url);
    dataSource = await accountsDataSource({ url: proxy.url, poolSize: POOL_SIZE, statementMs: 500 }).initialize();
    services = createPaymentServices({ dataSource, sealer: bank.sealer, now: () => new Date(), settings: { FAILED_RECIPIENTS_PER_HOUR: 5 } } as never);
  });
  afterAll(async () => {
    await proxy.mend();
    await dataSource.destroy();
    await proxy.close();
    await bank.close();
  });

  it.each([0, 2, 5, 10])('end soon, their outcome unknown; the same key finds the truth (cut off after %s ms)', async (afterMs) => {
    const merchantId = await bank.merchant();
    const payers = await Promise.all([1, 2, 3].map(() => bank.customer({ minor: 10_000n })));
    const orders = payers.map((payer) => ({
      payer, order: { walletId: payer.walletId, merchantId, amount: usd(1_000n), description: undefined, idempotencyKey: uuidv7() },
    }));
    // Connections are there: what is cut off is a payment, and not the way to a connection.
    await Promise.all(Array.from({ length: POOL_SIZE }, () => dataSource.query('SELECT pg_sleep(0.05)')));
    const begun = performance.now();
    const cutOff = new Promise<void>((resolve) => setTimeout(() => {
      proxy.blackHole();
      resolve();
    }, afterMs));
    const answers = await Promise.allSettled(orders.map(({ payer, order }) => services.payments.pay(payer, order)));
    await cutOff;
    expect(performance.now() - begun).toBeLessThan(8_000);
    // Who was quick enough has an answer; nobody has anything but an answer or what becomes SERVICE_UNAVAILABLE.
    const faults = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
    expect(faults.filter((fault) => !(fault instanceof DatabaseUnavailable || isAway(fault)))).toEqual([]);
    if (afterMs === 0) expect(faults).toHaveLength(3);
    await proxy.mend();
    for (const [index, { payer, order }] of orders.entries()) {
      const truth = await services.payments.pay(payer, order);
      const first = answers[index]!;
      expect(truth.ok).toBe(true);
      if (first.status === 'fulfilled') expect(truth).toEqual(first.value);
      expect(await bank.balance(payer.walletId)).toBe(8_990n);
    }
    expect(breaches(await bank.verify())).toEqual([]);
  });
});
