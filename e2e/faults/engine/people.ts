import { BANK_IBANS } from '@tael/sandbox';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GraphClient } from './client';
import type { Receiver } from './receiver';
import type { Login } from './stack.files';

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly walletId: string;
  readonly cardId: string;
  readonly bankAccountId: string;
  token: string;
  /** How much was done in this name: the platform bounds a person's day. */
  operations: number;
}

export interface World {
  people: Person[];
  /** Everybody who ever was in it. */
  readonly everybody: Person[];
  readonly shops: readonly { readonly id: string; readonly owner: Person; /** Where its till stands. */ readonly storeId?: string }[];
  readonly campaignId: string;
}

/** Cashback of the run's one campaign, in basis points, on every payment to its shops. */
export const CASHBACK_BASIS_POINTS = 500;

const SIGN_UP = `mutation ($input: SignUpInput!) { signUp(input: $input) {
  user { id wallets { id } } session { accessToken } userErrors { code } } }`;
const SIGN_IN = `mutation ($input: SignInInput!) { signIn(input: $input) {
  user { id wallets { id } } session { accessToken } userErrors { code } } }`;
const ADD_CARD = `mutation ($input: AddCardInput!) { addCard(input: $input) { paymentMethod { id } userErrors { code } } }`;
const ADD_ACCOUNT = `mutation ($input: AddBankAccountInput!) { addBankAccount(input: $input) { paymentMethod { id } userErrors { code } } }`;
const REGISTER = `mutation ($input: RegisterMerchantInput!) { registerMerchant(input: $input) {
  merchant { id } userErrors { code } } }`;
const ACTIVATE_MERCHANT = `mutation ($input: ActivateMerchantInput!) { activateMerchant(input: $input) {
  merchant { id } userErrors { code } } }`;
const ADD_STORE = `mutation ($input: AddStoreInput!) { addStore(input: $input) { store { id } userErrors { code message } } }`;
const CREATE_ENDPOINT = `mutation ($input: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $input) {
  endpoint { keys { publicKey } } userErrors { code message } } }`;
const CREATE_CAMPAIGN = `mutation ($input: CreateCampaignInput!) { createCampaign(input: $input) {
  campaign { id } userErrors { code message } } }`;
const ACTIVATE_CAMPAIGN = `mutation ($input: ActivateCampaignInput!) { activateCampaign(input: $input) {
  campaign { status } userErrors { code } } }`;
const QUOTE = `query ($input: PaymentQuoteInput!) { paymentQuote(input: $input) { quote { expectedCashback { amount } } } }`;

/**
 * The accounts of people at the sandbox bank, one after another. Most settle three seconds after, so that orders are open when a fault comes; others deliver a booking
 * twice, or cut the connection before or after they took an order. The last two, in a world of ten, keep whoever waits for them waiting for seconds.
 */
const ACCOUNTS: readonly (keyof typeof BANK_IBANS)[] = ['slow', 'slow', 'twice', 'cut-after', 'cut-before', 'slow', 'slow', 'slow', 'late-answer', 'statement-only'];

/** The account of the person with this number. */
export const accountOf = (number: number): string => BANK_IBANS[ACCOUNTS[number % ACCOUNTS.length]!];

const SET_UP_MS = 60_000;

/** Asks until it is answered: for what a run needs before, between and after its faults. */
export async function insist(client: GraphClient, query: string, input: object, token?: string): Promise<any> {
  for (const end = performance.now() + SET_UP_MS; ; await sleep(200)) {
    const reply = await client.ask({ query, variables: { input }, token });
    const payload = reply.kind === 'data' ? Object.values(reply.data as object)[0] : undefined;
    if (payload && !payload.userErrors?.length) return payload;
    if (reply.kind === 'data' || performance.now() > end) {
      throw new Error(`${query.slice(0, 60)}… was answered ${JSON.stringify(reply).slice(0, 400)}`);
    }
  }
}

export async function newPerson(client: GraphClient, iban = BANK_IBANS.slow): Promise<Person> {
  const email = `f-${randomUUID()}@faults.tael.example`;
  const password = randomUUID();
  const { user, session } = await insist(client, SIGN_UP, { email, password, displayName: 'Fay Fault', currency: 'USD' });
  const card = { number: '4242424242424242', expiryMonth: 12, expiryYear: 2031, securityCode: '123', holderName: 'Fay Fault' };
  const { paymentMethod } = await insist(client, ADD_CARD, card, session.accessToken);
  const bank = await insist(client, ADD_ACCOUNT, { iban, holderName: 'Fay Fault' }, session.accessToken);
  return {
    id: user.id, email, password, walletId: user.wallets[0].id, cardId: paymentMethod.id, bankAccountId: bank.paymentMethod.id, token: session.accessToken,
    operations: 0,
  };
}

/** A new session, where the old one has run out. */
export async function signInAgain(client: GraphClient, person: Person): Promise<void> {
  const { session } = await insist(client, SIGN_IN, { email: person.email, password: person.password });
  person.token = session.accessToken;
}

/** A shop with a till, which is told of its payments. */
async function newShop(client: GraphClient, operatorToken: string, receiver: Receiver): Promise<World['shops'][number]> {
  const owner = await newPerson(client);
  const shop = { name: 'Fault Foods', categoryCode: '5411', currency: 'USD' };
  const { merchant } = await insist(client, REGISTER, shop, owner.token);
  await insist(client, ACTIVATE_MERCHANT, { merchantId: merchant.id }, operatorToken);
  const place = { latitude: 52.37, longitude: 4.9, timeZone: 'UTC', openingHours: [] };
  const { store } = await insist(client, ADD_STORE, {
    merchantId: merchant.id, name: 'Fault Foods', addressLines: ['Fault Line 1'], city: 'Amsterdam', country: 'NL', ...place,
  }, owner.token);
  const { endpoint } = await insist(client, CREATE_ENDPOINT, {
    merchantId: merchant.id, url: receiver.urlOf(merchant.id), eventTypes: ['payment.settled', 'payment.refunded'],
  }, owner.token);
  receiver.trust(merchant.id, endpoint.keys[0].publicKey);
  return { id: merchant.id, owner, storeId: store.id };
}

/** People with cards and empty wallets, shops, and a campaign that gives cashback at each of them. */
export async function createWorld(client: GraphClient, operator: Login, size: { people: number; shops: number }, receiver: Receiver): Promise<World> {
  const { session } = await insist(client, SIGN_IN, operator);
  const staff: string = session.accessToken;
  const shops = await Promise.all(Array.from({ length: size.shops }, () => newShop(client, staff, receiver)));
  const usd = (amount: string) => ({ amount, currency: 'USD' });
  const { campaign } = await insist(client, CREATE_CAMPAIGN, {
    name: 'Faults', currency: 'USD', budget: usd('900000.00'), cashback: { rateBasisPoints: CASHBACK_BASIS_POINTS },
    conditions: { merchantIds: shops.map((shop) => shop.id) },
  }, staff);
  await insist(client, ACTIVATE_CAMPAIGN, { campaignId: campaign.id }, staff);
  const people = await Promise.all(Array.from({ length: size.people }, (_, number) => newPerson(client, accountOf(number))));
  for (const shop of shops) await knownByAll(client, shop.id, people[0]!);
  return { people, everybody: [...people, ...shops.map((shop) => shop.owner)], shops, campaignId: campaign.id };
}

/** Waits until accounts knows a shop and rewards its campaign: before that a payment is refused, or earns nothing. */
async function knownByAll(client: GraphClient, merchantId: string, person: Person): Promise<void> {
  const input = { walletId: person.walletId, merchantId, amount: { amount: '100.00', currency: 'USD' } };
  for (const end = performance.now() + SET_UP_MS; ; await sleep(100)) {
    const reply = await client.ask({ query: QUOTE, variables: { input }, token: person.token });
    if (reply.kind === 'data' && reply.data?.paymentQuote?.quote?.expectedCashback?.amount === '5.00') return;
    if (performance.now() > end) throw new Error(`shop ${merchantId} cannot be paid: ${JSON.stringify(reply).slice(0, 300)}`);
  }
}
