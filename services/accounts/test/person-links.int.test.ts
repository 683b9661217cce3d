import { createHmac, randomBytes } from 'node:crypto';
import type { SealRing } from '@tael/platform/env';
import { createLogger } from '@tael/platform/log';
import { resealStep } from '@tael/platform/reseal';
import { DEPOSITS, ibanOf } from '@tael/sandbox';
import { fingerprintTasks } from '../src/key-turns/key-turn.tasks';
import { isCardNumber } from '../src/payment-methods/card.domain';
import { LINKS_MAX } from '../src/person-links/person-link.domain';
import { createServices } from '../src/services';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';

const f1 = { id: 'f1', key: randomBytes(32) };
const f2 = { id: 'f2', key: randomBytes(32) };

let world: PeopleWorld;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_person_links', { CARD_FINGERPRINT_KEYS: [f1] });
});
afterAll(() => world.end());

const ADD_CARD = 'mutation ($input: AddCardInput!) { addCard(input: $input) { paymentMethod { id } userErrors { code field } } }';
const ADD_ACCOUNT = 'mutation ($input: AddBankAccountInput!) { addBankAccount(input: $input) { paymentMethod { id status } userErrors { code field } } }';
const CONFIRM = `mutation ($input: ConfirmBankAccountInput!) {
  confirmBankAccount(input: $input) { paymentMethod { status } userErrors { code } } }`;
const OF_CARD = { expiryMonth: 12, expiryYear: 2031, securityCode: '737', holderName: 'Canary Holder' };

let made = 0;
/** A card number of nobody yet, with an ending of its own. */
const newNumber = (): string => {
  made += 1;
  const head = `51000000${String(made).padStart(7, '0')}`;
  return Array.from({ length: 10 }, (_none, digit) => `${head}${digit}`).find(isCardNumber)!;
};
const newIban = (ending: '00' | '11'): string => {
  made += 1;
  return ibanOf('DE', `37040044${String(made).padStart(8, '0')}${ending}`);
};
const people = (count: number): Promise<NewPerson[]> => Promise.all(Array.from({ length: count }, () => world.signUp()));
const addCard = async (person: NewPerson, number: string): Promise<void> => {
  const { data } = await world.ask(ADD_CARD, { input: { ...OF_CARD, number } }, person.as);
  expect(data.addCard).toEqual({ paymentMethod: { id: expect.any(String) }, userErrors: [] });
};
const addAccount = async (person: NewPerson, iban: string, holderName = 'Ada'): Promise<string> => {
  const { data } = await world.ask(ADD_ACCOUNT, { input: { iban, holderName } }, person.as);
  expect(data.addBankAccount.userErrors).toEqual([]);
  return data.addBankAccount.paymentMethod.id;
};
const proves = async (person: NewPerson, paymentMethodId: string, amounts: readonly string[] = DEPOSITS.amounts): Promise<void> => {
  const input = { paymentMethodId, amounts: amounts.map((minor) => ({ currency: DEPOSITS.currency, amount: `0.${minor.padStart(2, '0')}` })) };
  await world.ask(CONFIRM, { input }, person.as);
};
const resealed = async (ring: SealRing): Promise<void> => {
  for (const task of fingerprintTasks({ SEAL_KEYS: world.settings.SEAL_KEYS, CARD_FINGERPRINT_KEYS: ring }))
    while ((await resealStep(world.dataSource, task, 50)) > 0);
};
/** What was told of these people, as pairs of their places in the list. */
const told = async (among: readonly NewPerson[]): Promise<string[]> => {
  const placeOf = (id: unknown) => among.findIndex((person) => person.id === id);
  return (await world.events('people.linked')).filter((data) => placeOf(data['personId']) >= 0 || placeOf(data['otherId']) >= 0)
    .map((data) => [data['by'], ...[placeOf(data['personId']), placeOf(data['otherId'])].sort()].join(' ')).sort();
};

describe('a card that somebody else has', () => {
  it.each(['who signed up first has it first', 'who signed up first has it last'])('links the two, once: %s', async (order) => {
    const number = newNumber();
    const both = await people(2);
    for (const person of order.endsWith('first') ? both : both.toReversed()) await addCard(person, number);
    expect(await told(both)).toEqual(['CARD 0 1']);
    for (const person of both) await addCard(person, number);
    const other = newNumber();
    for (const person of both) await addCard(person, other);
    expect(await told(both)).toEqual(['CARD 0 1']);
    const [event] = (await world.events('people.linked')).filter((data) => both.some(({ id }) => id === data['personId']));
    const [low, high] = both.map(({ id }) => id).sort();
    expect(event).toEqual({ personId: low, otherId: high, by: 'CARD', occurredAt: expect.any(String) });
  });

  it('is no other with the same ending and scheme, and none of those that a processor publishes for tests', async () => {
    const numbers = ['5555555555554444', newNumber(), newNumber()];
    const sameEnding = Array.from({ length: 1e5 }, (_none, n) => `5100${String(n).padStart(8, '0')}4444`).filter(isCardNumber)[7]!;
    const six = await people(6);
    for (const [at, number] of [...numbers, sameEnding].entries()) await addCard(six[at]!, number);
    for (const person of six) for (const number of ['4242424242424242', '4000000000000002']) await addCard(person, number);
    expect(await told(six)).toEqual([]);
  });

  it('of many links each to those who had it first, so that any two are two links apart; also where all add it at once', async () => {
    const [row, crowd] = [await people(6), await people(8)];
    const [one, other] = [newNumber(), newNumber()];
    for (const person of row) await addCard(person, one);
    expect(await told(row)).toEqual(row.flatMap((_person, at) => [0, 1, 2].filter((first) => first < at).map((first) => `CARD ${first} ${at}`)).sort());
    await world.atOnce('payment_method', crowd.length, (at) => addCard(crowd[at]!, other));
    const links = await told(crowd);
    expect(links).toHaveLength(1 + 2 + LINKS_MAX * (crowd.length - LINKS_MAX));
    const first = crowd.map((_person, at) => links.filter((pair) => pair.split(' ').slice(1).includes(String(at))).length);
    expect(Math.max(...first)).toBe(crowd.length - 1);
  });

  it('is known again while the keys of fingerprints turn, and when the old one is gone; before it had a key of its own, too', async () => {
    const log = createLogger({ service: 'test', level: 'silent' });
    const stage = (ring: SealRing) =>
      createServices({ dataSource: world.dataSource, log, settings: { ...world.settings, CARD_FINGERPRINT_KEYS: ring }, now: world.now });
    const number = newNumber();
    const four = await people(4);
    const rings = [[f1], [f1, f2], [f2, f1], [f2, { id: 'f1', key: null }]] as SealRing[];
    for (const [at, ring] of rings.entries()) {
      if (at === 3) await resealed(rings[2]!);
      const done = await stage(ring).paymentMethods.addCard({ personId: four[at]!.id, traceparent: '' }, { ...OF_CARD, number });
      expect(done.ok).toBe(true);
      if (at > 0) continue;
      const plain = createHmac('sha256', f1.key).update(`tael/card/${number}`).digest();
      await world.rows('UPDATE payment_method SET fingerprint = $2, "fingerprintKey" = NULL WHERE "personId" = $1', [four[0]!.id, plain]);
    }
    expect(await told(four)).toEqual(['CARD 0 1', 'CARD 0 2', 'CARD 0 3', 'CARD 1 2', 'CARD 1 3', 'CARD 2 3']);
    // The world goes on under the second key.
    const [next] = await people(1);
    await world.rows('UPDATE payment_method SET "fingerprintKey" = $2 WHERE "personId" = $1', [four[0]!.id, `v1.f1.${'A'.repeat(16)}.${'A'.repeat(64)}`]);
    const done = await stage(rings[3]!).paymentMethods.addCard({ personId: next!.id, traceparent: '' }, { ...OF_CARD, number });
    // One that nobody can open any more refuses nobody a card of their own.
    expect(done.ok).toBe(true);
    expect((await told([...four, next!])).filter((pair) => pair.endsWith('4'))).toEqual(['CARD 1 4', 'CARD 2 4', 'CARD 3 4']);
  });

  it('is told in the transaction of the card, and nothing of the card is told', async () => {
    const both = await people(2);
    const number = newNumber();
    await addCard(both[0]!, number);
    await world.asOwner('ALTER TABLE person_link ADD CONSTRAINT breaks CHECK (at IS NULL) NOT VALID');
    const broken = await world.ask(ADD_CARD, { input: { ...OF_CARD, number } }, both[1]!.as);
    await world.asOwner('ALTER TABLE person_link DROP CONSTRAINT breaks');
    expect(broken.errors).toHaveLength(1);
    expect(await world.rows('SELECT id FROM payment_method WHERE "personId" = $1', [both[1]!.id])).toEqual([]);
    await addCard(both[1]!, number);
    expect(await told(both)).toEqual(['CARD 0 1']);
    expect(JSON.stringify(await world.events('people.linked'))).not.toMatch(new RegExp(`${number}|"[0-9]{4}"`));
  });
});

describe('a bank account that somebody else has', () => {
  it('links the two beside their card', async () => {
    const [iban, number] = [newIban('00'), newNumber()];
    const both = await people(2);
    for (const person of both) await addAccount(person, iban);
    expect(await told(both)).toEqual(['BANK_ACCOUNT 0 1']);
    for (const person of both) await addCard(person, number);
    expect(await told(both)).toEqual(['BANK_ACCOUNT 0 1', 'CARD 0 1']);
  });

  it('links nobody before both have proved that it is theirs, in either order, and nobody who could not', async () => {
    const iban = newIban('11');
    const four = await people(4);
    const accounts: string[] = [];
    for (const person of four) accounts.push(await addAccount(person, iban));
    for (let wrong = 0; wrong < 3; wrong++) await proves(four[0]!, accounts[0]!, ['1', '2']);
    await proves(four[2]!, accounts[2]!);
    expect(await told(four)).toEqual([]);
    await proves(four[1]!, accounts[1]!);
    expect(await told(four)).toEqual(['BANK_ACCOUNT 1 2']);
    await proves(four[3]!, accounts[3]!);
    expect(await told(four)).toEqual(['BANK_ACCOUNT 1 2', 'BANK_ACCOUNT 1 3', 'BANK_ACCOUNT 2 3']);
  });

  it('is found where both prove it in the same moment', async () => {
    const iban = newIban('11');
    const both = await people(2);
    const accounts = [await addAccount(both[0]!, iban), await addAccount(both[1]!, iban)];
    await Promise.all(both.map((person, at) => proves(person, accounts[at]!)));
    expect(await told(both)).toEqual(['BANK_ACCOUNT 0 1']);
  });
});
