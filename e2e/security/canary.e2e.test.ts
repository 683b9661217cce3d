import { TOPICS } from '@tael/events';
import { type Bus, createBus } from '@tael/platform/bus';
import { deadLetterTopic } from '@tael/platform/inbox';
import { createLogger } from '@tael/platform/log';
import { eventually } from '@tael/testkit';
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { readStackFile } from '../services';
import { anonymous, inboxOf, must, newMerchant, newPerson, PAY, payment, type Person, received, refund } from '../world';
import * as paths from './canary-paths';
import { type Canaries, inDataFiles, inLogs, inTables, inTopics, valuesBeside } from './hiding-places';
import { enableTotp } from './things';

// A23, A24: what must stay secret goes the whole way (sign-up, card, top-up, payment, transfer, a bank account, a dispute and an application with papers, a consent,
// a forgotten password, refusals, failures, a dead letter) and is then looked for wherever the stack keeps anything. The owner's mail address and name are sealed in their rows.

const mark = randomBytes(6).toString('hex');
/** Digits that stand nowhere by chance, with the check digit of a card number (ISO/IEC 7812-1). */
function cardNumber(prefix: string, length: number): string {
  const body = prefix + Array.from({ length: length - prefix.length - 1 }, () => randomInt(10)).join('');
  const sum = [...body].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

const card = cardNumber('37', 15);
const refusedCard = `${cardNumber('4', 16).slice(0, -1)}`;
const code = String(randomInt(1_000, 10_000));
const email = `canary.${mark}@e2e.tael.example`;
const name = `Canary ${mark} Example`;
const phone = `+1555${randomInt(1_000_000, 10_000_000)}`;

/** Known to nobody but the person: in clear nowhere, not even in their own rows. */
const secrets: Record<string, string> = {
  'the card number': card, 'the card number in groups': `${card.slice(0, 4)} ${card.slice(4, 10)} ${card.slice(10)}`,
  'a card number with a slip': refusedCard, 'the password': `canary-password-${mark}`, 'a wrong password': `canary-wrong-${mark}`,
};
/** A secret that is sent to its person by mail. */
const MAILED = 'the code of the forgotten password';
/** Personal data: sealed wherever it is kept. The outside world's mail server, which the sandbox plays, has it in clear. */
const personal: Canaries = { 'the mail address': email, 'the name': name, 'a phone number': phone, 'the mark of all': mark };

function openBus(): Bus {
  const { eventBus, kafkaBrokers, busDatabaseUrl } = readStackFile();
  const log = createLogger({ service: 'e2e', level: 'silent' });
  return eventBus === 'kafka'
    ? createBus({ kind: 'kafka', brokers: kafkaBrokers!.split(','), clientId: 'e2e', log })
    : createBus({ kind: 'postgres', url: busDatabaseUrl, clientId: 'e2e', log });
}

let person: Person;
let shop: { id: string; owner: Person };

const ADD_CARD = 'mutation ($input: AddCardInput!) { addCard(input: $input) { paymentMethod { id last4 } userErrors { code } } }';
const cardInput = (number: string) => ({ input: { number, expiryMonth: 12, expiryYear: 2031, securityCode: code, holderName: name } });

/** All that is done with money, and with what it is described by. */
async function moveMoney(): Promise<string> {
  const added = await must<any>(person.client, ADD_CARD, cardInput(card));
  expect(added.addCard.paymentMethod.last4).toBe(card.slice(-4));
  await must(person.client, 'mutation ($input: TopUpInput!) { topUp(input: $input) { transaction { status } userErrors { code } } }', {
    input: {
      walletId: person.walletId, paymentMethodId: added.addCard.paymentMethod.id, amount: { amount: '100.00', currency: 'USD' },
      idempotencyKey: randomUUID(),
    },
  });
  const paid = await must<any>(person.client, PAY, payment(person, shop.id, '10.00', { description: `Call ${phone}, ${name}` }));
  await refund(shop.owner, paid.payMerchant.transaction.id, '1.00');
  const friend = await newPerson({ displayName: `Friend of ${mark}` });
  await must(person.client, 'mutation ($input: SendMoneyInput!) { sendMoney(input: $input) { transaction { id } userErrors { code } } }', {
    input: {
      walletId: person.walletId, recipientEmail: friend.email, amount: { amount: '1.00', currency: 'USD' }, description: `From ${email}`,
      idempotencyKey: randomUUID(),
    },
  });
  return paid.payMerchant.transaction.id;
}

/** What needs more than one step, or somebody else. */
async function goEveryWay(transactionId: string): Promise<void> {
  const traveller = { person, email, name, phone, mark };
  const iban = await paths.bankAccount(traveller);
  secrets['the number of the bank account'] = iban;
  secrets['the account in it'] = iban.slice(12);
  await paths.dispute(traveller, shop.owner, transactionId);
  await paths.application(traveller);
  Object.assign(secrets, await paths.consent(traveller));
  secrets[MAILED] = await paths.passwordReset(traveller);
}

/** What goes wrong tells about itself in logs and answers: none of it may repeat what was given. */
async function failInEveryWay(): Promise<void> {
  const answers = [
    await person.client.request(ADD_CARD, cardInput(refusedCard)),
    await person.client.request(`mutation { addCard(input: { number: "${card}", expiryMonth: "${card}", securityCode: "${code}" }) { x } }`),
    await person.client.request(ADD_CARD, { input: { number: Number(card), holderName: { email } } }),
    await anonymous.request('mutation ($input: SignInInput!) { signIn(input: $input) { userErrors { code } } }',
      { input: { email, password: secrets['a wrong password'] } }),
    await anonymous.request('mutation ($input: SignUpInput!) { signUp(input: $input) { userErrors { code } } }',
      { input: { email, password: person.password, displayName: name, currency: 'USD' } }),
    await person.client.request(`query { transaction(id: "${email}") { id ${mark}x } }`),
    await person.client.request('query ($id: ID!) { transaction(id: $id) { id } }', { id: email }),
  ];
  const told = JSON.stringify(answers);
  for (const text of [card, refusedCard, email, person.password]) expect(told).not.toContain(text);
}

/** An event of the person's that cannot be read: the consumers put it among the dead letters with a cause. */
async function leaveDeadLetter(): Promise<void> {
  const bus = openBus();
  try {
    const dead = deadLetterTopic(TOPICS.accounts, 'notifications');
    let registered;
    for await (const message of bus.read(TOPICS.accounts)) {
      if (message.value.includes(person.id) && message.headers['ce_type'] === 'person.registered') registered = message;
    }
    if (!registered) throw new Error('the person was never told of');
    const id = randomUUID();
    await bus.publish([{ topic: TOPICS.accounts, key: registered.key, headers: { ...registered.headers, ce_id: id }, value: registered.value.slice(0, -2) }]);
    await eventually(async () => {
      const ids: (string | undefined)[] = [];
      for await (const letter of bus.read(dead)) ids.push(letter.headers['ce_id']);
      expect(ids).toContain(id);
    }, { describe: 'the event is among the dead letters', timeoutMs: 30_000 });
  } finally {
    await bus.close();
  }
}

beforeAll(async () => {
  [person, shop] = await Promise.all([newPerson({ email, password: secrets['the password'], displayName: name }), newMerchant({ name: `Public ${mark.slice(0, 8)} shop` })]);
  Object.assign(person, { password: secrets['the password'] });
  secrets['the access token'] = person.token;
  secrets['the refresh token'] = person.refreshToken;
  await goEveryWay(await moveMoney());
  await failInEveryWay();
  await leaveDeadLetter();
  (await enableTotp(person)).slice(0, 2).forEach((recovery, index) => {
    secrets[`recovery code ${index + 1}`] = recovery;
  });
  await eventually(async () => {
    expect((await inboxOf(person)).map((message) => message.topic)).toEqual(expect.arrayContaining(['payment.settled', 'second-factor.changed']));
    // The mail server of the outside world has the address: what is looked for really went all the way.
    expect((await received('mail', email)).length).toBeGreaterThan(0);
  }, { describe: 'the messages have come', timeoutMs: 30_000 });
}, 120_000);

it('A23: nothing of it stands in a log', () => {
  expect(inLogs({ ...secrets, ...personal })).toEqual([]);
});
it('A23: nothing of it stands in a topic or among the dead letters', async () => {
  expect(await inTopics({ ...secrets, ...personal })).toEqual([]);
});
it('A23, A24: nothing of it stands in a table of ours', async () => {
  expect(await inTables({ ...secrets, ...personal, 'the security code': `"${code}"` })).toEqual([]);
  expect(await valuesBeside(person.id, code)).toEqual([]);
});
it('A24: nothing of it stands in the files of Postgres or its log of changes', async () => {
  expect((await inDataFiles({ ...secrets, ...personal }, 'base')) ?? []).toEqual([]);
  // The log of changes is one for all databases, the outside world's too: that one writes addresses and names, and the mail with the code.
  const { [MAILED]: _mailed, ...unknownOutside } = secrets;
  expect((await inDataFiles(unknownOutside, 'pg_wal')) ?? []).toEqual([]);
});

it('the search finds what is there', async () => {
  const shown = { 'the shop': `Public ${mark.slice(0, 8)} shop` };
  const known = { 'the person': person.id };
  expect(await inTables(shown)).toContain('the shop in merchants.merchant.name');
  expect(await inTopics(known)).toEqual(expect.arrayContaining([`the person in ${TOPICS.accounts}`, `the person in ${deadLetterTopic(TOPICS.accounts, 'notifications')}`]));
  expect(inLogs({ operations: 'Mutation.payMerchant' })).toContain('operations in logs/gateway.log');
  expect(await valuesBeside(person.id, card.slice(-4))).toContain('accounts.payment_method.last4');
  const files = await inDataFiles(shown, 'base');
  if (files) expect(files.length).toBeGreaterThan(0);
});
