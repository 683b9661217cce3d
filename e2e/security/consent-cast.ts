import { allow, ConsentBank } from '../consent-bank';
import { fund, must, newPerson, operator, type Person } from '../world';

const BOTH = 'wallets:read transactions:read';

/** A consent that a person gave a bank, and the token that the bank has by it. */
export interface Consented {
  readonly name: string;
  readonly bank: ConsentBank;
  readonly person: Person;
  readonly scopes: readonly string[];
  readonly token: string;
}

/** An answer without what is different in every one. */
export interface Seen {
  readonly status: number;
  readonly body: any;
  readonly text: string;
}

/** Asks by a consent. */
export async function askBy({ bank, token }: Consented, document: string, variables: object = {}): Promise<Seen> {
  const { status, body } = await bank.graph(token, document, undefined, variables);
  return { status, body, text: JSON.stringify(body).replace(/"(reference|requestId)":"[^"]*"/g, '"$1":""') };
}

async function openBank(name: string): Promise<ConsentBank> {
  const [bank, staff] = [await ConsentBank.open(name), await operator()];
  await must(staff.client, 'mutation ($input: SetPartnerRateInput!) { setPartnerRate(input: $input) { userErrors { code } } }',
    { input: { partnerId: bank.partnerId, perSecond: 10_000, burst: 1_000_000, reason: 'The matrix of consents' } });
  return bank;
}

/** A person with so many top-ups of amounts that nobody else has. */
async function newCustomer(amounts: readonly string[]): Promise<Person> {
  const person = await newPerson();
  for (const amount of amounts) await fund(person, amount);
  return person;
}

async function consentOf(name: string, bank: ConsentBank, person: Person, { walletId = person.walletId, scope = BOTH } = {}): Promise<Consented> {
  const { status, body } = await bank.redeem(await allow(bank, person, walletId, { scope }));
  if (status !== 200) throw new Error(`${name} got no token: ${JSON.stringify(body)}`);
  return { name, bank, person, scopes: scope.split(' '), token: body.access_token };
}

export interface ConsentCast {
  /** Consents that stand: of two banks that share both customers. */
  readonly standing: readonly Consented[];
  /** One that its person will withdraw. */
  readonly leaving: Consented;
}

/** Two banks, two customers that both have, and one who leaves. */
export async function makeConsents(): Promise<ConsentCast> {
  const [nord, sud, both, shared, leaver] = await Promise.all([
    openBank('Matrix Nord'), openBank('Matrix Sud'), newCustomer(['17.31', '18.37', '19.41']),
    newCustomer(['27.31', '28.37', '29.41', '20.43', '21.47']), newCustomer(['37.31', '38.37', '39.41', '30.43']),
  ]);
  const euro: string = (await must<any>(both.client, 'mutation { openWallet(input: { currency: "EUR" }) { wallet { id } userErrors { code } } }')).openWallet.wallet.id;
  for (const amount of ['47.31', '48.37', '49.41', '40.43']) await fund({ ...both, walletId: euro }, amount, 'EUR');
  const standing = [
    await consentOf('Nord by the first of a wallet', nord, both),
    await consentOf('Sud by the same of another wallet', sud, both, { walletId: euro }),
    await consentOf('Nord by the second', nord, shared),
    await consentOf('Sud by the second, of the same wallet, without its transactions', sud, shared, { scope: 'wallets:read' }),
  ];
  return { standing, leaving: await consentOf('Nord by one who leaves', nord, leaver) };
}

/** The person of a consent withdraws it. */
export async function withdraw({ person: { client } }: Consented): Promise<void> {
  const { viewer } = await must<any>(client, '{ viewer { consents(first: 1) { edges { node { id } } } } }');
  await must(client, 'mutation ($input: WithdrawConsentInput!) { withdrawConsent(input: $input) { consent { status } userErrors { code } } }',
    { input: { consentId: viewer.consents.edges[0].node.id } });
}
