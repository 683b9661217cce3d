import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';

let world: PeopleWorld;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_cards');
});
afterAll(() => world.end());

const ADD = `mutation ($input: AddCardInput!) { addCard(input: $input) {
  paymentMethod { id kind brand last4 expiryMonth expiryYear isDefault } userErrors { code message field } } }`;
const card = {
  number: '5555555555554444',
  expiryMonth: 12,
  expiryYear: 2031,
  securityCode: '737',
  holderName: 'Canary Holder',
};

const add = (person: NewPerson, change: object = {}) => world.ask(ADD, { input: { ...card, ...change } }, person.as);
const added = (person: NewPerson) =>
  world.events('card.added').then((all) => all.filter((event) => event['personId'] === person.id));

test('a card becomes a payment method; the first is the default', async () => {
  const person = await world.signUp();
  const first = (await add(person)).data.addCard;
  expect(first).toEqual({
    paymentMethod: {
      id: expect.any(String),
      kind: 'CARD',
      brand: 'Mastercard',
      last4: '4444',
      expiryMonth: 12,
      expiryYear: 2031,
      isDefault: true,
    },
    userErrors: [],
  });
  const second = (await add(person, { number: '4242 4242 4242 4242' })).data.addCard;
  expect(second.paymentMethod).toMatchObject({ brand: 'Visa', last4: '4242', isDefault: false });
  const { data } = await world.ask('{ viewer { paymentMethods { id isDefault } } }', {}, person.as);
  expect(data.viewer.paymentMethods).toEqual([
    { id: first.paymentMethod.id, isDefault: true },
    { id: second.paymentMethod.id, isDefault: false },
  ]);
  expect(await added(person)).toMatchObject([
    { paymentMethodId: first.paymentMethod.id, brand: 'Mastercard', last4: '4444' },
    { last4: '4242' },
  ]);
});

test('the same card again is the same payment method with the expiry of now, also where eight come at once', async () => {
  const person = await world.signUp();
  const answers = await world.atOnce('payment_method', 8, () => add(person));
  expect(new Set(answers.map((answer) => answer.data.addCard.paymentMethod.id)).size).toBe(1);
  const renewed = (await add(person, { expiryMonth: 6, expiryYear: 2033 })).data.addCard.paymentMethod;
  expect(renewed).toEqual({ ...answers[0]!.data.addCard.paymentMethod, expiryMonth: 6, expiryYear: 2033 });
  expect(await added(person)).toHaveLength(1);
});

test('two first cards at once: one of them is the default', async () => {
  const person = await world.signUp();
  const answers = await world.atOnce('payment_method', 2, (index) =>
    add(person, index ? { number: '4242424242424242' } : {}),
  );
  expect(answers.filter((answer) => answer.data.addCard.paymentMethod.isDefault)).toHaveLength(1);
});

test("another person's same card is another payment method", async () => {
  const [one, other] = [await world.signUp(), await world.signUp()];
  const [mine, theirs] = [await add(one), await add(other)];
  expect(mine.data.addCard.paymentMethod.id).not.toBe(theirs.data.addCard.paymentMethod.id);
});

test.each([
  [{ number: '4242424242424241' }, 'number'],
  [{ expiryYear: 2020 }, 'expiryYear'],
  [{ securityCode: '1' }, 'securityCode'],
  [{ holderName: '' }, 'holderName'],
])('%j is refused and stores nothing', async (change, field) => {
  const person = await world.signUp();
  const { data } = await add(person, change);
  expect(data.addCard).toMatchObject({
    paymentMethod: null,
    userErrors: [{ code: 'INVALID_INPUT', field: ['input', field] }],
  });
  expect(await world.rows('SELECT 1 FROM payment_method WHERE "personId" = $1', [person.id])).toEqual([]);
});

test('without a session there is no card to add', async () => {
  expect((await world.ask(ADD, { input: card })).errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
});

test('a processor that refuses us is a passing fault, and tells nothing of itself or the card', async () => {
  const broken = await startPeopleWorld('accounts_cards_away', { CARD_PROCESSOR_URL: 'http://127.0.0.1:9' });
  try {
    const person = await broken.signUp();
    const answer = await broken.ask(ADD, { input: card }, person.as);
    expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
    expect(JSON.stringify(answer)).not.toMatch(/127\.0\.0\.1|ECONN|5555/);
    expect(broken.log()).toContain('the processor does not answer');
    expect(broken.log()).not.toMatch(/5555555555554444|Canary Holder/);
  } finally {
    await broken.end();
  }
});

test('number, code, holder and token of a card stand in clear in no row, event or log line', async () => {
  const person = await world.signUp();
  await add(person, { number: '5105105105105100', securityCode: '773' });
  const kept = `${await world.dump()}\n${world.log()}`;
  expect(kept).toContain('5100');
  expect(kept).not.toMatch(/5105105105105100|"7731"|,7731,|Canary Holder|tok_/);
});
