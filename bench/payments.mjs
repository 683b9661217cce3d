// What a payment costs: at the subgraph and through the gateway, against pgbench's TPC-B on the same server in one run.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ask, load } from './load/client.mjs';
import { createReference } from './load/reference.mjs';
import { startStack } from './load/stack.mjs';

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 15);
const PEOPLE = 128;

const SIGN_UP = `mutation ($input: SignUpInput!) { signUp(input: $input) { user { id wallets { id } } session { accessToken } userErrors { code } } }`;
const ADD_CARD = `mutation ($input: AddCardInput!) { addCard(input: $input) { paymentMethod { id } userErrors { code } } }`;
const TOP_UP = `mutation ($input: TopUpInput!) { topUp(input: $input) { transaction { id } userErrors { code } } }`;
const PAY = `mutation ($input: PayMerchantInput!) { payMerchant(input: $input) {
  transaction { id status fee { amount } balanceAfter { amount } } userErrors { code } } }`;

async function newPayer(url, n) {
  const { signUp } = await ask(url, SIGN_UP, {
    input: { email: `bench-${n}-${randomUUID()}@bench.tael.example`, password: randomUUID(), displayName: `Payer ${n}`, currency: 'USD' },
  });
  const headers = { authorization: `Bearer ${signUp.session.accessToken}` };
  const walletId = signUp.user.wallets[0].id;
  const card = { number: '4242424242424242', expiryMonth: 12, expiryYear: 2031, securityCode: '123', holderName: 'Payer' };
  const { addCard } = await ask(url, ADD_CARD, { input: card }, headers);
  const amount = { amount: '10000.00', currency: 'USD' };
  await ask(url, TOP_UP, { input: { walletId, paymentMethodId: addCard.paymentMethod.id, amount, idempotencyKey: 'fund' } }, headers);
  return { personId: signUp.user.id, walletId, headers };
}

function signer(home) {
  const { signIdentity } = createRequire(import.meta.url)('@tael/platform/identity');
  const secrets = JSON.parse(readFileSync(join(home, 'secrets.json'), 'utf8'));
  const keys = secrets.identityKeys.split(',').map((entry) => ({
    id: entry.slice(0, entry.indexOf(':')), key: Buffer.from(entry.slice(entry.indexOf(':') + 1), 'base64'),
  }));
  return (personId) => (body) => ({
    'x-tael-identity': signIdentity(
      { principal: { personId, sessionId: personId, roles: ['CUSTOMER'] }, locale: 'en', reference: 'bench', traceparent: '', address: '127.0.0.1' },
      body, keys, Date.now(),
    ),
  });
}

const stack = await startStack();
try {
  const { gatewayUrl, subgraphs } = stack.demo;
  const reference = await createReference(stack.settings.adminDatabaseUrl);
  const payers = [];
  for (let n = 0; n < PEOPLE; n += 8) {
    payers.push(...(await Promise.all(Array.from({ length: 8 }, (_, i) => newPayer(gatewayUrl, n + i)))));
  }
  const { merchants } = await ask(gatewayUrl, '{ merchants(first: 5) { edges { node { id } } } }', {}, payers[0].headers);
  const shops = merchants.edges.map((edge) => edge.node.id);
  const sign = signer(stack.home);
  const pay = (url, headersOf) => (caller) => {
    const payer = payers[caller % PEOPLE];
    const amount = { amount: `${1 + Math.floor(Math.random() * 9)}.50`, currency: 'USD' };
    const merchantId = shops[Math.floor(Math.random() * shops.length)];
    return ask(url, PAY, { input: { walletId: payer.walletId, merchantId, amount, idempotencyKey: randomUUID() } }, headersOf(payer));
  };

  const before = await reference.measure();
  const subgraph = await load(pay(subgraphs.accounts, (payer) => sign(payer.personId)), { callers: 64, seconds: SECONDS });
  const gateway = await load(pay(gatewayUrl, (payer) => payer.headers), { callers: 64, seconds: SECONDS });
  const after = await reference.measure();
  const verified = execFileSync(process.execPath, ['../scripts/ledger-verify.mjs'], {
    cwd: new URL('.', import.meta.url), env: { ...process.env, TAEL_HOME: stack.home }, encoding: 'utf8',
  });
  process.stderr.write(verified);
  await reference.close();
  const referenceTps = (before + after) / 2;
  process.stdout.write(`${JSON.stringify({
    bench: 'payments', date: new Date().toISOString(), event_bus: stack.demo.eventBus,
    reference_tps: Math.round(referenceTps), reference_tps_before: Math.round(before), reference_tps_after: Math.round(after),
    subgraph_tps: subgraph.rate, subgraph_ratio: Math.round((subgraph.rate / referenceTps) * 100) / 100,
    subgraph_p50_ms: subgraph.p50, subgraph_p99_ms: subgraph.p99,
    gateway_tps: gateway.rate, gateway_p50_ms: gateway.p50, gateway_p99_ms: gateway.p99, books: 'balanced',
  })}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exitCode = 1;
} finally {
  await stack.stop();
}
