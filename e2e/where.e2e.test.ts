import { eventually } from '@tael/testkit';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { home } from './stack';
import { addCard, must, newCampaign, newMerchant, newPerson, PAY, payment } from './world';

function where(id: string): Promise<{ status: number | null; text: string }> {
  const child = spawn(process.execPath, [join(__dirname, '..', 'scripts', 'where.mjs'), id], { env: { ...process.env, TAEL_HOME: home } });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  return new Promise((resolve, reject) => child.once('error', reject).once('close', (status) => resolve({ status, text })));
}

// Goal: one look says where a payment is. Method: a payment with cashback on the running stack, and ids that are none.
describe('npm run where', () => {
  it('follows a payment from its row to the mail', async () => {
    const shop = await newMerchant({ name: 'Where Coffee' });
    await newCampaign([shop.id], { name: 'Two percent at Where Coffee', cashback: { rateBasisPoints: 200 } });
    const person = await newPerson({ displayName: 'Canary Where' });
    const paymentMethodId = await addCard(person);
    await must(person.client, `mutation ($input: TopUpInput!) { topUp(input: $input) { transaction { id } userErrors { code } } }`,
      { input: { walletId: person.walletId, paymentMethodId, amount: { amount: '500.00', currency: 'USD' }, idempotencyKey: 'top-up' } });
    const { payMerchant } = await must<any>(person.client, PAY, payment(person, shop.id, '100.00'));

    const { text } = await eventually(async () => {
      const answer = await where(payMerchant.transaction.id);
      expect(answer.text).toContain('All that should follow has followed.');
      expect(answer.status).toBe(0);
      return answer;
    }, { describe: 'everything has followed', timeoutMs: 45_000 });
    for (const part of [
      'PAYMENT of 100.00 USD, fee 1.00 USD', 'from WALLET to MERCHANT_INFLOW', 'the key of its payMerchant is kept',
      'nothing waits', 'rewards has worked it off', 'notifications has worked it off', 'accounts has worked it off',
      'campaign "Two percent at Where Coffee": GRANTED', 'CASHBACK 2.00 USD: PAID', 'EMAIL: HANDED_OFF',
    ]) expect(text).toContain(part);
    expect(text).toMatch(/payment\.settled {2}tael\.payments\.v1, partition \d+, offset \d+/);
    expect(text).not.toContain('Canary');
  });

  it('says so in words where nobody knows the id, and where it is none', async () => {
    const unknown = await where(randomUUID());
    expect(unknown).toEqual({ status: 2, text: expect.stringContaining('Nobody knows a transaction') as string });
    const none = await where("'; DROP TABLE ledger_tx; --");
    expect(none).toEqual({ status: 2, text: expect.stringContaining('is no transaction id') as string });
  });
});
