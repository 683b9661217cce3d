import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createPublicKey, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { ROOT } from '../stack/settings.mjs';
import { until } from './graph.mjs';
import { freePort } from './subgraph.mjs';

const FOLDER = path.join(ROOT, 'examples', 'partner-bank', 'subgraph');

/** @typedef {any} Story what the steps before have left */

/** @param {Story} story */
async function startBank(story) {
  const { bank } = story;
  const answer = await fetch(story.demo.gatewayUrl.replace(/graphql$/, 'partner/subgraph-keys'));
  const [key] = (await answer.json()).keys;
  const child = spawn(process.execPath, [path.join(FOLDER, 'server.js')], {
    env: {
      PATH: process.env.PATH,
      PORT: String(bank.port),
      SLUG: bank.slug,
      TAEL_KEY_ID: key.kid,
      TAEL_PUBLIC_KEY: String(createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' })),
      CREDIT_LINES: JSON.stringify({ [bank.wallet.reference]: { limit: '500.00', currency: 'USD', customer: bank.wallet.subject } }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  story.stops.push(() => child.kill());
  await once(child.stdout, 'data');
  bank.child = child;
  return key.kid;
}

/** What the person asks: their wallet, with two fields that are the bank's. */
const question = (/** @type {string} */ slug) =>
  `{ ${slug} { name } viewer { wallet(currency: "USD") { balance { available { amount } } ${slug}CreditLine { limit } } } }`;

/** @param {Story} story */
async function publish(story, sdl = story.bank.sdl) {
  const { slug, port } = story.bank;
  const { data, errors } = await story.tael.query(
    `mutation ($i: PublishSubgraphInput!) { publishSubgraph(input: $i) {
       subgraph { id status } problems { code coordinate reason } userErrors { code message } } }`,
    { i: { slug, address: `http://127.0.0.1:${port}/graphql`, sdl } },
  );
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data.publishSubgraph;
}

/**
 * The bank publishes its subgraph: a bad one is refused with reasons, a good one waits.
 * @param {Story} story
 */
export async function publishSubgraph(story) {
  // A slug that was live once is its bank's for ever, and this stack may have seen the demo before.
  const slug = `nb${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  const type = slug[0]?.toUpperCase() + slug.slice(1);
  const text = fs.readFileSync(path.join(FOLDER, 'schema.graphql'), 'utf8');
  story.bank = {
    slug,
    // As the person has let it see them.
    wallet: story.customer,
    port: await freePort(),
    sdl: text.replaceAll('nordbank', slug).replaceAll('Nordbank', type),
  };
  const kid = await startBank(story);
  const bad = await publish(story, story.bank.sdl.replace(`${slug}CreditLine: `, 'balance: '));
  assert.deepEqual([bad.subgraph.status, bad.problems[0].code], ['REFUSED', 'FIELD_NAME']);
  const good = await publish(story);
  assert.deepEqual([good.subgraph.status, good.problems, good.userErrors], ['PUBLISHED', [], []]);
  story.bank.id = good.subgraph.id;
  return `refused at ${bad.problems[0].coordinate} first; then ${slug} waits for an operator, and trusts our key ${kid}`;
}

/**
 * An operator approves; the fields answer in the graph of people while everything runs.
 * @param {Story} story
 */
export async function joinGraph(story) {
  const { slug, id } = story.bank;
  await assert.rejects(story.person(question(slug)), /Cannot query field/);
  await story.operator(
    'mutation ($i: ApproveSubgraphInput!) { approveSubgraph(input: $i) { userErrors { code message } } }',
    { i: { id, reason: 'the demo' } },
  );
  const at = performance.now();
  const data = await until(() => story.person(question(slug)), 'the new fields answer', 10);
  assert.equal(data.viewer.wallet[`${slug}CreditLine`].limit, '500.00');
  assert.equal(data[slug].name, 'Nordbank');
  assert.equal(data.viewer.wallet.balance.available.amount, story.balance);
  return `a credit line of 500.00 beside the wallet's ${story.balance}, ${Math.round(performance.now() - at)} ms after the approval, without a restart`;
}

/**
 * The bank's server is killed: its fields are null, and the wallet answers.
 * @param {Story} story
 */
export async function killSubgraph(story) {
  const { slug, child } = story.bank;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  const { data, errors } = await story.personAnswer(question(slug));
  assert.equal(data.viewer.wallet.balance.available.amount, story.balance);
  assert.deepEqual([data[slug], data.viewer.wallet[`${slug}CreditLine`]], [null, null]);
  assert.deepEqual(
    errors.map((/** @type {any} */ { extensions }) => extensions.code),
    ['SUBGRAPH_UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE'],
  );
  await startBank(story);
  await until(async () => (await story.person(question(slug)))[slug], 'the bank is asked again', 20);
  const { data: own } = await story.tael.query(
    'mutation ($i: WithdrawSubgraphInput!) { withdrawSubgraph(input: $i) { subgraph { status } } }',
    { i: { id: story.bank.id } },
  );
  assert.equal(own.withdrawSubgraph.subgraph.status, 'WITHDRAWN');
  return `its two fields are null with one masked error each, the balance still says ${story.balance}; it came back, and was withdrawn`;
}
