import { eventually } from '@tael/testkit';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { home, stack } from './stack';
import { addBankAccount, addCard, must, newCampaign, newFundedPerson, newMerchant, newPerson, pay, PAY, payment } from './world';

function where(id: string): Promise<{ status: number | null; text: string }> {
  const child = spawn(process.execPath, [join(__dirname, '..', 'scripts', 'where.mjs'), id], { env: { ...process.env, TAEL_HOME: home } });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  return new Promise((resolve, reject) => child.once('error', reject).once('close', (status) => resolve({ status, text })));
}

const IS_CLOSED = 'DE24370400440532013006';
const NEVER_ANSWERS = 'DE67370400440532013008';

async function atSandbox(path: string, method: string, json: object): Promise<any> {
  const url = path.startsWith('http') ? path : stack.sandboxUrl + path;
  const response = await fetch(url, { method, body: JSON.stringify(json), headers: { 'content-type': 'application/json' } });
  const text = await response.text();
  return text ? JSON.parse(text) : undefined;
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

  it('knows a top-up that the bank has in hand, and one that it refused, of which the books have nothing', async () => {
    const topUp = async (iban: string): Promise<string> => {
      const person = await newPerson();
      // One that the bank refuses at once is told of with a refusal, and has an id all the same.
      const { data } = await person.client.request<any>('mutation ($input: TopUpInput!) { topUp(input: $input) { transaction { id } userErrors { code } } }',
        { input: { walletId: person.walletId, paymentMethodId: await addBankAccount(person, iban), amount: { amount: '60.00', currency: 'USD' }, idempotencyKey: randomUUID() } });
      return data.topUp.transaction.id;
    };
    const refused = await topUp(IS_CLOSED);
    const waits = await where(await topUp(NEVER_ANSWERS));
    expect(waits.text).toContain('pull from a bank account of 60.00 USD: PENDING');
    expect(waits.text).toMatch(/Still open:\n {2}- the bank has not said how it ends, after \d+ attempts; it is looked at again from 20/);
    expect(waits.status).toBe(1);
    await eventually(async () => {
      const ended = await where(refused);
      expect(ended).toEqual({ status: 0, text: expect.stringContaining('pull from a bank account of 60.00 USD: FAILED (ACCOUNT_CLOSED)') as string });
      expect(ended.text).toMatch(/bank-topup\.failed {2}tael\.payments\.v1[^]*notifications has worked it off/);
    }, { describe: 'its end has been told of', timeoutMs: 45_000 });
  });

  it("follows a payment to its merchant's receiver", async () => {
    const [shop, person] = await Promise.all([newMerchant(), newFundedPerson('50.00')]);
    const receiver = await atSandbox('/webhooks', 'POST', {});
    const { createWebhookEndpoint } = await must<any>(shop.owner.client,
      'mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) { endpoint { id } userErrors { code } } }',
      { input: { merchantId: shop.id, url: receiver.url, eventTypes: ['payment.settled'] } });
    await atSandbox(receiver.url, 'PUT', { behaviour: 'fail', count: 2 });
    const { id } = await pay(person, shop.id, '12.50');
    const endpoint = createWebhookEndpoint.endpoint.id;
    await eventually(async () => {
      const { status, text } = await where(id);
      expect(text).toMatch(new RegExp(`the webhook of payment.settled to ${endpoint} is not delivered after [12] attempts: .*, next at 20`));
      expect(status).toBe(1);
    }, { describe: 'its first attempt has failed', timeoutMs: 30_000 });
    expect((await where(id)).text).toContain(`payment.settled to ${endpoint}: PENDING`);
  });

  it('says so in words where nobody knows the id, and where it is none', async () => {
    const unknown = await where(randomUUID());
    expect(unknown).toEqual({ status: 2, text: expect.stringContaining('Nobody knows a transaction') as string });
    const none = await where("'; DROP TABLE ledger_tx; --");
    expect(none).toEqual({ status: 2, text: expect.stringContaining('is no transaction id') as string });
  });
});
