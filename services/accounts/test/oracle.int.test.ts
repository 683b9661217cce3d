import { v7 as uuidv7 } from 'uuid';
import { foldOnce, startFolder } from '../src/ledger/ledger.folder';
import { createLogger } from '@tael/platform/log';
import { type Bank, breaches, type Customer, openBank, usd } from './support/bank';

/** A small seeded generator, so that a failed run can be run again. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface ModelPayment { payer: number; amount: bigint; refunded: bigint; id: string }

// Hundreds of random movements against a model of a few lines that knows nothing of Postgres: the same answers, the same
// balances, sound books. Then the same movements all at once: no model can know the order, but the books must hold.
describe('random movements', () => {
  let bank: Bank;
  let people: Customer[];
  let seller: Customer;
  let merchantId: string;
  const log = createLogger({ service: 'test', level: 'silent' });

  beforeAll(async () => {
    bank = await openBank('oracle');
    seller = await bank.customer();
    merchantId = await bank.merchant({ people: [seller.personId] });
    people = await Promise.all(Array.from({ length: 5 }, () => bank.customer({ minor: 20_000n })));
  });
  afterAll(async () => {
    await bank.close();
  });

  const fee = (amount: bigint) => {
    const exact = amount / 100n + (amount % 100n > 50n || (amount % 100n === 50n && (amount / 100n) % 2n === 1n) ? 1n : 0n);
    return exact < 10n ? 10n : exact > 500n ? 500n : exact;
  };
  const pay = (i: number, minor: bigint, key = uuidv7()) => bank.services.payments.pay(people[i]!, {
    walletId: people[i]!.walletId, merchantId, amount: usd(minor), description: undefined, idempotencyKey: key,
  });
  const send = (i: number, j: number, minor: bigint) => bank.services.transfers.send(people[i]!, {
    walletId: people[i]!.walletId, recipientEmail: people[j]!.email, amount: usd(minor), description: undefined, idempotencyKey: uuidv7(),
  });
  const refund = (id: string, minor: bigint) => bank.services.refunds.refund(seller, {
    transactionId: id, amount: usd(minor), reason: undefined, idempotencyKey: uuidv7(),
  });

  it('answer and balance as the model does, one after the other', async () => {
    const random = randomOf(20261122);
    const folder = startFolder(bank.dataSource, log);
    const balances = people.map(() => 20_000n);
    const payments: ModelPayment[] = [];
    for (let step = 0; step < 300; step++) {
      const [i, amount] = [random(5), BigInt(1 + random(6_000))];
      const kind = random(4);
      if (kind <= 1) {
        const answer = await pay(i, amount);
        const fits = amount + fee(amount) <= balances[i]!;
        expect([step, answer.ok]).toEqual([step, fits]);
        if (!answer.ok) continue;
        balances[i]! -= amount + fee(amount);
        payments.push({ payer: i, amount, refunded: 0n, id: answer.transactionId });
      } else if (kind === 2) {
        const j = (i + 1 + random(4)) % 5;
        const answer = await send(i, j, amount);
        expect([step, answer.ok]).toEqual([step, amount <= balances[i]!]);
        if (!answer.ok) continue;
        balances[i]! -= amount;
        balances[j]! += amount;
      } else if (payments.length > 0) {
        const payment = payments[random(payments.length)]!;
        const answer = await refund(payment.id, amount);
        expect([step, answer.ok]).toEqual([step, payment.refunded + amount <= payment.amount]);
        if (!answer.ok) continue;
        payment.refunded += amount;
        balances[payment.payer]! += amount;
      }
    }
    await folder.stop();
    expect(await Promise.all(people.map((person) => bank.balance(person.walletId)))).toEqual(balances);
    expect(breaches(await bank.verify())).toEqual([]);
  });

  it('leave sound books all at once, with the folder running and the check looking on', async () => {
    const random = randomOf(7);
    const folder = startFolder(bank.dataSource, log);
    const paid = await Promise.all(Array.from({ length: 20 }, (_, n) => pay(n % 5, 50n)));
    const ids = paid.flatMap((answer) => (answer.ok ? [answer.transactionId] : []));
    const movements = Array.from({ length: 250 }, () => {
      const [i, amount, kind] = [random(5), BigInt(1 + random(2_000)), random(4)];
      if (kind <= 1) return pay(i, amount);
      return kind === 2 ? send(i, (i + 1 + random(4)) % 5, amount) : refund(ids[random(ids.length)]!, amount % 30n + 1n);
    });
    const looks = [bank.verify(), bank.verify()];
    const answers = await Promise.all(movements);
    expect(answers.filter((answer) => answer.ok).length).toBeGreaterThan(20);
    for (const report of await Promise.all(looks)) expect(breaches(report)).toEqual([]);
    await folder.stop();
    while ((await foldOnce(bank.dataSource)) > 0);
    expect(breaches(await bank.verify())).toEqual([]);
  });
});
