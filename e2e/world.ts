import { eventually, type GraphQLTestClient, graphqlClient } from '@tael/testkit';
import { randomUUID } from 'node:crypto';
import { stack } from './stack';

/** A person with a session, as a test made them. */
export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly walletId: string;
  readonly token: string;
  readonly refreshToken: string;
  readonly client: GraphQLTestClient;
}

/** Asks, and fails the test where the answer has errors or userErrors: for steps that must work. */
export async function must<Data = Record<string, never>>(
  client: GraphQLTestClient, query: string, variables?: Record<string, unknown>,
): Promise<Data> {
  const answer = await client.request(query, variables);
  const refusals = Object.values((answer.data ?? {}) as Record<string, { userErrors?: unknown[] } | null>)
    .flatMap((field) => field?.userErrors ?? []);
  if (answer.errors || refusals.length) {
    throw new Error(`${query.slice(0, 80)}… was refused: ${JSON.stringify(answer.errors ?? refusals)}`);
  }
  return answer.data as Data;
}

export const anonymous = graphqlClient({ url: stack.gatewayUrl });

const SIGN_UP = `mutation ($input: SignUpInput!) { signUp(input: $input) {
  user { id wallets { id } } session { accessToken refreshToken } userErrors { code field } } }`;

/** Signs somebody up with an empty wallet. */
export async function newPerson(input: Record<string, unknown> = {}): Promise<Person> {
  const email = `p-${randomUUID()}@e2e.tael.example`;
  const password = `pass-${randomUUID()}`;
  const { signUp } = await must<any>(anonymous, SIGN_UP, {
    input: { email, password, displayName: 'Ada Example', currency: 'USD', ...input },
  });
  return {
    id: signUp.user.id, email: (input['email'] as string) ?? email, password, walletId: signUp.user.wallets[0].id,
    token: signUp.session.accessToken, refreshToken: signUp.session.refreshToken,
    client: graphqlClient({ url: stack.gatewayUrl, token: signUp.session.accessToken }),
  };
}

const SIGN_IN = `mutation ($input: SignInInput!) { signIn(input: $input) {
  user { id wallets { id } } session { accessToken refreshToken } userErrors { code } } }`;

/** Stores a bank account at the sandbox bank; gives its payment method. */
export async function addBankAccount(person: Person, iban = 'DE89370400440532013000'): Promise<string> {
  const { addBankAccount: added } = await must<any>(person.client,
    'mutation ($input: AddBankAccountInput!) { addBankAccount(input: $input) { paymentMethod { id } userErrors { code } } }',
    { input: { iban, holderName: 'Ada Example' } });
  return added.paymentMethod.id;
}

/** Signs a persona of the demo in. */
export function persona(name: 'operator' | 'supervisor' | 'customer' | 'merchant'): Promise<Person> {
  return signIn(stack.personas[name]);
}

/** Signs somebody in who has an account, with a password alone. */
export async function signIn(credentials: { readonly email: string; readonly password: string }): Promise<Person> {
  const { email, password } = credentials;
  const { signIn: { user, session } } = await must<any>(anonymous, SIGN_IN, { input: { email, password } });
  return {
    id: user.id, email, password, walletId: user.wallets[0]?.id ?? '',
    token: session.accessToken, refreshToken: session.refreshToken,
    client: graphqlClient({ url: stack.gatewayUrl, token: session.accessToken }),
  };
}

let operatorSession: Promise<Person> | undefined;

/** The operator, signed in once a test file. */
export function operator(): Promise<Person> {
  return (operatorSession ??= persona('operator'));
}

export const GOOD_CARD = '4242424242424242';
export const DECLINED_CARD = '4000000000000002';

/** Stores a card; gives the payment method's id. */
export async function addCard(person: Person, number = GOOD_CARD): Promise<string> {
  const data = await must<any>(
    person.client,
    `mutation ($input: AddCardInput!) { addCard(input: $input) { paymentMethod { id } userErrors { code field } } }`,
    { input: { number, expiryMonth: 12, expiryYear: 2031, securityCode: '123', holderName: 'Ada Example' } },
  );
  return data.addCard.paymentMethod.id;
}

/** A card that nobody has yet; those that the sandbox lists are everybody's. */
export function newCardNumber(): string {
  const head = `4${Array.from(randomUUID().replaceAll('-', '').slice(0, 14), (sign) => parseInt(sign, 16) % 10).join('')}`;
  const sum = [...head].reduce((total, digit, at) => {
    const value = at % 2 === 0 ? Number(digit) * 2 : Number(digit);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return `${head}${(10 - (sum % 10)) % 10}`;
}

/** Puts money into a person's wallet by card. */
export async function fund(person: Person, amount: string, currency = 'USD', card = GOOD_CARD): Promise<void> {
  const paymentMethodId = await addCard(person, card);
  await must(
    person.client,
    `mutation ($input: TopUpInput!) { topUp(input: $input) { transaction { id status } userErrors { code field } } }`,
    { input: { walletId: person.walletId, paymentMethodId, amount: { amount, currency }, idempotencyKey: randomUUID() } },
  );
}

/** A person with money. */
export async function newFundedPerson(amount: string, input: Record<string, unknown> = {}): Promise<Person> {
  const person = await newPerson(input);
  await fund(person, amount, (input['currency'] as string) ?? 'USD');
  return person;
}

export interface Merchant {
  readonly id: string;
  readonly owner: Person;
}

/** Registers a merchant by its owner, has an operator activate it, and waits until it can be paid. */
export async function newMerchant(input: Record<string, unknown> = {}): Promise<Merchant> {
  const currency = input['currency'] ?? 'USD';
  const owner = await newPerson({ displayName: 'Mara Merchant', currency });
  const registered = await must<any>(
    owner.client,
    `mutation ($input: RegisterMerchantInput!) { registerMerchant(input: $input) { merchant { id status } userErrors { code field } } }`,
    { input: { name: 'Corner Coffee', categoryCode: '5814', currency, ...input } },
  );
  const id: string = registered.registerMerchant.merchant.id;
  const staff = await operator();
  await must(
    staff.client,
    `mutation ($input: ActivateMerchantInput!) { activateMerchant(input: $input) { merchant { id } userErrors { code } } }`,
    { input: { merchantId: id } },
  );
  await eventually(async () => {
    const { paymentQuote } = await must<any>(owner.client, QUOTE, {
      input: { walletId: owner.walletId, merchantId: id, amount: { amount: '100', currency } },
    });
    expect(paymentQuote.quote).not.toBeNull();
  }, { describe: 'accounts knows the merchant', timeoutMs: 15_000 });
  return { id, owner };
}

/** A store as its owner describes it. */
export const STORE = {
  name: 'Corner', addressLines: ['1 Main Street'], city: 'San Francisco', country: 'US', latitude: 37.784064, longitude: -122.40398,
  timeZone: 'America/Los_Angeles', openingHours: [{ weekday: 'MONDAY', opens: '08:00', closes: '18:00' }],
};

/** Adds a store to a merchant; gives its id and the text of its code. */
export async function addStore(owner: Person, merchantId: string, input: object = {}): Promise<{ id: string; qrCode: string }> {
  const data = await must<any>(owner.client,
    'mutation ($input: AddStoreInput!) { addStore(input: $input) { store { id qrCode } userErrors { code field } } }',
    { input: { merchantId, ...STORE, ...input } });
  return data.addStore.store;
}

export const QUOTE = `query ($input: PaymentQuoteInput!) { paymentQuote(input: $input) {
  quote { amount { amount currency } fee { amount } feeBeforeWaiver { amount } total { amount }
    expectedCashback { amount currency } validUntil } userErrors { code field message } } }`;

export const PAY = `mutation ($input: PayMerchantInput!) { payMerchant(input: $input) {
  transaction { id kind status direction amount { amount currency } fee { amount } balanceAfter { amount } description }
  wallet { id balance { available { amount } posted { amount } pending { amount } } } userErrors { code field message } } }`;

export const REFUND = `mutation ($input: RefundPaymentInput!) { refundPayment(input: $input) {
  transaction { id kind status amount { amount currency } } userErrors { code field message } } }`;

/** The input of a payment with a key of its own. */
export function payment(person: Person, merchantId: string, amount: string, more: Record<string, unknown> = {}) {
  return {
    input: {
      walletId: person.walletId, merchantId, amount: { amount, currency: 'USD' }, idempotencyKey: randomUUID(), ...more,
    },
  };
}

/** Pays, and gives the transaction. */
export async function pay(person: Person, merchantId: string, amount: string): Promise<{ id: string; fee: string }> {
  const { payMerchant } = await must<any>(person.client, PAY, payment(person, merchantId, amount));
  return { id: payMerchant.transaction.id, fee: payMerchant.transaction.fee.amount };
}

/** Refunds by the merchant's owner; gives the payload. */
export async function refund(by: Person, transactionId: string, amount?: string, key: string = randomUUID()) {
  const answer = await by.client.request<any>(REFUND, {
    input: { transactionId, idempotencyKey: key, ...(amount ? { amount: { amount, currency: 'USD' } } : {}) },
  });
  if (!answer.data?.refundPayment) throw new Error(JSON.stringify(answer.errors));
  return answer.data.refundPayment;
}

/** The posted balance of a person's USD wallet. */
export async function balanceOf(person: Person): Promise<string> {
  const { viewer } = await must<any>(person.client, `{ viewer { wallet(currency: "USD") { balance { posted { amount } } } } }`);
  return viewer.wallet.balance.posted.amount;
}

const CREATE = `mutation ($input: CreateCampaignInput!) { createCampaign(input: $input) {
  campaign { id status } userErrors { code field message } } }`;

/** Creates and activates a campaign for given merchants, so that tests never meet each other's. */
export async function newCampaign(merchantIds: string[], input: Record<string, unknown>): Promise<string> {
  const staff = await operator();
  const conditions = { merchantIds, ...(input['conditions'] as object) };
  const { createCampaign } = await must<any>(staff.client, CREATE, {
    input: { name: 'Test campaign', currency: 'USD', budget: { amount: '1000.00', currency: 'USD' }, ...input, conditions },
  });
  const id: string = createCampaign.campaign.id;
  await activate(id);
  return id;
}

export async function activate(campaignId: string): Promise<void> {
  const staff = await operator();
  await must(
    staff.client,
    `mutation ($input: ActivateCampaignInput!) { activateCampaign(input: $input) { campaign { status } userErrors { code } } }`,
    { input: { campaignId } },
  );
}

/** Waits until a fee-waiver campaign has reached accounts: a quote of the person shows it. */
export async function waiverArrives(person: Person, merchantId: string, amount: string): Promise<void> {
  await eventually(async () => {
    const { paymentQuote } = await must<any>(person.client, QUOTE, {
      input: { walletId: person.walletId, merchantId, amount: { amount, currency: 'USD' } },
    });
    expect(paymentQuote.quote.fee.amount).toBe('0.00');
  }, { describe: 'the fee waiver has reached accounts', timeoutMs: 15_000 });
}

export const REWARDS_OF = `query ($id: ID!) { transaction(id: $id) { id status
  benefits { kind status amount { amount currency } campaign { id name } }
  rewardDecisions { outcome campaign { id } conditions { label expected actual passed } } } }`;

/** What rewards says of a transaction. */
export async function rewardsOf(person: Person, id: string): Promise<any> {
  const { transaction } = await must<any>(person.client, REWARDS_OF, { id });
  return transaction;
}

/** The notifications of a person, newest first. */
export async function inboxOf(person: Person): Promise<any[]> {
  const { viewer } = await must<any>(
    person.client,
    `{ viewer { inbox(first: 50) { unreadCount edges { node { id class topic title body createdAt readAt transaction { id } } } } } }`,
  );
  return viewer.inbox.edges.map((edge: { node: object }) => edge.node);
}

/** What the sandbox received for an address: mails by address, pushes by endpoint. */
export async function received(channel: 'mail' | 'push', to: string): Promise<any[]> {
  const response = await fetch(`${stack.sandboxUrl}/messages?channel=${channel}&to=${encodeURIComponent(to)}`);
  const body: any = await response.json();
  return Array.isArray(body) ? body : body.messages;
}
