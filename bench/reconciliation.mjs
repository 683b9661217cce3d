#!/usr/bin/env node
// A bank's file of one day is held against as many bookings in the books: npm run bench:reconciliation [-- --bookings 100000]
// It comes in parts through the gateway; one in a thousand of its bookings is another amount, and as many are missing.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { ask } from './load/client.mjs';
import { watchMemory } from './load/memory.mjs';
import { residentMiB } from './load/processes.mjs';
import { writeResult } from './load/result.mjs';
import { startStack } from './load/stack.mjs';

const { values } = parseArgs({ options: { bookings: { type: 'string', default: '100000' }, port: { type: 'string', default: '4700' } } });
const bookings = Number(values.bookings);
const CHUNK = 190_000;
const BATCH = 500;
const today = new Date().toISOString().slice(0, 10);
const say = (text) => process.stderr.write(`${text}\n`);
const amountOf = (index) => BigInt(100 + (index % 10_000));

/** Books as much as the file has: money from cards is moved to the bank's account. */
async function fillBooks(url, ids) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(`SELECT id, purpose FROM account WHERE asset = 'USD' AND purpose IN ('BANK_SETTLEMENT', 'CARD_CLEARING')`);
  const [bank, cards] = ['BANK_SETTLEMENT', 'CARD_CLEARING'].map((purpose) => rows.find((row) => row.purpose === purpose).id);
  for (let from = 0; from < ids.length; from += BATCH) {
    const part = ids.slice(from, from + BATCH);
    const amounts = part.map((_id, index) => String(amountOf(from + index)));
    const { rows: [{ at }] } = await client.query('SELECT clock_timestamp()::text AS at');
    await client.query('SELECT * FROM ledger_post_batch($1::jsonb, $2, $3::uuid[], $4::uuid[], $5::uuid[], $6::bigint[])', [
      JSON.stringify(part.map((id, index) => ({
        id, kind: 'BANK_SETTLEMENT', currency: 'USD', personId: id, walletId: id, amount: amounts[index], fee: '0', feeWaived: '0', recordedAt: at,
      }))),
      at, part, part.map(() => bank), part.map(() => cards), amounts,
    ]);
  }
  await client.end();
}

/** The file in chunks of whole lines; what it moves is told with each. */
function* chunks(ids) {
  let text = 'booking_id,reference,kind,amount,booked_on\n';
  let moved = 0n;
  for (const [index, id] of ids.entries()) {
    if (index % 1_000 === 500) continue;
    const minor = amountOf(index) + (index % 1_000 === 0 ? 1n : 0n);
    moved += minor;
    text += `bank-${id},order-${id},BOOKED,${minor / 100n}.${String(minor % 100n).padStart(2, '0')},${today}\n`;
    if (text.length < CHUNK) continue;
    yield { text, moved };
    text = '';
  }
  yield { text, moved };
}

async function call(stack, token, query, variables) {
  for (;;) {
    try {
      return await ask(stack.demo.gatewayUrl, query, variables, { authorization: `Bearer ${token}` });
    } catch (error) {
      if (!/RATE_LIMITED/.test(String(error))) throw error;
      await sleep(1_000);
    }
  }
}

const stack = await startStack(Number(values.port));
try {
  const { signIn } = await ask(stack.demo.gatewayUrl, 'mutation ($i: SignInInput!) { signIn(input: $i) { session { accessToken } } }', {
    i: stack.demo.personas.operator,
  });
  const token = signIn.session.accessToken;
  const ids = Array.from({ length: bookings }, () => randomUUID());
  say(`booking ${bookings} of ours`);
  await fillBooks(stack.settings.databaseUrls.accounts, ids);
  let closing = 0n;
  for (const { moved } of chunks(ids)) closing = moved;
  const file = async (name, type, input) => {
    const query = `mutation ($i: ${type}!) { ${name}(input: $i) { bankFile { id status lineCount comparedLines } userErrors { code message field } } }`;
    const { bankFile, userErrors } = (await call(stack, token, query, { i: input }))[name];
    if (userErrors.length > 0) throw new Error(JSON.stringify(userErrors));
    return bankFile;
  };
  const before = residentMiB(stack.pid, 'accounts');
  const memory = watchMemory(stack.pid, ['accounts', 'gateway']);
  const at = performance.now();
  const seconds = () => Number(((performance.now() - at) / 1000).toFixed(1));
  const { id } = await file('openBankFile', 'OpenBankFileInput', {
    reference: randomUUID(), currency: 'USD', from: today, to: today, openingBalance: '0.00',
    closingBalance: `${closing / 100n}.${String(closing % 100n).padStart(2, '0')}`, reason: 'bench',
  });
  let number = 0;
  for (const { text } of chunks(ids)) await file('addBankFileChunk', 'AddBankFileChunkInput', { fileId: id, number: number++, text });
  const uploaded = seconds();
  await file('compareBankFile', 'BankFileInput', { fileId: id });
  let done;
  for (;;) {
    const query = 'query ($id: ID!) { bankFile(id: $id) { status comparedLines reconciliation { totals { class count } } } }';
    done = (await call(stack, token, query, { id })).bankFile;
    say(`${done.status}: ${done.comparedLines} lines compared`);
    if (done.status === 'DONE') break;
    await sleep(500);
  }
  const total = seconds();
  const { accounts, gateway } = memory.end();
  const result = writeResult('reconciliation', {
    bench: 'reconciliation', bookings, chunks: number, upload_s: uploaded, compare_s: Number((total - uploaded).toFixed(1)), total_s: total,
    classes: Object.fromEntries(done.reconciliation.totals.map(({ class: name, count }) => [name, count])),
    accounts_rss_before_mib: before, accounts_rss_max_mib: accounts.most, gateway_rss_max_mib: gateway.most,
    rss_mib_by_quarter: { accounts: accounts.quarters, gateway: gateway.quarters },
  });
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  await stack.stop();
}
