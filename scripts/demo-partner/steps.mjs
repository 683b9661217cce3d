// The steps of the demo, in order. Each does something, checks it, and gives what was seen as a sentence; or it throws.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { makeKey } from '../../examples/partner-bank/client/keys.js';
import { register } from '../../examples/partner-bank/client/registration.js';
import { reconcile } from '../../examples/partner-bank/client/reconciliation.js';
import { TaelClient } from '../../examples/partner-bank/client/tael.js';
import { startReceiver } from '../../examples/partner-bank/webhooks/receiver.js';
import { letSee } from './consent.mjs';
import { graph, rawGraph, signedIn, until } from './graph.mjs';
import { joinGraph, killSubgraph, publishSubgraph } from './live-subgraph.mjs';
import { checkSubgraph } from './subgraph.mjs';

const SCOPES = ['partner:read', 'keys:manage', 'webhooks:manage', 'history:import', 'statements:read', 'subgraph:publish'];
/** What a person may let it see: the client has it, a token of its own has not. */
const OF_PEOPLE = ['wallets:read', 'transactions:read'];
/** Settles at once at the sandbox bank: infra/sandbox/README.md. */
const IBAN = 'DE89370400440532013000';
const HISTORY = `date,account,kind,operation,purpose,amount,balance_after,bank_ref
2026-10-01,CZ-1,credit,transfer in,salary,1200.00,1200.00,R1
2026-10-05,CZ-1,debit,card,groceries,80.50,1119.50,R2
2026-11-02,CZ-2,credit,cash deposit,,50.00,50.00,R3
2026-11-03,CZ-1,debit,transfer out,rent,700.00,419.50,R4
`;

/** @typedef {any} Story what the steps before have left */

/** @type {readonly { title: string, play: (story: Story) => Promise<string> }[]} */
export const STEPS = [
  { title: 'An operator invites a bank', play: invite },
  { title: 'The bank makes a key and registers with it', play: registerBank },
  { title: 'It gets a token that is bound to its key, and asks the graph at its own door', play: askTheDoor },
  { title: 'Without the key the token is worth nothing', play: stolenToken },
  { title: 'It turns to another key without a gap', play: turnKey },
  { title: 'A person brings money from the bank into a wallet, and sends some back', play: moveMoney },
  { title: 'The person lets the bank see the wallet', play: letSee },
  { title: 'It opens a webhook whose messages it can verify', play: hear },
  { title: 'It brings the history of its accounts, and a wrong one is refused as a whole', play: bringHistory },
  { title: "The bank reconciles Tael's statements with its own books", play: tieOut },
  { title: 'Its subgraph passes the kit that says whether it may join the graph', play: checkSubgraph },
  { title: 'It publishes the subgraph: a bad one is refused with reasons, a good one waits', play: publishSubgraph },
  { title: 'An operator approves it, and it answers in the graph of people', play: joinGraph },
  { title: 'Its server is killed, and the wallet still answers', play: killSubgraph },
  { title: 'An operator revokes the key, and the door is shut', play: revoke },
];

/** @param {Story} story */
async function invite(story) {
  const { gatewayUrl, personas } = story.demo;
  story.operator = await signedIn(gatewayUrl, personas.operator);
  const { invitePartner } = await story.operator(
    'mutation ($i: InvitePartnerInput!) { invitePartner(input: $i) { partner { id } invitation { code expiresAt } userErrors { code message } } }',
    { i: { name: `Nordbank ${randomUUID().slice(0, 8)}`, environment: 'SANDBOX', scopes: [...SCOPES, ...OF_PEOPLE], reason: 'demo' } },
  );
  story.partnerId = invitePartner.partner.id;
  story.invitation = invitePartner.invitation.code;
  return `a code that is good once, until ${invitePartner.invitation.expiresAt}`;
}

/** @param {Story} story */
async function registerBank(story) {
  const { gatewayUrl } = story.demo;
  story.key = await makeKey();
  const { clientId } = await register({ graph: gatewayUrl, invitation: story.invitation, key: story.key });
  story.clientId = clientId;
  await assert.rejects(
    register({ graph: gatewayUrl, invitation: story.invitation, key: await makeKey() }),
    /does not exist, was used/,
  );
  return `client ${clientId}; the invitation is used up`;
}

/** @param {Story} story @param {object} [change] */
async function newClient(story, change) {
  const base = story.demo.gatewayUrl.replace(/\/graphql$/, '');
  const { clientId, key } = story;
  return new TaelClient({
    issuer: `${base}/partner/oauth`,
    door: `${base}/partner/graphql`,
    clientId,
    key,
    proofKey: await makeKey(),
    scope: SCOPES.join(' '),
    ...change,
  });
}

/** @param {Story} story */
async function askTheDoor(story) {
  story.tael = await newClient(story);
  const { data } = await until(
    () => story.tael.query('{ partner { id name status clients { id } } }'),
    'the token endpoint knows the client',
  );
  assert.equal(data.partner.id, story.partnerId);
  await assert.rejects(story.tael.query('{ viewer { id } }'), /Cannot query field|viewer/);
  return `${data.partner.name} is ${data.partner.status}; people are not there`;
}

/** @param {Story} story */
async function stolenToken(story) {
  const door = story.tael.options.door;
  const token = await story.tael.token();
  for (const scheme of ['Bearer', 'DPoP']) {
    const response = await fetch(door, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `${scheme} ${token}` },
      body: JSON.stringify({ query: '{ partner { id } }' }),
    });
    assert.equal(response.status, 401, `${scheme} without a proof`);
  }
  return 'refused with 401, as Bearer and without a proof';
}

/** @param {Story} story */
async function turnKey(story) {
  const next = await makeKey();
  const proof = await story.tael.proofOfKey(next);
  await change(story, 'addPartnerKey', 'AddPartnerKeyInput', { jwk: JSON.stringify(next.jwk), proof });
  const old = story.key;
  story.key = next;
  const turned = await newClient(story);
  await until(() => turned.query('{ partner { id } }'), 'the new key gets a token');
  await change({ tael: turned }, 'retirePartnerKey', 'RetirePartnerKeyInput', { kid: old.kid, reason: 'turned' });
  story.tael = await newClient(story);
  await until(() => story.tael.query('{ partner { id } }'), 'the new key alone gets a token');
  const retired = await newClient(story, { key: old });
  await until(
    async () =>
      await retired.query('{ partner { id } }').then(
        () => false,
        (/** @type {Error} */ error) => /invalid_client/.test(error.message),
      ),
    'the old key is out',
  );
  return `${next.kid.slice(0, 12)}… signs in; the old key does not any more`;
}

/** @param {Story} story @param {string} name @param {string} type @param {object} input */
async function change(story, name, type, input) {
  const { data, errors } = await story.tael.query(
    `mutation ($i: ${type}!) { ${name}(input: $i) { userErrors { code message } } }`,
    { i: input },
  );
  assert.deepEqual(errors ?? data[name].userErrors, [], name);
}

/** @param {Story} story */
async function moveMoney(story) {
  const { gatewayUrl } = story.demo;
  story.credentials = { email: `${randomUUID()}@demo.tael.example`, password: randomUUID() };
  const { signUp } = await graph(gatewayUrl)(
    'mutation ($i: SignUpInput!) { signUp(input: $i) { user { wallets { id } } session { accessToken } userErrors { code message } } }',
    { i: { ...story.credentials, displayName: 'Ada', currency: 'USD' } },
  );
  story.person = graph(gatewayUrl, signUp.session.accessToken);
  story.personAnswer = rawGraph(gatewayUrl, signUp.session.accessToken);
  const walletId = signUp.user.wallets[0].id;
  const { addBankAccount } = await story.person(
    'mutation ($i: AddBankAccountInput!) { addBankAccount(input: $i) { paymentMethod { id status } userErrors { code message } } }',
    { i: { iban: IBAN, holderName: 'Ada' } },
  );
  const move = (/** @type {string} */ amount) => ({
    i: {
      walletId,
      paymentMethodId: addBankAccount.paymentMethod.id,
      amount: { amount, currency: 'USD' },
      idempotencyKey: randomUUID(),
    },
  });
  const RESULT = 'transaction { status fee { amount } } userErrors { code message }';
  const { topUp } = await story.person(`mutation ($i: TopUpInput!) { topUp(input: $i) { ${RESULT} } }`, move('100.00'));
  const { withdraw } = await story.person(
    `mutation ($i: WithdrawInput!) { withdraw(input: $i) { ${RESULT} } }`,
    move('40.00'),
  );
  const { viewer } = await story.person('{ viewer { wallet(currency: "USD") { balance { available { amount } } } } }');
  story.balance = viewer.wallet.balance.available.amount;
  assert.deepEqual([topUp.transaction.status, withdraw.transaction.status], ['SETTLED', 'SETTLED']);
  const cents = (/** @type {string} */ text) => BigInt(text.replace('.', ''));
  assert.equal(cents(story.balance), 6_000n - cents(withdraw.transaction.fee.amount));
  return `100.00 in, 40.00 out for a fee of ${withdraw.transaction.fee.amount}, ${story.balance} left`;
}

/** @param {Story} story */
async function hear(story) {
  const receiver = await startReceiver();
  story.receiver = receiver;
  story.stops.push(receiver.stop);
  const { data } = await story.tael.query(
    'mutation ($i: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $i) { endpoint { id keys { publicKey } } userErrors { code message } } }',
    { i: { url: receiver.url, eventTypes: ['history-import.ended'] } },
  );
  assert.deepEqual(data.createWebhookEndpoint.userErrors, []);
  const { id, keys } = data.createWebhookEndpoint.endpoint;
  receiver.trust(keys.map((/** @type {{ publicKey: string }} */ key) => key.publicKey));
  const forged = await fetch(receiver.url, {
    method: 'POST',
    body: '{}',
    headers: {
      'webhook-id': 'x',
      'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
      'webhook-signature': 'v1a,AAAA',
    },
  });
  assert.equal(forged.status, 401);
  await change(story, 'sendTestWebhook', 'SendTestWebhookInput', { endpointId: id });
  const message = await until(async () => receiver.received[0], 'the message arrives');
  assert.equal(message.type, 'webhook.test');
  return `${message.type}, signed by ${keys[0].publicKey.slice(0, 17)}…; a forged one was refused`;
}

/** @param {Story} story @param {string} csv */
async function upload(story, csv) {
  const step = async (/** @type {string} */ name, /** @type {string} */ type, /** @type {object} */ input) => {
    const { data, errors } = await story.tael.query(
      `mutation ($i: ${type}!) { ${name}(input: $i) { historyImport { id status } userErrors { code message } } }`,
      { i: input },
    );
    assert.deepEqual(errors ?? data[name].userErrors, [], name);
    return data[name].historyImport;
  };
  const { id } = await step('openHistoryImport', 'OpenHistoryImportInput', {
    reference: randomUUID(),
    currency: 'CZK',
  });
  await step('addHistoryChunk', 'AddHistoryChunkInput', { importId: id, number: 0, csv });
  await step('checkHistoryImport', 'HistoryImportInput', { importId: id });
  const read = async () =>
    (
      await story.tael.query(
        'query ($id: ID!) { historyImport(id: $id) { status lineCount problems(first: 5) { edges { node { line code } } } } }',
        { id },
      )
    ).data.historyImport;
  const ended = (/** @type {string} */ during) =>
    until(async () => {
      const found = await read();
      return found.status !== during && found;
    }, 'the import goes on');
  const checked = await ended('CHECKING');
  if (checked.status !== 'CHECKED') return checked;
  await step('applyHistoryImport', 'ApplyHistoryImportInput', { importId: id });
  return ended('APPLYING');
}

/** @param {Story} story */
async function bringHistory(story) {
  const wrong = await upload(story, HISTORY.replace('1119.50', '1119.51'));
  assert.equal(wrong.status, 'REFUSED');
  assert.deepEqual(wrong.problems.edges[0].node, { line: 3, code: 'BALANCE_DIFFERS' });
  const done = await upload(story, HISTORY);
  assert.equal(done.status, 'DONE');
  const told = () => story.receiver.received.filter((/** @type {any} */ { type }) => type === 'history-import.ended');
  await until(async () => told().length === 2, 'the webhooks of both arrive');
  assert.deepEqual(
    told().map((/** @type {any} */ { data }) => data.status),
    ['REFUSED', 'DONE'],
  );
  return `a balance that is off by a hundredth was found in line 3; then ${done.lineCount} bookings came in; verified webhooks told of both ends`;
}

/**
 * The bank compares what Tael's door says with its own books, with the program that the example has for it; and with books that are wrong, to see that it would be told.
 * @param {Story} story
 */
async function tieOut(story) {
  const account = { number: 'CZ-1', currency: 'CZK' };
  const books = HISTORY.trim()
    .split('\n')
    .map((line) => line.split(','))
    .filter(([, number]) => number === account.number)
    .map(([date = '', , kind, , , amount = '', balance = '', reference = '']) => ({ reference, date, amount: kind === 'debit' ? `-${amount}` : amount, balance }));
  const { differences, bookings, months } = await reconcile(story.tael, account, books);
  assert.deepEqual([differences, bookings, months], [[], 3, 2]);
  const wrong = books.map((booking) => (booking.reference === 'R4' ? { ...booking, amount: '-700.01' } : booking));
  const told = await reconcile(story.tael, account, [...wrong, { reference: 'R9', date: '2026-11-04', amount: '1.00', balance: '420.50' }]);
  assert.deepEqual(told.differences, ['R4 is -700.01 here, and -700.00 at Tael', 'R9 is not at Tael']);
  return `${bookings} bookings of ${months} months and the balances of their camt.053 files are those of the bank's books; in books that are wrong by a hundredth and a booking, both are found`;
}

/** @param {Story} story */
async function revoke(story) {
  await story.operator(
    'mutation ($i: RevokePartnerKeyInput!) { revokePartnerKey(input: $i) { userErrors { code message } } }',
    { i: { partnerId: story.partnerId, clientId: story.clientId, kid: story.key.kid, reason: 'end of the demo' } },
  );
  const at = performance.now();
  await until(
    () =>
      story.tael.query('{ partner { id } }').then(
        () => false,
        () => true,
      ),
    'the token is refused',
    10,
  );
  const { viewer } = await story.person('{ viewer { wallet(currency: "USD") { balance { available { amount } } } } }');
  assert.equal(viewer.wallet.balance.available.amount, story.balance);
  return `its token was refused after ${Math.round(performance.now() - at)} ms; the person's wallet answers as before`;
}
