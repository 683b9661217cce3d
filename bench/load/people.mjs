import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ask } from './client.mjs';
import { amountOf } from './mix.mjs';

const SIGN_UP = `mutation ($input: SignUpInput!) { signUp(input: $input) { user { id wallets { id } } session { accessToken refreshToken } userErrors { code } } }`;
const REFRESH = `mutation ($input: RefreshSessionInput!) { refreshSession(input: $input) { session { accessToken refreshToken } userErrors { code } } }`;
const ADD_CARD = `mutation ($input: AddCardInput!) { addCard(input: $input) { paymentMethod { id } userErrors { code } } }`;
const ADD_ACCOUNT = `mutation ($input: AddBankAccountInput!) { addBankAccount(input: $input) { paymentMethod { id status } userErrors { code } } }`;
const WITHDRAW = `mutation ($input: WithdrawInput!) { withdraw(input: $input) { transaction { id } userErrors { code } } }`;
const TOP_UP = `mutation ($input: TopUpInput!) { topUp(input: $input) { transaction { id } userErrors { code } } }`;
const PAY = `mutation ($input: PayMerchantInput!) { payMerchant(input: $input) {
  transaction { id status fee { amount } balanceAfter { amount } } userErrors { code } } }`;
const SEND = `mutation ($input: SendMoneyInput!) { sendMoney(input: $input) { transaction { id } userErrors { code } } }`;
const LOOK = `query ($currency: CurrencyCode!) { viewer { wallet(currency: $currency) { balance { available { amount } } }
  transactions(first: 10) { edges { node { id kind amount { amount } createdAt } } } } }`;

const FUNDS = { amount: '10000.00', currency: 'USD' };
const CARD = { number: '4242424242424242', expiryMonth: 12, expiryYear: 2031, securityCode: '123', holderName: 'Payer' };
/** At the sandbox bank, which pays out at once. */
const ACCOUNT = { iban: 'DE89370400440532013000', holderName: 'Payer' };
const AT_ONCE = 8;

/** @typedef {{ personId: string, walletId: string, email: string, cardId: string, accountId: string, refreshToken: string, headers: Record<string, string> }} Payer */

/**
 * Signs somebody up, with a card, a bank account and money.
 * @returns {Promise<Payer>}
 */
async function newPayer(url, n) {
  const email = `bench-${n}-${randomUUID()}@bench.tael.example`;
  const { signUp } = await ask(url, SIGN_UP, {
    input: { email, password: randomUUID(), displayName: `Payer ${n}`, currency: 'USD' },
  });
  const headers = { authorization: `Bearer ${signUp.session.accessToken}` };
  const { addCard } = await ask(url, ADD_CARD, { input: CARD }, headers);
  const { addBankAccount } = await ask(url, ADD_ACCOUNT, { input: ACCOUNT }, headers);
  const payer = {
    personId: signUp.user.id, walletId: signUp.user.wallets[0].id, email, cardId: addCard.paymentMethod.id,
    accountId: addBankAccount.paymentMethod.id, refreshToken: signUp.session.refreshToken, headers,
  };
  await topUp(url, payer, FUNDS);
  return payer;
}

const TOLD_EVERY = 256;

/**
 * @param {string} url
 * @param {number} count
 * @param {(count: number) => void} [told] - called now and then with how many there are
 * @returns {Promise<Payer[]>} people with money, and nothing else under way
 */
export async function newPayers(url, count, told = () => undefined) {
  const payers = [];
  while (payers.length < count) {
    const names = Array.from({ length: Math.min(AT_ONCE, count - payers.length) }, (_, i) => payers.length + i);
    payers.push(...(await Promise.all(names.map((n) => newPayer(url, n)))));
    if (payers.length % TOLD_EVERY === 0) told(payers.length);
  }
  return payers;
}

/** Gives people access tokens anew: those of the sign-up are over ten minutes after it, and a run may take longer. */
export async function renewSessions(url, payers) {
  for (let at = 0; at < payers.length; at += AT_ONCE) {
    await Promise.all(payers.slice(at, at + AT_ONCE).map(async (payer) => {
      const { refreshSession: { session } } = await ask(url, REFRESH, { input: { refreshToken: payer.refreshToken } });
      payer.refreshToken = session.refreshToken;
      payer.headers = { authorization: `Bearer ${session.accessToken}` };
    }));
  }
}

/** @returns {Promise<string[]>} ids of merchants that can be paid */
export async function merchantIds(url, payer) {
  const { merchants } = await ask(url, '{ merchants(first: 5) { edges { node { id } } } }', {}, payer.headers);
  return merchants.edges.map((edge) => edge.node.id);
}

/** Pays a random one of the merchants; `headersOf` makes the headers of the request. */
export function pay(url, payer, { shops, headersOf }) {
  const merchantId = shops[Math.floor(Math.random() * shops.length)];
  const input = { walletId: payer.walletId, merchantId, amount: amountOf('payMerchant'), idempotencyKey: randomUUID() };
  return ask(url, PAY, { input }, headersOf(payer));
}

export function topUp(url, payer, amount = amountOf('topUp')) {
  const input = { walletId: payer.walletId, paymentMethodId: payer.cardId, amount, idempotencyKey: randomUUID() };
  return ask(url, TOP_UP, { input }, payer.headers);
}

export function withdraw(url, payer) {
  const input = { walletId: payer.walletId, paymentMethodId: payer.accountId, amount: amountOf('withdraw'), idempotencyKey: randomUUID() };
  return ask(url, WITHDRAW, { input }, payer.headers);
}

export function send(url, payer, recipient) {
  const input = {
    walletId: payer.walletId, recipientEmail: recipient.email, amount: amountOf('sendMoney'), idempotencyKey: randomUUID(),
  };
  return ask(url, SEND, { input }, payer.headers);
}

export function look(url, payer) {
  return ask(url, LOOK, { currency: 'USD' }, payer.headers);
}

/** Signs requests to accounts as the gateway does. */
export function signerOf(home) {
  const { identityKeysFor, signIdentity } = createRequire(import.meta.url)('@tael/platform/identity');
  const secrets = JSON.parse(readFileSync(join(home, 'secrets.json'), 'utf8'));
  const ring = secrets.identityKeys.split(',').map((entry) => ({
    id: entry.slice(0, entry.indexOf(':')), key: Buffer.from(entry.slice(entry.indexOf(':') + 1), 'base64'),
  }));
  const keys = identityKeysFor(ring, 'accounts');
  return ({ personId }) => (body) => ({
    'x-tael-identity': signIdentity(
      { principal: { personId, sessionId: personId, roles: ['CUSTOMER'] }, locale: 'en', reference: 'bench', traceparent: '', address: '127.0.0.1' },
      body, keys, Date.now(),
    ),
  });
}
