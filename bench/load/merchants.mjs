import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ask } from './client.mjs';

const SIGN_UP = `mutation ($input: SignUpInput!) { signUp(input: $input) { user { wallets { id } } session { accessToken } userErrors { code } } }`;
const SIGN_IN = `mutation ($input: SignInInput!) { signIn(input: $input) { session { accessToken } userErrors { code } } }`;
const REGISTER = `mutation ($input: RegisterMerchantInput!) { registerMerchant(input: $input) { merchant { id } userErrors { code } } }`;
const ACTIVATE = `mutation ($input: ActivateMerchantInput!) { activateMerchant(input: $input) { merchant { id } userErrors { code } } }`;
const QUOTE = `query ($input: PaymentQuoteInput!) { paymentQuote(input: $input) { quote { validUntil } userErrors { code } } }`;

const LOOK_MS = 50;
const PATIENCE_MS = 30_000;

const bearer = (session) => ({ authorization: `Bearer ${session.accessToken}` });

/**
 * Registers merchants of one owner, has the operator activate them, and waits until accounts knows each.
 * @returns {Promise<string[]>} their ids
 */
export async function newMerchants(url, operator, count) {
  const { signUp } = await ask(url, SIGN_UP, {
    input: { email: `bench-owner-${randomUUID()}@bench.tael.example`, password: randomUUID(), displayName: 'Olga Owner', currency: 'USD' },
  });
  const { signIn } = await ask(url, SIGN_IN, { input: { email: operator.email, password: operator.password } });
  const ids = [];
  for (let n = 0; n < count; n++) {
    const input = { name: `Bench ${n}`, categoryCode: '5411', currency: 'USD' };
    const { registerMerchant } = await ask(url, REGISTER, { input }, bearer(signUp.session));
    await ask(url, ACTIVATE, { input: { merchantId: registerMerchant.merchant.id } }, bearer(signIn.session));
    ids.push(registerMerchant.merchant.id);
  }
  const walletId = signUp.user.wallets[0].id;
  for (const merchantId of ids) await untilKnown(url, { walletId, merchantId }, bearer(signUp.session));
  return ids;
}

async function untilKnown(url, payment, headers) {
  const input = { ...payment, amount: { amount: '1.00', currency: 'USD' } };
  for (const end = performance.now() + PATIENCE_MS; ; await pause(LOOK_MS)) {
    const known = await ask(url, QUOTE, { input }, headers).then(() => true, (error) => {
      if (performance.now() > end) throw error;
      return false;
    });
    if (known) return;
  }
}
