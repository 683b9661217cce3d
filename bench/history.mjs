#!/usr/bin/env node
// A bank brings the history of its accounts through the partners' door: npm run bench:history [-- --times 100]
// Each time over are the 14,462 bookings of 359 accounts of a real bank, under other numbers of accounts.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { makeKey } from '../examples/partner-bank/client/keys.js';
import { register } from '../examples/partner-bank/client/registration.js';
import { TaelClient } from '../examples/partner-bank/client/tael.js';
import { ask } from './load/client.mjs';
import { watchMemory } from './load/memory.mjs';
import { writeResult } from './load/result.mjs';
import { proveBooks } from './load/stage.mjs';
import { startStack } from './load/stack.mjs';

const { values } = parseArgs({ options: { times: { type: 'string', default: '1' } } });
const times = Number(values.times);
const say = (text) => process.stderr.write(`${text}\n`);
const CHUNK = 190_000;
const SCOPES = ['partner:read', 'history:import', 'statements:read'];

const [header, ...rows] = gunzipSync(
  readFileSync(new URL('../services/accounts/test/data/bank-history.csv.gz', import.meta.url)),
)
  .toString('utf8')
  .trimEnd()
  .split('\n');

/** The file in chunks of whole lines; a hundred times as long as what stands in memory of it. */
function* chunks() {
  let text = `${header}\n`;
  for (let copy = 0; copy < times; copy++) {
    for (const row of rows) {
      text += `${row.replace(',', `,${copy}-`)}\n`;
      if (text.length < CHUNK) continue;
      yield text;
      text = '';
    }
  }
  if (text) yield text;
}

async function newBank({ url, operator }) {
  const { signIn } = await ask(
    url,
    'mutation ($i: SignInInput!) { signIn(input: $i) { session { accessToken } userErrors { code } } }',
    { i: operator },
  );
  const { invitePartner } = await ask(
    url,
    'mutation ($i: InvitePartnerInput!) { invitePartner(input: $i) { invitation { code } userErrors { message } } }',
    { i: { name: 'Bench', environment: 'SANDBOX', scopes: SCOPES, reason: 'bench' } },
    { authorization: `Bearer ${signIn.session.accessToken}` },
  );
  const [key, proofKey] = await Promise.all([makeKey(), makeKey()]);
  const { clientId } = await register({ graph: url, invitation: invitePartner.invitation.code, key });
  const base = url.replace(/\/graphql$/, '');
  return new TaelClient({
    issuer: `${base}/partner/oauth`,
    door: `${base}/partner/graphql`,
    clientId,
    key,
    proofKey,
    scope: SCOPES.join(' '),
  });
}

async function untilReady(tael) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await tael.query('{ partner { id } }');
    } catch (error) {
      if (attempt > 60) throw error;
      await sleep(250);
    }
  }
}

async function step(tael, name, type, input) {
  for (;;) {
    const { data, errors } = await tael.query(
      `mutation ($i: ${type}!) { ${name}(input: $i) { historyImport { id status lineCount appliedLines checkedAccounts accountCount problemCount } userErrors { code message } } }`,
      { i: input },
    );
    if (errors?.[0]?.extensions?.code === 'RATE_LIMITED') {
      await sleep(1_000 * (errors[0].extensions.retryAfterSeconds ?? 1));
      continue;
    }
    const { historyImport, userErrors } = data?.[name] ?? { userErrors: errors };
    if (userErrors.length > 0) throw new Error(JSON.stringify(userErrors));
    return historyImport;
  }
}

async function until(tael, id, status, show) {
  for (;;) {
    const { data } = await tael.query(
      'query ($id: ID!) { historyImport(id: $id) { status lineCount appliedLines checkedAccounts accountCount problemCount problems(first: 5) { edges { node { line code } } } } }',
      { id },
    );
    show(data.historyImport);
    if (data.historyImport.status === status) return data.historyImport;
    if (data.historyImport.status === 'REFUSED') throw new Error(`the import was refused: ${JSON.stringify(data.historyImport)}`);
    await sleep(500);
  }
}

const stack = await startStack();
try {
  const {
    personas: { operator },
    gatewayUrl: url,
  } = stack.demo;
  const tael = await newBank({ url, operator });
  await untilReady(tael);
  const memory = watchMemory(stack.pid, ['accounts', 'gateway']);
  const at = performance.now();
  const seconds = () => Number(((performance.now() - at) / 1000).toFixed(1));
  const { id } = await step(tael, 'openHistoryImport', 'OpenHistoryImportInput', {
    reference: 'bench',
    currency: 'CZK',
  });
  let number = 0;
  for (const csv of chunks()) {
    const { lineCount } = await step(tael, 'addHistoryChunk', 'AddHistoryChunkInput', { importId: id, number, csv });
    number += 1;
    if (number % 20 === 0) say(`uploaded ${lineCount} lines in ${seconds()} s`);
  }
  const uploaded = seconds();
  await step(tael, 'checkHistoryImport', 'HistoryImportInput', { importId: id });
  await until(tael, id, 'CHECKED', ({ checkedAccounts, accountCount }) =>
    say(`tried ${checkedAccounts} of ${accountCount} accounts`),
  );
  const checked = seconds();
  await step(tael, 'applyHistoryImport', 'ApplyHistoryImportInput', { importId: id, allowOverdraft: true });
  const done = await until(tael, id, 'DONE', ({ appliedLines, lineCount }) =>
    say(`booked ${appliedLines} of ${lineCount}`),
  );
  const total = seconds();
  const { accounts, gateway } = memory.end();
  say(proveBooks(stack));
  const result = writeResult(times === 1 ? 'history' : `history-${times}`, {
    bench: 'history',
    times,
    lines: done.lineCount,
    accounts: done.accountCount,
    upload_s: uploaded,
    check_s: Number((checked - uploaded).toFixed(1)),
    apply_s: Number((total - checked).toFixed(1)),
    total_s: total,
    lines_per_s: Math.round(done.lineCount / total),
    accounts_rss_max_mib: accounts.most,
    gateway_rss_max_mib: gateway.most,
    rss_mib_by_quarter: { accounts: accounts.quarters, gateway: gateway.quarters },
    memory_is_flat: accounts.isFlat && gateway.isFlat,
    books: 'balanced',
  });
  process.stdout.write(`${JSON.stringify(result)}\n`);
  // A short file is over before the programs have come to their size.
  if (times >= 20 && !result.memory_is_flat) {
    say('Memory grows with the file.');
    process.exitCode = 1;
  }
} finally {
  await stack.stop();
}
