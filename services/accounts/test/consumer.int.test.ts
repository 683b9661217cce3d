import { type EventData, type EventType, TOPICS, toMessage } from '@tael/events';
import { type Bus, createBus, type OutgoingMessage } from '@tael/platform/bus';
import { deadLetterTopic, type EventConsumer } from '@tael/platform/inbox';
import { createLogger } from '@tael/platform/log';
import { inTransaction } from '@tael/platform/postgres';
import { eventually, testDatabase, type TestDatabase } from '@tael/testkit';
import { v7 as uuidv7 } from 'uuid';
import { startAccountsConsumer } from '../src/events/accounts.consumer';
import { type Bank, breaches, openBank, usd, USD } from './support/bank';

const log = createLogger({ service: 'test', level: 'silent' });
const SERVICES = [TOPICS.merchants, TOPICS.rewards];

// The consumer on a real bus: every event three times, shuffled over the topics, then all of them again from the start.
describe('accounts consumer', () => {
  let bank: Bank;
  let busDatabase: TestDatabase;
  let bus: Bus;

  beforeAll(async () => {
    bank = await openBank('consumer');
    busDatabase = await testDatabase({ name: 'accounts-bus' });
    bus = createBus({ kind: 'postgres', url: busDatabase.url, clientId: 'accounts-test', log });
    await bus.ensureTopics(SERVICES.map((name) => ({ name, partitions: 3 })));
  });
  afterAll(async () => {
    await bus.close();
    await bank.close();
    await busDatabase.drop();
  });

  function message<Type extends EventType>(type: Type, data: EventData<Type>): OutgoingMessage {
    return toMessage(type, data, { source: 'test', time: new Date() });
  }
  const balances = async (walletIds: readonly string[]) => Promise.all(walletIds.map((id) => bank.balance(id)));

  it('books grants together; where one wallet is held, the others are held up for a moment only', async () => {
    const people = [await bank.customer(), await bank.customer()] as const;
    const grants = people.map(({ personId, walletId }) => message('benefit.granted', {
      grantId: uuidv7(), kind: 'CASHBACK', campaignId: uuidv7(), personId, walletId, orderKey: people[0].walletId, currency: USD,
      amount: 10n, sourceTransactionId: uuidv7(), occurredAt: new Date(),
    }));
    await bus.publish(grants);
    let consumer: EventConsumer | undefined;
    await inTransaction(bank.dataSource, async (tx) => {
      await tx.query('SELECT 1 FROM account WHERE id = $1 FOR UPDATE', [people[1].walletId]);
      consumer = await startAccountsConsumer({ bus, dataSource: bank.dataSource, log });
      await eventually(async () => expect(await bank.balance(people[0].walletId)).toBe(10n));
    });
    await eventually(async () => expect(await bank.balance(people[1].walletId)).toBe(10n));
    await consumer?.stop();
  });

  it('books grants of many people beside their transfers and payments: nobody waits in a circle, nothing is booked twice', async () => {
    const people = await Promise.all(Array.from({ length: 12 }, () => bank.customer({ minor: 100_000n })));
    const merchantId = await bank.merchant();
    const deadlocks = async (): Promise<bigint> => {
      const [row] = await bank.dataSource.query('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()');
      return BigInt(row.deadlocks);
    };
    const before = await deadlocks();
    const grants = Array.from({ length: 600 }, (_, n) => {
      const { personId, walletId } = people[(n * 7) % 12]!;
      return message('benefit.granted', {
        grantId: uuidv7(), kind: 'CASHBACK', campaignId: uuidv7(), personId, walletId, orderKey: walletId, currency: USD, amount: 10n,
        sourceTransactionId: uuidv7(), occurredAt: new Date(),
      });
    });
    await bus.publish([...grants, ...grants]);
    const consumer = await startAccountsConsumer({ bus, dataSource: bank.dataSource, log });
    const spent = people.map(() => 0n);
    await Promise.all(Array.from({ length: 8 }, async (_, caller) => {
      for (let n = 0; n < 40; n++) {
        const [from, to] = [(caller + n) % 12, (caller * 5 + n * 3 + 1) % 12];
        const [payer, payee] = [people[from]!, people[to]!];
        const amount = usd(100n);
        if (n % 2 === 0 && from !== to) {
          const sent = await bank.services.transfers.send(payer, {
            walletId: payer.walletId, recipientEmail: payee.email, amount, description: undefined, idempotencyKey: uuidv7(),
          });
          expect(sent.ok).toBe(true);
          spent[from]! += 100n;
          spent[to]! -= 100n;
        } else {
          const paid = await bank.services.payments.pay(payer, {
            walletId: payer.walletId, merchantId, amount, description: undefined, idempotencyKey: uuidv7(),
          });
          expect(paid.ok).toBe(true);
          // The least fee.
          spent[from]! += 110n;
        }
      }
    }));
    await eventually(async () => expect(await bus.lag('accounts', SERVICES)).toBe(0n), { timeoutMs: 30_000 });
    await consumer.stop();
    const expected = people.map((_, n) => 100_000n + 500n - spent[n]!);
    expect(await balances(people.map(({ walletId }) => walletId))).toEqual(expected);
    expect(await deadlocks()).toBe(before);
    const [{ batches }] = await bank.dataSource.query(
      'SELECT count(DISTINCT xmin::text)::int AS batches FROM reward_grant WHERE "personId" = ANY ($1)', [people.map(({ personId }) => personId)],
    );
    expect(batches).toBeLessThan(300);
    expect(breaches(await bank.verify())).toEqual([]);
  });

  it('ends where one delivery of each in order would, whatever comes how often', async () => {
    const people = await Promise.all(Array.from({ length: 4 }, () => bank.customer({ minor: 10_000n })));
    const merchantId = uuidv7();
    const events: OutgoingMessage[] = [message('merchant.changed', {
      merchantId, version: 1, name: bank.sealer.seal('Shop', merchantId), categoryCode: '5812', currency: USD, status: 'ACTIVE', people: [], roles: [],
      feePlan: { id: 'standard', basisPoints: 150 }, verified: false, occurredAt: new Date(),
    })];
    for (const { personId, walletId } of people) {
      for (let n = 1n; n <= 5n; n++) {
        const grant = {
          grantId: uuidv7(), campaignId: uuidv7(), personId, orderKey: walletId, currency: USD, sourceTransactionId: uuidv7(), occurredAt: new Date(),
        };
        events.push(message('benefit.granted', { ...grant, kind: 'CASHBACK', walletId, amount: n * 100n }));
        events.push(message('benefit.reversed', { ...grant, reversalId: uuidv7(), amount: n * 10n, refundTransactionId: uuidv7(), cause: 'REFUND' }));
      }
    }
    const shuffled = [...events, ...events, ...events].sort((a, b) => `${a.headers['ce_id']}`.slice(-6) < `${b.headers['ce_id']}`.slice(-6) ? -1 : 1);
    const poison = { ...events[0]!, headers: { ...events[0]!.headers, ce_id: uuidv7(), ce_type: 'benefit.granted' } };
    await bus.publish([poison, ...shuffled]);

    const walletIds = people.map((person) => person.walletId);
    const expected = people.map(() => 10_000n + 1_500n - 150n);
    const first = await startAccountsConsumer({ bus, dataSource: bank.dataSource, log });
    await eventually(async () => {
      expect(await bus.lag('accounts', SERVICES)).toBe(0n);
      expect(await balances(walletIds)).toEqual(expected);
    }, { timeoutMs: 20_000 });
    const letters = [];
    for await (const letter of bus.read(deadLetterTopic(TOPICS.merchants, 'accounts'))) letters.push(letter);
    expect(letters).toHaveLength(1);
    const paid = await bank.services.payments.pay(people[0]!, {
      walletId: walletIds[0]!, merchantId, amount: usd(1_000n), description: undefined, idempotencyKey: 'after',
    });
    expect(paid.ok).toBe(true);
    await first.stop();

    const booked = await bank.dataSource.query('SELECT count(*) AS rows FROM ledger_tx');
    await bus.rewind('accounts', SERVICES);
    const second = await startAccountsConsumer({ bus, dataSource: bank.dataSource, log });
    await eventually(async () => expect(await bus.lag('accounts', SERVICES)).toBe(0n), { timeoutMs: 20_000 });
    await second.stop();
    expect(await bank.dataSource.query('SELECT count(*) AS rows FROM ledger_tx')).toEqual(booked);
    expect(await balances(walletIds.slice(1))).toEqual(expected.slice(1));
    expect(breaches(await bank.verify())).toEqual([]);
  });
});
