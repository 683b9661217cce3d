import { setTimeout as sleep } from 'node:timers/promises';
import { PERSONAS } from '../stack/personas.mjs';
import { change } from './graph.mjs';

const usd = (/** @type {string} */ amount) => ({ amount, currency: 'USD' });

const POLL_MS = 100;
const ARRIVAL_TIMEOUT_MS = 20_000;

const WALLET = `{ viewer { wallet(currency: "USD") { id } } }`;
const MOVED = `query SeedMoved($kinds: [TransactionKind!]) {
  viewer { transactions(first: 100, kinds: $kinds) { edges { node { id kind } } } } }`;
const ADD_CARD = `mutation SeedCard($input: AddCardInput!) {
  addCard(input: $input) { paymentMethod { id } userErrors { code message field } } }`;
const TOP_UP = `mutation SeedTopUp($input: TopUpInput!) {
  topUp(input: $input) { transaction { id } userErrors { code message field } } }`;
const QUOTE = `query SeedQuote($input: PaymentQuoteInput!) {
  paymentQuote(input: $input) { quote { fee { amount } } userErrors { code } } }`;
const PAY = `mutation SeedPay($input: PayMerchantInput!) {
  payMerchant(input: $input) { transaction { id } userErrors { code message field } } }`;
const SEND = `mutation SeedSend($input: SendMoneyInput!) {
  sendMoney(input: $input) { transaction { id } userErrors { code message field } } }`;
const REFUND = `mutation SeedRefund($input: RefundPaymentInput!) {
  refundPayment(input: $input) { transaction { id } userErrors { code message field } } }`;

/**
 * Whether the history stands already: its last step is the refund.
 * @param {import('./graph.mjs').Ask} customer
 */
export async function hasHistory(customer) {
  return (await moved(customer, ['REFUND'])) > 0;
}

/**
 * Gives the customer something to look at: a top-up, payments with and without a reward, a transfer, a refund. Its keys
 * are fixed, so that a run that was broken off is continued by the next.
 * @param {object} scene
 * @param {import('./graph.mjs').Ask} scene.customer
 * @param {import('./graph.mjs').Ask} scene.merchant
 * @param {Record<string, string>} scene.shops ids by name
 */
export async function makeHistory({ customer, merchant, shops }) {
  const walletId = (await customer(WALLET)).viewer.wallet.id;
  const card = { number: '4242424242424242', expiryMonth: 12, expiryYear: 2035, securityCode: '123' };
  const { paymentMethod } = await change(customer, ADD_CARD, { ...card, holderName: PERSONAS.customer.displayName });
  await change(customer, TOP_UP, {
    walletId,
    paymentMethodId: paymentMethod.id,
    amount: usd('500.00'),
    idempotencyKey: 'demo-top-up-1',
  });
  /** @type {(shop: string, amount: string, description: string) => Promise<string>} */
  const pay = async (shop, amount, description) => {
    const payment = { walletId, merchantId: shops[shop], amount: usd(amount) };
    await arrival(async () => (await customer(QUOTE, { input: payment })).paymentQuote.quote);
    const { transaction } = await change(customer, PAY, {
      ...payment,
      description,
      idempotencyKey: `demo-pay-${shop}`,
    });
    return transaction.id;
  };
  await waiverArrived(customer, { walletId, merchantId: shops['Blue Door Books'], amount: usd('86.00') });
  await pay('Blue Door Books', '86.00', 'Three novels');
  const groceries = await pay('Harbor Grocery', '42.40', 'Weekend shopping');
  await pay('Corner Coffee', '12.50', 'Breakfast for two');
  await change(customer, SEND, {
    walletId,
    recipientEmail: PERSONAS.merchant.email,
    amount: usd('25.00'),
    description: 'Concert ticket',
    idempotencyKey: 'demo-send-1',
  });
  const rewarded = await arrival(async () => (await moved(customer, ['CASHBACK'])) >= 2);
  await change(merchant, REFUND, {
    transactionId: groceries,
    amount: usd('21.20'),
    reason: 'Damaged goods',
    idempotencyKey: 'demo-refund-1',
  });
  return rewarded;
}

/**
 * The offer of a first payment without a fee goes from rewards to accounts by event; the history shows it spent.
 * @param {import('./graph.mjs').Ask} customer
 * @param {object} payment
 */
async function waiverArrived(customer, payment) {
  if ((await moved(customer, ['PAYMENT'])) > 0) return;
  await arrival(async () => {
    const { quote } = (await customer(QUOTE, { input: payment })).paymentQuote;
    return quote && Number.parseFloat(quote.fee.amount) === 0;
  });
}

/**
 * @param {import('./graph.mjs').Ask} customer
 * @param {string[]} kinds
 * @returns {Promise<number>}
 */
async function moved(customer, kinds) {
  return (await customer(MOVED, { kinds })).viewer.transactions.edges.length;
}

/**
 * Waits for what comes by event, for a bounded time.
 * @param {() => Promise<unknown>} look
 * @returns {Promise<boolean>} whether it came
 */
async function arrival(look) {
  const until = performance.now() + ARRIVAL_TIMEOUT_MS;
  while (performance.now() < until) {
    if (await look()) return true;
    await sleep(POLL_MS);
  }
  return false;
}
